//! Which steps of a plan would do something; pure.

use std::collections::{HashMap, HashSet};

use crate::model::{Effect, StepId};
use crate::plan::{Aftermath, Plan, PlannedStep};

use super::{Narrowing, StepPreview};

/// What is expected of the steps of a plan that goes well.
#[derive(Debug, Clone, Default)]
pub(super) struct Acts {
    /// The nodes of steps that run.
    pub(super) runs: HashSet<usize>,
    /// The steps that change something, or may do so without telling before.
    pub(super) acts: HashSet<StepId>,
}

impl Acts {
    /// A step that waits for failures does nothing in a run that goes well. One that waits for
    /// changes runs where one of the steps that it names acts, or acted in the runs before.
    pub(super) fn of(plan: &Plan, previews: &[StepPreview], narrowing: &Narrowing) -> Self {
        let previews: HashMap<&StepId, &StepPreview> =
            previews.iter().map(|preview| (&preview.step, preview)).collect();
        let mut found = Self::default();
        loop {
            let before = found.runs.len();
            for node in 0..plan.len() {
                let Some(step) = plan.step(node) else { continue };
                let Some(preview) = previews.get(&step.id) else { continue };
                if !found.runs.contains(&node) && found.is_called_for(plan, step, narrowing) {
                    found.runs.insert(node);
                    if may_change(preview) {
                        found.acts.insert(step.id.clone());
                    }
                }
            }
            if found.runs.len() == before {
                return found;
            }
        }
    }

    fn is_called_for(&self, plan: &Plan, step: &PlannedStep, narrowing: &Narrowing) -> bool {
        if step.aftermath == Some(Aftermath::Failed) {
            return false;
        }
        let (names, nodes) = &step.only_if_changed;
        let changes = |step: &PlannedStep| {
            self.acts.contains(&step.id) || narrowing.changed_before(&step.id)
        };
        names.is_empty() || nodes.iter().filter_map(|node| plan.step(*node)).any(changes)
    }
}

/// What a command does is not known before, unless it says itself that it would change nothing.
fn may_change(preview: &StepPreview) -> bool {
    let by_command = preview.command.as_ref().is_some_and(|command| {
        let says_no = command.would.as_ref().is_some_and(|would| !would.changes);
        command.effect != Effect::Read && !says_no
    });
    !preview.changes.is_empty() || by_command
}
