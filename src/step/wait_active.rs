//! `wait-active`: waits until the service is done with the table.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::model::{Effect, Failure, Inputs, KindScope, KindSpec, TableState};
use crate::table::{Readiness, settled};

use super::permissions::on_table;
use super::unfit::{not_there, stuck};
use super::{
    PermissionScope, Permissions, Preview, Step, StepContext, StepError, StepKind, StepSuccess,
    kind,
};

/// The service makes a table in 1 to 22 seconds: for so long it is asked five times a second. Other
/// endpoints make it at once: in the first second the interval only grows towards that.
const DENSE: Duration = Duration::from_secs(25);
const FIRST_POLL: Duration = Duration::from_millis(50);
const DENSE_POLL: Duration = Duration::from_millis(200);
const LONGEST_POLL: Duration = Duration::from_secs(5);

/// Descriptions are eventually consistent: a table that was just created may not be shown yet.
pub(super) const MAY_LAG: Duration = Duration::from_secs(10);

/// The pause before the next poll, by the time waited so far.
pub(super) fn poll_interval(waited: Duration) -> Duration {
    if waited < DENSE {
        (FIRST_POLL + waited.mul_f64(0.15)).min(DENSE_POLL)
    } else {
        (waited / 20).clamp(DENSE_POLL, LONGEST_POLL)
    }
}

pub(super) struct WaitActive;

impl StepKind for WaitActive {
    fn spec(&self) -> KindSpec {
        let spec = kind::spec(
            "wait-active",
            "Wait until the table and all its indexes are active and nothing is changing",
            Effect::Read,
            KindScope::Table,
            (600, 15_000),
        );
        let outputs = [("stream-arn", "the ARN of its latest stream, where it has one")];
        KindSpec { outputs: kind::outputs(&outputs), ..spec }
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for WaitActive {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        let fails = |state: Option<&TableState>| match state.map(settled) {
            None => Some(gone(cx)),
            Some(Readiness::Stuck(status)) => Some(endless(cx, &status)),
            Some(Readiness::Settled | Readiness::Busy(_)) => None,
        };
        Preview::of_reading(cx, fails).boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let started = Instant::now();
            loop {
                let state = cx.describe().await?;
                match state.as_ref().map(settled) {
                    Some(Readiness::Settled) => {
                        let stream = state.and_then(|state| state.stream_arn);
                        return Ok(StepSuccess::unchanged("active").output("stream-arn", stream));
                    }
                    Some(Readiness::Stuck(status)) => return Err(endless(cx, &status).into()),
                    Some(Readiness::Busy(what)) => cx.progress(what),
                    None if started.elapsed() < MAY_LAG => cx.progress("is not shown yet"),
                    None => return Err(gone(cx).into()),
                }
                cx.pause_before_poll(poll_interval(started.elapsed())).await?;
            }
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        Some(Permissions::of_run(on_table(scope.spec(), &["dynamodb:DescribeTable"])))
    }
}

fn gone(cx: &StepContext) -> Failure {
    not_there(cx)
        .cause("it was deleted meanwhile, or never created")
        .fix("run the task that creates it: osem run setup")
}

fn endless(cx: &StepContext, status: &str) -> Failure {
    stuck(cx, status, ": waiting does not end that")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_dense_at_first_and_never_rarer_than_five_seconds() {
        assert_eq!(poll_interval(Duration::ZERO), Duration::from_millis(50));
        assert_eq!(poll_interval(Duration::from_secs(1)), Duration::from_millis(200));
        assert_eq!(poll_interval(Duration::from_secs(24)), Duration::from_millis(200));
        assert_eq!(poll_interval(Duration::from_secs(40)), Duration::from_secs(2));
        assert_eq!(poll_interval(Duration::from_mins(15)), Duration::from_secs(5));
    }

    #[test]
    fn a_table_that_is_ready_at_once_is_not_waited_for_long() {
        let mut waited = Duration::ZERO;
        let polls = std::iter::from_fn(|| {
            waited += poll_interval(waited);
            (waited < Duration::from_secs(1)).then_some(waited)
        });
        assert!((8..=12).contains(&polls.count()), "each costs a call");
    }
}
