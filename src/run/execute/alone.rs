//! Steps that take the terminal alone.
//!
//! One whose turn comes waits until the steps that are under way have ended, while nothing new starts;
//! then it runs, and until it has ended nothing else starts. So two of them never run at the same time,
//! and what is waited for is only what would have ended anyway.

use tokio::time::Instant;

use crate::plan::PlannedStep;

use super::RunState;

/// Who has the run to itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Alone {
    /// Nobody.
    #[default]
    Nobody,
    /// This node, as soon as nothing runs.
    Next(usize),
    /// This node.
    Now(usize),
}

impl<'a> RunState<'a> {
    /// Whether nobody has the run to itself, or waits for that.
    pub(super) fn is_shared(&self) -> bool {
        self.alone == Alone::Nobody
    }

    /// Whether a step whose turn has come may start: one that takes the terminal waits until nothing
    /// else runs.
    pub(super) fn may_start(&mut self, node: usize, step: &PlannedStep, idle: bool) -> bool {
        if !step.is_interactive() {
            return true;
        }
        self.alone = if idle { Alone::Now(node) } else { Alone::Next(node) };
        idle
    }

    /// A step that waits to be alone does not start any more when the run is to end.
    pub(super) fn give_up_waiting(&mut self) {
        let Alone::Next(node) = self.alone else { return };
        let aftermath = self.queue.lane(node).aftermath;
        if self.cancelled() || self.lost() || (self.stopping() && !aftermath) {
            self.queue.put_back(node);
            self.alone = Alone::Nobody;
        }
    }

    /// The step that waits to be alone, once nothing else runs.
    pub(super) fn next_alone(&mut self, idle: bool) -> Option<(usize, &'a PlannedStep)> {
        let Alone::Next(node) = self.alone else { return None };
        if !idle {
            return None;
        }
        let plan = self.plan;
        let step = plan.step(node).expect("only a step waits to be alone");
        self.alone = Alone::Now(node);
        self.clocks.started(step, Instant::now());
        Some((node, step))
    }

    /// A step ended, or was put back.
    pub(super) fn leave_alone(&mut self, node: usize) {
        if self.alone == Alone::Now(node) {
            self.alone = Alone::Nobody;
        }
    }
}
