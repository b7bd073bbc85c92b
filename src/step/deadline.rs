//! When a step's time is over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The end of a step's time. Time spent in queues does not count: it puts the end off, of the
/// attempt and of the whole step alike. Once the service has refused a call, it does: the step had
/// its turn, and what it waits for from then on is the service.
#[derive(Debug, Clone)]
pub struct Deadline {
    at: Instant,
    /// What all parts of the step share.
    queue: Arc<Mutex<Queue>>,
    /// How much of it is in `at` already.
    counted: Duration,
}

#[derive(Debug, Default)]
struct Queue {
    /// All the time in queues that does not count.
    spent: Duration,
    /// Whether the service refused a call for coming too soon.
    refused: bool,
}

impl Deadline {
    /// A step whose time starts now.
    #[must_use]
    pub fn after(timeout: Duration) -> Self {
        Self { at: Instant::now() + timeout, queue: Arc::default(), counted: Duration::ZERO }
    }

    /// A part of the step that ends with it, or sooner.
    #[must_use]
    pub fn sooner(&self, timeout: Duration) -> Self {
        Self {
            at: self.instant().min(Instant::now() + timeout),
            queue: Arc::clone(&self.queue),
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
        let mut queue = self.queue();
        if !queue.refused {
            queue.spent += by;
        }
    }

    /// The next part of the step has as much time as there was `left` before the part that is over.
    pub fn restore(&self, left: Duration) {
        let gone = left.saturating_sub(self.left());
        let mut queue = self.queue();
        queue.spent += gone;
        queue.refused = false;
    }

    /// The service refused a call for coming too soon.
    pub fn refused(&self) {
        self.queue().refused = true;
    }

    /// Resolves when the time is over while waiting in a queue: never before a refusal, because until
    /// then that time does not count.
    pub async fn over_in_queue(&self) {
        if !self.queue().refused {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep_until(self.instant()).await;
    }

    fn queued(&self) -> Duration {
        self.queue().spent
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
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

    #[tokio::test(start_paused = true)]
    async fn every_part_of_a_step_may_have_the_whole_time() {
        let secs = Duration::from_secs;
        let step = Deadline::after(secs(60));
        for _ in 0..3 {
            let left = step.left();
            step.put_off(secs(10));
            step.refused();
            tokio::time::advance(secs(50)).await;
            step.restore(left);
            assert_eq!(step.left(), secs(60));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_refusal_time_in_queues_is_the_step_s() {
        let secs = Duration::from_secs;
        let step = Deadline::after(secs(60));
        step.put_off(secs(5));
        step.refused();
        step.put_off(secs(100));
        assert_eq!(step.left(), secs(65));
    }
}
