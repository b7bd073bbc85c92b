//! Which step comes next: plain bookkeeping.
//!
//! Every edge says what must become of a node before its dependent starts ([`When`]). Each node
//! counts what it still waits for; at zero it is ready. Ready nodes leave in the order of the
//! longest way still ahead of them (critical path first), ties in declaration order. Adjacency is
//! flattened once; every operation costs O(log n) or the number of edges it looks at.
//!
//! - A node that waits for the success of one that failed never becomes ready: it is blocked, and
//!   counts as failed for what waits for it.
//! - A node that waits for failures is ready at the first one. When none can come any more it is
//!   ready too, but not [called for](ReadyQueue::is_called_for): it is to be passed over.
//! - Nodes can be put into a [`Lane`], from which the next one can be asked for apart.
//! - A taken node that counts to a pool without room for it [is set aside](ReadyQueue::enter_pool)
//!   until there is.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::model::When;

mod pools;
mod stranded;

use pools::Pools;

/// In which order ready nodes leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// Longest remaining way first.
    CriticalPath,
    /// Declaration order.
    Declared,
}

/// A group of nodes that can be asked for apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lane {
    /// What kind of steps these are, by number from 0.
    pub(super) kind: usize,
    /// Whether they start even when nothing else does any more.
    pub(super) aftermath: bool,
}

impl Lane {
    const fn index(self) -> usize {
        2 * self.kind + self.aftermath as usize
    }

    const fn of_index(index: usize) -> Self {
        Self { kind: index / 2, aftermath: index % 2 == 1 }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NodeState {
    Waiting,
    Ready,
    Taken,
    Satisfied,
    Blocked,
}

/// The queue of a DAG of `n` nodes, numbered from 0.
#[derive(Debug)]
pub(super) struct ReadyQueue {
    /// Dependents of node `i` are `targets[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    targets: Vec<(usize, When)>,
    waits: Vec<Waits>,
    remaining: Vec<u64>,
    state: Vec<NodeState>,
    /// Nodes that will never end, and whose end is not waited for any more.
    given_up: Vec<bool>,
    /// One heap a lane, by [`Lane::index`].
    ready: Vec<BinaryHeap<Entry>>,
    lanes: Vec<Lane>,
    pools: Pools,
    priority: Priority,
}

/// A ready node: the higher comes first.
type Entry = (u64, Reverse<usize>);

/// What one node still waits for.
#[derive(Debug, Clone, Copy, Default)]
struct Waits {
    /// Nodes that must succeed.
    successes: usize,
    /// Nodes that must end.
    ends: usize,
    /// Nodes of which one must fail, as long as none has.
    hopes: usize,
    /// Whether it waits for a failure at all.
    hopeful: bool,
    /// Whether one of them failed.
    called: bool,
    /// Whether one of the nodes that must end has ended.
    some_ended: bool,
}

impl Waits {
    const fn are_over(self) -> bool {
        self.successes == 0 && self.ends == 0 && (self.called || self.hopes == 0)
    }
}

impl ReadyQueue {
    /// A queue over an acyclic graph: `dependents[i]` wait for node `i`, each named once for
    /// each kind of edge, and `weights[i]` is how long node `i` takes, in any unit.
    ///
    /// # Panics
    /// When the two differ in length.
    #[must_use]
    pub(super) fn new(
        dependents: &[Vec<(usize, When)>],
        weights: &[u64],
        priority: Priority,
    ) -> Self {
        assert_eq!(dependents.len(), weights.len(), "one weight a node");
        let mut starts = Vec::with_capacity(dependents.len() + 1);
        let mut targets = Vec::new();
        let mut waits = vec![Waits::default(); dependents.len()];
        for of_node in dependents {
            starts.push(targets.len());
            targets.extend_from_slice(of_node);
            for (target, when) in of_node {
                let waits = &mut waits[*target];
                match when {
                    When::Succeeded => waits.successes += 1,
                    When::Always => waits.ends += 1,
                    When::Failed => {
                        waits.hopes += 1;
                        waits.hopeful = true;
                    }
                }
            }
        }
        starts.push(targets.len());
        let mut queue = Self {
            remaining: vec![0; dependents.len()],
            state: vec![NodeState::Waiting; dependents.len()],
            given_up: vec![false; dependents.len()],
            ready: vec![BinaryHeap::new()],
            lanes: vec![Lane::default(); dependents.len()],
            pools: Pools::default(),
            starts,
            targets,
            waits,
            priority,
        };
        queue.measure(weights);
        for node in 0..dependents.len() {
            queue.release(node);
        }
        queue
    }

    /// Puts nodes into lanes.
    ///
    /// # Panics
    /// When there is not one lane a node.
    #[must_use]
    pub(super) fn with_lanes(mut self, lanes: Vec<Lane>) -> Self {
        assert_eq!(lanes.len(), self.state.len(), "one lane a node");
        let number = lanes.iter().map(|lane| lane.index() + 1).max().unwrap_or(0);
        self.lanes = lanes;
        let ready = std::mem::replace(&mut self.ready, vec![BinaryHeap::new(); number]);
        for (rank, Reverse(node)) in ready.into_iter().flatten() {
            self.ready[self.lanes[node].index()].push((rank, Reverse(node)));
        }
        self
    }

    /// The lane of a node.
    pub(super) fn lane(&self, node: usize) -> Lane {
        self.lanes[node]
    }

    /// Fills in the longest way from each node to an end, its own weight included.
    fn measure(&mut self, weights: &[u64]) {
        for node in self.in_order().into_iter().rev() {
            let ahead =
                self.dependents(node).iter().map(|(target, _)| self.remaining[*target]).max();
            self.remaining[node] = weights[node].saturating_add(ahead.unwrap_or(0));
        }
    }

    /// All nodes, each after those that it waits for.
    fn in_order(&self) -> Vec<usize> {
        let mut waiting = vec![0; self.waits.len()];
        for (target, _) in &self.targets {
            waiting[*target] += 1;
        }
        let mut order: Vec<usize> = (0..waiting.len()).filter(|node| waiting[*node] == 0).collect();
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            next += 1;
            for (target, _) in self.dependents(node) {
                waiting[*target] -= 1;
                if waiting[*target] == 0 {
                    order.push(*target);
                }
            }
        }
        order
    }

    fn dependents(&self, node: usize) -> &[(usize, When)] {
        &self.targets[self.starts[node]..self.starts[node + 1]]
    }

    fn release(&mut self, node: usize) {
        if self.waits[node].are_over() && self.state[node] == NodeState::Waiting {
            self.line_up(node);
        }
    }

    fn line_up(&mut self, node: usize) {
        self.state[node] = NodeState::Ready;
        let entry = self.entry(node);
        self.ready[self.lanes[node].index()].push(entry);
    }

    fn entry(&self, node: usize) -> Entry {
        (self.rank(node), Reverse(node))
    }

    /// By what a node precedes others: the higher goes first.
    #[must_use]
    pub(super) fn rank(&self, node: usize) -> u64 {
        match self.priority {
            Priority::CriticalPath => self.remaining[node],
            Priority::Declared => 0,
        }
    }

    /// Takes the next ready node.
    pub(super) fn pop(&mut self) -> Option<usize> {
        self.pop_where(|_| true, None)
    }

    /// Takes the next ready node of the lanes that are open, if its rank is higher than that one.
    pub(super) fn pop_where(
        &mut self,
        open: impl Fn(Lane) -> bool,
        above: Option<u64>,
    ) -> Option<usize> {
        let firsts = self.ready.iter().enumerate().filter(|(lane, _)| open(Lane::of_index(*lane)));
        let firsts = firsts.filter_map(|(lane, ready)| Some((*ready.peek()?, lane)));
        let ((rank, Reverse(node)), lane) = firsts.max()?;
        if above.is_some_and(|above| rank <= above) {
            return None;
        }
        self.ready[lane].pop();
        self.state[node] = NodeState::Taken;
        Some(node)
    }

    /// A taken node was not run after all: it is ready again.
    pub(super) fn put_back(&mut self, node: usize) {
        debug_assert_eq!(self.state[node], NodeState::Taken, "only a taken node can be put back");
        self.leave_pool(node);
        self.line_up(node);
    }

    /// Whether what a taken node waits for has come: false when it waits for a failure, and all
    /// went well.
    #[must_use]
    pub(super) fn is_called_for(&self, node: usize) -> bool {
        !self.waits[node].hopeful || self.waits[node].called
    }

    /// A taken node ended well: its dependents may become ready.
    pub(super) fn satisfy(&mut self, node: usize) {
        debug_assert_eq!(self.state[node], NodeState::Taken, "only a taken node can end");
        self.state[node] = NodeState::Satisfied;
        self.leave_pool(node);
        for edge in self.starts[node]..self.starts[node + 1] {
            let (target, when) = self.targets[edge];
            let waits = &mut self.waits[target];
            match when {
                When::Succeeded => waits.successes -= 1,
                When::Failed => waits.hopes -= 1,
                When::Always => {
                    waits.ends -= 1;
                    waits.some_ended = true;
                }
            }
            self.release(target);
        }
    }

    /// A taken node ended badly. Gives everything that can no longer run because of it, in
    /// declaration order; each node is given once over the whole run.
    pub(super) fn block(&mut self, node: usize) -> Vec<usize> {
        debug_assert_eq!(self.state[node], NodeState::Taken, "only a taken node can end");
        self.state[node] = NodeState::Blocked;
        self.leave_pool(node);
        let mut blocked = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            for edge in self.starts[node]..self.starts[node + 1] {
                let (target, when) = self.targets[edge];
                let waits = &mut self.waits[target];
                match when {
                    When::Succeeded if self.state[target] == NodeState::Waiting => {
                        self.state[target] = NodeState::Blocked;
                        blocked.push(target);
                        stack.push(target);
                    }
                    When::Succeeded => {}
                    When::Failed => waits.called = true,
                    When::Always => {
                        waits.ends -= 1;
                        waits.some_ended = true;
                    }
                }
                self.release(target);
            }
        }
        blocked.sort_unstable();
        blocked
    }

    /// The nodes that neither ran nor were blocked, in declaration order: what a run that ends
    /// early leaves behind.
    #[must_use]
    pub(super) fn left(&self) -> Vec<usize> {
        let is_left =
            |node: &usize| matches!(self.state[*node], NodeState::Waiting | NodeState::Ready);
        (0..self.state.len()).filter(is_left).collect()
    }
}

#[cfg(test)]
#[path = "ready_queue_tests.rs"]
mod tests;
