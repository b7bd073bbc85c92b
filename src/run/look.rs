//! Reading live tables outside a run's steps, with the patience of one.

use std::time::Duration;

use crate::model::{Failure, RetryPolicy, StepId, TableName};
use crate::step::{Deadline, SeenTable, StepContext, live_names, look_at};

use super::attempt::{RunContext, come_back};
use super::delays::{After, Delays};

/// How long one read may take, with all its tries.
const LONGEST: Duration = Duration::from_mins(2);

/// The names of all live tables, sorted.
///
/// # Errors
/// What still fails when it was tried again.
pub async fn live_table_names(run: &RunContext) -> Result<Vec<String>, Failure> {
    patiently(run, async |cx| live_names(cx).await).await
}

/// Everything of a live table; `None` where there is none.
///
/// # Errors
/// What still fails when it was tried again.
pub async fn live_table(run: &RunContext, name: &TableName) -> Result<Option<SeenTable>, Failure> {
    patiently(run, async |cx| look_at(cx, name).await).await
}

async fn patiently<T>(
    run: &RunContext,
    read: impl AsyncFn(&StepContext) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let deadline = Deadline::after(LONGEST);
    let cx = run.bare_context(&StepId::new("import", None), None, deadline.clone());
    let mut delays = Delays::new(RetryPolicy::default());
    loop {
        let failure = match read(&cx).await {
            Ok(found) => return Ok(found),
            Err(failure) => failure,
        };
        let After::Pause(delay) = delays.after(&failure, deadline.left()) else {
            return Err(come_back(failure));
        };
        if cx.pause(delay).await.is_err() {
            return Err(failure);
        }
    }
}
