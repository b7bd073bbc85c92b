//! Reads outside of attempts, tried again after a passing failure as those of a step are.

use crate::model::{Failure, RetryPolicy};
use crate::step::StepContext;

use super::attempt::come_back;
use super::delays::{After, Delays};

/// Reads until it succeeds, or fails for good, or the time of the context is over.
///
/// # Errors
/// The last failure.
pub(super) async fn patiently<T, F: Future<Output = Result<T, Failure>>>(
    cx: &StepContext,
    retry: RetryPolicy,
    read: impl Fn() -> F,
) -> Result<T, Failure> {
    let mut delays = Delays::new(retry);
    loop {
        let failure = match read().await {
            Ok(found) => return Ok(found),
            Err(failure) => failure,
        };
        let After::Pause(delay) = delays.after(&failure, cx.deadline.left()) else {
            return Err(come_back(failure));
        };
        if cx.pause(delay).await.is_err() {
            return Err(failure);
        }
    }
}
