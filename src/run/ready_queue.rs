//! Which step comes next: plain bookkeeping.
//!
//! Each node counts the predecessors that are not satisfied yet; at zero it is ready. Ready nodes
//! leave in the order of the longest way still ahead of them (critical path first), ties in
//! declaration order. Nodes can be marked; the next marked one can be asked for apart. A node whose
//! predecessor failed never becomes ready. Adjacency is flattened
//! once; every operation costs O(log n) or the number of edges it looks at.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// In which order ready nodes leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Priority {
    /// Longest remaining way first.
    CriticalPath,
    /// Declaration order.
    Declared,
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
pub struct ReadyQueue {
    /// Dependents of node `i` are `targets[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    targets: Vec<usize>,
    unsatisfied: Vec<usize>,
    remaining: Vec<u64>,
    state: Vec<NodeState>,
    /// Nodes that are not marked, and those that are.
    ready: [BinaryHeap<(u64, Reverse<usize>)>; 2],
    marked: Vec<bool>,
    priority: Priority,
}

impl ReadyQueue {
    /// A queue over an acyclic graph: `dependents[i]` wait for node `i`, each named once, and
    /// `weights[i]` is how long node `i` takes, in any unit.
    ///
    /// # Panics
    /// When the two differ in length.
    #[must_use]
    pub fn new(dependents: &[Vec<usize>], weights: &[u64], priority: Priority) -> Self {
        assert_eq!(dependents.len(), weights.len(), "one weight a node");
        let mut starts = Vec::with_capacity(dependents.len() + 1);
        let mut targets = Vec::new();
        let mut unsatisfied = vec![0; dependents.len()];
        for of_node in dependents {
            starts.push(targets.len());
            targets.extend_from_slice(of_node);
            for target in of_node {
                unsatisfied[*target] += 1;
            }
        }
        starts.push(targets.len());
        let mut queue = Self {
            remaining: vec![0; dependents.len()],
            state: vec![NodeState::Waiting; dependents.len()],
            ready: [BinaryHeap::new(), BinaryHeap::new()],
            marked: vec![false; dependents.len()],
            starts,
            targets,
            unsatisfied,
            priority,
        };
        queue.measure(weights);
        for node in 0..dependents.len() {
            queue.release(node);
        }
        queue
    }

    /// Marks nodes that [`ReadyQueue::pop_marked`] gives.
    ///
    /// # Panics
    /// When there is not one mark a node.
    #[must_use]
    pub fn marking(mut self, marked: Vec<bool>) -> Self {
        assert_eq!(marked.len(), self.state.len(), "one mark a node");
        self.marked = marked;
        for (rank, Reverse(node)) in self.ready.each_mut().map(std::mem::take).into_iter().flatten()
        {
            self.ready[usize::from(self.marked[node])].push((rank, Reverse(node)));
        }
        self
    }

    /// Fills in the longest way from each node to an end, its own weight included.
    fn measure(&mut self, weights: &[u64]) {
        let mut waiting = self.unsatisfied.clone();
        let mut order: Vec<usize> = (0..waiting.len()).filter(|node| waiting[*node] == 0).collect();
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            next += 1;
            for target in self.dependents(node) {
                waiting[*target] -= 1;
                if waiting[*target] == 0 {
                    order.push(*target);
                }
            }
        }
        for node in order.into_iter().rev() {
            let ahead = self.dependents(node).iter().map(|target| self.remaining[*target]).max();
            self.remaining[node] = weights[node].saturating_add(ahead.unwrap_or(0));
        }
    }

    fn dependents(&self, node: usize) -> &[usize] {
        &self.targets[self.starts[node]..self.starts[node + 1]]
    }

    fn release(&mut self, node: usize) {
        if self.unsatisfied[node] == 0 && self.state[node] == NodeState::Waiting {
            self.state[node] = NodeState::Ready;
            let rank = match self.priority {
                Priority::CriticalPath => self.remaining[node],
                Priority::Declared => 0,
            };
            self.ready[usize::from(self.marked[node])].push((rank, Reverse(node)));
        }
    }

    /// Takes the next ready node.
    pub fn pop(&mut self) -> Option<usize> {
        let [plain, marked] = &self.ready;
        self.take(usize::from(marked.peek() > plain.peek()))
    }

    /// Takes the next ready node of those that are marked.
    pub fn pop_marked(&mut self) -> Option<usize> {
        self.take(1)
    }

    fn take(&mut self, heap: usize) -> Option<usize> {
        let (_, Reverse(node)) = self.ready[heap].pop()?;
        self.state[node] = NodeState::Taken;
        Some(node)
    }

    /// A taken node ended well: its dependents may become ready.
    pub fn satisfy(&mut self, node: usize) {
        debug_assert_eq!(self.state[node], NodeState::Taken, "only a taken node can end");
        self.state[node] = NodeState::Satisfied;
        for edge in self.starts[node]..self.starts[node + 1] {
            let target = self.targets[edge];
            self.unsatisfied[target] -= 1;
            self.release(target);
        }
    }

    /// A taken node ended badly. Gives everything that can no longer run because of it, in
    /// declaration order; each node is given once over the whole run.
    pub fn block(&mut self, node: usize) -> Vec<usize> {
        debug_assert_eq!(self.state[node], NodeState::Taken, "only a taken node can end");
        self.state[node] = NodeState::Blocked;
        let mut blocked = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            for edge in self.starts[node]..self.starts[node + 1] {
                let target = self.targets[edge];
                if self.state[target] == NodeState::Waiting {
                    self.state[target] = NodeState::Blocked;
                    blocked.push(target);
                    stack.push(target);
                }
            }
        }
        blocked.sort_unstable();
        blocked
    }

    /// The nodes that neither ran nor were blocked, in declaration order: what a run that ends
    /// early leaves behind.
    #[must_use]
    pub fn left(&self) -> Vec<usize> {
        let is_left =
            |node: &usize| matches!(self.state[*node], NodeState::Waiting | NodeState::Ready);
        (0..self.state.len()).filter(is_left).collect()
    }
}

#[cfg(test)]
#[path = "ready_queue_tests.rs"]
mod tests;
