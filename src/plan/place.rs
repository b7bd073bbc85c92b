//! Where a step stands in the files.

use std::sync::Arc;

use petgraph::graph::NodeIndex;

use crate::model::{OnFailure, StepDecl, StepId, TableSpec, Task};

use super::RollbackScope;

/// Where a step stands: what surrounds it decides what it inherits.
#[derive(Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a fact of its own")]
pub(super) struct Place<'a> {
    pub(super) task: &'a Task,
    /// Whether another task needs this one, so that its steps bear its name.
    pub(super) needed: bool,
    /// The table of its chain.
    pub(super) chain: Option<&'a Arc<TableSpec>>,
    /// The value of its chain.
    pub(super) item: Option<&'a str>,
    /// What every step of its chain waits for.
    pub(super) gate: Option<NodeIndex>,
    pub(super) on_failure: Option<OnFailure>,
    /// The scope of a rollback that `on_failure` asks for.
    pub(super) scope: RollbackScope,
    /// The number of its chain.
    pub(super) number: Option<usize>,
    pub(super) tags_follow: bool,
    pub(super) updates_follow: bool,
    pub(super) clock: Option<usize>,
    pub(super) finally: bool,
}

impl<'a> Place<'a> {
    pub(super) const fn of(task: &'a Task, needed: bool) -> Self {
        let on_failure = task.on_failure;
        let (chain, item, gate, clock, number) = (None, None, None, None, None);
        let scope = RollbackScope::Run;
        Self {
            task,
            needed,
            chain,
            item,
            gate,
            on_failure,
            scope,
            number,
            tags_follow: false,
            updates_follow: false,
            clock,
            finally: false,
        }
    }

    /// What stands in a block that has this `on-failure`: it counts for each of its chains.
    pub(super) fn with(self, on_failure: Option<OnFailure>) -> Self {
        match on_failure {
            Some(_) => Self { on_failure, scope: RollbackScope::Chain, ..self },
            None => self,
        }
    }

    pub(super) fn id(&self, step: &StepDecl) -> StepId {
        let chain = self.instance();
        match self.scope() {
            Some(task) => StepId::new(&format!("{task}/{}", step.name()), chain),
            None => StepId::new(step.name(), chain),
        }
    }

    /// What tells its chain from the others of the block.
    pub(super) fn instance(&self) -> Option<&'a str> {
        self.chain.map(|table| table.declared.as_str()).or(self.item)
    }

    pub(super) fn scope(&self) -> Option<&'a str> {
        self.needed.then_some(self.task.name.value.as_str())
    }
}
