//! `rollback` of steps: it stands where nothing else says how the step is undone, and its steps run
//! commands.

use crate::config::decode::Declared;
use crate::diagnostic::Diagnostic;
use crate::model::{Effect, KindCatalog, KindSpec, RollbackDecl, StepDecl};

use super::{running, tasks};

pub(super) fn check(
    declared: &Declared,
    step: &StepDecl,
    place: running::Place,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(rollback) = &step.rollback else { return };
    let kind = catalog.get(&step.kind.value);
    problems.extend(kind.and_then(|kind| superfluous(step, kind, rollback)));
    if place.chain.is_some() && step.table.is_some() {
        // That is told of the step itself.
        return;
    }
    for undo in &rollback.steps {
        if let Some(kind) = catalog.get(&undo.kind.value).filter(|kind| !kind.runs_program()) {
            problems.push(runs_nothing(undo, kind));
            continue;
        }
        tasks::kind(declared, undo, place.chain, catalog, problems);
        running::check(undo, place, catalog, problems);
    }
}

/// Why a step needs no `rollback`.
fn superfluous(step: &StepDecl, kind: &KindSpec, rollback: &RollbackDecl) -> Option<Diagnostic> {
    let name = &kind.name;
    let refuse = |message: String| {
        Diagnostic::error("osem::excluded", message).label(rollback.span, "").label(step.span, "")
    };
    if let Some(undo) = kind.declared.as_ref().and_then(|kind| kind.undo.as_ref()?.first()) {
        let problem = refuse(format!("step kind `{name}` says itself how it is undone"));
        let problem = problem.label(undo.span, "by this");
        return Some(problem.help("remove `rollback`, or `undo` from the step-kind"));
    }
    let reads = kind.effect_of(&step.inputs) == Effect::Read;
    match (kind.runs_program(), reads) {
        (true, false) => None,
        (_, true) => {
            let fix = if kind.runs_program() {
                "remove `rollback`, or correct `effect`"
            } else {
                "remove `rollback`"
            };
            let message = format!("step `{name}` only reads, so nothing is to be undone");
            Some(refuse(message).help(fix))
        }
        (false, false) => {
            let message =
                format!("step `{name}` is built in, and is undone as far as that is safe");
            let help = format!("remove `rollback`; what undoes it is told by: osem steps {name}");
            Some(refuse(message).help(help))
        }
    }
}

fn runs_nothing(undo: &StepDecl, kind: &KindSpec) -> Diagnostic {
    let message = format!("step `{}` runs no command, so it cannot undo another one", kind.name);
    let problem = Diagnostic::error("osem::scope", message).label(undo.kind.span, "");
    problem.help("`exec`, `shell` and step kinds of your own can stand in `rollback`")
}
