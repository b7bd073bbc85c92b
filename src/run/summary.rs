//! How a run ended.

use std::time::Duration;

use crate::journal::{StepResult, StepStatus, UndoOutcome, UndoResult};
use crate::model::exit_code::{BUG, FAILED, PARTIAL, ROLLBACK_INCOMPLETE, SUCCESS};
use crate::model::{ErrorCode, Failure};

use super::CancelReason;

/// All results of a run.
#[derive(Debug, Clone)]
pub struct RunSummary {
    /// One for each step, in the order they ended.
    pub results: Vec<StepResult>,
    /// What was undone, or was to be.
    pub undone: Vec<UndoResult>,
    /// From the first step's start to the end.
    pub duration: Duration,
    /// Why the run ended early, if it did.
    pub cancelled: Option<CancelReason>,
}

impl RunSummary {
    /// The exit code of the run: 0 all done; 1 failed and nothing that it did remains; 2 some
    /// steps' work stands while others failed, or an outcome is unknown; 3 when undoing failed; 124
    /// when its time was over; 128 + n by a signal; 70 when a step met a bug in osem. Precedence: 70,
    /// 3, signal, 124, 2, 1. With `strict`, a tolerated failure is a 2.
    #[must_use]
    pub fn exit_code(&self, strict: bool) -> u8 {
        let any = |is: fn(&StepResult) -> bool| self.results.iter().any(is);
        let failures = self.results.iter().map(|result| &result.failure);
        let mut failures =
            failures.chain(self.undone.iter().map(|undone| &undone.failure)).flatten();
        if failures.any(|failure: &Failure| failure.code == ErrorCode::InternalError) {
            return BUG;
        }
        if self.undone.iter().any(|undone| undone.outcome == UndoOutcome::Failed) {
            return ROLLBACK_INCOMPLETE;
        }
        if let Some(reason) = self.cancelled {
            return reason.exit_code();
        }
        let unknown = any(|result| result.status == StepStatus::Unknown);
        let failed = any(|result| result.status.is_failure());
        let stands = any(StepResult::stands);
        let tolerated = any(|result| result.status == StepStatus::Tolerated);
        match (failed, stands) {
            _ if unknown => PARTIAL,
            (true, true) => PARTIAL,
            (true, false) => FAILED,
            (false, _) if tolerated && strict => PARTIAL,
            (false, _) => SUCCESS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Failure, StepId};

    fn result(status: StepStatus, changed: bool) -> StepResult {
        StepResult {
            status,
            changed,
            attempts: 1,
            duration_ms: 1,
            ..StepResult::not_run(StepId::new("verify", None), "verify")
        }
    }

    fn code(results: &[(StepStatus, bool)], cancelled: Option<CancelReason>, strict: bool) -> u8 {
        let results = results.iter().map(|(status, changed)| result(*status, *changed)).collect();
        RunSummary { results, undone: Vec::new(), duration: Duration::ZERO, cancelled }
            .exit_code(strict)
    }

    #[test]
    fn exit_codes_say_what_stands() {
        use StepStatus::{Failed, Skipped, Succeeded, Tolerated, Unknown};
        assert_eq!(code(&[(Succeeded, true), (Skipped, false)], None, true), 0);
        assert_eq!(code(&[(Succeeded, false), (Failed, false)], None, false), 1);
        assert_eq!(code(&[(Succeeded, true), (Failed, false)], None, false), 2);
        assert_eq!(code(&[(Unknown, false)], None, false), 2);
        assert_eq!(code(&[(Tolerated, false)], None, false), 0);
        assert_eq!(code(&[(Tolerated, false)], None, true), 2);
        assert_eq!(code(&[(Failed, true)], Some(CancelReason::Interrupt), false), 130);
        assert_eq!(code(&[(Failed, true)], Some(CancelReason::Timeout), false), 124);
    }

    #[test]
    fn a_bug_goes_before_every_other_exit_code() {
        let bug = Failure::new(ErrorCode::InternalError, "the step panicked");
        let failed = StepResult { failure: Some(bug), ..result(StepStatus::Failed, false) };
        for cancelled in [None, Some(CancelReason::Timeout), Some(CancelReason::Interrupt)] {
            let results = vec![result(StepStatus::Unknown, true), failed.clone()];
            let summary =
                RunSummary { results, undone: Vec::new(), duration: Duration::ZERO, cancelled };
            assert_eq!(summary.exit_code(false), 70);
        }
    }
}
