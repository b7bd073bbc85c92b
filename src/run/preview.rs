//! What each step of a plan would do, found by reading only.

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;

use crate::model::{Failure, StepId};
use crate::plan::{Plan, PlannedStep};
use crate::step::{CommandPreview, Deadline, Snapshots};
use crate::table::TableChange;

use super::RunContext;
use super::patience::patiently;
use super::permission::{Refused, with_policy};

/// Reads under way at once.
pub(super) const AT_ONCE: usize = 16;

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
    /// The command that it would run.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub command: Option<CommandPreview>,
    /// As [`Preview::done_with`](crate::step::Preview::done_with).
    #[serde(skip)]
    pub done_with: Option<String>,
    /// Why it would fail, when that is certain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Failure>,
    /// Whether nothing that an earlier step does to the table can remove the problem.
    #[serde(skip)]
    pub stands: bool,
    /// As [`Preview::unless_changed`](crate::step::Preview::unless_changed): until that is decided, and where nobody does.
    #[serde(skip)]
    pub unless_changed: Option<Failure>,
    /// The step that is certain to fail and without whose success this one does not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_reached: Option<StepId>,
}

/// Previews every step that is to run, in plan order.
///
/// # Errors
/// The first read that failed: then nothing is known, and nothing may be written.
pub async fn preview(plan: &Plan, run: &RunContext) -> Result<Vec<StepPreview>, Failure> {
    let runs = |step: &&PlannedStep| !step.left_out && run.narrowing.why(&step.id).is_none();
    let steps: Vec<&PlannedStep> = plan.steps().filter(runs).collect();
    let calls: Vec<_> = steps.into_iter().map(|step| preview_step(run, step, None)).collect();
    futures::stream::iter(calls).buffered(AT_ONCE).try_collect().await
}

/// Previews a step; where something else is to be supposed of its table than what is live, by that.
pub(super) async fn preview_step(
    run: &RunContext,
    planned: &PlannedStep,
    supposing: Option<Snapshots>,
) -> Result<StepPreview, Failure> {
    let refused = |failure| with_policy(failure, run, Refused::Running);
    let mut cx = run.step_context(planned, Deadline::after(planned.timeout), false);
    cx.snapshots = supposing.unwrap_or(cx.snapshots);
    let read = patiently(&cx, planned.retry, || planned.step.preview(&cx));
    let found = read.await.map_err(refused)?;
    Ok(StepPreview {
        step: planned.id.clone(),
        table: planned.table.as_ref().map(|table| table.declared.clone()),
        changes: found.changes,
        notes: found.notes,
        command: found.command,
        done_with: found.done_with,
        problem: found.problem.map(refused),
        stands: found.stands,
        unless_changed: found.unless_changed.map(refused),
        not_reached: None,
    })
}
