//! What a task may not do in an environment, whatever is live.

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::model::{Effect, Environment, Task};
use crate::step::Registry;

/// All reasons to refuse the task here.
pub(super) fn refusals(
    config: &Config,
    registry: &Registry,
    task: &Task,
    environment: &Environment,
    prefix: Option<&str>,
) -> Vec<Diagnostic> {
    let destroys = task.steps().any(|step| {
        registry.get(&step.kind.value).is_some_and(|kind| kind.spec().effect == Effect::Destroy)
    });
    let refused = [
        not_allowed_here(task, environment),
        prefix.and_then(|prefix| prefix_refused(config, task, environment, destroys, prefix)),
    ];
    refused.into_iter().flatten().collect()
}

fn not_allowed_here(task: &Task, environment: &Environment) -> Option<Diagnostic> {
    let allowed = task.allow_in.as_ref()?;
    let here = &environment.name.value;
    if allowed.iter().any(|name| name.value == *here) {
        return None;
    }
    let names: Vec<&str> = allowed.iter().map(|name| name.value.as_str()).collect();
    let message = format!("task `{}` is not allowed in environment `{here}`", task.name.value);
    let mut diagnostic = Diagnostic::error("osem::not-allowed-here", message);
    for name in allowed {
        diagnostic = diagnostic.label(name.span, "allowed here");
    }
    Some(diagnostic.help(format!("run it in one of: {}", names.join(", "))))
}

fn prefix_refused(
    config: &Config,
    task: &Task,
    environment: &Environment,
    destroys: bool,
    prefix: &str,
) -> Option<Diagnostic> {
    let because = if environment.protected {
        format!("environment `{}` is protected", environment.name.value)
    } else if destroys {
        format!("task `{}` deletes tables", task.name.value)
    } else {
        return None;
    };
    let message = format!("OSEM_DB_PREFIX is `{prefix}`, and {because}");
    Some(
        Diagnostic::error("osem::prefix", message)
            .label(config.project.table_name.span, "the variable would replace the start of this")
            .help("unset OSEM_DB_PREFIX"),
    )
}
