//! Why a call gave no answer that a step can use.

use crate::aws::{ErrorKind, ServiceError};
use crate::model::Failure;

use super::StepError;

/// Why a call gave no answer that a step can use.
#[derive(Debug, Clone)]
pub struct CallError {
    /// What the service's error means; `None` when the call was not made or not waited for.
    pub kind: Option<ErrorKind>,
    /// What people see.
    pub failure: Failure,
    /// Whether a mutating call may have been applied all the same.
    pub may_have_applied: bool,
}

impl CallError {
    /// Of a call that changes nothing, whatever became of it.
    pub(super) fn of_read(error: ServiceError) -> Self {
        Self { kind: Some(error.kind), ..error.into_failure().into() }
    }
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self { kind: None, failure, may_have_applied: false }
    }
}

impl From<CallError> for Failure {
    fn from(error: CallError) -> Self {
        error.failure
    }
}

impl From<CallError> for StepError {
    fn from(error: CallError) -> Self {
        Self { changed: error.may_have_applied, ..Self::from(error.failure) }
    }
}
