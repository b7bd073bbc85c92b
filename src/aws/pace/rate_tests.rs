use std::cmp::Reverse;
use std::collections::BinaryHeap;

use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits { burst: 5.0, start: 10.0, most: 100.0 };

/// The account's limit: a token bucket whose refused calls take nothing.
struct Bucket {
    per_second: f64,
    size: f64,
    tokens: f64,
    at: f64,
}

impl Bucket {
    fn new(per_second: f64, burst: u32) -> Self {
        let size = f64::from(burst);
        Self { per_second, size, tokens: size, at: 0.0 }
    }

    fn admits(&mut self, now: Duration) -> bool {
        let now = now.as_secs_f64();
        self.tokens = ((now - self.at).mul_add(self.per_second, self.tokens)).min(self.size);
        self.at = now;
        let admits = self.tokens >= 1.0;
        if admits {
            self.tokens -= 1.0;
        }
        admits
    }

    /// How long `calls` calls take at least.
    fn least(&self, calls: u32) -> f64 {
        (f64::from(calls) - self.size) / self.per_second
    }
}

/// What carrying out calls took.
struct Taken {
    seconds: f64,
    refused: u32,
}

/// Sends until `calls` calls were accepted, at most `at_once` under way; each answer comes after
/// `latency`. `change` may change the limit before each call.
fn send(
    rate: &mut Rate,
    bucket: &mut Bucket,
    (calls, at_once, latency): (u32, usize, Duration),
    change: impl Fn(&mut Bucket, Duration),
) -> Taken {
    let (mut now, mut left, mut accepted, mut refused) = (Duration::ZERO, calls, 0, 0);
    let mut under_way = BinaryHeap::new();
    while accepted < calls {
        let mut next = None;
        while left > 0 && under_way.len() < at_once {
            if let Err(wait) = rate.take(now) {
                next = Some(now + wait.max(Duration::from_nanos(1)));
                break;
            }
            change(bucket, now);
            left -= 1;
            under_way.push(Reverse((now + latency, now, bucket.admits(now))));
        }
        let answer = under_way.peek().map(|Reverse((at, ..))| *at);
        now = next.into_iter().chain(answer).min().expect("a call is under way or waits");
        while let Some(Reverse((at, sent, admitted))) = under_way.peek().copied()
            && at <= now
        {
            under_way.pop();
            if admitted {
                accepted += 1;
                rate.accepted(now);
            } else {
                refused += 1;
                left += 1;
                rate.refused(sent, now);
            }
        }
    }
    Taken { seconds: now.as_secs_f64(), refused }
}

fn steady(free: bool, (per_second, burst): (f64, u32), latency: Duration) -> (Taken, f64) {
    let mut bucket = Bucket::new(per_second, burst);
    let least = bucket.least(1_000);
    // Enough calls under way that the answers' latency is no limit of its own.
    let at_once = if latency > Duration::from_millis(100) { 32 } else { 8 };
    let calls = (1_000, at_once, latency);
    (send(&mut Rate::new(LIMITS, free), &mut bucket, calls, |_, _| {}), least)
}

#[test]
fn a_thousand_calls_take_hardly_longer_than_the_limit_asks_for() {
    for per_second in [2.0, 5.0, 10.0, 20.0, 50.0] {
        for burst in 3..=20 {
            for (free, latency_ms) in [(false, 5), (false, 100), (false, 300), (true, 20)] {
                let case = format!("{per_second}/s, burst {burst}, {latency_ms} ms, free {free}");
                let latency = Duration::from_millis(latency_ms);
                let (taken, least) = steady(free, (per_second, burst), latency);
                assert!(taken.seconds >= least - 0.001, "{case}: faster than the limit");
                assert!(taken.seconds <= 1.15 * least, "{case}: {} of {least}", taken.seconds);
                assert!(taken.refused <= 150, "{case}: {} refused", taken.refused);
            }
        }
    }
}

#[test]
fn a_limit_that_is_raised_or_lowered_is_followed() {
    let changed = |before: f64, after: f64| {
        move |bucket: &mut Bucket, now: Duration| {
            bucket.per_second = if now < Duration::from_mins(1) { before } else { after };
        }
    };
    let calls = (1_000, 8, Duration::from_millis(20));
    let (mut rate, mut bucket) = (Rate::new(LIMITS, false), Bucket::new(5.0, 6));
    let raised = send(&mut rate, &mut bucket, calls, changed(5.0, 20.0));
    assert!(raised.seconds < 60.0 + 1.4 * 700.0 / 20.0, "{}", raised.seconds);
    let (mut rate, mut bucket) = (Rate::new(LIMITS, false), Bucket::new(10.0, 6));
    let lowered = send(&mut rate, &mut bucket, calls, changed(10.0, 2.0));
    assert!(lowered.seconds < 60.0 + 1.1 * 400.0 / 2.0, "{}", lowered.seconds);
    assert!(lowered.refused < 150, "{}", lowered.refused);
}

#[test]
fn a_first_burst_goes_at_once_and_then_one_by_one() {
    let mut rate = Rate::new(LIMITS, false);
    assert!((0..5).all(|_| rate.take(Duration::ZERO).is_ok()));
    assert_eq!(rate.take(Duration::ZERO), Err(Duration::from_millis(100)));
    assert_eq!(rate.take(Duration::from_millis(100)), Ok(()));
}

#[test]
fn calls_refused_together_cut_the_rate_once() {
    let (sent, answered) = (Duration::from_millis(10), Duration::from_millis(50));
    let mut once = Rate::new(LIMITS, false);
    once.refused(sent, answered);
    let mut together = Rate::new(LIMITS, false);
    for _ in 0..5 {
        together.refused(sent, answered);
    }
    assert_eq!(once.take(answered), together.take(answered));
    assert_eq!(once.congestions.len(), together.congestions.len());
}

#[test]
fn a_free_rate_holds_nothing_back_until_a_call_is_refused() {
    let mut rate = Rate::new(LIMITS, true);
    let now = Duration::from_secs(1);
    assert!((0..1_000).all(|_| rate.take(now).is_ok()));
    rate.refused(now, now);
    assert_eq!(rate.take(now), Err(Duration::from_millis(100)));
}

#[test]
fn an_account_that_refuses_everything_is_still_asked_every_few_seconds() {
    let mut rate = Rate::new(LIMITS, false);
    let mut now = Duration::ZERO;
    for _ in 0..50 {
        let wait = rate.take(now).err().unwrap_or_default();
        assert!(wait <= Duration::from_secs(5), "{wait:?}");
        now += wait;
        rate.refused(now, now);
        now += Duration::from_millis(1);
    }
}

proptest! {
    #[test]
    fn every_limit_is_used_well(
        per_second in 1.0..90.0_f64,
        burst in 1_u32..40,
        latency_ms in 1_u64..200,
        free: bool,
    ) {
        let latency = Duration::from_millis(latency_ms);
        let mut bucket = Bucket::new(per_second, burst);
        let least = bucket.least(600);
        let taken =
            send(&mut Rate::new(LIMITS, free), &mut bucket, (600, 64, latency), |_, _| {});
        prop_assert!(taken.seconds <= 1.2f64.mul_add(least, 3.0), "{} of {least}", taken.seconds);
        prop_assert!(taken.refused <= 250, "{} refused", taken.refused);
    }
}

#[test]
fn a_turn_is_not_given_back_after_a_congestion_has_shown_that_there_was_none() {
    let ms = Duration::from_millis;
    let mut rate = Rate::new(Limits { burst: 5.0, start: 10.0, most: 100.0 }, false);
    rate.take(ms(1)).unwrap();
    rate.take(ms(1)).unwrap();
    rate.refused(ms(1), ms(2));
    rate.given_back(ms(1), ms(3));
    rate.take(ms(3)).unwrap_err();
    // A turn of after the congestion is worth one.
    rate.take(ms(500)).unwrap();
    while rate.take(ms(500)).is_ok() {}
    rate.given_back(ms(500), ms(500));
    rate.take(ms(500)).unwrap();
    rate.take(ms(500)).unwrap_err();
}
