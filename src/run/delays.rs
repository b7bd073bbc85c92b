//! The pauses between attempts.

use std::time::{Duration, SystemTime};

use crate::aws::Lane;
use crate::model::{Backoff, ErrorCode, Failure, FailureClass, Jitter, RetryPolicy};

/// The longest time that is waited beyond the moment that the service named.
const SPREAD: Duration = Duration::from_secs(1);

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// Another one after this pause.
    Pause(Duration),
    /// None: the step has no time left.
    TimeIsOver,
    /// None: it would not help, no retry is left, or the service named a time beyond the step's.
    GiveUp,
}

/// An iterator over the pauses before each further try: `retries` of them.
#[derive(Debug, Clone)]
pub struct Delays {
    policy: RetryPolicy,
    used: u32,
    /// Steps of growth, pauses that use no retry up included.
    grown: u32,
}

impl Delays {
    /// The pauses of a policy.
    #[must_use]
    pub const fn new(policy: RetryPolicy) -> Self {
        Self { policy, used: 0, grown: 0 }
    }

    /// What follows a failure of a step that has so much time left.
    ///
    /// Throttling and waiting use no retry up. Nor does a failure that names a moment: it is tried
    /// again right after it, or not at all.
    pub fn after(&mut self, failure: &Failure, left: Duration) -> After {
        let timed_out = failure.code == ErrorCode::StepTimedOut;
        match failure.class {
            _ if failure.code == ErrorCode::Cancelled => After::GiveUp,
            _ if timed_out && left.is_zero() => After::TimeIsOver,
            _ if !self.policy.covers(failure) => After::GiveUp,
            _ if let Some(moment) = failure.not_before => obey(moment, left),
            FailureClass::Throttled | FailureClass::Wait if left.is_zero() => After::TimeIsOver,
            FailureClass::Throttled if is_paced(failure) => After::Pause(soon()),
            FailureClass::Throttled | FailureClass::Wait => After::Pause(self.free()),
            FailureClass::Permanent | FailureClass::Transient | FailureClass::Ambiguous => {
                self.next().map_or(After::GiveUp, After::Pause)
            }
        }
    }

    /// A pause that uses no retry up: for throttling and for waiting on something else. It always
    /// lasts a while, so that a policy without delays does not hammer the service.
    fn free(&mut self) -> Duration {
        let base = self.base().max(Duration::from_millis(200));
        self.grown = self.grown.saturating_add(1);
        self.jittered(base).max(Duration::from_millis(50))
    }

    fn base(&self) -> Duration {
        let delay = match self.policy.backoff {
            Backoff::None => Duration::ZERO,
            Backoff::Fixed => self.policy.delay,
            Backoff::Exponential => {
                self.policy.delay.saturating_mul(1_u32.checked_shl(self.grown).unwrap_or(u32::MAX))
            }
        };
        delay.min(self.policy.max_delay)
    }

    fn jittered(&self, delay: Duration) -> Duration {
        match self.policy.jitter {
            Jitter::None => delay,
            Jitter::Full => delay.mul_f64(fastrand::f64()),
            Jitter::Equal => delay.mul_f64(0.5 + fastrand::f64() / 2.0),
        }
    }
}

/// Whether the call waits for its turn before it is sent again: then a longer pause would only leave
/// the account's rate unused.
fn is_paced(failure: &Failure) -> bool {
    failure.details.get("operation").is_some_and(|call| Lane::of(call).is_some())
}

fn soon() -> Duration {
    Duration::from_millis(fastrand::u64(50..=200))
}

/// The pause until a moment that the service named, if there is time for it.
fn obey(moment: SystemTime, left: Duration) -> After {
    let wait = moment.duration_since(SystemTime::now()).unwrap_or_default();
    if wait >= left {
        return After::GiveUp;
    }
    After::Pause((wait + SPREAD.mul_f64(fastrand::f64())).min(left))
}

impl Iterator for Delays {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        if self.used >= self.policy.retries {
            return None;
        }
        self.used += 1;
        let base = self.base();
        self.grown = self.grown.saturating_add(1);
        Some(self.jittered(base))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn policy(backoff: Backoff, jitter: Jitter) -> RetryPolicy {
        RetryPolicy { retries: 5, backoff, jitter, ..RetryPolicy::default() }
    }

    #[test]
    fn exponential_delays_double_up_to_the_longest() {
        let policy = RetryPolicy {
            max_delay: Duration::from_secs(3),
            ..policy(Backoff::Exponential, Jitter::None)
        };
        let delays: Vec<u128> = Delays::new(policy).map(|delay| delay.as_millis()).collect();
        assert_eq!(delays, [500, 1000, 2000, 3000, 3000]);
    }

    fn failure(class: FailureClass) -> Failure {
        Failure::new(ErrorCode::Throttled, "no").class(class)
    }

    fn pause(after: After) -> Duration {
        let After::Pause(pause) = after else { panic!("no pause: {after:?}") };
        pause
    }

    const LEFT: Duration = Duration::from_mins(1);

    #[test]
    fn free_pauses_use_no_retry_up_and_never_hammer() {
        let mut delays = Delays::new(policy(Backoff::None, Jitter::Full));
        for class in [FailureClass::Throttled, FailureClass::Wait] {
            let pauses = (0..100).map(|_| pause(delays.after(&failure(class), LEFT)));
            assert!(pauses.min() >= Some(Duration::from_millis(50)));
        }
        assert_eq!(delays.count(), 5);
    }

    #[test]
    fn a_throttled_call_that_waits_for_its_turn_is_sent_again_soon() {
        let mut delays = Delays::new(policy(Backoff::Exponential, Jitter::None));
        let throttled = failure(FailureClass::Throttled).detail("operation", "CreateTable");
        for _ in 0..50 {
            let pause = pause(delays.after(&throttled, LEFT));
            assert!(pause <= Duration::from_millis(200), "{pause:?}");
        }
        let read = failure(FailureClass::Throttled).detail("operation", "DescribeTable");
        assert_eq!(delays.after(&read, LEFT), After::Pause(Duration::from_millis(500)));
    }

    #[test]
    fn a_moment_that_the_service_names_is_waited_for_if_there_is_time() {
        let mut delays = Delays::new(policy(Backoff::Exponential, Jitter::Full));
        let not_before = Some(SystemTime::now() + Duration::from_secs(20));
        for class in [FailureClass::Throttled, FailureClass::Wait, FailureClass::Transient] {
            let named = Failure { not_before, ..failure(class) };
            let pause = pause(delays.after(&named, LEFT)).as_secs_f64();
            assert!((19.0..=21.0).contains(&pause), "{pause}");
            assert_eq!(delays.after(&named, Duration::from_secs(19)), After::GiveUp);
        }
        let never = Failure { not_before, ..failure(FailureClass::Permanent) };
        assert_eq!(delays.after(&never, LEFT), After::GiveUp);
        let past =
            Failure { not_before: Some(SystemTime::UNIX_EPOCH), ..failure(FailureClass::Wait) };
        assert!(pause(delays.after(&past, LEFT)) <= SPREAD);
        assert_eq!(delays.count(), 5);
    }

    proptest! {
        #[test]
        fn jitter_stays_within_its_bounds(retries in 0u32..80, delay_ms in 0u64..5_000) {
            let delay = Duration::from_millis(delay_ms);
            let full = RetryPolicy { retries, delay, ..policy(Backoff::Exponential, Jitter::Full) };
            let delays: Vec<Duration> = Delays::new(full).collect();
            prop_assert_eq!(delays.len(), retries as usize);
            prop_assert!(delays.iter().all(|pause| *pause <= full.max_delay));
            let equal = RetryPolicy { retries, delay, ..policy(Backoff::Fixed, Jitter::Equal) };
            let low = delay.min(equal.max_delay).mul_f64(0.499);
            prop_assert!(Delays::new(equal).all(|pause| pause >= low && pause <= delay));
        }
    }
}
