//! A step of a plan, with everything resolved that it names.

use crate::config::CommandPlace;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{Command, Pool, StepDecl, StepId, TableSpec, When};

use super::super::inputs::{self, Where};
use super::super::patience::Patience;
use super::super::place::Place;
use super::super::{Aftermath, PlannedStep, Rollback, RollbackScope, rollback};
use super::Builder;

impl Builder<'_> {
    /// A step with all that its kind, its policy and its place say.
    pub(super) fn planned(&self, step: &StepDecl, id: &StepId, place: Place<'_>) -> PlannedStep {
        let kind = self
            .registry
            .get(&step.kind.value)
            .expect("the configuration check refuses unknown kinds");
        let spec = kind.spec();
        let (own, defaults) = (&step.policy, &self.config.defaults.step);
        let scope = own.on_failure.map_or(place.scope, |_| RollbackScope::Chain);
        let declared = own.on_failure.or(place.on_failure);
        let (on_failure, scope) = rollback::resolve(declared, scope, self.options.on_failure);
        let named = step.table.as_ref().map(|table| &table.value);
        let by_name = self.tables.iter().find(|spec| named == Some(&spec.declared));
        let table_left_out = named.is_some() && by_name.is_none();
        let table = place.chain.or(by_name).cloned();
        let here = Where {
            config: self.config,
            environment: self.environment,
            region: self.options.region,
            table: table.as_deref(),
        };
        let inputs = here.resolve(&spec, &step.inputs);
        let texts = |names: &[Spanned<String>]| -> Vec<String> {
            names.iter().map(|name| name.value.clone()).collect()
        };
        let interactive = step.command.interactive.is_some();
        let patience = Patience::of(&spec, own, defaults, self.options.retries, interactive);
        PlannedStep {
            id: id.clone(),
            effect: spec.effect_of(&inputs),
            kind: spec.name,
            command: None,
            table,
            tags_follow: place.tags_follow,
            updates_follow: place.updates_follow,
            left_out: table_left_out || !own.environments.includes(&self.environment.name.value),
            aftermath: match own.when {
                _ if place.finally => Some(Aftermath::Finally),
                When::Succeeded => None,
                When::Failed => Some(Aftermath::Failed),
                When::Always => Some(Aftermath::Ended),
            },
            after: texts(own.after.as_deref().unwrap_or_default()),
            only_if_changed: (texts(&own.only_if_changed), Vec::new()),
            step: kind.prepare(&inputs),
            retry: patience.retry,
            timeout: patience.timeout,
            attempt_timeout: patience.attempt,
            tolerate: own.tolerate || defaults.tolerate,
            on_failure,
            rollback: Rollback {
                chain: place.number.unwrap_or_default(),
                // What stands in `finally` runs when undoing is over.
                scope: scope.filter(|_| !place.finally),
            },
            usual: spec.usual,
            clock: place.clock,
            pool: own.pool.as_ref().and_then(|share| {
                let named = |pool: &Pool| pool.name.value == share.name.value;
                Some((self.config.pools.iter().position(named)?, share.weight.value))
            }),
            span: step.span,
        }
    }

    /// The error for an input that names a variable without a value.
    pub(super) fn missing_value(&self, step: &StepDecl) -> Option<Diagnostic> {
        let spec = self.registry.get(&step.kind.value)?.spec();
        inputs::missing_value(&self.config.variables, &spec, &step.inputs)
    }

    /// The command of a step that runs one.
    pub(super) fn command(
        &mut self,
        step: &StepDecl,
        table: Option<&TableSpec>,
        place: Place<'_>,
    ) -> Option<Command> {
        let spec = self.registry.get(&step.kind.value)?.spec();
        let effect = spec.effect_of(&step.inputs);
        let (environment, region, item) = (self.environment, self.options.region, place.item);
        let place = CommandPlace { environment, region, table, item };
        let command = match &spec.declared {
            Some(kind) => {
                let tables = self.tables.iter().map(|table| &**table);
                self.config.kind_command(step, kind, place, tables)
            }
            None => self.config.command(step, spec.command?, effect, place),
        };
        command.map_err(|problem| self.problems.push(problem)).ok()
    }
}
