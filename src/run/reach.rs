//! What a plan does not come to because a step before it is certain to fail; pure.
//!
//! Only what needs the success of that step is certain not to be reached: what merely waits for its
//! end runs, and whether the rest does is decided by `on-failure`.

use std::collections::{BTreeSet, HashMap};

use crate::model::{OnFailure, StepId, When};
use crate::plan::{Plan, PlannedStep};

use super::StepPreview;

/// Takes out of the previews what is not reached: calls, commands and notes of those steps. A problem
/// of theirs stays only where it stands whatever becomes of the steps before.
pub(super) fn reached(plan: &Plan, mut previews: Vec<StepPreview>) -> Vec<StepPreview> {
    let nodes: HashMap<StepId, usize> =
        plan.numbered_steps().map(|(node, step)| (step.id.clone(), node)).collect();
    // What is not reached removes no problem: so more may turn out to be certain.
    loop {
        let failing: BTreeSet<usize> = certain(plan, &previews)
            .filter(|(step, preview)| !step.tolerate && preview.not_reached.is_none())
            .map(|(step, _)| nodes[&step.id])
            .collect();
        // Of several in a chain, the first one is the reason: the run comes to no other.
        let missed = needing(plan, failing.iter().copied());
        let mut because: HashMap<usize, usize> = HashMap::new();
        for first in failing.difference(&missed) {
            for node in needing(plan, [*first]) {
                because.entry(node).or_insert(*first);
            }
        }
        let mut found = false;
        for preview in &mut previews {
            let node = nodes[&preview.step];
            let step = because.get(&node).and_then(|first| plan.step(*first));
            if let (Some(step), None) = (step, &preview.not_reached) {
                leave_out(preview, &step.id);
                found = true;
            } else if failing.contains(&node) {
                preview.changes.clear();
            }
        }
        if !found {
            return previews;
        }
    }
}

fn leave_out(preview: &mut StepPreview, because: &StepId) {
    preview.not_reached = Some(because.clone());
    preview.changes.clear();
    preview.command = None;
    preview.notes.clear();
    // That the table is not there is told once, by the first step that misses it.
    let stands = preview.stands && preview.unless_changed.is_none();
    preview.problem.take_if(|_| !stands);
}

/// The steps that are certain to fail and whose failure would stop the run: it stops before its first
/// write. A run that writes nothing tells of all that it reads.
#[must_use]
pub fn refused<'p>(plan: &'p Plan, previews: &'p [StepPreview]) -> Vec<&'p StepPreview> {
    let stops =
        |step: &PlannedStep| plan.writes() && step.on_failure == OnFailure::Stop && !step.tolerate;
    certain(plan, previews).filter(|(step, _)| stops(step)).map(|(_, preview)| preview).collect()
}

/// The steps that run whatever happens, as far as they are come to, and then fail.
fn certain<'p>(
    plan: &'p Plan,
    previews: &'p [StepPreview],
) -> impl Iterator<Item = (&'p PlannedStep, &'p StepPreview)> {
    // What an earlier step changes about the table may also remove the problem.
    let may_pass = |position: usize| {
        let (earlier, table) = (&previews[..position], &previews[position].table);
        earlier.iter().any(|before| before.table == *table && !before.changes.is_empty())
    };
    let steps: HashMap<&StepId, &PlannedStep> = plan.steps().map(|step| (&step.id, step)).collect();
    let fails = move |(position, preview): &(usize, &StepPreview)| {
        preview.problem.is_some() && (preview.stands || !may_pass(*position))
    };
    previews.iter().enumerate().filter(fails).filter_map(move |(_, preview)| {
        let step = *steps.get(&preview.step)?;
        (!step.is_conditional()).then_some((step, preview))
    })
}

/// The nodes that need the success of one of these, through however many others.
pub(super) fn needing(plan: &Plan, nodes: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut stack: Vec<usize> = nodes.into_iter().collect();
    while let Some(node) = stack.pop() {
        for (after, when) in plan.dependents(node) {
            if when == When::Succeeded && found.insert(after) {
                stack.push(after);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ErrorCode, Failure};
    use crate::run::plan_testing::{creating, idle, plan_of};

    const TEXT: &str = "table Users hash=id\ntable Teams hash=id\n\
        task t {\n\
            on-failure keep-going\n\
            for-each table { step create-table; step wait-active; step tag; step verify; }\n\
            step exec \"true\" id=load\n\
            step exec \"true\" id=mourn { after \"wait-active[Users]\" when=always; }\n\
        }";

    fn of_failing(failing: &str, text: &str) -> (Plan, Vec<StepPreview>) {
        let (plan, _) = plan_of(text, "dev");
        let previews = plan.steps().map(|step| {
            let failure = || Failure::new(ErrorCode::StepFailed, "never");
            let problem = (step.id.as_str() == failing).then(failure);
            StepPreview {
                stands: problem.is_some(),
                problem,
                changes: creating(step),
                ..idle(step)
            }
        });
        let previews = reached(&plan, previews.collect());
        (plan, previews)
    }

    fn missed(previews: &[StepPreview]) -> Vec<&str> {
        let missed = previews.iter().filter(|preview| preview.not_reached.is_some());
        missed.map(|preview| preview.step.as_str()).collect()
    }

    #[test]
    fn what_needs_the_step_is_not_reached_and_what_waits_for_its_end_is() {
        let (plan, previews) = of_failing("wait-active[Users]", TEXT);
        assert_eq!(missed(&previews), ["tag[Users]", "verify[Users]", "load"]);
        let load = previews.iter().find(|preview| preview.step.as_str() == "load").unwrap();
        assert_eq!(load.not_reached.as_ref().unwrap().as_str(), "wait-active[Users]");
        assert!(load.command.is_none());
        let calls: usize = previews.iter().map(|preview| preview.changes.len()).sum();
        assert_eq!(calls, 2, "both tables are created all the same");
        assert!(refused(&plan, &previews).is_empty(), "the run goes on with the other table");
    }

    #[test]
    fn a_step_that_fails_before_its_calls_makes_none() {
        let (_, previews) = of_failing("create-table[Users]", TEXT);
        let calls: usize = previews.iter().map(|preview| preview.changes.len()).sum();
        assert_eq!(calls, 1);
    }

    #[test]
    fn a_failure_that_is_tolerated_keeps_nothing_from_running() {
        let text = TEXT.replace("step wait-active;", "step wait-active { tolerate; };");
        let (_, previews) = of_failing("wait-active[Users]", &text);
        assert_eq!(missed(&previews), Vec::<&str>::new());
    }

    #[test]
    fn a_failure_that_would_stop_the_run_is_one_to_refuse_it_for() {
        let (plan, previews) =
            of_failing("wait-active[Users]", &TEXT.replace("on-failure keep-going", ""));
        let refused: Vec<&str> =
            refused(&plan, &previews).iter().map(|preview| preview.step.as_str()).collect();
        assert_eq!(refused, ["wait-active[Users]"]);
    }
}
