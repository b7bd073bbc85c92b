//! A run played through in time that passes by itself.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::plan::{Plan, PlannedStep};
use crate::run::ready_queue::{Priority, ReadyQueue};

/// What one node takes, in milliseconds: at work first, then waiting.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Load {
    pub(super) work: u64,
    pub(super) wait: u64,
}

impl Load {
    pub(super) const fn whole(self) -> u64 {
        self.work.saturating_add(self.wait)
    }
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Schedule {
    /// When the last step ended.
    pub(super) end: u64,
    /// The nodes that one after the other took until then.
    pub(super) way: Vec<usize>,
}

/// What happens next: when, in which order of being foreseen, and what.
type Next = Reverse<(u64, usize, Event)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A node only waits from now on.
    Waits(usize),
    /// A node ends; says whether it had its place until then.
    Ends(usize, bool),
}

/// Carries a plan out in which every node succeeds, at most `jobs` at work at once. With one job a
/// step keeps its place while it waits, and one that takes the terminal runs while nothing else does,
/// as in a run.
pub(super) fn simulate(plan: &Plan, loads: &[Load], jobs: usize) -> Schedule {
    let jobs = jobs.max(1);
    let mut stage = Play::new(plan, loads, jobs);
    stage.start_what_may();
    while let Some(Reverse((now, _, event))) = stage.next.pop() {
        stage.now = now;
        let node = match event {
            Event::Waits(node) => {
                stage.free += 1;
                node
            }
            Event::Ends(node, at_work) => {
                stage.free += usize::from(at_work);
                stage.running -= 1;
                stage.end(node);
                node
            }
        };
        stage.latest = Some(node);
        stage.start_what_may();
    }
    stage.finish()
}

struct Play<'a> {
    plan: &'a Plan,
    loads: &'a [Load],
    queue: ReadyQueue,
    jobs: usize,
    free: usize,
    /// How many have started and not ended.
    running: usize,
    /// The one that takes the terminal alone, or waits for that.
    alone: Option<usize>,
    now: u64,
    next: BinaryHeap<Next>,
    foreseen: usize,
    /// The node of the last event: what starts now did so because of it.
    latest: Option<usize>,
    /// Because of which node each one started.
    cause: Vec<Option<usize>>,
    last: Option<usize>,
}

impl<'a> Play<'a> {
    fn new(plan: &'a Plan, loads: &'a [Load], jobs: usize) -> Self {
        let nodes = 0..plan.finally().start;
        let dependents: Vec<_> = nodes.clone().map(|node| plan.dependents(node)).collect();
        let weights: Vec<u64> = nodes.clone().map(|node| loads[node].whole()).collect();
        let priority = if jobs == 1 { Priority::Declared } else { Priority::CriticalPath };
        let share = |node| plan.step(node)?.pool.map(|(pool, weight)| (node, pool, weight));
        let queue = ReadyQueue::new(&dependents, &weights, priority);
        Self {
            plan,
            loads,
            queue: queue.with_pools(&plan.pools, nodes.filter_map(share)),
            jobs,
            free: jobs,
            running: 0,
            alone: None,
            now: 0,
            next: BinaryHeap::new(),
            foreseen: 0,
            latest: None,
            cause: vec![None; plan.len()],
            last: None,
        }
    }

    fn start_what_may(&mut self) {
        if let Some(node) = self.alone.filter(|_| self.running == 0) {
            self.start(node);
        }
        while self.alone.is_none()
            && self.free > 0
            && let Some(node) = self.queue.pop()
        {
            self.cause[node] = self.latest;
            if self.loads[node].whole() == 0 {
                self.queue.satisfy(node);
            } else if self.queue.enter_pool(node) {
                let alone = self.plan.step(node).is_some_and(PlannedStep::is_interactive);
                self.alone = alone.then_some(node);
                if !alone || self.running == 0 {
                    self.start(node);
                }
            }
        }
    }

    fn start(&mut self, node: usize) {
        let load = self.loads[node];
        self.cause[node] = self.latest;
        self.free -= 1;
        self.running += 1;
        let keeps = self.jobs == 1 || load.wait == 0;
        if !keeps {
            self.foresee(load.work, Event::Waits(node));
        }
        self.foresee(load.whole(), Event::Ends(node, keeps));
    }

    fn foresee(&mut self, after: u64, event: Event) {
        self.foreseen += 1;
        self.next.push(Reverse((self.now.saturating_add(after), self.foreseen, event)));
    }

    fn end(&mut self, node: usize) {
        self.alone = self.alone.filter(|alone| *alone != node);
        self.queue.satisfy(node);
        self.last = Some(node);
    }

    /// What stands in `finally` runs one after the other.
    fn finish(mut self) -> Schedule {
        let mut way: Vec<usize> = Vec::new();
        let mut at = self.last;
        while let Some(node) = at {
            way.push(node);
            at = self.cause[node];
        }
        way.reverse();
        for node in self.plan.finally() {
            self.now = self.now.saturating_add(self.loads[node].whole());
            way.push(node);
        }
        Schedule { end: self.now, way }
    }
}
