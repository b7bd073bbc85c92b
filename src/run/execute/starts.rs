//! Which steps start, and when.
//!
//! A free slot goes to whoever has the longest way still ahead: a step that waited and asks for one
//! again, or a new one; ties go to the former. While as many steps of a kind as there are slots wait
//! for their turn to make a call, no further one of that kind starts: it would only wait behind them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::journal::SkipReason;
use crate::plan::PlannedStep;
use crate::run::attempt::run_step_in;
use crate::run::ready_queue::Lane;

use super::{RunState, Running, Turn};

/// How many steps may be under way, those that wait included: each takes memory.
const BEGUN: usize = 1_000;

impl<'a> RunState<'a> {
    /// Gives all free slots away.
    pub(super) fn fill(&mut self, running: &mut Running<'a>) {
        while self.slots.has_room() {
            let asking = self.slots.first_asking();
            let (room, idle) = (running.len() < BEGUN, running.is_empty());
            if let Some((node, step)) = room.then(|| self.next_step(asking, idle)).flatten() {
                running.push(self.turn(node, step));
            } else if !self.slots.grant() {
                return;
            }
        }
    }

    /// A step's turn, which comes when this is polled first. What ended between leaving the queue
    /// and that may have stopped the run, and then the step does not start.
    fn turn(&self, node: usize, step: &'a PlannedStep) -> BoxFuture<'a, Turn> {
        let (run, stopping) = (self.run, Arc::clone(&self.stopping));
        let slot = self.slots.begin(node, self.queue.lane(node).kind, self.queue.rank(node));
        Box::pin(async move {
            let stopped = stopping.load(Ordering::Relaxed) && step.aftermath.is_none();
            if stopped || run.cancel.reason().is_some() {
                return (node, None);
            }
            (node, Some(run_step_in(run, step, slot).await))
        })
    }

    /// The next node of the plan that may start, if it precedes that one.
    fn next_node(&mut self, above: Option<u64>) -> Option<usize> {
        if self.cancelled() || self.lost() {
            return None;
        }
        let (stopping, slots) = (self.stopping(), &self.slots);
        let open = |lane: Lane| (!stopping || lane.aftermath) && slots.lets_in(lane.kind);
        self.queue.pop_where(open, above)
    }

    /// The next step to start; barriers and steps left out end on the way, and steps whose pool has
    /// no room are set aside. `idle` says that nothing runs.
    fn next_step(&mut self, above: Option<u64>, idle: bool) -> Option<(usize, &'a PlannedStep)> {
        self.give_up_waiting();
        if !self.is_shared() {
            return self.next_alone(idle);
        }
        loop {
            let node = self.next_node(above)?;
            let plan = self.plan;
            let Some(step) = plan.step(node) else {
                self.queue.satisfy(node);
                continue;
            };
            let called = self.queue.is_called_for(node);
            if let Some((reason, message)) = self.passed_over(step, called) {
                self.skip(step, reason, &message);
                self.queue.satisfy(node);
                continue;
            }
            if !self.queue.enter_pool(node) {
                continue;
            }
            if !self.may_start(node, step, idle) {
                return None;
            }
            self.clocks.started(step, Instant::now());
            return Some((node, step));
        }
    }

    /// Why a step whose turn has come is not to run, though nothing failed on the way to it.
    pub(super) fn passed_over(
        &self,
        step: &PlannedStep,
        called: bool,
    ) -> Option<(SkipReason, String)> {
        let (names, nodes) = &step.only_if_changed;
        if step.left_out {
            Some((SkipReason::Condition, "not in this environment".to_owned()))
        } else if let Some(left_out) = self.run.narrowing.why(&step.id) {
            Some(left_out)
        } else if !called {
            let message = format!("{} did not fail", all_of(&step.after));
            Some((SkipReason::NothingFailed { steps: step.after.clone() }, message))
        } else if !names.is_empty() && !nodes.iter().any(|node| self.changed[*node]) {
            let message = format!("{} changed nothing", all_of(names));
            Some((SkipReason::NothingChanged { steps: names.clone() }, message))
        } else {
            None
        }
    }
}

/// The lane of each node, and how many kinds there are, barriers being one.
pub(super) fn lanes<'p>(
    steps: impl Iterator<Item = Option<&'p PlannedStep>>,
) -> (Vec<Lane>, usize) {
    let mut kinds: HashMap<&str, usize> = HashMap::new();
    let lanes = steps.map(|step| {
        let Some(step) = step else { return Lane::default() };
        let next = kinds.len() + 1;
        let kind = *kinds.entry(&step.kind).or_insert(next);
        Lane { kind, aftermath: step.aftermath.is_some() }
    });
    let lanes = lanes.collect();
    (lanes, kinds.len() + 1)
}

fn all_of(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        [] => "nothing".to_owned(),
    }
}

#[cfg(test)]
#[path = "starts_tests.rs"]
mod tests;
