//! What a recorded run did and nothing has taken back yet: a function of records, and nothing else.

use std::collections::{HashMap, HashSet};

use crate::journal::{Record, RunEvent, StepHeader, StepStatus, UndoOutcome};
use crate::model::{Effect, StepId};
use crate::step::{MutationOutcome, Undo};

use super::{Undoing, steps};

/// What is still to be undone, in the order in which it was done.
///
/// `run` are the records of the run, `later` those of every later attempt to undo it. A step whose
/// end is not recorded may have changed something: a call of it that was about to be sent, or a
/// command that was started, counts as a change that nothing takes back.
#[must_use]
pub fn outstanding_undos(run: &[Record], later: &[Vec<Record>]) -> Vec<Undoing> {
    let undone: HashSet<&StepId> = later.iter().flatten().chain(run).filter_map(undone).collect();
    let headers = run.iter().filter_map(started).flatten();
    let mut heard = Heard {
        headers: headers.map(|header| (&header.step, header)).collect(),
        ..Heard::default()
    };
    for record in run {
        heard.hear(record);
    }
    let mut found = heard.undoings();
    found.retain(|undoing| !undone.contains(&undoing.step));
    let parts = steps::ended(later.iter().flatten().chain(run));
    found.retain_mut(|undoing| steps::outstanding(undoing, &parts));
    let shown: HashSet<&str> = later.iter().flatten().chain(run).filter_map(shows).collect();
    for undoing in &mut found {
        undoing.shown = undoing.table.as_deref().is_some_and(|table| shown.contains(table));
    }
    found
}

/// What the records of a run tell of what it changed.
#[derive(Default)]
struct Heard<'r> {
    headers: HashMap<&'r StepId, &'r StepHeader>,
    /// What the steps changed that came to their end.
    undoings: Vec<Undoing>,
    finished: HashSet<&'r StepId>,
    /// The mutating calls that were about to be sent, but those that were refused.
    sent: Vec<Sent<'r>>,
    /// The steps whose programs were started, or about to be.
    commands: Vec<&'r StepId>,
    /// What takes back what their programs do.
    prepared: HashMap<&'r StepId, &'r [Undo]>,
}

impl<'r> Heard<'r> {
    fn hear(&mut self, record: &'r Record) {
        match &record.event {
            RunEvent::MutationIntended { step, operation, resource } => {
                self.sent.push(Sent { step, operation, resource, at: record.at, applied: false });
            }
            RunEvent::MutationEnded { step, outcome, .. } => {
                let last = self.sent.iter().rposition(|sent| sent.step == step);
                match (outcome, last) {
                    (MutationOutcome::Refused, Some(last)) => drop(self.sent.remove(last)),
                    (MutationOutcome::Applied, Some(last)) => self.sent[last].applied = true,
                    _ => {}
                }
            }
            RunEvent::ChildStarted { step, .. } => self.command(step),
            RunEvent::UndoPrepared { step, undo } => {
                // The program was about to be started, or was.
                self.command(step);
                self.prepared.insert(step, undo);
            }
            RunEvent::StepFinished(result) => {
                self.finished.insert(&result.step);
                let header = self.headers.get(&result.step);
                let table_name = header.and_then(|header| header.table_name.clone());
                self.undoings.extend(Undoing::of(result, table_name));
            }
            _ => {}
        }
    }

    fn command(&mut self, step: &'r StepId) {
        if !self.commands.contains(&step) {
            self.commands.push(step);
        }
    }

    /// What is known to have changed, and what may have been changed by steps that were under way at
    /// the end.
    fn undoings(self) -> Vec<Undoing> {
        let Self { headers, undoings: mut found, finished, sent, commands, prepared } = self;
        // What undoing sends is sent for steps that have ended.
        for sent in sent.into_iter().filter(|sent| !finished.contains(sent.step)) {
            let undoing = sent.undoing(headers.get(sent.step).copied());
            // Several calls of one operation are told once.
            if !found.contains(&undoing) {
                found.push(undoing);
            }
        }
        let under_way = commands.into_iter().filter(|step| !finished.contains(step));
        let header = |step: &StepId| headers.get(step).copied();
        let undo = |step: &StepHeader| prepared.get(&step.step).copied().unwrap_or_default();
        let of = |step: &StepHeader| command_under_way(step, undo(step));
        found.extend(under_way.filter_map(header).filter_map(of));
        found
    }
}

/// What a command may have changed whose end is not recorded, and what takes that back.
fn command_under_way(step: &StepHeader, undo: &[Undo]) -> Option<Undoing> {
    (step.effect != Effect::Read).then(|| Undoing {
        step: step.step.clone(),
        kind: step.kind.clone(),
        table: step.table.clone(),
        table_name: step.table_name.clone(),
        undo: undo.to_vec(),
        stands: "what its command changed: it was under way when the run was killed".to_owned(),
        // What takes it back copes with half of it.
        last_unknown: undo.is_empty(),
        creation_sent: None,
        shown: false,
    })
}

/// A mutating call that was about to be sent.
struct Sent<'r> {
    step: &'r StepId,
    operation: &'r str,
    resource: &'r str,
    /// When, as of [`Record::at`].
    at: u64,
    /// Whether it is on record that the service accepted it.
    applied: bool,
}

impl Sent<'_> {
    /// What is known of it when its step did not come to its end.
    fn undoing(&self, header: Option<&StepHeader>) -> Undoing {
        let Self { step, operation, resource, at, applied } = *self;
        let what = if applied { "what takes its" } else { "what became of its" };
        let rest = if applied { "back is not recorded" } else { "is not recorded" };
        Undoing {
            step: step.clone(),
            kind: header.map_or_else(String::new, |step| step.kind.clone()),
            table: header.and_then(|step| step.table.clone()),
            table_name: Some(resource.to_owned()),
            undo: Vec::new(),
            stands: format!("{resource}: {what} {operation} {rest}"),
            last_unknown: !applied,
            creation_sent: (operation == "CreateTable").then_some(at),
            shown: false,
        }
    }
}

fn undone(record: &Record) -> Option<&StepId> {
    match &record.event {
        RunEvent::UndoFinished(result) if result.outcome == UndoOutcome::RolledBack => {
            Some(&result.step)
        }
        _ => None,
    }
}

/// Kinds that cannot succeed without a description that shows the table.
const SHOW: [&str; 4] = ["tag", "update-table", "verify", "wait-active"];

/// The table that a step was shown.
fn shows(record: &Record) -> Option<&str> {
    match &record.event {
        RunEvent::StepFinished(result) if result.status == StepStatus::Succeeded => {
            result.table.as_deref().filter(|_| SHOW.contains(&result.kind.as_str()))
        }
        _ => None,
    }
}

fn started(record: &Record) -> Option<&[StepHeader]> {
    match &record.event {
        RunEvent::RunStarted(header) => Some(&header.steps),
        _ => None,
    }
}
