//! What is live beside what the file declares, of the tables that a preview looked at.

use std::collections::{BTreeMap, HashSet};

use futures::{StreamExt, TryStreamExt};

use crate::aws::ErrorKind;
use crate::model::{Failure, TableState, Tags};
use crate::plan::{Plan, PlannedStep};
use crate::step::Deadline;
use crate::table::{self, ChangeClass, TableChange, Unmanaged};

use super::attempt::come_back;
use super::preview::AT_ONCE;
use super::{RunContext, StepPreview};

/// What is live beside the file.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// What is live, not declared and not removed by the plan, by table in declaration order.
    pub found: Vec<Unmanaged>,
    /// The nodes of settings that may be so of some of these tables: they were not looked for.
    pub not_looked_for: Vec<&'static str>,
}

/// What is live beside the file. Only tags are read for it; those that the endpoint does not have, or
/// that may not be read, are none.
///
/// # Errors
/// A read that failed for another reason.
pub async fn unmanaged(
    plan: &Plan,
    run: &RunContext,
    previews: &[StepPreview],
) -> Result<Beside, Failure> {
    let deleted = |preview: &&StepPreview| {
        preview
            .changes
            .iter()
            .any(|change| change.call == "DeleteTable" && change.class == ChangeClass::Destroy)
    };
    let deleted: HashSet<&String> =
        previews.iter().filter(deleted).filter_map(|preview| preview.table.as_ref()).collect();
    let mut steps: BTreeMap<&str, &PlannedStep> = BTreeMap::new();
    for step in plan.steps() {
        if let Some(table) = &step.table {
            steps.entry(table.name.as_str()).or_insert(step);
        }
    }
    let mut seen: BTreeMap<String, Option<TableState>> = run.snapshots.seen().into_iter().collect();
    for change in previews.iter().flat_map(|preview| &preview.changes) {
        if let Some(Some(state)) = seen.get_mut(&change.table_name) {
            remove_index(state, change);
        }
    }
    let live = plan.tables.iter().filter(|table| !deleted.contains(&table.declared));
    let (mut reads, mut unasked) = (Vec::new(), Vec::new());
    for table in live {
        let name = table.name.as_str();
        let (Some(Some(state)), Some(step)) = (seen.get(name), steps.get(name)) else { continue };
        // What is on its way out is not left as it is.
        if state.status == "DELETING" {
            continue;
        }
        reads.push(of_table(run, step, state));
        unasked.extend(table::not_looked_for(table));
    }
    let found: Vec<Vec<Unmanaged>> =
        futures::stream::iter(reads).buffered(AT_ONCE).try_collect().await?;
    unasked.sort_unstable();
    unasked.dedup();
    Ok(Beside { found: found.concat(), not_looked_for: unasked })
}

/// Leaves out the index that a change removes.
fn remove_index(state: &mut TableState, change: &TableChange) {
    if change.class != ChangeClass::RemoveIndex {
        return;
    }
    state.indexes.retain(|index| change.setting != format!("gsi {}", index.name));
    state
        .vector_indexes
        .retain(|live| change.setting != format!("vector-index {}", live.index.name));
}

async fn of_table(
    run: &RunContext,
    step: &PlannedStep,
    state: &TableState,
) -> Result<Vec<Unmanaged>, Failure> {
    let cx = run.step_context(step, Deadline::after(step.timeout), false);
    let tags = match &state.arn {
        None => Tags::new(),
        Some(arn) => match cx.snapshots.tags(&cx, arn).await {
            Ok(tags) => tags,
            Err(error) => match error.kind {
                Some(ErrorKind::Unsupported | ErrorKind::NotFound | ErrorKind::Denied) => {
                    Tags::new()
                }
                _ => return Err(come_back(error.failure)),
            },
        },
    };
    Ok(table::unmanaged(cx.spec(), state, &tags))
}
