//! Waiting: for a moment, for a turn, and for the slot that a step gives back meanwhile.

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::Instant;

use crate::aws::{Head, Lane, Turn};
use crate::model::Failure;

use super::context::{cancelled, timed_out};
use super::{StepContext, WaitsFor};

/// A wait in a queue is told after this long.
const NOTICEABLE: Duration = Duration::from_secs(2);

impl StepContext {
    /// Waits for a turn. That does not count as the step's time.
    ///
    /// The step stays the first in the queue until it has its slot again: turns are not handed out to
    /// who cannot use them, and then used all at once.
    pub(super) async fn in_queue<'t>(
        &self,
        lane: Lane,
        head: impl Future<Output = Head<'t>>,
    ) -> Result<Turn, Failure> {
        // Looking again is no work that is put off: any number may wait for that.
        let polls = lane == Lane::Polls;
        self.rest(if polls { WaitsFor::Time } else { WaitsFor::Turn });
        let entered = Instant::now();
        let told = async {
            tokio::time::sleep(NOTICEABLE).await;
            self.progress(self.tables.waits_for(lane));
            std::future::pending::<Infallible>().await
        };
        let head = tokio::select! {
            biased;
            () = self.stop.stopped() => Err(cancelled()),
            head = head => Ok(head),
            () = self.deadline.over_in_queue() => Err(timed_out()),
            never = told => match never {},
        };
        self.deadline.put_off(entered.elapsed());
        let head = head?;
        if polls {
            // Only the rate of looking counts: the next one need not wait for this one's slot.
            let turn = head.granted();
            self.back_to_work().await?;
            return Ok(turn);
        }
        self.back_to_work().await?;
        Ok(head.granted())
    }

    /// Gives the slot back: the step is about to wait.
    fn rest(&self, waits_for: WaitsFor) {
        if let Some(slot) = &self.slot {
            slot.give_back(waits_for);
        }
    }

    /// Waits for a slot. Time that other steps are at work is not the step's.
    async fn back_to_work(&self) -> Result<(), Failure> {
        let Some(slot) = &self.slot else { return Ok(()) };
        let asked = Instant::now();
        let back = tokio::select! {
            biased;
            () = self.stop.stopped() => Err(cancelled()),
            () = slot.take_back() => Ok(()),
        };
        self.deadline.held_up(asked.elapsed());
        back
    }

    /// Waits before looking at the table again: `interval`, and longer when many steps do so.
    ///
    /// # Errors
    /// As [`StepContext::pause`].
    pub async fn pause_before_poll(&self, interval: Duration) -> Result<(), Failure> {
        self.rest(WaitsFor::Time);
        self.sleep(interval).await?;
        self.in_queue(Lane::Polls, self.tables.head(Lane::Polls)).await.map(drop)
    }

    /// Waits, unless the step's time is over first or the run is to end: then the step, which has
    /// nothing more to do, is without its slot.
    ///
    /// # Errors
    /// The step's timeout, or the end of the run.
    pub async fn pause(&self, duration: Duration) -> Result<(), Failure> {
        self.rest(WaitsFor::Time);
        self.sleep(duration).await?;
        self.back_to_work().await
    }

    async fn sleep(&self, duration: Duration) -> Result<(), Failure> {
        let (wake, end) = (Instant::now() + duration, self.deadline.instant());
        tokio::select! {
            () = self.stop.stopped() => Err(cancelled()),
            () = tokio::time::sleep_until(wake.min(end)) => {
                if wake > end { Err(timed_out()) } else { Ok(()) }
            }
        }
    }
}
