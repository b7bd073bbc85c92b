//! The `rollback` of a step, with everything resolved that its steps name.

use crate::model::{RollbackStep, StepDecl, TableSpec};

use super::super::patience::Patience;
use super::super::place::Place;
use super::Builder;

impl Builder<'_> {
    /// The steps of a step's `rollback` that run here.
    pub(super) fn rollback(
        &mut self,
        step: &StepDecl,
        table: Option<&TableSpec>,
        place: Place<'_>,
    ) -> Vec<RollbackStep> {
        let here = &self.environment.name.value;
        let mut steps = Vec::new();
        for undo in step.rollback.iter().flat_map(|rollback| &rollback.steps) {
            if !undo.policy.environments.includes(here) {
                continue;
            }
            let Some(kind) = self.registry.get(&undo.kind.value) else { continue };
            let (defaults, retries) = (&self.config.defaults.step, self.options.retries);
            let patience = Patience::of(&kind.spec(), &undo.policy, defaults, retries, false);
            self.problems.extend(self.missing_value(undo));
            let Some(command) = self.command(undo, table, place) else { continue };
            steps.push(RollbackStep {
                name: undo.name().to_owned(),
                kind: undo.kind.value.clone(),
                command,
                retry: patience.retry,
                timeout: patience.timeout,
                attempt_timeout: patience.attempt,
                span: undo.span,
            });
        }
        steps
    }
}
