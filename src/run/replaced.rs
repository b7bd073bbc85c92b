//! Steps that were about a table which the runs deleted and made anew; pure.
//!
//! The table that is live now is the new one. What was done with the old one is done, whatever the new
//! one looks like or the file says by now: to do it again would be to delete the new table.

use std::collections::{BTreeSet, HashMap};

use crate::journal::{Chain, StepRecord, StepState, StepStatus};
use crate::model::TableName;
use crate::plan::{Plan, PlannedStep, with_dependencies};

/// The nodes of steps that are done, and whose table was deleted and made anew since.
pub(super) fn replaced(plan: &Plan, chain: &Chain) -> BTreeSet<usize> {
    let mut deleted: HashMap<&TableName, Vec<(usize, &StepRecord)>> = HashMap::new();
    for (node, name, step) in of_tables(plan) {
        if let ("delete-table", Some(record)) = (step.kind.as_str(), chain.step(&step.id))
            && record.state == StepState::Done
        {
            deleted.entry(name).or_default().push((node, record));
        }
    }
    let mut found = BTreeSet::new();
    for (node, name, step) in of_tables(plan) {
        let Some(deletions) = deleted.get(name) else { continue };
        let made = chain.step(&step.id).filter(|record| may_stand(record));
        let Some(made) = made.filter(|_| step.kind == "create-table") else { continue };
        let before = with_dependencies(plan, &BTreeSet::from([node]));
        let is_later = |(node, deletion): &(usize, &StepRecord)| {
            before.contains(node) && made.run >= deletion.run
        };
        if deletions.iter().any(is_later) {
            let is_of_old =
                |before: &usize| *before != node && is_done_with(plan, chain, *before, name);
            found.extend(before.iter().copied().filter(is_of_old));
        }
    }
    found
}

fn of_tables(plan: &Plan) -> impl Iterator<Item = (usize, &TableName, &PlannedStep)> {
    (0..plan.len()).filter_map(|node| {
        let step = plan.step(node)?;
        Some((node, &step.table.as_ref()?.name, step))
    })
}

fn is_done_with(plan: &Plan, chain: &Chain, node: usize, name: &TableName) -> bool {
    let Some(step) = plan.step(node) else { return false };
    let is_of_table = step.table.as_ref().is_some_and(|table| table.name == *name);
    is_of_table && chain.step(&step.id).is_some_and(|record| record.state == StepState::Done)
}

/// Whether the table that a step made, or found, may be the one that is live.
fn may_stand(record: &StepRecord) -> bool {
    let undone = record.state == StepState::Ended(StepStatus::RolledBack);
    !undone && (record.state == StepState::Done || record.may_have_changed())
}
