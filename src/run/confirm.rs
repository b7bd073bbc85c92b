//! Which question must be answered before the first write.

use crate::model::{Confirm, Environment};
use crate::plan::Plan;
use crate::table::ChangeClass;

use super::StepPreview;

/// The strictest of what the task, the environment and the changes ask for.
///
/// No changes: nothing is asked. Deleting, and any write in a protected environment: the
/// environment's name must be typed. Creating tables and writing tags elsewhere: nothing is asked,
/// unless the task does.
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
    let destroys = changes.any(|change| change.class == ChangeClass::Destroy);
    if destroys || environment.protected { Confirm::TypeEnvironment } else { plan.confirm }
}
