//! The account's limits on how often control-plane operations may be called.

use std::collections::BTreeMap;

use crate::model::RateLimit;

use super::Millis;
use super::errors::{ApiError, account_throttled, rate_exceeded};

/// A bucket that fills with time.
#[derive(Debug, Clone)]
struct TokenBucket {
    limit: RateLimit,
    tokens: f64,
    at: Millis,
}

impl TokenBucket {
    fn new(limit: RateLimit) -> Self {
        Self { limit, tokens: f64::from(limit.burst), at: 0 }
    }

    /// Whether there is a token.
    fn has_one(&mut self, now: Millis) -> bool {
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52 ms")]
        let passed = now.saturating_sub(self.at) as f64 / 1_000.0;
        self.at = self.at.max(now);
        let filled = passed.mul_add(self.limit.per_second, self.tokens);
        self.tokens = filled.min(f64::from(self.limit.burst));
        // Sums of small steps fall a little short of the whole.
        self.tokens >= 1.0 - 1e-9
    }
}

/// What a limit counts together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// `CreateTable`, `UpdateTable` (deletion protection excepted), `DeleteTable`.
    Mutation,
    /// `TagResource` and `UntagResource`: 5 a second (AWS, "Quotas in Amazon DynamoDB").
    TagWrite,
    /// `ListTagsOfResource`: 10 a second (the same page).
    TagRead,
    /// `DescribeContinuousBackups`: 10 a second (its API reference).
    DescribeBackups,
}

/// All limits of the account.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    buckets: BTreeMap<Class, TokenBucket>,
    accepted: BTreeMap<Class, u64>,
}

impl Limits {
    pub(super) fn new(mutations: RateLimit) -> Self {
        let limits = [
            (Class::Mutation, mutations),
            (Class::TagWrite, RateLimit { per_second: 5.0, burst: 5 }),
            (Class::TagRead, RateLimit { per_second: 10.0, burst: 10 }),
            (Class::DescribeBackups, RateLimit { per_second: 10.0, burst: 10 }),
        ];
        let buckets = limits.map(|(class, limit)| (class, TokenBucket::new(limit)));
        Self { buckets: buckets.into(), accepted: BTreeMap::new() }
    }

    /// Refuses a call that comes too soon; a refused call counts for nothing.
    pub(super) fn check(&mut self, class: Class, now: Millis) -> Result<(), ApiError> {
        if self.bucket(class).has_one(now) {
            return Ok(());
        }
        Err(if class == Class::Mutation { account_throttled() } else { rate_exceeded() })
    }

    /// Counts a call that passed [`Limits::check`] and was applied.
    pub(super) fn take(&mut self, class: Class) {
        self.bucket(class).tokens -= 1.0;
        *self.accepted.entry(class).or_default() += 1;
    }

    fn bucket(&mut self, class: Class) -> &mut TokenBucket {
        self.buckets.get_mut(&class).expect("every class has a bucket")
    }

    /// The least time in which a client could have had all accepted calls accepted: from full
    /// buckets, at the rate of the slowest.
    pub(super) fn lower_bound(&self) -> Millis {
        let of = |(class, accepted): (&Class, &u64)| {
            let limit = self.buckets[class].limit;
            let beyond = accepted.saturating_sub(u64::from(limit.burst));
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                clippy::cast_precision_loss,
                reason = "calls are counted in thousands"
            )]
            let millis = (beyond as f64 / limit.per_second * 1_000.0) as Millis;
            millis
        };
        self.accepted.iter().map(of).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_then_the_rate() {
        let mut limits = Limits::new(RateLimit { per_second: 2.0, burst: 3 });
        let mut take = |now| {
            let passes = limits.check(Class::Mutation, now).is_ok();
            if passes {
                limits.take(Class::Mutation);
            }
            passes
        };
        assert_eq!([take(0), take(0), take(0), take(0)], [true, true, true, false]);
        assert_eq!([take(400), take(500), take(600)], [false, true, false]);
        assert_eq!(limits.lower_bound(), 500);
    }

    #[test]
    fn a_refused_call_takes_nothing() {
        let mut limits = Limits::new(RateLimit { per_second: 1.0, burst: 1 });
        limits.take(Class::Mutation);
        for now in (0..1_000).step_by(10) {
            assert_eq!(limits.check(Class::Mutation, now), Err(account_throttled()));
        }
        assert!(limits.check(Class::Mutation, 1_000).is_ok());
    }
}
