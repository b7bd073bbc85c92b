//! When a step's time is over.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The end of a step's time. Time spent in queues does not count: it puts the end off, of the
/// attempt and of the whole step alike.
#[derive(Debug, Clone)]
pub struct Deadline {
    at: Instant,
    /// All the time that the step has spent in queues.
    queued: Arc<Mutex<Duration>>,
    /// How much of it is in `at` already.
    counted: Duration,
}

impl Deadline {
    /// A step whose time starts now.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self { at: Instant::now() + timeout, queued: Arc::default(), counted: Duration::ZERO }
    }

    /// A part of the step that ends with it, or sooner.
    #[must_use]
    pub fn sooner(&self, timeout: Duration) -> Self {
        Self {
            at: self.instant().min(Instant::now() + timeout),
            queued: Arc::clone(&self.queued),
            counted: self.queued(),
        }
    }

    /// When the time is over, as far as is known now.
    #[must_use]
    pub fn instant(&self) -> Instant {
        self.at + self.queued().saturating_sub(self.counted)
    }

    /// Whether it is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.instant()
    }

    /// How much time is left.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.instant().saturating_duration_since(Instant::now())
    }

    /// Puts the end off by the time that was spent in a queue.
    pub fn put_off(&self, by: Duration) {
        *self.queued.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    fn queued(&self) -> Duration {
        *self.queued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_in_queues_puts_off_the_attempt_and_the_step() {
        let secs = Duration::from_secs;
        let step = Deadline::after(secs(60));
        step.put_off(secs(5));
        let attempt = step.sooner(secs(10));
        assert_eq!((attempt.left(), step.left()), (secs(10), secs(65)));
        attempt.put_off(secs(7));
        assert_eq!((attempt.left(), step.left()), (secs(17), secs(72)));
        tokio::time::advance(secs(17)).await;
        assert!(attempt.is_over() && !step.is_over());
        assert_eq!(step.sooner(secs(600)).left(), secs(55), "an attempt ends with its step");
    }
}
