//! How a step of a run ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Failure, StepId};
use crate::step::{Fact, StepOutputs, Undo};

use super::{RunId, UndoOutcome};

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

impl StepResult {
    /// A step that did not run, of which nothing else is said.
    #[must_use]
    pub fn not_run(step: StepId, kind: &str) -> Self {
        Self {
            step,
            kind: kind.to_owned(),
            table: None,
            status: StepStatus::Skipped,
            changed: false,
            attempts: 0,
            duration_ms: 0,
            message: String::new(),
            skipped: None,
            failure: None,
            facts: Vec::new(),
            warnings: Vec::new(),
            undo: Vec::new(),
            outputs: StepOutputs::new(),
            rollback: None,
        }
    }
}
