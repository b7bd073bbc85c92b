//! Writes of many items as one mutation.

use crate::model::{ErrorCode, Failure};

use super::context::{cancelled, timed_out};
use super::{Mutation, MutationOutcome, StepContext};

impl StepContext {
    /// Many writes of items into one table, made only with consent and when it was written down that
    /// they are about to be made. To write each of them down would take longer than to make them.
    ///
    /// `writes` watches the end of the run and of the step's time itself, and says what became of the
    /// whole.
    ///
    /// # Errors
    /// The missing consent, and a record that cannot be written.
    pub async fn mutate_items<T>(
        &self,
        mutation: Mutation<'_>,
        writes: impl Future<Output = (T, MutationOutcome, Option<ErrorCode>)>,
    ) -> Result<T, Failure> {
        self.consent.check(mutation)?;
        self.write_down(mutation).await?;
        let (ended, outcome, error) = writes.await;
        self.intents.ended(mutation, outcome, error);
        Ok(ended)
    }

    /// Work on this machine, given up when the step's time is over or the run is to end.
    ///
    /// # Errors
    /// The step's timeout, or the end of the run.
    pub async fn before_the_end<T>(&self, work: impl Future<Output = T>) -> Result<T, Failure> {
        tokio::select! {
            biased;
            () = self.stop.stopped() => Err(cancelled()),
            done = work => Ok(done),
            () = tokio::time::sleep_until(self.deadline.instant()) => Err(timed_out()),
        }
    }
}
