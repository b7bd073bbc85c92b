//! Steps that were about a table which the runs deleted and made anew; pure.
//!
//! The table that is live now is the new one. What was done with the old one is done, whatever the new
//! one looks like or the file says by now: to do it again would be to delete the new table.

use std::collections::BTreeSet;

use crate::journal::{Chain, StepRecord, StepState, StepStatus};
use crate::model::{Effect, TableName};
use crate::plan::{Plan, PlannedStep, with_dependencies, with_dependents};

/// The nodes of steps that are done, and whose table was deleted and made anew since.
pub(super) fn replaced(plan: &Plan, chain: &Chain) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    for (deletion, name, step) in of_tables(plan) {
        let Some(deleted) = chain.step(&step.id).filter(|_| step.kind == "delete-table") else {
            continue;
        };
        if deleted.state != StepState::Done {
            continue;
        }
        let is_made = |maker: &usize| {
            let made = plan.step(*maker).and_then(|step| Some((step, chain.step(&step.id)?)));
            made.is_some_and(|(step, made)| may_stand(step, made) && made.run >= deleted.run)
        };
        for maker in makers(plan, name, deletion).into_iter().filter(is_made) {
            let is_of_old =
                |before: &usize| *before != maker && is_done_with(plan, chain, *before, name);
            let before = with_dependencies(plan, &BTreeSet::from([maker]));
            found.extend(before.into_iter().filter(is_of_old));
        }
    }
    found
}

/// The nodes that make a table anew after its deletion: where no `create-table` does, commands from
/// which on other steps count on it.
fn makers(plan: &Plan, name: &TableName, deletion: usize) -> Vec<usize> {
    let after = |node| with_dependents(plan, &BTreeSet::from([node]));
    let is_of_table =
        |step: &PlannedStep| step.table.as_ref().is_some_and(|table| table.name == *name);
    let creates = |step: &PlannedStep| step.kind == "create-table" && is_of_table(step);
    let counts_on_it = |step: &PlannedStep| {
        let ends = ["delete-table", "wait-deleted"].contains(&step.kind.as_str());
        is_of_table(step) && step.command.is_none() && !ends
    };
    let any = |nodes: &BTreeSet<usize>, is: &dyn Fn(&PlannedStep) -> bool| {
        nodes.iter().filter_map(|node| plan.step(*node)).any(is)
    };
    let later = after(deletion);
    let by_step = any(&later, &creates);
    let makes = |node: &usize| {
        plan.step(*node).is_some_and(|step| {
            let may_make = step.command.is_some() && step.effect != Effect::Read;
            if by_step { creates(step) } else { may_make && any(&after(*node), &counts_on_it) }
        })
    };
    later.into_iter().filter(makes).collect()
}

fn of_tables(plan: &Plan) -> impl Iterator<Item = (usize, &TableName, &PlannedStep)> {
    plan.numbered_steps().filter_map(|(node, step)| Some((node, &step.table.as_ref()?.name, step)))
}

fn is_done_with(plan: &Plan, chain: &Chain, node: usize, name: &TableName) -> bool {
    let Some(step) = plan.step(node) else { return false };
    let is_of_table = step.table.as_ref().is_some_and(|table| table.name == *name);
    is_of_table && chain.step(&step.id).is_some_and(|record| record.state == StepState::Done)
}

/// Whether the table that a step made, or found, may be the one that is live.
fn may_stand(step: &PlannedStep, record: &StepRecord) -> bool {
    let undone = record.state == StepState::Ended(StepStatus::RolledBack);
    // Nobody knows how far a command came.
    let begun = step.command.is_some() && record.state == StepState::Interrupted;
    !undone && (begun || record.state == StepState::Done || record.may_have_changed())
}
