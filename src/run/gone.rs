//! Steps that a chain of runs knew and the plan does not have any more; pure.

use std::collections::HashSet;

use crate::journal::{Chain, RunId, StepRecord, StepState, StepStatus};
use crate::model::StepId;
use crate::plan::Plan;

use super::Why;

/// One line for each way in which steps ended that left the file: `not in the file any more:
/// create-table[Users] and 2 more: done in run …, and what it changed stands`. Nothing is said of
/// those that left nothing.
#[must_use]
pub fn gone(plan: &Plan, chain: &Chain) -> Vec<String> {
    let known: HashSet<&StepId> = plan.steps().map(|step| &step.id).collect();
    let mut ways: Vec<(&StepId, usize, String)> = Vec::new();
    for (step, record) in chain.steps().into_iter().filter(|(step, _)| !known.contains(step)) {
        let Some(left) = left(record) else { continue };
        match ways.iter_mut().find(|(.., way)| *way == left) {
            Some((_, more, _)) => *more += 1,
            None => ways.push((step, 0, left)),
        }
    }
    let line = |(step, more, way): (&StepId, usize, String)| match more {
        0 => format!("not in the file any more: {step}: {way}"),
        more => format!("not in the file any more: {step} and {more} more: {way}"),
    };
    ways.into_iter().map(line).collect()
}

/// How a step ended and what it left; `None` where it left nothing.
fn left(record: &StepRecord) -> Option<String> {
    let StepRecord { state, run, .. } = record;
    let run = run.clone();
    let how = match state {
        StepState::Ended(StepStatus::RolledBack) => return None,
        StepState::Done | StepState::NotRun | StepState::LeftOut if !record.changed => return None,
        StepState::Done => format!("done in run {run}"),
        StepState::NotRun | StepState::LeftOut => format!("not done again since run {run}"),
        StepState::Ended(status) => Why::Ended(*status, run).to_string(),
        StepState::Interrupted => Why::Interrupted(run).to_string(),
        StepState::CallUnderWay => Why::CallUnderWay(run).to_string(),
    };
    Some(if record.changed { format!("{how}, and what it changed stands") } else { how })
}

/// The runs of a chain of which something stands that they changed, oldest first.
#[must_use]
pub fn standing(chain: &Chain) -> Vec<RunId> {
    let stands = |record: &&StepRecord| {
        record.may_have_changed() && record.state != StepState::Ended(StepStatus::RolledBack)
    };
    let steps = chain.steps().into_iter().map(|(_, record)| record);
    let mut runs: Vec<RunId> = steps.filter(stands).map(|record| record.run.clone()).collect();
    runs.sort();
    runs.dedup();
    runs
}
