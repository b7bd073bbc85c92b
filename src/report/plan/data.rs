//! A plan as `data.plan` of the document. Field names and shapes are a promise to scripts.

use std::collections::HashMap;

use serde::Serialize;

use crate::model::{Effect, Failure, MillisRange, StepId};
use crate::plan::PlannedStep;
use crate::run::{Overview, StepPreview};
use crate::step::CommandPreview;
use crate::table::{Reversibility, TableChange};

use super::PlanReport;

/// The plan.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanData<'a> {
    /// What it comes to: `summary`, `confirmation`, `estimate`, `unmanaged`, `notLookedFor`.
    #[serde(flatten)]
    pub overview: &'a Overview,
    /// The steps that are to run, in plan order.
    pub steps: Vec<StepData<'a>>,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepData<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its kind.
    pub kind: &'a str,
    /// What it may do.
    pub effect: Effect,
    /// The declared name of its table.
    pub table: Option<&'a str>,
    /// The full name of its table.
    pub table_name: Option<&'a str>,
    /// Whether it changes something, or may.
    pub acts: bool,
    /// Under which condition it runs, for people.
    pub condition: Option<String>,
    /// How long it is expected to take in milliseconds, from and to; `null` where that is not known.
    pub expected_ms: Option<MillisRange>,
    /// The calls, in order.
    pub changes: Vec<ChangeData<'a>>,
    /// The command that it runs.
    pub command: Option<&'a CommandPreview>,
    /// What to know.
    pub notes: &'a [String],
    /// Why it is certain to fail.
    pub problem: Option<&'a Failure>,
    /// The step that is certain to fail, and without whose success this one does not run.
    pub not_reached: Option<&'a StepId>,
}

/// One call.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeData<'a> {
    /// Its place among all calls of the plan, from 1.
    pub number: usize,
    #[serde(flatten)]
    change: &'a TableChange,
    /// How far it can be taken back.
    pub undo: Reversibility,
    /// How long it is expected to take on this endpoint, from and to; `null` where that is not known.
    pub expected_ms: Option<MillisRange>,
}

/// The plan as data.
#[must_use]
pub fn plan_data(report: PlanReport<'_>) -> PlanData<'_> {
    let PlanReport { plan, previews, overview, .. } = report;
    let mut numbers = 1..;
    let steps: HashMap<&StepId, &PlannedStep> = plan.steps().map(|step| (&step.id, step)).collect();
    let steps = previews.iter().filter_map(|preview| {
        let step = *steps.get(&preview.step)?;
        Some(step_data(step, preview, overview, &mut numbers))
    });
    PlanData { overview, steps: steps.collect() }
}

fn step_data<'a>(
    step: &'a PlannedStep,
    preview: &'a StepPreview,
    overview: &Overview,
    numbers: &mut std::ops::RangeFrom<usize>,
) -> StepData<'a> {
    let change = |(change, number)| ChangeData {
        number,
        change,
        undo: Reversibility::of(change),
        expected_ms: overview.pace.expect(change),
    };
    StepData {
        id: step.id.as_str(),
        kind: &step.kind,
        effect: step.effect,
        table: preview.table.as_deref(),
        table_name: step.table.as_ref().map(|table| table.name.as_str()),
        acts: overview.acts(&step.id),
        condition: step.condition(),
        expected_ms: overview.expected(&step.id),
        changes: preview.changes.iter().zip(numbers).map(change).collect(),
        command: preview.command.as_ref(),
        notes: &preview.notes,
        problem: preview.problem.as_ref(),
        not_reached: preview.not_reached.as_ref(),
    }
}
