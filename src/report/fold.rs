//! What the events of a run add up to.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::journal::{Record, RunEvent, RunHeader, SkipReason, StepResult, StepStatus, UndoResult};
use crate::model::StepId;
use crate::step::Fact;

use super::{Reporter, Retries};

/// A run as far as its events tell, for reports that are made at its end.
#[derive(Debug, Clone, Default)]
pub struct RunFold {
    header: Option<RunHeader>,
    /// In the order in which steps ended.
    results: Vec<StepResult>,
    /// In the order in which they were undone, or were to be.
    undone: Vec<UndoResult>,
    warnings: Vec<String>,
    calls: usize,
    failed_calls: usize,
    retries: Retries,
    cancelled: Option<String>,
    /// Calls that were about to be sent and whose outcome is not known yet.
    under_way: Vec<UnderWay>,
    /// When the run started, and when its last event happened.
    seen: Option<(u64, u64)>,
    end: Option<End>,
}

/// A mutating call that was about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnderWay {
    /// The step that made it.
    pub step: StepId,
    /// The operation.
    pub operation: String,
    /// The full name of the table.
    pub resource: String,
}

/// The last event.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) at: u64,
    pub(super) duration_ms: u64,
    pub(super) exit_code: u8,
}

impl Reporter for RunFold {
    fn record(&mut self, record: &Record) {
        if let Some((_, last)) = &mut self.seen {
            *last = record.at;
        }
        match &record.event {
            RunEvent::RunStarted(header) => {
                self.header = Some((**header).clone());
                self.seen = Some((record.at, record.at));
            }
            RunEvent::MutationIntended { step, operation, resource } => {
                let (step, operation) = (step.clone(), operation.clone());
                self.under_way.push(UnderWay { step, operation, resource: resource.clone() });
            }
            RunEvent::MutationEnded { step, operation, resource, .. } => {
                self.under_way.retain(|call| {
                    (&call.step, &call.operation, &call.resource) != (step, operation, resource)
                });
            }
            RunEvent::Warning { message } => self.warnings.push(message.clone()),
            RunEvent::ApiCalled { error, .. } => {
                self.calls += 1;
                self.failed_calls += usize::from(error.is_some());
            }
            RunEvent::StepFinished(result) => self.results.push((**result).clone()),
            RunEvent::UndoFinished(undone) => self.undo(undone),
            RunEvent::Cancelling { reason } => self.cancelled = Some(reason.clone()),
            &RunEvent::RunFinished { duration_ms, exit_code } => {
                self.end = Some(End { at: record.at, duration_ms, exit_code });
            }
            RunEvent::StepRetrying { failure, .. } => self.retries.count(failure),
            RunEvent::StepStarted { .. }
            | RunEvent::StepProgress { .. }
            | RunEvent::ChildStarted { .. }
            | RunEvent::ChildEnded { .. }
            | RunEvent::StepOutput { .. }
            | RunEvent::TerminalLent { .. }
            | RunEvent::TerminalReturned { .. }
            | RunEvent::UndoPrepared { .. }
            | RunEvent::UndoStarted { .. }
            | RunEvent::UndoStepEnded { .. } => {}
        }
    }
}

impl RunFold {
    fn undo(&mut self, undone: &UndoResult) {
        let mut results = self.results.iter_mut();
        if let Some(result) = results.find(|result| result.step == undone.step) {
            result.undone(undone.outcome);
        }
        self.undone.push(undone.clone());
    }

    /// What was undone, or was to be.
    pub(super) fn undone(&self) -> &[UndoResult] {
        &self.undone
    }

    /// What these records add up to.
    #[must_use]
    pub fn of(records: &[Record]) -> Self {
        let mut fold = Self::default();
        for record in records {
            fold.record(record);
        }
        fold
    }

    /// Whether the last event was seen.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        self.end.is_some()
    }

    /// Who, where, what; `None` until the run has started.
    pub const fn header(&self) -> Option<&RunHeader> {
        self.header.as_ref()
    }

    /// Mutating calls that were about to be sent and whose outcome was never seen.
    #[must_use]
    pub fn under_way(&self) -> &[UnderWay] {
        &self.under_way
    }

    /// When the run started and when its last event happened: milliseconds since 1970.
    #[must_use]
    pub const fn seen(&self) -> Option<(u64, u64)> {
        self.seen
    }

    pub(super) const fn end(&self) -> Option<End> {
        self.end
    }

    /// Calls to services, and how many of them failed.
    pub(super) const fn calls(&self) -> (usize, usize) {
        (self.calls, self.failed_calls)
    }

    /// Further tries of steps.
    pub(super) const fn retries(&self) -> Retries {
        self.retries
    }

    /// Why the run was ended early.
    pub(super) fn cancelled(&self) -> Option<&str> {
        self.cancelled.as_deref()
    }

    /// How many steps the plan has.
    pub(super) fn total_steps(&self) -> usize {
        self.header.as_ref().map_or(self.results.len(), |header| header.steps.len())
    }

    /// Results in plan order; those of steps that the header does not know come last.
    pub(super) fn results(&self) -> Vec<&StepResult> {
        let steps = self.header.iter().flat_map(|header| &header.steps);
        let order: HashMap<_, _> = steps.enumerate().map(|(i, step)| (&step.step, i)).collect();
        let mut results: Vec<&StepResult> = self.results.iter().collect();
        results.sort_by_key(|result| order.get(&result.step).copied().unwrap_or(usize::MAX));
        results
    }

    /// Failures of the run in the order in which they happened.
    pub(super) fn failures(&self) -> impl Iterator<Item = &StepResult> {
        self.results.iter().filter(|result| result.status.is_failure())
    }

    /// Steps that did not run because of a failure or the end of the run.
    pub(super) fn skipped(&self) -> usize {
        let kept_back = |result: &&StepResult| {
            matches!(result.skipped, Some(SkipReason::Upstream { .. } | SkipReason::RunEnding))
        };
        self.results.iter().filter(kept_back).count()
    }

    /// Steps whose outcome lets others go on.
    pub(super) fn satisfied(&self) -> usize {
        self.results.iter().filter(|result| result.status.is_satisfied()).count()
    }

    /// Steps that an earlier run did.
    pub(super) fn already_done(&self) -> usize {
        let already =
            |result: &&StepResult| matches!(result.skipped, Some(SkipReason::AlreadyDone { .. }));
        self.results.iter().filter(already).count()
    }

    /// Steps that were left out and are still to be done.
    pub(super) fn left_to_do(&self) -> usize {
        let left = |result: &&StepResult| {
            matches!(result.skipped, Some(SkipReason::Selection { outstanding: true, .. }))
        };
        self.results.iter().filter(left).count()
    }

    /// How many steps ended so.
    pub(super) fn count(&self, status: StepStatus) -> usize {
        self.results.iter().filter(|result| result.status == status).count()
    }

    /// Whether anything that a step changed in the account is there, or may be.
    pub(super) fn changed(&self) -> bool {
        self.results.iter().any(StepResult::stands)
    }

    /// All facts in plan order, each with the result that it came with.
    pub(super) fn facts(&self) -> impl Iterator<Item = (&StepResult, &Fact)> {
        self.results()
            .into_iter()
            .flat_map(|result| result.facts.iter().map(move |fact| (result, fact)))
    }

    /// Warnings of the run, then those of its steps, tolerated failures included. What several
    /// steps warn of is said once: `tag[Users] and 5 more: …`.
    pub(super) fn warnings(&self) -> Vec<String> {
        let mut order: Vec<String> = Vec::new();
        let mut steps: HashMap<String, (&StepId, usize)> = HashMap::new();
        for result in self.results() {
            let tolerated = (result.status == StepStatus::Tolerated).then(|| {
                let why = result.failure.as_ref().map_or(&result.message, |why| &why.message);
                format!("tolerated: {why}")
            });
            for warning in result.warnings.iter().cloned().chain(tolerated) {
                let step = steps.entry(warning).or_insert_with_key(|warning| {
                    order.push(warning.clone());
                    (&result.step, 0)
                });
                step.1 += 1;
            }
        }
        let of_steps = order.into_iter().map(|warning| match steps[&warning] {
            (step, 1) => format!("{step}: {warning}"),
            (step, n) => format!("{step} and {} more: {warning}", n - 1),
        });
        self.warnings.iter().cloned().chain(of_steps).collect()
    }

    /// What the endpoint does not offer, each once, where no warning of the step says so already.
    pub(super) fn unsupported(&self) -> BTreeSet<&str> {
        let silent = self.results.iter().filter(|result| result.warnings.is_empty());
        let features = silent.flat_map(|result| &result.facts).filter_map(|fact| match fact {
            Fact::Unsupported { feature } => Some(feature.as_str()),
            _ => None,
        });
        features.collect()
    }

    /// How long the steps of each table took, added up, in milliseconds.
    pub(super) fn table_durations(&self) -> HashMap<&str, u64> {
        let mut durations = HashMap::new();
        for result in &self.results {
            if let Some(table) = &result.table {
                *durations.entry(table.as_str()).or_default() += result.duration_ms;
            }
        }
        durations
    }
}
