//! The steps of a `rollback`: each has patience of its own, and what one did is on record before the
//! next one starts, so that nobody runs it again who goes on with undoing.

use std::collections::{HashMap, HashSet};

use crate::journal::{Record, RunEvent};
use crate::model::{Failure, RetryPolicy, StepId};
use crate::step::{Deadline, Undo};

use super::super::RunContext;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::FORMAT;

    fn step(part: usize) -> Undo {
        let text = format!(
            r#"{{"undo":"step","part":{part},"name":"drop","plugin":false,"idempotent":false,
            "words":["drop"],"env":{{}},"credentials":false,"effect":"write","tableName":null,
            "retry":{{"retries":1,"backoff":"fixed","delay":{{"secs":1,"nanos":0}},
            "maxDelay":{{"secs":1,"nanos":0}},"jitter":"none"}},
            "timeout":{{"secs":9,"nanos":0}},"attemptTimeout":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn left(ended_parts: &[(&str, usize)]) -> Option<usize> {
        let event = |(step, part): &(&str, usize)| RunEvent::UndoStepEnded {
            step: StepId::new(step, None),
            part: *part,
        };
        let record = |one| Record { v: FORMAT, at: 0, event: event(one) };
        let records: Vec<Record> = ended_parts.iter().map(record).collect();
        let mut undoing = Undoing {
            step: StepId::new("make", None),
            kind: "exec".to_owned(),
            table: None,
            table_name: None,
            undo: vec![step(1), step(0)],
            stands: String::new(),
            last_unknown: false,
            creation_sent: None,
            shown: false,
        };
        let any = outstanding(&mut undoing, &ended(records.iter()));
        any.then_some(undoing.undo.len())
    }

    #[test]
    fn what_ended_is_not_outstanding_and_a_step_of_which_all_ended_is_undone() {
        assert_eq!(left(&[]), Some(2));
        assert_eq!(left(&[("other", 0)]), Some(2));
        assert_eq!(left(&[("make", 0)]), Some(1));
        assert_eq!(left(&[("make", 0), ("make", 1)]), None);
    }

    #[test]
    fn each_step_has_patience_of_its_own() {
        assert_eq!(retry(&step(0)).map(|retry| retry.retries), Some(1));
        let (table_name, identity) = ("t".to_owned(), "i".to_owned());
        assert_eq!(retry(&Undo::DeleteTable { table_name, identity }), None);
    }
}
