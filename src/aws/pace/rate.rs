//! How fast calls may follow each other under a limit that nobody publishes.
//!
//! The service limits calls by a token bucket of unknown rate and size. A call that is refused takes
//! no token, so the best rate is the bucket's own, found by going a little over it now and then:
//!
//! - a first burst, then faster with each call that is accepted, until two congestions were seen;
//! - a congestion cuts the rate gently, but never below what was proven: between two congestions the
//!   bucket was empty at both ends, so what was accepted in between, less one, came in at its rate;
//! - from there the rate grows slowly at first and ever faster, so that it stays near the limit, and
//!   still finds one that was raised.
//!
//! Calls under way together that are refused together are one congestion. Plain bookkeeping: times
//! are handed in, counted from any one moment.

use std::collections::VecDeque;
use std::time::Duration;

/// Growth before the limit was met: per accepted call.
const FAST_GROWTH: f64 = 1.2;
/// What a congestion leaves of the rate.
const CUT: f64 = 0.7;
/// After so many accepted calls without a congestion the rate has doubled.
const DOUBLED_AFTER: f64 = 100.0;
/// Congestions that are remembered as proof.
const REMEMBERED: usize = 4;
/// The least calls a second, so that an account that others use up is still asked now and then.
const LEAST: f64 = 0.2;
/// Tokens are fractions: what is this near to a whole one is one.
const ROUNDING: f64 = 1e-9;

/// What is known of a limit before the first call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Calls that may go at once after a pause.
    pub(super) burst: f64,
    /// Calls a second to begin with.
    pub(super) start: f64,
    /// Calls a second at most.
    pub(super) most: f64,
}

/// A moment at which the service's bucket was empty.
#[derive(Debug, Clone, Copy)]
struct Congestion {
    at: Duration,
    /// Calls accepted until then.
    accepted: u32,
}

/// When the next call of one class may go.
#[derive(Debug)]
pub(super) struct Rate {
    limits: Limits,
    /// Not held back until the first refusal.
    free: bool,
    per_second: f64,
    tokens: f64,
    filled_at: Duration,
    /// The limit was not met yet, or only by the first burst.
    searching: bool,
    /// The rate after the last congestion, and the calls accepted since.
    anchor: f64,
    since: u32,
    accepted: u32,
    congestions: VecDeque<Congestion>,
}

impl Rate {
    /// Paced from the first call on; with `free`, from the first refusal on.
    pub(super) fn new(limits: Limits, free: bool) -> Self {
        Self {
            limits,
            free,
            per_second: limits.start,
            tokens: limits.burst,
            filled_at: Duration::ZERO,
            searching: true,
            anchor: limits.start,
            since: 0,
            accepted: 0,
            congestions: VecDeque::with_capacity(REMEMBERED + 1),
        }
    }

    /// Takes a turn, or says how long there is none.
    pub(super) fn take(&mut self, now: Duration) -> Result<(), Duration> {
        if self.free {
            return Ok(());
        }
        self.fill(now);
        if self.tokens >= 1.0 - ROUNDING {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / self.per_second))
    }

    /// The turn that was taken at `taken` is not used.
    pub(super) fn given_back(&mut self, taken: Duration, now: Duration) {
        self.fill(now);
        // A congestion since then has shown that there was none.
        if self.congestions.back().is_none_or(|last| taken > last.at) {
            self.tokens = (self.tokens + 1.0).min(self.limits.burst);
        }
    }

    /// A call was accepted.
    pub(super) fn accepted(&mut self, now: Duration) {
        self.accepted = self.accepted.saturating_add(1);
        if self.free {
            return;
        }
        if self.searching {
            self.go_at(self.per_second * FAST_GROWTH, now);
        } else {
            self.since = self.since.saturating_add(1);
            let grown = f64::from(self.since) / DOUBLED_AFTER;
            self.go_at(self.anchor * grown.mul_add(grown, 1.0), now);
        }
    }

    /// A call that went at `sent` was refused.
    pub(super) fn refused(&mut self, sent: Duration, now: Duration) {
        if self.congestions.back().is_some_and(|last| sent <= last.at) {
            return;
        }
        let proven = self.proven(now);
        if self.free {
            self.free = false;
        } else {
            self.searching &= self.congestions.is_empty();
            self.go_at((self.per_second * CUT).max(proven), now);
        }
        self.tokens = 0.0;
        self.filled_at = now;
        self.anchor = self.per_second;
        self.since = 0;
        self.congestions.push_back(Congestion { at: now, accepted: self.accepted });
        if self.congestions.len() > REMEMBERED {
            self.congestions.pop_front();
        }
    }

    /// Calls a second that the service is known to grant.
    fn proven(&self, now: Duration) -> f64 {
        let since = |congestion: &Congestion| {
            let granted = f64::from(self.accepted - congestion.accepted) - 1.0;
            let took = now.saturating_sub(congestion.at).as_secs_f64();
            if took > 0.0 { granted / took } else { 0.0 }
        };
        self.congestions.iter().map(since).fold(0.0, f64::max)
    }

    fn go_at(&mut self, per_second: f64, now: Duration) {
        self.fill(now);
        self.per_second = per_second.clamp(LEAST, self.limits.most);
    }

    fn fill(&mut self, now: Duration) {
        let passed = now.saturating_sub(self.filled_at).as_secs_f64();
        self.tokens = passed.mul_add(self.per_second, self.tokens).min(self.limits.burst);
        self.filled_at = self.filled_at.max(now);
    }
}

#[cfg(test)]
#[path = "rate_tests.rs"]
mod tests;
