//! The picture of a running plan on a terminal, as a pure function of events, time and size.
//!
//! Every line fits the width; there are never more lines than the height allows.

use std::collections::HashMap;

use crate::journal::{
    Record, RunEvent, RunHeader, StepResult, StepStatus, UndoOutcome, UndoResult,
};
use crate::model::StepId;

use super::style::Symbol;
use super::{rollback, sanitize};

mod draw;
mod line;

pub(super) use draw::Frame;

/// Chains of steps and how far they are.
#[derive(Debug, Default)]
pub(super) struct Board {
    chains: Vec<Chain>,
    places: HashMap<StepId, (usize, usize)>,
    started: u64,
    ending: Option<String>,
}

/// The steps of one table, or those of none.
#[derive(Debug)]
struct Chain {
    label: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    state: State,
    message: String,
    /// When it started.
    since: u64,
    took: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    Tolerated,
    Failed,
    Skipped,
}

/// How far a chain is, in the order in which lines are given away when there are too few.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Phase {
    Running,
    Failed,
    Waiting,
    Done,
}

impl Board {
    /// Takes in the next event.
    pub(super) fn record(&mut self, record: &Record) {
        match &record.event {
            RunEvent::RunStarted(header) => self.start(header, record.at),
            RunEvent::StepStarted { step } => {
                self.change(step, |step| {
                    step.state = State::Running;
                    step.since = record.at;
                });
            }
            RunEvent::StepProgress { step, message } => {
                self.change(step, |step| step.message = sanitize::line(message));
            }
            RunEvent::StepRetrying { step, attempt, failure, .. } => {
                let message = format!("attempt {attempt} failed: {}", failure.message);
                self.change(step, |step| step.message = sanitize::line(&message));
            }
            RunEvent::StepFinished(result) => self.change(&result.step, |step| step.end(result)),
            RunEvent::UndoStarted { step } => self.change(step, |step| {
                step.state = State::Running;
                step.since = record.at;
                "is being rolled back".clone_into(&mut step.message);
            }),
            RunEvent::UndoFinished(undone) => self.change(&undone.step, |step| step.undone(undone)),
            RunEvent::Cancelling { reason } => self.ending = Some(sanitize::line(reason)),
            RunEvent::Warning { .. }
            | RunEvent::MutationIntended { .. }
            | RunEvent::MutationEnded { .. }
            | RunEvent::UndoPrepared { .. }
            | RunEvent::UndoStepEnded { .. }
            | RunEvent::ChildStarted { .. }
            | RunEvent::ChildEnded { .. }
            | RunEvent::StepOutput { .. }
            | RunEvent::TerminalLent { .. }
            | RunEvent::TerminalReturned { .. }
            | RunEvent::ApiCalled { .. }
            | RunEvent::RunFinished { .. } => {}
        }
    }

    fn start(&mut self, header: &RunHeader, at: u64) {
        *self = Self { started: at, ..Self::default() };
        let mut known: HashMap<Option<&str>, usize> = HashMap::new();
        for step in &header.steps {
            let label = sanitize::line(step.table.as_deref().unwrap_or(&header.task));
            let chain = *known.entry(step.table.as_deref()).or_insert_with(|| {
                self.chains.push(Chain { label, steps: Vec::new() });
                self.chains.len() - 1
            });
            let id = sanitize::line(step.step.as_str());
            let suffix = step.table.as_ref().map(|table| format!("[{table}]")).unwrap_or_default();
            let name = id.strip_suffix(&suffix).unwrap_or(&id).to_owned();
            self.places.insert(step.step.clone(), (chain, self.chains[chain].steps.len()));
            self.chains[chain].steps.push(Step {
                name,
                state: State::Waiting,
                message: String::new(),
                since: at,
                took: 0,
            });
        }
    }

    fn change(&mut self, id: &StepId, change: impl FnOnce(&mut Step)) {
        if let Some(&(chain, step)) = self.places.get(id) {
            change(&mut self.chains[chain].steps[step]);
        }
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.chains.iter().flat_map(|chain| &chain.steps)
    }
}

impl Chain {
    fn phase(&self) -> Phase {
        let any = |state| self.steps.iter().any(|step| step.state == state);
        if any(State::Running) {
            Phase::Running
        } else if any(State::Failed) {
            Phase::Failed
        } else if !any(State::Waiting) {
            Phase::Done
        } else if self.steps.iter().all(|step| step.state == State::Waiting) {
            Phase::Waiting
        } else {
            // Between two steps.
            Phase::Running
        }
    }

    /// The step whose message is of interest now.
    fn current(&self) -> Option<&Step> {
        let with = |state| self.steps.iter().find(|step| step.state == state);
        // The first message of a chain that is done is that of the step that did most: the others
        // wait and check.
        let told = || self.steps.iter().find(|step| !step.message.is_empty());
        with(State::Running).or_else(|| with(State::Failed)).or_else(told)
    }
}

impl Step {
    fn end(&mut self, result: &StepResult) {
        self.state = match result.status {
            StepStatus::Succeeded => State::Done,
            StepStatus::Tolerated => State::Tolerated,
            StepStatus::Skipped | StepStatus::RolledBack => State::Skipped,
            StepStatus::Failed
            | StepStatus::TimedOut
            | StepStatus::Cancelled
            | StepStatus::Unknown
            | StepStatus::RollbackFailed => State::Failed,
        };
        self.took = result.duration_ms;
        let message = result.failure.as_ref().map_or(&result.message, |failure| &failure.message);
        let message = if result.status == StepStatus::Skipped { "" } else { message };
        self.message = sanitize::line(message);
    }

    fn undone(&mut self, undone: &UndoResult) {
        self.state = match undone.outcome {
            UndoOutcome::RolledBack => State::Skipped,
            UndoOutcome::Stands | UndoOutcome::Kept => State::Tolerated,
            UndoOutcome::Failed => State::Failed,
        };
        self.message = sanitize::line(&rollback::ending(undone));
    }

    const fn is_over(&self) -> bool {
        !matches!(self.state, State::Waiting | State::Running)
    }
}

impl State {
    /// `None` for a running step, whose symbol moves.
    const fn symbol(self) -> Option<Symbol> {
        Some(match self {
            Self::Running => return None,
            Self::Waiting => Symbol::Waiting,
            Self::Done => Symbol::Done,
            Self::Tolerated => Symbol::Warning,
            Self::Failed => Symbol::Failed,
            Self::Skipped => Symbol::Skipped,
        })
    }
}

#[cfg(test)]
mod tests;
