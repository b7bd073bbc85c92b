//! Which question must be answered before the first write.

use crate::model::{Confirm, Environment};
use crate::plan::Plan;
use crate::table::ChangeClass;

use super::StepPreview;

/// The strictest of what the task, the environment and the changes ask for.
///
/// No changes: nothing is asked. Deleting, and any write in a protected environment: the
/// environment's name must be typed; so must it for removing an index. What is lossy or cannot be
/// taken back at once is asked by yes or no, but on an emulator. Creating tables and writing tags
/// elsewhere: nothing is asked, unless the task does.
#[must_use]
pub fn required_confirmation(
    plan: &Plan,
    previews: &[StepPreview],
    environment: &Environment,
) -> Confirm {
    let mut changes = previews.iter().flat_map(|preview| &preview.changes).peekable();
    if changes.peek().is_none() {
        return Confirm::Never;
    }
    let dearest = changes.map(|change| change.class).max();
    match dearest {
        Some(ChangeClass::RemoveIndex | ChangeClass::Destroy) => Confirm::TypeEnvironment,
        _ if environment.protected => Confirm::TypeEnvironment,
        Some(ChangeClass::Lossy) if environment.emulator.is_none() => {
            plan.confirm.max(Confirm::YesNo)
        }
        _ => plan.confirm,
    }
}
