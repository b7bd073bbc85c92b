//! What is about to be sent, written down before it is sent.
//!
//! A run that is killed between a mutating call and its answer leaves an intent without an end: who
//! reads the record knows that the call may have been carried out, and of which table.

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::model::{ErrorCode, Failure};

use super::{Mutation, Undo};

/// What became of a mutating call that was about to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutationOutcome {
    /// The service accepted it.
    Applied,
    /// It was not carried out.
    Refused,
    /// It may have been carried out: the answer was lost, or not waited for.
    Unknown,
}

/// Writes mutating calls down.
pub trait Intents: Send + Sync {
    /// Resolves when it is on disk that the call is about to be sent.
    ///
    /// # Errors
    /// The call must not be sent when it cannot be written down.
    fn intend(&self, mutation: Mutation<'_>) -> BoxFuture<'_, Result<(), Failure>>;

    /// Resolves when it is on disk how that is taken back which a program of the step is about to do:
    /// a run that is killed before the program ends leaves it to who undoes the run.
    ///
    /// # Errors
    /// The program must not be started when it cannot be written down.
    fn prepare_undo(&self, undo: &[Undo]) -> BoxFuture<'_, Result<(), Failure>>;

    /// Writes down what became of it, or that it was not sent: every intent that this process lives
    /// to see the end of has one.
    fn ended(&self, mutation: Mutation<'_>, outcome: MutationOutcome, error: Option<ErrorCode>);
}
