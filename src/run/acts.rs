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
            for (node, step) in plan.numbered_steps() {
                let Some(preview) = previews.get(&step.id) else { continue };
                if preview.not_reached.is_some() {
                    continue;
                }
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
        let changes =
            |step: &PlannedStep| self.acts.contains(&step.id) || narrowing.changed_before(&step.id);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::plan_testing::{creating, plan_of, previews};
    use crate::step::Would;

    const TEXT: &str = "table Users hash=id\n\
        task t {\n\
            step create-table table=Users\n\
            step exec \"true\" id=load\n\
            step exec \"true\" id=look effect=read\n\
            step exec \"true\" id=tell { only-if-changed load; }\n\
            step exec \"true\" id=again { only-if-changed tell; }\n\
            step exec \"true\" id=mourn { after load when=failed; }\n\
        }";

    /// The steps that act when the table is there, or not, and `load` says that it would do nothing,
    /// or says nothing.
    fn acting(there: bool, does_nothing: bool) -> Vec<String> {
        let (plan, _) = plan_of(TEXT, "dev");
        let mut previews = previews(&plan, |step| if there { Vec::new() } else { creating(step) });
        let load = previews.iter_mut().find(|preview| preview.step.as_str() == "load").unwrap();
        if does_nothing {
            let nothing = Would { calls: Vec::new(), changes: false, message: None };
            load.command.as_mut().unwrap().would = Some(nothing);
        }
        let found = Acts::of(&plan, &previews, &Narrowing::default());
        let mut acts: Vec<String> = found.acts.iter().map(ToString::to_string).collect();
        acts.sort();
        acts
    }

    #[test]
    fn calls_and_commands_that_may_write_act() {
        assert_eq!(acting(false, false), ["again", "create-table", "load", "tell"]);
    }

    #[test]
    fn a_command_that_says_it_changes_nothing_does_not_act_nor_does_what_waits_for_it() {
        assert_eq!(acting(true, true), Vec::<String>::new());
        assert_eq!(acting(false, true), ["create-table"]);
    }
}
