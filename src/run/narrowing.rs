//! What a run leaves out of its plan, and why; pure.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::journal::{Chain, SkipReason, StepRecord};
use crate::model::StepId;
use crate::plan::{Aftermath, LeftOut, Plan, PlannedStep, with_dependencies};

use super::Standing;

/// The steps of a plan that do not run although the environment has them. They count as satisfied:
/// an earlier run did them, or whoever left them out answers for them.
#[derive(Debug, Clone, Default)]
pub struct Narrowing {
    left_out: HashMap<StepId, (SkipReason, String)>,
    /// Steps that changed something in a run that this one goes on with.
    changed: HashSet<StepId>,
}

impl Narrowing {
    /// Of a run that starts afresh. What the steps that run need, and is left out, is taken for done;
    /// anything else is still to be done, unless it is left out by name, or the task only reads.
    #[must_use]
    pub fn of_selection(plan: &Plan, selected: &[Option<LeftOut>]) -> Self {
        let runs = |node: &usize| plan.step(*node).is_some() && selected[*node].is_none();
        let running: BTreeSet<usize> = (0..plan.len()).filter(runs).collect();
        let needed = with_dependencies(plan, &running);
        let mut narrowing = Self::default();
        for (node, step, left) in steps(plan, selected) {
            let Some(left) = left else { continue };
            let outstanding = plan.writes() && !needed.contains(&node);
            narrowing.leave_out(step, left, outstanding);
        }
        narrowing
    }

    /// Of a run that goes on with others: what is done is not run again, and what is neither done
    /// nor selected is still to be done, unless it is left out by name. What was left out before runs
    /// when it is `named` now.
    #[must_use]
    pub fn of_resume(
        plan: &Plan,
        selected: &[Option<LeftOut>],
        named: &BTreeSet<StepId>,
        standings: &[Option<Standing>],
        chain: &Chain,
    ) -> Self {
        let mut narrowing = Self::default();
        for (node, step, left) in steps(plan, selected) {
            match (&standings[node], left) {
                (Some(Standing::Done(run)), _) => {
                    let reason = SkipReason::AlreadyDone { run: run.clone() };
                    let message = format!("done in run {run}");
                    narrowing.left_out.insert(step.id.clone(), (reason, message));
                }
                (Some(Standing::LeftOut(run)), None) if !named.contains(&step.id) => {
                    let flag = LeftOut::Skip.flag().to_owned();
                    let reason = SkipReason::Selection { flag, outstanding: false };
                    let message = format!("left out in run {run}");
                    narrowing.left_out.insert(step.id.clone(), (reason, message));
                }
                (Some(Standing::LeftOut(_)), Some(left)) => narrowing.leave_out(step, left, false),
                (_, Some(left)) => narrowing.leave_out(step, left, true),
                (_, None) => {}
            }
            if chain.step(&step.id).is_some_and(StepRecord::may_have_changed) {
                narrowing.changed.insert(step.id.clone());
            }
        }
        narrowing
    }

    fn leave_out(&mut self, step: &PlannedStep, left: LeftOut, outstanding: bool) {
        // What runs only after a failure is no work.
        let is_work = step.aftermath != Some(Aftermath::Failed);
        let outstanding = outstanding && left != LeftOut::Skip && is_work;
        let flag = left.flag().to_owned();
        let message = format!("left out by {flag}");
        let reason = SkipReason::Selection { flag, outstanding };
        self.left_out.insert(step.id.clone(), (reason, message));
    }

    /// Why a step does not run; `None` for one that does.
    #[must_use]
    pub fn why(&self, step: &StepId) -> Option<(SkipReason, String)> {
        self.left_out.get(step).cloned()
    }

    /// Whether a step changed something in a run that this one goes on with.
    #[must_use]
    pub fn changed_before(&self, step: &StepId) -> bool {
        self.changed.contains(step)
    }

    /// Whether work is left out that has to be done some time.
    #[must_use]
    pub fn leaves_work(&self) -> bool {
        let mut reasons = self.left_out.values().map(|(reason, _)| reason);
        reasons.any(|reason| matches!(reason, SkipReason::Selection { outstanding: true, .. }))
    }
}

/// The steps that the environment has, with the flag that leaves each out.
fn steps<'p>(
    plan: &'p Plan,
    selected: &'p [Option<LeftOut>],
) -> impl Iterator<Item = (usize, &'p PlannedStep, Option<LeftOut>)> {
    let steps = plan.numbered_steps().map(|(node, step)| (node, step, selected[node]));
    steps.filter(|(_, step, _)| !step.left_out)
}

#[cfg(test)]
#[path = "narrowing_tests.rs"]
mod tests;
