//! Which steps a chain of runs left to be done; pure.
//!
//! A step is outstanding when it is not recorded as done, when it is no longer what it was when it
//! was done, when a preview shows that what it did does not hold any more, or when it comes after a
//! step that is outstanding. Where one step only waits for the end of another, because the order says
//! so, it does not come after it in this sense.

use std::collections::BTreeSet;
use std::fmt;

use crate::journal::{Chain, OutstandingStep, RunId, StepRecord, StepState, StepStatus};
use crate::model::{StepId, When};
use crate::plan::{Plan, PlannedStep};

use super::replaced::replaced;

/// How a step of the plan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// This run did it, and that still holds.
    Done(RunId),
    /// It was left out of this run, and whoever did that answers for it.
    LeftOut(RunId),
    /// It is to be done.
    Outstanding(Why),
}

/// Why a step is outstanding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It ended so in this run.
    Ended(StepStatus, RunId),
    /// It was under way when this run ended without a word.
    Interrupted(RunId),
    /// A call of it was under way when this run ended without a word, or its answer was lost.
    CallUnderWay(RunId),
    /// No run came to it.
    NotRun,
    /// No run knew it.
    New,
    /// It is not what it was when this run did it.
    DefinitionChanged(RunId),
    /// This run did it, and a preview shows that it would do something again.
    Differs(RunId),
    /// A step that it comes after is outstanding.
    After(StepId),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ended(status, run) => write!(f, "{} in run {run}", ending(*status)),
            Self::Interrupted(run) => write!(f, "under way when run {run} was killed"),
            Self::CallUnderWay(run) => write!(f, "what a call of run {run} came to is not known"),
            Self::NotRun => f.write_str("not run yet"),
            Self::New => f.write_str("new in this task"),
            Self::DefinitionChanged(run) => {
                write!(f, "its definition changed since run {run}")
            }
            Self::Differs(run) => write!(f, "what run {run} did does not hold any more"),
            Self::After(step) => write!(f, "comes after {step}"),
        }
    }
}

const fn ending(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Succeeded => "done",
        StepStatus::Failed => "failed",
        StepStatus::TimedOut => "timed out",
        StepStatus::Tolerated => "failed (tolerated)",
        StepStatus::Skipped => "skipped",
        StepStatus::Cancelled => "cancelled",
        StepStatus::Unknown => "of unknown outcome",
        StepStatus::RolledBack => "rolled back",
        StepStatus::RollbackFailed => "not wholly rolled back",
    }
}

/// How each node of a plan stands after a chain of runs, barriers and steps that the environment
/// leaves out being `None`. `definitions` has the hash of each step, in plan order; `differs` the
/// steps that would do something although they are recorded as done.
///
/// # Panics
/// When there is not one definition a step.
#[must_use]
pub fn outstanding(
    plan: &Plan,
    definitions: &[String],
    chain: &Chain,
    differs: &BTreeSet<StepId>,
) -> Vec<Option<Standing>> {
    let mut definitions = definitions.iter();
    let mut standings: Vec<Option<Standing>> = (0..plan.len())
        .map(|node| {
            let step = plan.step(node)?;
            let definition = definitions.next().expect("one definition a step");
            (!step.left_out).then(|| standing(step, definition, chain, differs))
        })
        .collect();
    // What was done with a table that was deleted and made anew is not done with the new one.
    let of_old = replaced(plan, chain);
    for node in &of_old {
        let run = plan.step(*node).and_then(|step| chain.step(&step.id)).map(|step| &step.run);
        standings[*node] = run.cloned().map(Standing::Done);
    }
    spread(plan, &of_old, &mut standings);
    standings
}

/// How a step stands by itself.
fn standing(
    step: &PlannedStep,
    definition: &str,
    chain: &Chain,
    differs: &BTreeSet<StepId>,
) -> Standing {
    let Some(record) = chain.step(&step.id) else { return Standing::Outstanding(Why::New) };
    let StepRecord { state, run, definition: recorded, .. } = record;
    let run = run.clone();
    Standing::Outstanding(match state {
        StepState::LeftOut => return Standing::LeftOut(run),
        StepState::Ended(status) => Why::Ended(*status, run),
        StepState::Interrupted => Why::Interrupted(run),
        StepState::CallUnderWay => Why::CallUnderWay(run),
        StepState::NotRun => Why::NotRun,
        StepState::Done if recorded != definition => Why::DefinitionChanged(run),
        StepState::Done if differs.contains(&step.id) => Why::Differs(run),
        StepState::Done => return Standing::Done(run),
    })
}

/// What comes after an outstanding step is outstanding, unless it was about a table that is no more;
/// so is all of `finally` when anything is.
fn spread(plan: &Plan, of_old: &BTreeSet<usize>, standings: &mut [Option<Standing>]) {
    let is_outstanding =
        |standing: &Option<Standing>| matches!(standing, Some(Standing::Outstanding(_)));
    let first: Vec<usize> =
        (0..plan.len()).filter(|node| is_outstanding(&standings[*node])).collect();
    let Some(cause) = first.first().and_then(|node| plan.step(*node)) else { return };
    for node in plan.finally() {
        if let Some(standing @ Standing::Done(_)) = &mut standings[node] {
            *standing = Standing::Outstanding(Why::After(cause.id.clone()));
        }
    }
    let mut seen = vec![false; plan.len()];
    let mut stack: Vec<(usize, &StepId)> =
        first.iter().rev().filter_map(|node| Some((*node, &plan.step(*node)?.id))).collect();
    while let Some((node, cause)) = stack.pop() {
        if std::mem::replace(&mut seen[node], true) {
            continue;
        }
        for (after, when) in plan.dependents(node) {
            if !comes_after(plan, after, when) {
                continue;
            }
            if let Some(standing @ Standing::Done(_)) = &mut standings[after]
                && !of_old.contains(&after)
            {
                *standing = Standing::Outstanding(Why::After(cause.clone()));
            }
            stack.push((after, cause));
        }
    }
}

/// Whether an edge means more than an order.
fn comes_after(plan: &Plan, node: usize, when: When) -> bool {
    when == When::Succeeded || plan.step(node).is_some_and(|step| step.aftermath.is_some())
}

/// The outstanding steps for the record, in plan order.
#[must_use]
pub fn listed(plan: &Plan, standings: &[Option<Standing>]) -> Vec<OutstandingStep> {
    let step = |(node, standing): (usize, &Option<Standing>)| match standing {
        Some(Standing::Outstanding(why)) => {
            Some(OutstandingStep { step: plan.step(node)?.id.clone(), why: why.to_string() })
        }
        _ => None,
    };
    standings.iter().enumerate().filter_map(step).collect()
}

#[cfg(test)]
#[path = "outstanding_tests.rs"]
mod tests;
