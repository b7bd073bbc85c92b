//! How patiently a step is tried: what is written nearest to it counts.

use std::time::Duration;

use crate::model::{KindSpec, RetryPolicy, StepPolicy};

/// Retries and times of a step.
pub(super) struct Patience {
    pub(super) retry: RetryPolicy,
    pub(super) timeout: Duration,
    pub(super) attempt: Option<Duration>,
}

impl Patience {
    /// Of the step, of its kind where the files declare that, of `defaults`, and of the kind as it is.
    /// `retries` overrides the retries of all.
    pub(super) fn of(
        kind: &KindSpec,
        own: &StepPolicy,
        defaults: &StepPolicy,
        retries: Option<u32>,
        interactive: bool,
    ) -> Self {
        let declared = kind.declared.as_deref();
        let of_kind = declared.and_then(|kind| kind.retry.as_ref()).map(|retry| retry.value);
        let retry = own.retry.or(of_kind).or(defaults.retry);
        let mut retry = retry.unwrap_or_default();
        retry.retries = retries.unwrap_or(retry.retries);
        let repeatable = declared.is_none_or(|kind| kind.idempotent) && !interactive;
        if !repeatable || (kind.command.is_some() && own.retry.is_none()) {
            // Only who wrote the command can say that it may be run twice, and nobody is asked twice.
            retry.retries = 0;
        }
        let times = declared.map_or((None, None), |kind| (kind.timeout, kind.attempt_timeout));
        Self {
            retry,
            timeout: own.timeout.or(times.0).or(defaults.timeout).unwrap_or(kind.timeout),
            attempt: own.attempt_timeout.or(times.1).or(defaults.attempt_timeout),
        }
    }
}
