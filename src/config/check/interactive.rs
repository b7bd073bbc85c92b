//! Steps that take the terminal run a program that can use it, and run it once.

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Span};
use crate::model::{KindCatalog, KindSpec, StepDecl, Task};

pub(super) fn check(declared: &Declared, catalog: &KindCatalog, problems: &mut Vec<Diagnostic>) {
    for step in declared.tasks.iter().flat_map(Task::steps) {
        let Some(interactive) = &step.command.interactive else { continue };
        let Some(kind) = catalog.get(&step.kind.value) else { continue };
        problems.extend(without_use(kind, interactive.span));
        problems.extend(asked_again(step, interactive.span));
    }
}

/// The error for a step whose program could not use a terminal, or that runs none.
fn without_use(kind: &KindSpec, span: Span) -> Option<Diagnostic> {
    let name = &kind.name;
    let plugin = kind.declared.as_ref().is_some_and(|kind| kind.is_plugin());
    let message = if plugin {
        format!("step `{name}` asks a plugin, whose input and output are its protocol")
    } else if !kind.runs_program() {
        format!("step `{name}` runs no command, so it needs no terminal")
    } else {
        return None;
    };
    let problem = Diagnostic::error("osem::argument", message).label(span, "");
    Some(problem.help("remove it; `exec`, `shell` and kinds with `exec` can be interactive"))
}

/// The error for a step that would ask a person again.
fn asked_again(step: &StepDecl, span: Span) -> Option<Diagnostic> {
    let retry = step.policy.retry.filter(|retry| retry.retries > 0).and(step.policy.retry_place)?;
    let message = "a step that takes the terminal is not tried again by itself";
    let problem = Diagnostic::error("osem::retry", message)
        .label(retry, "tried again here")
        .label(span, "takes the terminal here");
    Some(problem.help("remove `retry`: who sits there decides, by: osem resume"))
}
