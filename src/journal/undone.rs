//! What became of the changes of a step when they were to be taken back.

use serde::{Deserialize, Serialize};

use crate::model::{Failure, StepId};

use super::{StepResult, StepStatus};

/// What became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UndoOutcome {
    /// Nothing of them remains.
    RolledBack,
    /// They remain: to take them back is not possible, or not allowed.
    Stands,
    /// They remain: nobody tried to take them back.
    Kept,
    /// They remain, or may: taking them back failed.
    Failed,
}

/// The end of undoing one step.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UndoResult {
    /// The step.
    pub step: StepId,
    /// The declared name of its table.
    pub table: Option<String>,
    /// The full name of its table.
    pub table_name: Option<String>,
    /// What became of its changes.
    pub outcome: UndoOutcome,
    /// One line for people: what was done, or why it was not.
    pub message: String,
    /// How many attempts it took; 0 when it was not tried.
    pub attempts: u32,
    /// From its first attempt to its end, pauses included.
    pub duration_ms: u64,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl StepResult {
    /// Whether something that it changed is there, or may be.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.changed && self.rollback != Some(UndoOutcome::RolledBack)
    }

    /// Takes in what became of undoing it. What failed itself stays a failure.
    pub fn undone(&mut self, outcome: UndoOutcome) {
        self.rollback = Some(outcome);
        self.status = match (outcome, self.status) {
            (UndoOutcome::RolledBack, status) if status.is_satisfied() => StepStatus::RolledBack,
            (UndoOutcome::Failed, status) if status.is_satisfied() => StepStatus::RollbackFailed,
            (_, status) => status,
        };
    }
}
