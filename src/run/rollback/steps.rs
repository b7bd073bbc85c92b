//! The steps of a `rollback`: each has patience of its own, and what one did is on record before the
//! next one starts, so that nobody runs it again who goes on with undoing.

use std::collections::{HashMap, HashSet};

use crate::journal::{Record, RunEvent};
use crate::model::{Failure, RetryPolicy, StepId};
use crate::step::{Deadline, Undo};

use super::super::attempt::RunContext;
use super::Undoing;

/// How such a step is tried again.
pub(super) fn retry(undo: &Undo) -> Option<RetryPolicy> {
    match undo {
        Undo::Step(step) => Some(step.retry),
        _ => None,
    }
}

/// When an attempt is over; `whole` is the time for all of them.
pub(super) fn attempt_deadline(undo: &Undo, whole: &Deadline) -> Deadline {
    match undo {
        Undo::Step(step) => {
            step.attempt_timeout.map_or_else(|| whole.clone(), |time| whole.sooner(time))
        }
        _ => whole.clone(),
    }
}

/// Resolves when everything before such a step is on record.
///
/// # Errors
/// When it cannot be: then nobody would know what was done.
pub(super) async fn all_before_on_disk(run: &RunContext, undo: &Undo) -> Result<(), Failure> {
    match (&run.journal, undo) {
        (Some(journal), Undo::Step(_)) => journal.before_sending().await,
        _ => Ok(()),
    }
}

/// Records that such a step need not run again.
pub(super) fn done(run: &RunContext, undoing: &Undoing, undo: &Undo) {
    if let Undo::Step(step) = undo {
        let (part, step) = (step.part, undoing.step.clone());
        (run.emit)(RunEvent::UndoStepEnded { step, part });
    }
}

/// The places in their `rollback` of the steps that need not run again.
pub(super) fn ended<'r>(
    records: impl Iterator<Item = &'r Record>,
) -> HashMap<&'r StepId, HashSet<usize>> {
    let mut ended: HashMap<&StepId, HashSet<usize>> = HashMap::new();
    for record in records {
        if let RunEvent::UndoStepEnded { step, part } = &record.event {
            ended.entry(step).or_default().insert(*part);
        }
    }
    ended
}

/// Leaves out what need not run again; says whether anything is left of what was to be undone.
pub(super) fn outstanding(undoing: &mut Undoing, ended: &HashMap<&StepId, HashSet<usize>>) -> bool {
    let Some(ended) = ended.get(&undoing.step) else { return true };
    undoing.undo.retain(|undo| !matches!(undo, Undo::Step(step) if ended.contains(&step.part)));
    !undoing.undo.is_empty()
}
