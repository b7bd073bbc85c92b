//! Which steps of a run are to be undone: a function of the plan and the results, and nothing else.

use std::collections::{HashMap, HashSet};

use crate::journal::{SkipReason, StepResult};
use crate::model::StepId;
use crate::plan::{Plan, PlannedStep, RollbackScope};

use super::Undoing;

/// By node, what is to be undone.
///
/// A step calls for undoing when it failed, or when it did not have its turn because the run ended
/// early: then its chain is not complete. How much is undone says its `on-failure`. That a whole run
/// is undone takes a failure where `on-failure rollback` stands on the task, or an `interrupted` run.
pub(in crate::run) fn selected(
    plan: &Plan,
    results: &[StepResult],
    interrupted: bool,
) -> Vec<Option<Undoing>> {
    let by_step: HashMap<&StepId, &StepResult> =
        results.iter().map(|result| (&result.step, result)).collect();
    let nodes = || (0..plan.finally().start).map(|node| plan.step(node));
    let chains: HashMap<&StepId, usize> =
        nodes().flatten().map(|step| (&step.id, step.rollback.chain)).collect();
    let (mut whole, mut failed) = (false, HashSet::new());
    for step in nodes().flatten() {
        let fate = Fate::of(step, by_step.get(&step.id).copied(), &chains);
        match step.rollback.scope {
            Some(RollbackScope::Run) => {
                whole |= fate == Fate::Failed || (interrupted && fate == Fate::CutOff);
            }
            Some(RollbackScope::Chain) if fate != Fate::Fine => {
                failed.insert(step.rollback.chain);
            }
            Some(RollbackScope::Chain) | None => {}
        }
    }
    let undoing = |step: &PlannedStep| {
        let table_name = step.table.as_ref().map(|table| table.name.to_string());
        let called_for = whole || failed.contains(&step.rollback.chain);
        Undoing::of(by_step.get(&step.id)?, table_name).filter(|_| called_for)
    };
    nodes().map(|step| step.and_then(undoing)).collect()
}

/// What became of a step, as far as undoing goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It ended well, or was not meant to run.
    Fine,
    /// It did not do what it is for.
    Failed,
    /// It had no turn, for no reason that lies in its chain.
    CutOff,
}

impl Fate {
    fn of(
        step: &PlannedStep,
        result: Option<&StepResult>,
        chains: &HashMap<&StepId, usize>,
    ) -> Self {
        // What only cleans up or tells makes no chain incomplete.
        let counts = !step.left_out && step.aftermath.is_none();
        match result {
            None if counts => Self::CutOff,
            None => Self::Fine,
            Some(result) if result.status.is_failure() => Self::Failed,
            Some(result) => match &result.skipped {
                Some(SkipReason::RunEnding) if counts => Self::CutOff,
                // A failure in its own chain speaks for itself.
                Some(SkipReason::Upstream { step: first })
                    if counts && chains.get(first) != Some(&step.rollback.chain) =>
                {
                    Self::CutOff
                }
                _ => Self::Fine,
            },
        }
    }
}
