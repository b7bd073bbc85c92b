//! The events of a run: the spine that every report is a fold over.

use serde::{Deserialize, Serialize};

use crate::model::{ErrorCode, Failure, StepId};
use crate::step::{MutationOutcome, Undo};

use super::{RunHeader, StepResult, UndoResult};

/// The version of the format of records. It is raised by every change that a reader of this version
/// would misread; further events and further fields are none.
pub const FORMAT: u8 = 1;

/// One event with its time.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The version of this format: [`FORMAT`].
    pub v: u8,
    /// Milliseconds since 1970, UTC.
    pub at: u64,
    /// What happened.
    pub event: RunEvent,
}

/// What happened in a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum RunEvent {
    /// The first event: who, where, what.
    RunStarted(Box<RunHeader>),
    /// Something a person should know about the run as a whole.
    Warning {
        /// One line.
        message: String,
    },
    /// A step starts its first attempt.
    StepStarted {
        /// The step.
        step: StepId,
    },
    /// A running step says what it waits for.
    StepProgress {
        /// The step.
        step: StepId,
        /// One line, replaced by the next.
        message: String,
    },
    /// A mutating call is about to be sent. It is sent only when this is on disk.
    MutationIntended {
        /// The step that makes it.
        step: StepId,
        /// `CreateTable`, …
        operation: String,
        /// The full name of the table.
        resource: String,
    },
    /// What became of the step's last intent of this operation and resource.
    MutationEnded {
        /// The step that made it.
        step: StepId,
        /// `CreateTable`, …
        operation: String,
        /// The full name of the table.
        resource: String,
        /// Whether the service carried it out.
        outcome: MutationOutcome,
        /// Why it did not, or why that is not known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorCode>,
    },
    /// A step is about to start a program; this takes back what that does, where the end of the step
    /// is never recorded. It is started only when this is on disk.
    UndoPrepared {
        /// The step.
        step: StepId,
        /// As in [`StepResult::undo`], as far as it is known by now.
        undo: Vec<Undo>,
    },
    /// A step started a program.
    ChildStarted {
        /// The step.
        step: StepId,
        /// The id of its process.
        pid: u32,
        /// The id of its process group.
        pgid: u32,
        /// When it started, in clock ticks since the machine did, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        start_ticks: Option<u64>,
    },
    /// That program and its process group are gone.
    ChildEnded {
        /// The step.
        step: StepId,
        /// The id that its process had.
        pid: u32,
    },
    /// A line that a step's program wrote, where output is to be shown. It is for people: no journal
    /// has it, because the whole output is in a file of its own.
    StepOutput {
        /// The step.
        step: StepId,
        /// The line, without its end.
        line: String,
    },
    /// A step's program is about to be given the terminal: from now on nobody else writes to it.
    TerminalLent {
        /// The step.
        step: StepId,
    },
    /// That program has the terminal no longer.
    TerminalReturned {
        /// The step.
        step: StepId,
    },
    /// A call to a service was answered, or not.
    ApiCalled {
        /// The step that made it; `None` while connecting and previewing.
        step: Option<StepId>,
        /// `CreateTable`, …
        operation: String,
        /// The table or other resource.
        resource: Option<String>,
        /// How long it took.
        duration_ms: u64,
        /// The service's error code; `None` when it went well.
        error: Option<String>,
    },
    /// An attempt failed and another one follows.
    StepRetrying {
        /// The step.
        step: StepId,
        /// The attempt that failed, from 1.
        attempt: u32,
        /// The pause before the next one.
        delay_ms: u64,
        /// Why it failed.
        failure: Failure,
    },
    /// A step ended, or was left out.
    StepFinished(Box<StepResult>),
    /// What a step did is about to be taken back.
    UndoStarted {
        /// The step.
        step: StepId,
    },
    /// A step of the `rollback` of a step succeeded: whoever goes on with undoing does not run it
    /// again.
    UndoStepEnded {
        /// The step that is undone.
        step: StepId,
        /// The place of the other one in the `rollback`, from 0.
        part: usize,
    },
    /// What a step did was taken back, or was not.
    UndoFinished(Box<UndoResult>),
    /// The run is to end early.
    Cancelling {
        /// Why, for people: `SIGINT`, ….
        reason: String,
    },
    /// The last event.
    RunFinished {
        /// The whole run, without the preview.
        duration_ms: u64,
        /// The exit code it led to.
        exit_code: u8,
    },
}

impl RunEvent {
    /// Whether it is recorded only of a run that has started. A preview calls the service, and may
    /// run programs that only look.
    pub(super) const fn comes_after_the_start(&self) -> bool {
        !matches!(
            self,
            Self::RunStarted(_)
                | Self::Warning { .. }
                | Self::ApiCalled { .. }
                | Self::ChildStarted { .. }
                | Self::ChildEnded { .. }
                | Self::StepOutput { .. }
                | Self::StepProgress { .. }
                | Self::Cancelling { .. }
        )
    }

    /// The names of all events, as they stand in `type`.
    pub(super) const TYPES: [&'static str; 20] = [
        "run-started",
        "warning",
        "step-started",
        "step-progress",
        "mutation-intended",
        "mutation-ended",
        "undo-prepared",
        "child-started",
        "child-ended",
        "step-output",
        "terminal-lent",
        "terminal-returned",
        "api-called",
        "step-retrying",
        "step-finished",
        "undo-started",
        "undo-step-ended",
        "undo-finished",
        "cancelling",
        "run-finished",
    ];
}
