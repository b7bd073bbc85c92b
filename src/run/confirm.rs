//! Which question must be answered before the first write.

use crate::model::{Confirm, Effect, Environment};
use crate::plan::{Plan, PlannedStep};
use crate::table::ChangeClass;

use super::StepPreview;

/// The strictest of what the task, the environment and the changes ask for.
///
/// No changes: nothing is asked. Deleting, and any write in a protected environment: the
/// environment's name must be typed; so must it for removing an index, and where a failure would
/// start a `rollback` that destroys. What is lossy or cannot be taken back at once is asked by yes or
/// no, but on an emulator, and so is a command that may write. Creating tables and writing tags
/// elsewhere: nothing is asked, unless the task does.
#[must_use]
pub fn required_confirmation(
    plan: &Plan,
    previews: &[StepPreview],
    environment: &Environment,
) -> Confirm {
    let mut changes = previews.iter().flat_map(|preview| &preview.changes).peekable();
    let commands = previews.iter().filter_map(|preview| preview.command.as_ref());
    let command = commands.map(|command| command.effect).max().unwrap_or(Effect::Read);
    if changes.peek().is_none() && command == Effect::Read {
        return Confirm::Never;
    }
    let dearest = changes.map(|change| change.class).max();
    let named = matches!(dearest, Some(ChangeClass::RemoveIndex | ChangeClass::Destroy));
    let destroys = command == Effect::Destroy || rollback_destroys(plan);
    if named || destroys || environment.protected {
        return Confirm::TypeEnvironment;
    }
    // What a command changes cannot be shown; in the emulator nothing is lost by it.
    let costly = dearest == Some(ChangeClass::Lossy) || command == Effect::Write;
    let asked = costly && environment.emulator.is_none();
    plan.confirm.max(if asked { Confirm::YesNo } else { Confirm::Never })
}

/// Whether the run may destroy something by undoing what it did: nobody is asked again then.
fn rollback_destroys(plan: &Plan) -> bool {
    let undoes = plan.steps().any(|step| step.rollback.scope.is_some()) && !plan.no_rollback;
    let destroys = |step: &PlannedStep| {
        step.command.as_ref().is_some_and(|command| command.rollback_destroys())
    };
    undoes && plan.steps().any(destroys)
}

#[cfg(test)]
#[path = "confirm_tests.rs"]
mod tests;
