//! What the next step written would wait for.

use std::collections::HashSet;

use petgraph::graph::NodeIndex;

use crate::model::{StepDecl, When};

/// A node, and what must become of it.
#[derive(Debug, Clone)]
pub(super) struct End {
    pub(super) node: NodeIndex,
    pub(super) when: When,
    /// The step's name; empty for a barrier.
    name: String,
}

/// Steps that stand one after the other: a task's body, or a chain.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    /// What the next step waits for.
    pub(super) previous: Vec<End>,
    /// What nothing in the sequence waits for: it is among `previous`, or was passed over because a
    /// later step says itself what it waits for.
    ends: Vec<End>,
}

impl Sequence {
    /// A sequence that starts after these.
    pub(super) fn after(previous: Vec<End>) -> Self {
        Self { ends: previous.clone(), previous }
    }

    /// Puts these in the place of all that the next step would have waited for.
    pub(super) fn follow(&mut self, nodes: Vec<End>) {
        let before: HashSet<NodeIndex> = self.previous.iter().map(|end| end.node).collect();
        self.ends.retain(|end| !before.contains(&end.node));
        self.previous.clone_from(&nodes);
        self.ends.extend(nodes);
    }

    /// The next step waits only for these, and what was before them stays an end.
    pub(super) fn depart(&mut self, nodes: Vec<End>) {
        self.previous.clone_from(&nodes);
        self.ends.extend(nodes);
    }

    /// The next step waits for the end of this one too.
    pub(super) fn stand_beside(&mut self, end: End) {
        self.previous.push(end.clone());
        self.ends.push(end);
    }

    /// Steps that a later one names are no ends.
    pub(super) fn named_by(&mut self, step: &StepDecl) {
        if step.policy.when == When::Succeeded {
            let names = step.policy.after.as_deref().unwrap_or_default();
            self.ends.retain(|end| names.iter().all(|name| name.value != end.name));
        }
    }

    /// What must be over before what follows the whole sequence.
    pub(super) fn ends(self) -> Vec<End> {
        self.ends
    }
}

impl End {
    pub(super) fn of_step(node: NodeIndex, step: &StepDecl) -> Self {
        // What runs after a failure is not waited for as if it were what failed.
        let when = match step.policy.when {
            When::Succeeded => When::Succeeded,
            When::Failed | When::Always => When::Always,
        };
        Self { node, when, name: step.name().to_owned() }
    }

    pub(super) const fn of_barrier(node: NodeIndex) -> Self {
        Self { node, when: When::Succeeded, name: String::new() }
    }
}
