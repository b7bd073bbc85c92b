//! Reading live tables outside a run's steps, with the patience of one.

use std::time::Duration;

use crate::model::{Failure, RetryPolicy, StepId, TableName};
use crate::step::{Deadline, SeenTable, StepContext, live_names, look_at};

use super::RunContext;
use super::patience::patiently;

/// How long one read may take, with all its tries.
const LONGEST: Duration = Duration::from_mins(2);

/// The names of all live tables, sorted.
///
/// # Errors
/// What still fails when it was tried again.
pub async fn live_table_names(run: &RunContext) -> Result<Vec<String>, Failure> {
    let cx = context(run);
    patiently(&cx, RetryPolicy::default(), || live_names(&cx)).await
}

/// Everything of a live table; `None` where there is none.
///
/// # Errors
/// What still fails when it was tried again.
pub async fn live_table(run: &RunContext, name: &TableName) -> Result<Option<SeenTable>, Failure> {
    let cx = context(run);
    patiently(&cx, RetryPolicy::default(), || look_at(&cx, name)).await
}

fn context(run: &RunContext) -> StepContext {
    run.bare_context(&StepId::new("import", None), None, Deadline::after(LONGEST))
}
