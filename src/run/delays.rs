//! The pauses between attempts.

use std::time::Duration;

use crate::model::{Backoff, Jitter, RetryPolicy};

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

    /// A pause that uses no retry up: for throttling and for waiting on something else. It always
    /// lasts a while, so that a policy without delays does not hammer the service.
    pub fn free(&mut self) -> Duration {
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

    #[test]
    fn free_pauses_use_no_retry_up_and_never_hammer() {
        let mut delays = Delays::new(policy(Backoff::None, Jitter::Full));
        assert!((0..100).all(|_| delays.free() >= Duration::from_millis(50)));
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
