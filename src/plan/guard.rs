//! What a task may not do in an environment, whatever is live.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::model::{Effect, Environment, StepDecl, Task};
use crate::step::Registry;

/// All reasons to refuse the task here.
pub(super) fn refusals(
    config: &Config,
    registry: &Registry,
    task: &Task,
    environment: &Environment,
    prefix: Option<&str>,
) -> Vec<Diagnostic> {
    let all = config.with_needs(task);
    let destroys = |step: &StepDecl| {
        let kind = registry.get(&step.kind.value).map(|kind| kind.spec());
        kind.is_some_and(|kind| kind.effect_of(&step.inputs) == Effect::Destroy)
    };
    let steps = |of: &Task| of.steps().flat_map(StepDecl::with_rollback).any(destroys);
    let destroyer = all.iter().copied().find(|of| steps(of));
    // A kind that destroys whatever its inputs are deletes tables.
    let always = |step: &StepDecl| {
        let kind = registry.get(&step.kind.value).map(|kind| kind.spec());
        kind.is_some_and(|kind| kind.effect == Effect::Destroy && kind.declared.is_none())
    };
    let tables = destroyer.is_some_and(|of| of.steps().any(always));
    let does = if tables { "deletes tables" } else { "overwrites or deletes data" };
    let mut refused: Vec<Diagnostic> =
        all.iter().filter_map(|of| not_allowed_here(task, of, environment)).collect();
    refused.extend(
        prefix.and_then(|prefix| prefix_refused(config, (destroyer, does), environment, prefix)),
    );
    refused
}

/// Why a task may not run here: because of its own `allow-in`, or of one of a task that it needs.
fn not_allowed_here(task: &Task, of: &Task, environment: &Environment) -> Option<Diagnostic> {
    let allowed = of.allow_in.as_ref()?;
    let here = &environment.name.value;
    if of.is_allowed_in(here) {
        return None;
    }
    let names: Vec<&str> = allowed.iter().map(|name| name.value.as_str()).collect();
    let (name, needed) = (&task.name.value, &of.name.value);
    let because =
        if name == needed { String::new() } else { format!(": it needs `{needed}`, which is not") };
    let message = format!("task `{name}` is not allowed in environment `{here}`{because}");
    let mut diagnostic = Diagnostic::error("osem::not-allowed-here", message);
    for name in allowed {
        diagnostic = diagnostic.label(name.span, "allowed here");
    }
    Some(diagnostic.help(format!("run it in one of: {}", names.join(", "))))
}

fn prefix_refused(
    config: &Config,
    (destroyer, does): (Option<&Task>, &str),
    environment: &Environment,
    prefix: &str,
) -> Option<Diagnostic> {
    let because = if environment.protected {
        format!("environment `{}` is protected", environment.name.value)
    } else {
        format!("task `{}` {does}", destroyer?.name.value)
    };
    let message = format!("OSEM_DB_PREFIX is `{prefix}`, and {because}");
    Some(
        Diagnostic::error("osem::prefix", message)
            .label(config.project.table_name.span, "the variable would replace the start of this")
            .help("unset OSEM_DB_PREFIX"),
    )
}
