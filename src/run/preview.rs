//! What each step of a plan would do, found by reading only.

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use tokio::time::Instant;

use crate::model::{Failure, FailureClass, StepId};
use crate::plan::{Plan, PlannedStep};
use crate::step::Preview;
use crate::table::TableChange;

use super::Delays;
use super::attempt::RunContext;

/// Reads under way at once.
const AT_ONCE: usize = 16;

/// What one step would do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepPreview {
    /// The step.
    pub step: StepId,
    /// The declared name of its table.
    pub table: Option<String>,
    /// The calls it would make, in order.
    pub changes: Vec<TableChange>,
    /// What a person should know.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Why it would fail, when that is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Failure>,
}

/// Previews every step, in plan order.
///
/// # Errors
/// The first read that failed: then nothing is known, and nothing may be written.
pub async fn preview(plan: &Plan, run: &RunContext) -> Result<Vec<StepPreview>, Failure> {
    let steps: Vec<&PlannedStep> = plan.steps().filter(|step| !step.left_out).collect();
    let calls: Vec<_> = steps.into_iter().map(|step| preview_step(run, step)).collect();
    futures::stream::iter(calls).buffered(AT_ONCE).try_collect().await
}

async fn preview_step(run: &RunContext, planned: &PlannedStep) -> Result<StepPreview, Failure> {
    let found = patiently(run, planned).await?;
    Ok(StepPreview {
        step: planned.id.clone(),
        table: planned.table.as_ref().map(|table| table.declared.clone()),
        changes: found.changes,
        notes: found.notes,
        problem: found.problem,
    })
}

/// Reads again after a passing failure, as the step itself would.
async fn patiently(run: &RunContext, planned: &PlannedStep) -> Result<Preview, Failure> {
    let deadline = Instant::now() + planned.timeout;
    let cx = run.step_context(planned, deadline, false);
    let mut delays = Delays::new(planned.retry);
    loop {
        let failure = match planned.step.preview(&cx).await {
            Ok(found) => return Ok(found),
            Err(failure) => failure,
        };
        let delay = match failure.class {
            FailureClass::Transient | FailureClass::Ambiguous => delays.next(),
            FailureClass::Throttled | FailureClass::Wait => Some(delays.free()),
            FailureClass::Permanent => None,
        };
        let Some(delay) = delay else { return Err(failure) };
        if cx.pause(delay).await.is_err() {
            return Err(failure);
        }
    }
}
