//! The events of a run: the spine that every report is a fold over.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Effect, ErrorCode, Failure, StepId};
use crate::step::{Fact, MutationOutcome, StepOutputs, Undo};

use super::{RunId, UndoOutcome, UndoResult};

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

/// Who, where, what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunHeader {
    /// The run.
    pub run_id: RunId,
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// The region.
    pub region: String,
    /// The endpoint, for people: `embedded emulator (.osem/local.db)`, a URL, or `AWS`.
    pub endpoint: String,
    /// The account and principal, for people, where known.
    pub identity: Option<String>,
    /// How many steps may run at once.
    pub jobs: usize,
    /// How many tables of the environment the file declares.
    pub total_tables: usize,
    /// What a later resume of the run must find again.
    pub pinned: Pinned,
    /// All steps in plan order.
    pub steps: Vec<StepHeader>,
    /// The run whose changes this one takes back, where that is all it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// Whether it leaves a journal, from which it can be resumed.
    #[serde(default)]
    pub recorded: bool,
    /// The run that it goes on with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// Where it goes on with one, the steps that were still to be done, in plan order; those that
    /// the command line leaves out are among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outstanding: Vec<OutstandingStep>,
}

/// A step that an earlier run left to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutstandingStep {
    /// The step.
    pub step: StepId,
    /// Why, for people.
    pub why: String,
}

/// What a run was bound to, in the form in which it can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pinned {
    /// The version of osem that ran it.
    pub osem_version: String,
    /// The account, where it is known.
    pub account: Option<String>,
    /// What kind of endpoint answered.
    pub endpoint: EndpointKind,
    /// Its URL, where one was declared or named on the command line.
    pub endpoint_url: Option<String>,
    /// The part of a full table name before the declared name.
    pub table_prefix: String,
    /// `OSEM_DB_PREFIX`, where it was set.
    pub db_prefix: Option<String>,
    /// Whether a simulator stood for the environment.
    pub rehearsal: bool,
    /// All variables but secrets, with the values that do not stand in the files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Option<String>>,
}

/// What answers the calls of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// DynamoDB itself, or what a variable or profile names where nothing forbids it.
    Service,
    /// The embedded emulator.
    Emulator,
    /// The environment's `endpoint`.
    Declared,
    /// `--endpoint-url`.
    Overridden,
    /// The simulator of a rehearsal.
    Rehearsal,
}

/// A step of the plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepHeader {
    /// The step.
    pub step: StepId,
    /// Its kind.
    pub kind: String,
    /// What it may do.
    pub effect: Effect,
    /// The declared name of its table: steps of one table form a chain in reports.
    pub table: Option<String>,
    /// The full name of its table.
    pub table_name: Option<String>,
    /// A hash of what the step is, by which a later run knows whether it is still the same; see
    /// [`definition_hash`](super::definition_hash).
    pub definition: String,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// It did what it is for.
    Succeeded,
    /// It did not.
    Failed,
    /// Its time was over.
    TimedOut,
    /// It failed, and its declaration says that this does not matter.
    Tolerated,
    /// It did not run; see [`SkipReason`].
    Skipped,
    /// It was ended by the cancellation of the run.
    Cancelled,
    /// A call may or may not have been applied.
    Unknown,
    /// It did what it is for, and nothing of that remains.
    RolledBack,
    /// It did what it is for, and taking that back failed.
    RollbackFailed,
}

impl StepStatus {
    /// Whether dependents may run.
    #[must_use]
    pub const fn is_satisfied(self) -> bool {
        matches!(self, Self::Succeeded | Self::Tolerated)
    }

    /// Whether it counts as a failure of the run.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(self, Self::Failed | Self::TimedOut | Self::Cancelled | Self::Unknown)
    }
}

/// Why a step did not run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum SkipReason {
    /// `only-in` or `except-in` leaves it out here.
    Condition,
    /// A step that it needs did not succeed.
    Upstream {
        /// That step: the first failure, not the nearest one.
        step: StepId,
    },
    /// `after … when=failed`, and none of these failed.
    NothingFailed {
        /// As named by `after`.
        steps: Vec<String>,
    },
    /// `only-if-changed`, and none of these changed anything.
    NothingChanged {
        /// As named by `only-if-changed`.
        steps: Vec<String>,
    },
    /// The run was ending.
    RunEnding,
    /// An earlier run did it, and that still holds.
    AlreadyDone {
        /// That run.
        run: RunId,
    },
    /// The command line leaves it out.
    Selection {
        /// The flag: `--only`, ….
        flag: String,
        /// Whether it is still to be done; otherwise whoever left it out answers for it.
        outstanding: bool,
    },
}

/// The end of one step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepResult {
    /// The step.
    pub step: StepId,
    /// Its kind.
    pub kind: String,
    /// The declared name of its table.
    pub table: Option<String>,
    /// How it ended.
    pub status: StepStatus,
    /// Whether it changed anything in the account.
    pub changed: bool,
    /// How many attempts it took; 0 when it did not run.
    pub attempts: u32,
    /// From its first attempt to its end, pauses included.
    pub duration_ms: u64,
    /// One line for people.
    pub message: String,
    /// Why it did not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<SkipReason>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// What it found out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// What a person should know although it succeeded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// How what it is known to have changed is taken back, in the order in which it was changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undo: Vec<Undo>,
    /// What it put out for later steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: StepOutputs,
    /// What became of that, where it was to be taken back.
    #[serde(skip)]
    pub rollback: Option<UndoOutcome>,
}
