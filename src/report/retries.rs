//! Further tries of steps, and why they were needed.

use serde::Serialize;

use crate::model::{ErrorCode, Failure, FailureClass};

/// How many attempts of steps were followed by another one, by what ended them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Retries {
    /// All of them.
    pub total: usize,
    /// The service limited the rate of calls, or the number of operations at once.
    pub throttled: usize,
    /// Another change of the table had to end first.
    pub waited: usize,
    /// The answer was lost, and it is not known whether the call was applied.
    pub lost_answers: usize,
    /// The service said that it failed (5xx), or its answer could not be read.
    pub service_failures: usize,
    /// The attempt did not end within its own timeout.
    pub timed_out: usize,
    /// No answer came, and nothing was applied.
    pub no_answer: usize,
    /// Anything else that passes, such as a table that is not shown yet.
    pub other: usize,
}

impl Retries {
    /// Counts a failure that another attempt follows.
    pub(super) fn count(&mut self, failure: &Failure) {
        self.total += 1;
        *match (failure.code, failure.class) {
            (ErrorCode::StepTimedOut, _) => &mut self.timed_out,
            (_, FailureClass::Throttled) => &mut self.throttled,
            (_, FailureClass::Wait) => &mut self.waited,
            (ErrorCode::NetworkError, FailureClass::Ambiguous) => &mut self.lost_answers,
            (ErrorCode::NetworkError, _) => &mut self.no_answer,
            (ErrorCode::UnknownError, FailureClass::Ambiguous | FailureClass::Transient) => {
                &mut self.service_failures
            }
            _ => &mut self.other,
        } += 1;
    }

    /// `12 retries: 9 throttled, 3 lost answers`; nothing when there were none.
    pub(super) fn sentence(self) -> Option<String> {
        let answers = if self.lost_answers == 1 { "lost answer" } else { "lost answers" };
        let failures = if self.service_failures == 1 { "failure" } else { "failures" };
        let reasons = [
            (self.throttled, "throttled"),
            (self.waited, "waited for another change"),
            (self.lost_answers, answers),
            (self.service_failures, &*format!("{failures} of the service")),
            (self.timed_out, "timed out"),
            (self.no_answer, "without an answer"),
            (self.other, "for other reasons"),
        ];
        let reasons: Vec<String> = reasons
            .iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, reason)| format!("{n} {reason}"))
            .collect();
        let noun = if self.total == 1 { "retry" } else { "retries" };
        (self.total > 0).then(|| format!("{} {noun}: {}", self.total, reasons.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(failures: &[(ErrorCode, FailureClass)]) -> Retries {
        let mut retries = Retries::default();
        for (code, class) in failures {
            retries.count(&Failure::new(*code, "no").class(*class));
        }
        retries
    }

    #[test]
    fn each_retry_is_counted_once_with_its_reason() {
        use FailureClass::{Ambiguous, Throttled, Transient, Wait};
        let retries = of(&[
            (ErrorCode::Throttled, Throttled),
            (ErrorCode::Throttled, Throttled),
            (ErrorCode::NetworkError, Ambiguous),
            (ErrorCode::StepFailed, Wait),
            (ErrorCode::NetworkError, Transient),
            (ErrorCode::StepTimedOut, Ambiguous),
            // A read that failed, and a create that was looked for afterwards.
            (ErrorCode::UnknownError, Ambiguous),
            (ErrorCode::UnknownError, Transient),
            (ErrorCode::TableNotFound, Transient),
        ]);
        let sentence = "9 retries: 2 throttled, 1 waited for another change, 1 lost answer, \
                        2 failures of the service, 1 timed out, 1 without an answer, \
                        1 for other reasons";
        assert_eq!(retries.sentence().as_deref(), Some(sentence));
    }

    #[test]
    fn no_retry_is_not_spoken_of() {
        assert_eq!(Retries::default().sentence(), None);
        let one = of(&[(ErrorCode::Throttled, FailureClass::Throttled)]);
        assert_eq!(one.sentence().as_deref(), Some("1 retry: 1 throttled"));
    }
}
