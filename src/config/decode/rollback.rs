//! `rollback` of a step.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::RollbackDecl;
use crate::syntax::NodeReader;

use super::step;

/// The `rollback` child of a step that has this table.
pub(super) fn rollback(
    node: &mut NodeReader<'_>,
    table: Option<&Spanned<String>>,
) -> Option<RollbackDecl> {
    let mut node = node.child("rollback")?;
    let span = node.span();
    let mut steps = Vec::new();
    for mut child in node.children(&["step"]) {
        if let Some(own) = child.prop("table") {
            let message = "the table is that of the step that is undone";
            let problem = Diagnostic::error("osem::scope", message).label(own.whole(), "");
            child.sink().push(problem.help("write it there, and remove it here"));
        }
        let mut step = step::step(&mut child)?;
        step.table = table.cloned();
        steps.push(step);
    }
    if steps.is_empty() {
        let problem = Diagnostic::error("osem::missing", "`rollback` names no step");
        let help = "name what undoes this one: rollback { step exec \"tasks/drop\"; }";
        node.sink().push(problem.label(span, "").help(help));
    }
    Some(RollbackDecl { span, steps })
}
