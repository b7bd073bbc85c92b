//! How long a run is expected to take; pure, and the same for the same plan.
//!
//! A step that changes tables is expected to take what its calls usually take on the service, a
//! command what it took in earlier runs, and one that only reads a little. What is not known counts
//! as nothing and is named. With these times the run is played through as the scheduler would carry
//! it out: the same queue, the same pools, and so many steps at work at once, where a step that waits
//! for the service gives its place to another one. What is not foreseen: retries, throttling, and
//! that the rate of calls is paced where there are hundreds of tables.

mod schedule;
mod times;

use serde::Serialize;

use crate::journal::Durations;
use crate::model::{MillisRange, StepId};
use crate::plan::{Plan, PlannedStep};

use super::acts::Acts;
use super::{Narrowing, StepPreview};

use schedule::simulate;
use times::Costs;
pub use times::Pace;

/// What the times of steps are taken from.
#[derive(Debug, Clone, Copy)]
pub struct Expecting<'a> {
    /// How fast the endpoint changes tables.
    pub pace: Pace,
    /// How long steps took before.
    pub recorded: &'a Durations,
    /// How many steps may be at work at once.
    pub jobs: usize,
    /// What is left out of the plan.
    pub narrowing: &'a Narrowing,
}

/// How long a run is expected to take.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// The whole run.
    pub expected_ms: MillisRange,
    /// The steps, in their order, that one after the other make it take so long; those that take
    /// next to nothing are left out.
    pub longest_way: Vec<StepId>,
    /// Steps of which nothing is known: they count as nothing.
    pub unknown: Vec<StepId>,
    /// How many steps are at work at once.
    pub jobs: usize,
    /// Each step that runs, unless it is unknown.
    #[serde(skip)]
    pub of_steps: Vec<(StepId, MillisRange)>,
}

/// Plays the run through.
pub(super) fn estimate(
    plan: &Plan,
    previews: &[StepPreview],
    acts: &Acts,
    expecting: Expecting<'_>,
) -> Estimate {
    let Costs { of_nodes, unknown } = Costs::of(plan, previews, acts, expecting);
    let all_from: Vec<_> = of_nodes.iter().map(times::Cost::from).collect();
    let all_to: Vec<_> = of_nodes.iter().map(times::Cost::to).collect();
    let at_best = simulate(plan, &all_from, expecting.jobs);
    let at_worst = simulate(plan, &all_to, expecting.jobs);
    // A fiftieth of the whole is next to nothing, but what sets off the rest belongs to it.
    let counts = |node: &usize| {
        let sets_off =
            |step: &PlannedStep| acts.acts.contains(&step.id) && all_to[*node].whole() > 0;
        all_to[*node].whole().saturating_mul(50) >= at_worst.end
            || plan.step(*node).is_some_and(sets_off)
    };
    let way = at_worst.way.into_iter().filter(counts);
    let of_steps = (0..plan.len()).filter(|node| acts.runs.contains(node));
    let of_steps = of_steps.filter_map(|node| Some((&plan.step(node)?.id, of_nodes[node].range())));
    Estimate {
        expected_ms: (at_best.end.min(at_worst.end), at_worst.end),
        longest_way: way.filter_map(|node| Some(plan.step(node)?.id.clone())).collect(),
        of_steps: of_steps
            .filter(|(step, _)| !unknown.contains(step))
            .map(|(step, range)| (step.clone(), range))
            .collect(),
        unknown,
        jobs: expecting.jobs,
    }
}

#[cfg(test)]
mod tests;
