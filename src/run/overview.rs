//! A plan as a whole: what it comes to, what it is asked for, how long it takes.

use std::collections::{HashMap, HashSet};

use serde::{Serialize, Serializer};

use crate::model::{Confirm, Environment, MillisRange, StepId};
use crate::plan::{Plan, PlannedStep};
use crate::table::{ChangeClass, Reversibility, TableChange, Unmanaged};

use super::acts::Acts;
use super::estimate::{Estimate, Expecting, Pace, estimate};
use super::unmanaged::Beside;
use super::{StepPreview, refused, required_confirmation};

/// What the previews of a plan come to.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// How much of what it does.
    pub summary: PlanSummary,
    /// Whether the run stops before its first write, and changes nothing, because a step is certain
    /// to fail.
    pub refused: bool,
    /// How it is asked for before the first write.
    #[serde(serialize_with = "confirm_word")]
    pub confirmation: Confirm,
    /// How long it is expected to take.
    pub estimate: Estimate,
    /// What is live and not declared, where that was looked for.
    pub unmanaged: Vec<Unmanaged>,
    /// The settings of which it was not looked for: they have calls of their own, and the file does not
    /// name them.
    pub not_looked_for: Vec<&'static str>,
    /// How fast the endpoint is.
    #[serde(skip)]
    pub pace: Pace,
    /// The steps that change something, or may do so without telling before.
    #[serde(skip)]
    acts: HashSet<StepId>,
    #[serde(skip)]
    of_steps: HashMap<StepId, MillisRange>,
    #[serde(skip)]
    halts: HashSet<StepId>,
}

/// How much of what a plan does. A step that only runs after a failure counts nowhere.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanSummary {
    /// Whether anything is changed, or may be by a command: what `--exit-code` tells.
    pub has_changes: bool,
    /// Tables that are created.
    pub create: usize,
    /// Calls that change a table, its tags or its items, and lose no data.
    pub change: usize,
    /// Calls that remove a table or an index, or replace items.
    pub destroy: usize,
    /// Commands that may write or destroy.
    pub commands: usize,
    /// Calls that cannot be taken back, or lose something for good; also counted above.
    pub irreversible: usize,
    /// Steps that are certain to fail.
    pub problems: usize,
    /// Steps that are not reached because one before them is certain to fail.
    pub not_reached: usize,
}

impl Overview {
    /// Of what was previewed.
    #[must_use]
    pub fn new(
        plan: &Plan,
        previews: &[StepPreview],
        environment: &Environment,
        expecting: Expecting<'_>,
    ) -> Self {
        let acts = Acts::of(plan, previews, expecting.narrowing);
        let estimate = estimate(plan, previews, &acts, expecting);
        let steps: HashMap<&StepId, &PlannedStep> =
            plan.steps().map(|step| (&step.id, step)).collect();
        let halts = |preview: &&StepPreview| {
            let step = steps.get(&preview.step);
            step.is_some_and(|step| expecting.pace.halts(step, &preview.changes))
        };
        Self {
            halts: previews.iter().filter(halts).map(|preview| preview.step.clone()).collect(),
            summary: PlanSummary::of(previews, &acts.acts),
            refused: !refused(plan, previews).is_empty(),
            confirmation: required_confirmation(plan, previews, environment),
            of_steps: estimate.of_steps.iter().cloned().collect(),
            estimate,
            unmanaged: Vec::new(),
            not_looked_for: Vec::new(),
            pace: expecting.pace,
            acts: acts.acts,
        }
    }

    /// With what is live and not declared.
    #[must_use]
    pub fn with_unmanaged(self, beside: Beside) -> Self {
        let Beside { found, not_looked_for } = beside;
        Self { unmanaged: found, not_looked_for, ..self }
    }

    /// Whether a step would change something, or may.
    #[must_use]
    pub fn acts(&self, step: &StepId) -> bool {
        self.acts.contains(step)
    }

    /// Whether the second half of what a step does may be refused for so long that the run ends
    /// before it.
    #[must_use]
    pub fn may_halt(&self, step: &StepId) -> bool {
        self.halts.contains(step)
    }

    /// How long a step is expected to take; `None` where that is not known, and for one that is not
    /// expected to run.
    #[must_use]
    pub fn expected(&self, step: &StepId) -> Option<MillisRange> {
        self.of_steps.get(step).copied()
    }
}

impl PlanSummary {
    fn of(previews: &[StepPreview], acts: &HashSet<StepId>) -> Self {
        let acting = || previews.iter().filter(|preview| acts.contains(&preview.step));
        let changes = || acting().flat_map(|preview| &preview.changes);
        let count =
            |of: &dyn Fn(&TableChange) -> bool| changes().filter(|change| of(change)).count();
        let destroys = |change: &TableChange| change.class >= ChangeClass::RemoveIndex;
        let creates = |change: &TableChange| change.call == "CreateTable";
        Self {
            has_changes: acting().next().is_some(),
            create: count(&creates),
            change: count(&|change| !creates(change) && !destroys(change)),
            destroy: count(&destroys),
            commands: acting().filter(|preview| preview.command.is_some()).count(),
            irreversible: count(&|change| Reversibility::of(change) >= Reversibility::Lossy),
            problems: previews.iter().filter(|preview| preview.problem.is_some()).count(),
            not_reached: previews.iter().filter(|preview| preview.not_reached.is_some()).count(),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn confirm_word<S: Serializer>(confirm: &Confirm, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match confirm {
        Confirm::Never => "none",
        Confirm::YesNo => "yes-no",
        Confirm::TypeEnvironment => "type-environment",
    })
}
