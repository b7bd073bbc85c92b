//! Which question must be answered before the first write.

use crate::model::{Confirm, Effect, Environment};
use crate::plan::Plan;
use crate::table::ChangeClass;

use super::StepPreview;

/// The strictest of what the task, the environment and the changes ask for.
///
/// No changes: nothing is asked. Deleting, and any write in a protected environment: the
/// environment's name must be typed. Creating tables and writing tags elsewhere: nothing is asked,
/// unless the task does. A command that may write is asked about by yes or no, but in the emulator.
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
    let destroys = changes.any(|change| change.class == ChangeClass::Destroy);
    if destroys || command == Effect::Destroy || environment.protected {
        return Confirm::TypeEnvironment;
    }
    // What a command changes cannot be shown; in the emulator nothing is lost by it.
    let unseen = command == Effect::Write && environment.emulator.is_none();
    plan.confirm.max(if unseen { Confirm::YesNo } else { Confirm::Never })
}
