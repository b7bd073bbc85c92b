//! `on`, in `retry`.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{RetryCause, RetryClass, RetryPolicy};
use crate::syntax::NodeReader;

/// A `retry` node.
#[derive(Default)]
pub(super) struct RetryNode {
    /// What it says, and where it stands.
    pub(super) policy: Option<Spanned<RetryPolicy>>,
    /// What its `on` names; nothing where none is written.
    pub(super) on: Vec<Spanned<RetryCause>>,
}

/// What the `on` children of a `retry` name, each thing once.
pub(super) fn causes(retry: &mut NodeReader<'_>) -> Vec<Spanned<RetryCause>> {
    let mut found: Vec<Spanned<RetryCause>> = Vec::new();
    for mut node in retry.children(&["on"]) {
        let of_node = of_node(&mut node);
        if of_node.is_empty() {
            let problem = Diagnostic::error("osem::missing", "`on` names nothing");
            let known = format!("known here: {}, exit-code=N", RetryClass::WORDS.join(", "));
            node.sink().push(problem.label(node.span(), "").help(known));
        }
        for cause in of_node {
            match found.iter().find(|other| other.value == cause.value) {
                Some(first) => node.sink().push(twice(&cause, first)),
                None => found.push(cause),
            }
        }
    }
    found
}

fn of_node(node: &mut NodeReader<'_>) -> Vec<Spanned<RetryCause>> {
    let mut causes = node.args_as(|value| {
        let word = value.word("`on`", RetryClass::WORDS, &[])?;
        let class = RetryClass::parse(word).expect("each of these words is one of a class");
        Ok(Spanned::new(RetryCause::Class(class), value.span()))
    });
    causes.extend(node.prop_as("exit-code", |value| {
        let code = value.int("property `exit-code`", 1, 255)?;
        let code = u8::try_from(code).expect("the bound above fits");
        Ok(Spanned::new(RetryCause::ExitCode(code), value.whole()))
    }));
    causes
}

fn twice(again: &Spanned<RetryCause>, first: &Spanned<RetryCause>) -> Diagnostic {
    Diagnostic::error("osem::duplicate", format!("`{}` is named twice", again.value))
        .label(again.span, "")
        .label(first.span, "first here")
        .help("remove one of the two")
}
