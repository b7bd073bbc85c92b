//! The one failure that stands for a run.

use std::borrow::Cow;

use crate::journal::{StepResult, StepStatus};
use crate::model::{ErrorCode, Failure};

use super::{RunFold, rollback};

/// The bug in osem that a run met, or else its first failure by time; the step it belongs to, where
/// it belongs to one.
///
/// `None` for a run that ended with exit code 0.
pub(super) fn root_cause(run: &RunFold) -> Option<(Option<&StepResult>, Cow<'_, Failure>)> {
    if run.end()?.exit_code == 0 {
        return None;
    }
    if let Some(failure) = rollback::failure(run) {
        return Some((None, Cow::Owned(failure)));
    }
    let bug = run.failures().find(|result| of_step(result).code == ErrorCode::InternalError);
    // A step that was cancelled is a consequence: any other failure explains more.
    let first = run.failures().find(|result| result.status != StepStatus::Cancelled);
    let result = bug.or(first).or_else(|| run.failures().next()).or_else(|| tolerated(run));
    Some(match result {
        Some(result) => (Some(result), of_step(result)),
        None => (None, Cow::Owned(of_run(run))),
    })
}

/// Under `--strict` a tolerated failure fails the run.
fn tolerated(run: &RunFold) -> Option<&StepResult> {
    let result = run.results().into_iter().find(|result| result.status == StepStatus::Tolerated);
    result.filter(|_| run.cancelled().is_none())
}

fn of_step(result: &StepResult) -> Cow<'_, Failure> {
    if let Some(failure) = &result.failure {
        return Cow::Borrowed(failure);
    }
    let code = match result.status {
        StepStatus::TimedOut => ErrorCode::StepTimedOut,
        StepStatus::Cancelled => ErrorCode::Cancelled,
        _ => ErrorCode::StepFailed,
    };
    Cow::Owned(Failure::new(code, &*result.message))
}

fn of_run(run: &RunFold) -> Failure {
    match run.cancelled() {
        Some(reason) => {
            Failure::new(ErrorCode::Cancelled, format!("the run ended early: {reason}"))
        }
        None => Failure::new(ErrorCode::UnknownError, "the run did not do all that it was to do"),
    }
}
