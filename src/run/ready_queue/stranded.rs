//! What becomes of the aftermath of a run that starts nothing else any more.
//!
//! Most of what the aftermath waits for may never run then. What it waits for and may still end, be
//! it only that it is blocked, keeps its place before it: only the rest is given up. So a node that was
//! given up never ends later, and no end is counted twice.

use crate::model::When;

use super::{NodeState, ReadyQueue};

/// What may still become of a node in a run that starts only the aftermath.
#[derive(Debug, Clone, Copy, Default)]
struct Prospect {
    /// It may be taken.
    runs: bool,
    /// It may end: after it ran, or because it is blocked.
    ends: bool,
}

/// What the predecessors of a node that did not end yet may still bring it.
#[derive(Debug, Clone, Copy, Default)]
struct Hopes {
    /// How many of those that must succeed may run.
    successes: usize,
    /// Whether one of those that must succeed may end.
    success_may_end: bool,
    /// Whether one of those that must end may end.
    some_end: bool,
    /// Whether one of those of which one must fail may end.
    some_failure: bool,
}

impl ReadyQueue {
    /// Gives up what will not run any more, for a run that starts nothing but the aftermath: nodes of
    /// the aftermath that wait only for the end of such nodes become ready, if any that they wait for
    /// has ended. Whether one did.
    ///
    /// While there is one that may still come, one does when nothing else is ready or taken.
    pub(in crate::run) fn release_stranded(&mut self) -> bool {
        let prospects = self.prospects();
        let mut found = false;
        for node in 0..self.state.len() {
            let pending = matches!(self.state[node], NodeState::Waiting | NodeState::Ready);
            if !pending || prospects[node].ends || self.given_up[node] {
                continue;
            }
            self.given_up[node] = true;
            for edge in self.starts[node]..self.starts[node + 1] {
                let (target, when) = self.targets[edge];
                if when == When::Always && prospects[target].runs {
                    self.waits[target].ends -= 1;
                    self.release(target);
                    found |= self.state[target] == NodeState::Ready;
                }
            }
        }
        found
    }

    fn prospects(&self) -> Vec<Prospect> {
        let mut prospects = vec![Prospect::default(); self.state.len()];
        let mut hopes = vec![Hopes::default(); self.state.len()];
        for node in self.in_order() {
            let Prospect { runs, ends } = self.prospect(node, hopes[node]);
            prospects[node] = Prospect { runs, ends };
            for (target, when) in self.dependents(node) {
                let hopes = &mut hopes[*target];
                match when {
                    When::Succeeded => {
                        hopes.successes += usize::from(runs);
                        hopes.success_may_end |= ends;
                    }
                    When::Always => hopes.some_end |= ends,
                    When::Failed => hopes.some_failure |= ends,
                }
            }
        }
        prospects
    }

    fn prospect(&self, node: usize, hopes: Hopes) -> Prospect {
        let waits = self.waits[node];
        match self.state[node] {
            NodeState::Satisfied | NodeState::Blocked => Prospect::default(),
            NodeState::Taken => Prospect { runs: true, ends: true },
            NodeState::Waiting | NodeState::Ready => {
                let runs = self.lanes[node].aftermath
                    && waits.successes == hopes.successes
                    && (waits.called || waits.hopes == 0 || hopes.some_failure)
                    && (waits.ends == 0 || waits.some_ended || hopes.some_end);
                Prospect { runs, ends: runs || hopes.success_may_end }
            }
        }
    }
}
