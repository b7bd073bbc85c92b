//! Taking back what a run did.
//!
//! What is to be taken back is decided by pure functions, from the plan and the results of a run
//! ([`select`]) or from its records ([`recorded`]). Carrying it out is the same for both: each step's
//! changes after those of the steps that depended on it, as many at once as these edges allow, with
//! retries and times of its own ([`perform`]). One that fails holds up no other.

mod perform;
mod recorded;
mod select;
mod steps;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use crate::journal::{RunEvent, StepResult, StepStatus, UndoOutcome, UndoResult};
use crate::model::{StepId, When};
use crate::plan::Plan;
use crate::step::{Created, Fact, Undo, runs_command};

use super::RunContext;
use super::ready_queue::{Priority, ReadyQueue};

pub use recorded::outstanding_undos;
pub(super) use select::selected;

/// A step whose changes are to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undoing {
    /// The step.
    pub step: StepId,
    /// Its kind.
    pub kind: String,
    /// The declared name of its table.
    pub table: Option<String>,
    /// The full name of its table.
    pub table_name: Option<String>,
    /// What takes them back, in the order in which they were made.
    pub undo: Vec<Undo>,
    /// Why they stand, where nothing takes them back.
    pub stands: String,
    /// Whether it is not known what became of the step's last call.
    pub last_unknown: bool,
    /// Where it is one table that may not be there at all: when the call was about to be sent that
    /// may have made it, as [`Record::at`](crate::journal::Record::at).
    pub creation_sent: Option<u64>,
    /// Whether it is on record that a description showed the table.
    pub shown: bool,
}

impl Undoing {
    /// What a step did, as its result tells; `None` where it changed nothing.
    fn of(result: &StepResult, table_name: Option<String>) -> Option<Self> {
        // A backup is made to be there when something else has gone wrong.
        let kept = |fact: &Fact| matches!(fact, Fact::TableBackedUp { .. });
        let nothing = !result.changed || result.facts.iter().any(kept);
        if nothing && result.undo.is_empty() {
            return None;
        }
        Some(Self {
            step: result.step.clone(),
            kind: result.kind.clone(),
            table: result.table.clone(),
            stands: why_it_stands(result, table_name.as_deref()),
            table_name,
            undo: result.undo.clone(),
            last_unknown: result.status == StepStatus::Unknown,
            creation_sent: None,
            shown: false,
        })
    }

    fn ended(&self, outcome: UndoOutcome, message: impl Into<String>) -> UndoResult {
        UndoResult {
            step: self.step.clone(),
            table: self.table.clone(),
            table_name: self.table_name.clone(),
            outcome,
            message: message.into(),
            attempts: 0,
            duration_ms: 0,
            failure: None,
        }
    }
}

fn why_it_stands(result: &StepResult, table_name: Option<&str>) -> String {
    if runs_command(&result.kind) {
        return format!("what its command changed: nothing takes back what `{}` does", result.kind);
    }
    let table = table_name.unwrap_or("its change");
    let unproven =
        |fact: &Fact| matches!(fact, Fact::TableCreated { created: Created::Unknown, .. });
    if result.facts.iter().any(unproven) {
        return format!(
            "{table}: the answer to CreateTable was lost, so nothing proves that this run created it"
        );
    }
    let updates = result.facts.iter().find_map(|fact| match fact {
        Fact::TableUpdated { changes, .. } => Some(changes.join("; ")),
        _ => None,
    });
    let known = updates.as_ref().map_or_else(String::new, |changes| format!("{changes}; "));
    if result.status == StepStatus::Unknown {
        return format!("{table}: {known}what became of its last call is not known");
    }
    let kind = &result.kind;
    match updates {
        Some(_) => format!(
            "{table}: {known}as far as that can be taken back (docs/tables.md), declare what was \
             before and run `{kind}` again, with --prune for an index"
        ),
        None => format!("{table}: nothing takes back what `{kind}` does"),
    }
}

/// What is to be taken back, each after what depends on it.
pub(super) struct Agenda {
    /// By node; `None` where there is nothing to take back.
    nodes: Vec<Option<Undoing>>,
    /// The nodes that come after a node.
    next: Vec<Vec<(usize, When)>>,
}

impl Agenda {
    /// What a run of a plan did, in the reverse order of its dependencies.
    pub(super) fn of_plan(plan: &Plan, nodes: Vec<Option<Undoing>>) -> Self {
        let mut next = vec![Vec::new(); nodes.len()];
        for before in 0..nodes.len() {
            let mut after: Vec<usize> =
                plan.dependents(before).into_iter().map(|(node, _)| node).collect();
            after.dedup();
            // What stands in `finally` is not undone.
            for after in after.into_iter().filter(|after| *after < nodes.len()) {
                next[after].push((before, When::Succeeded));
            }
        }
        Self { nodes, next }
    }

    /// What a recorded run did, given in the order in which it was done: the changes of one table
    /// one after the other, those of several tables at once.
    fn of_records(undoings: Vec<Undoing>) -> Self {
        let mut next = vec![Vec::new(); undoings.len()];
        let mut last = HashMap::new();
        for (later, undoing) in undoings.iter().enumerate() {
            if let Some(before) = last.insert(&undoing.table_name, later) {
                next[later].push((before, When::Succeeded));
            }
        }
        Self { nodes: undoings.into_iter().map(Some).collect(), next }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.iter().all(Option::is_none)
    }

    /// The node whose undoing takes each node along, because it removes the whole table. Items are
    /// taken out before: a table that holds any is not removed.
    fn removers(&self) -> Vec<Option<usize>> {
        let mut by_table = HashMap::new();
        for (node, undoing) in self.entries() {
            for undo in &undoing.undo {
                if let Undo::DeleteTable { table_name, .. } = undo {
                    by_table.insert(table_name.as_str(), node);
                }
            }
        }
        let remover = |(node, undoing): (usize, &Option<Undoing>)| {
            let undoing = undoing.as_ref()?;
            // What a command changed may be anywhere, and is no part of the table.
            let apart =
                runs_command(&undoing.kind) || !undoing.undo.iter().all(Undo::goes_with_its_table);
            let table = undoing.table_name.as_deref().filter(|_| !apart)?;
            by_table.get(table).copied().filter(|remover| *remover != node)
        };
        self.nodes.iter().enumerate().map(remover).collect()
    }

    fn entries(&self) -> impl Iterator<Item = (usize, &Undoing)> {
        let nodes = self.nodes.iter().enumerate();
        nodes.filter_map(|(node, undoing)| Some((node, undoing.as_ref()?)))
    }

    /// Takes nothing back, and says why.
    pub(super) fn keep(&self, run: &RunContext, why: &str) -> Vec<UndoResult> {
        let kept = self.entries().map(|(_, undoing)| {
            let nothing_undoes_it = undoing.undo.is_empty();
            let stands = (UndoOutcome::Stands, &*undoing.stands);
            let (outcome, why) = if nothing_undoes_it { stands } else { (UndoOutcome::Kept, why) };
            told(run, undoing.ended(outcome, why))
        });
        kept.collect()
    }

    /// Takes everything back, at most `at_once` steps at once. What is not begun when `run` is asked
    /// to end is kept.
    pub(super) async fn carry_out(&self, run: &RunContext, at_once: usize) -> Vec<UndoResult> {
        let weights = vec![1; self.nodes.len()];
        let mut queue = ReadyQueue::new(&self.next, &weights, Priority::CriticalPath);
        let removers = self.removers();
        let mut parts = vec![Vec::new(); self.nodes.len()];
        for (node, undoing) in self.entries() {
            if let Some(remover) = removers[node] {
                parts[remover].push(undoing);
            }
        }
        let mut running: FuturesUnordered<BoxFuture<'_, (usize, UndoResult)>> =
            FuturesUnordered::new();
        let mut ended = Vec::new();
        loop {
            while running.len() < at_once.max(1) {
                let Some(node) = queue.pop() else { break };
                let undoing = self.nodes[node].as_ref().filter(|_| removers[node].is_none());
                let Some(undoing) = undoing else {
                    queue.satisfy(node);
                    continue;
                };
                let undone = perform::undo_step(run, undoing);
                running.push(Box::pin(undone.map(move |result| (node, result))));
            }
            let Some((node, result)) = running.next().await else { return ended };
            let outcome = result.outcome;
            ended.push(told(run, result));
            queue.satisfy(node);
            let parts = parts[node].iter();
            ended.extend(parts.map(|part| told(run, with_its_table(part, outcome))));
        }
    }
}

/// What becomes of a change to a table that the run made becomes of it with the table.
fn with_its_table(part: &Undoing, table: UndoOutcome) -> UndoResult {
    let message = match table {
        UndoOutcome::RolledBack => "gone with its table",
        UndoOutcome::Stands | UndoOutcome::Kept | UndoOutcome::Failed => "stands with its table",
    };
    // The failure is told once.
    let outcome = if table == UndoOutcome::Failed { UndoOutcome::Stands } else { table };
    part.ended(outcome, message)
}

fn told(run: &RunContext, result: UndoResult) -> UndoResult {
    (run.emit)(RunEvent::UndoFinished(Box::new(result.clone())));
    result
}

/// Takes back what a recorded run did, given in the order in which it was done.
pub async fn undo_all(run: &RunContext, undoings: Vec<Undoing>, at_once: usize) -> Vec<UndoResult> {
    Agenda::of_records(undoings).carry_out(run, at_once).await
}
