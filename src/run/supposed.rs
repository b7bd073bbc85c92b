//! Previews of what comes after a step that deletes or creates a table: that table is not there
//! then, or is, whatever is live now. And what nobody comes to.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt};

use crate::model::{Failure, StepId, TableState};
use crate::plan::{Aftermath, Plan, PlannedStep};
use crate::step::Snapshots;
use crate::table::ChangeClass;

use super::RunContext;
use super::StepPreview;
use super::absent::decided;
use super::preview::{AT_ONCE, preview_step};
use super::reach::reached;

/// Looks again at steps of tables that an earlier step of the plan deletes, or of which they need
/// that an earlier step creates them. Commands are not asked again: nobody knows what they look at.
/// Then decides what is certain to miss its table, and takes out what is not reached.
///
/// # Errors
/// As [`preview`](super::preview).
pub async fn supposed(
    plan: &Plan,
    run: &RunContext,
    previews: Vec<StepPreview>,
) -> Result<Vec<StepPreview>, Failure> {
    let steps: HashMap<&StepId, &PlannedStep> = plan.steps().map(|step| (&step.id, step)).collect();
    let mut tables = HashMap::new();
    let again: Vec<_> = previews
        .into_iter()
        .map(|preview| {
            let step = steps.get(&preview.step).copied();
            let supposing = step.and_then(|step| supposing(step, &preview, &mut tables));
            let found = supposing.zip(step);
            async move {
                match found {
                    Some((snapshots, step)) => preview_step(run, step, Some(snapshots)).await,
                    None => Ok(preview),
                }
            }
        })
        .collect();
    let previews = futures::stream::iter(again).buffered(AT_ONCE).try_collect().await?;
    Ok(reached(plan, decided(plan, previews)))
}

/// What becomes of a table on the way through a plan.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was not there, and is made.
    Created,
    Deleted,
    /// It is deleted, and made anew.
    Replaced,
}

/// How the table of a step will be, where that is not how it is; notes what the step does to it.
fn supposing<'p>(
    step: &'p PlannedStep,
    preview: &StepPreview,
    tables: &mut HashMap<&'p str, Fate>,
) -> Option<Snapshots> {
    let spec = step.table.as_deref()?;
    let name = spec.name.as_str();
    let found = match (step.kind.as_str(), tables.get(name)) {
        // A table that the same run creates is not deleted by it: nobody agreed to that.
        (_, None) | ("delete-table", _) => None,
        _ if step.command.is_some() => None,
        // A table that is not there is taken by other kinds for one that is about to be made.
        ("backup-table", Some(Fate::Created | Fate::Replaced)) => {
            Some(Some(TableState::created(spec)))
        }
        (_, Some(Fate::Created)) => None,
        (_, Some(Fate::Deleted | Fate::Replaced)) => Some(None),
    };
    if step.aftermath != Some(Aftermath::Failed) {
        let calls = |call, class| {
            preview.changes.iter().any(|change| change.call == call && change.class == class)
        };
        if calls("DeleteTable", ChangeClass::Destroy) {
            tables.insert(name, Fate::Deleted);
        } else if step.kind == "create-table" && tables.contains_key(name) {
            tables.insert(name, Fate::Replaced);
        } else if calls("CreateTable", ChangeClass::Create) {
            tables.insert(name, Fate::Created);
        }
    }
    found.map(|state| Snapshots::supposing(name, state))
}
