//! The events of a run: the spine that every report is a fold over.

use serde::{Deserialize, Serialize};

use crate::model::{Effect, Failure, StepId};
use crate::step::Fact;

use super::RunId;

/// One event with its time. `v` is the version of this format.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Format version: 1.
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
    /// All steps in plan order.
    pub steps: Vec<StepHeader>,
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
    /// The run was ending.
    RunEnding,
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
}
