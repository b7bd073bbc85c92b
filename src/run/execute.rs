//! The loop that owns a run.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::time::Instant;

use crate::journal::{RunEvent, SkipReason, StepResult, StepStatus, UndoOutcome, UndoResult};
use crate::model::{OnFailure, StepId, millis};
use crate::plan::{Plan, PlannedStep};

use super::attempt::{blank, run_step};
use super::clocks::Clocks;
use super::ready_queue::{Priority, ReadyQueue};
use super::rollback;
use super::slots::Slots;
use super::summary::RunSummary;
use super::{CancelReason, RunContext};

mod alone;
mod starts;

use alone::Alone;
use starts::lanes;

/// What bounds a run from outside.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// How many steps may be at work at once; those that only wait do not count, but for one job.
    pub jobs: usize,
    /// After how many failures nothing new starts.
    pub max_fail: Option<u32>,
    /// The time for the run, beside that of its task.
    pub timeout: Option<Duration>,
}

/// Carries a plan out, at most `jobs` steps at work at once.
///
/// With one job, steps run strictly in declaration order as far as dependencies allow, each to its
/// end, so that two runs are alike. With more, a step that waits lets others be at work meanwhile.
/// A failure under `on-failure stop`, one too many, or the end of the run being asked for, starts
/// nothing new; what runs is let come to its end. After failures, steps that wait for them still
/// start. What is to be undone is undone when all of that has ended. The steps of `finally` come
/// last in any case, even when this loop panics.
///
/// # Panics
/// When the loop did: after `finally`.
pub async fn execute(plan: &Plan, run: &RunContext, bounds: Bounds) -> RunSummary {
    let mut state = RunState::new(plan, run, bounds);
    let looped = AssertUnwindSafe(state.graph()).catch_unwind().await;
    if looped.is_ok() {
        state.roll_back(bounds.jobs).await;
    }
    state.finally().await;
    if let Err(panic) = looped {
        resume_unwind(panic);
    }
    state.finish()
}

/// A node and how its step ended; `None` when the run was ending before it did anything.
type Turn = (usize, Option<StepResult>);

/// The steps that were begun.
type Running<'a> = FuturesUnordered<BoxFuture<'a, Turn>>;

struct RunState<'a> {
    plan: &'a Plan,
    run: &'a RunContext,
    queue: ReadyQueue,
    clocks: Clocks,
    max_fail: Option<u32>,
    failures: u32,
    /// Set when nothing but the aftermath is to start; steps that had no turn yet look at it too.
    stopping: Arc<AtomicBool>,
    slots: Slots,
    /// Who has the run to itself.
    alone: Alone,
    /// Whether the cancellation was reported.
    told: bool,
    started: Instant,
    /// Nodes that changed something.
    changed: Vec<bool>,
    results: Vec<StepResult>,
    undone: Vec<UndoResult>,
}

impl<'a> RunState<'a> {
    fn new(plan: &'a Plan, run: &'a RunContext, bounds: Bounds) -> Self {
        let priority = if bounds.jobs <= 1 { Priority::Declared } else { Priority::CriticalPath };
        // What stands in `finally` waits for nothing in the graph: its turn comes apart.
        let nodes = 0..plan.finally().start;
        let dependents: Vec<_> = nodes.clone().map(|node| plan.dependents(node)).collect();
        let weight = |node| plan.step(node).map_or(0, |step| millis(step.usual));
        let weights: Vec<u64> = nodes.clone().map(weight).collect();
        let (lanes, kinds) = lanes(nodes.map(|node| plan.step(node)));
        let started = Instant::now();
        let share = |node| plan.step(node)?.pool.map(|(pool, weight)| (node, pool, weight));
        let shares = (0..dependents.len()).filter_map(share);
        let queue = ReadyQueue::new(&dependents, &weights, priority);
        Self {
            plan,
            run,
            queue: queue.with_lanes(lanes).with_pools(&plan.pools, shares),
            clocks: Clocks::new(plan, bounds.timeout, started),
            max_fail: bounds.max_fail,
            failures: 0,
            stopping: Arc::default(),
            slots: Slots::new(bounds.jobs, kinds),
            alone: Alone::default(),
            told: false,
            started,
            changed: changed_before(plan, run),
            results: Vec::new(),
            undone: Vec::new(),
        }
    }

    fn cancelled(&self) -> bool {
        self.run.cancel.reason().is_some()
    }

    /// Whether nothing can be recorded any more.
    fn lost(&self) -> bool {
        self.run.journal.as_ref().is_some_and(|journal| journal.is_lost())
    }

    fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Runs what stands in the graph.
    async fn graph(&mut self) {
        let mut running = Running::new();
        loop {
            self.fill(&mut running);
            if running.is_empty() {
                // Nothing runs and nothing was started: the rest is blocked, or not to be started
                // any more, which some steps wait for.
                if self.stopping() && !self.cancelled() && self.queue.release_stranded() {
                    continue;
                }
                return;
            }
            let run = self.run;
            tokio::select! {
                biased;
                reason = run.cancel.cancelled(), if !self.told => {
                    self.cancelling(&reason.to_string());
                }
                () = Clocks::over(self.clocks.next()), if !self.cancelled() => {
                    run.cancel.cancel(CancelReason::Timeout);
                }
                () = self.slots.changed() => {}
                Some((node, result)) = running.next() => self.ended(node, result),
            }
        }
    }

    /// Undoes what is to be undone, unless the run was ended in a way that leaves no time for it.
    /// What ends it in such a way meanwhile lets nothing further start.
    async fn roll_back(&mut self, at_once: usize) {
        let ending = self.run.cancel.reason();
        let interrupted = ending == Some(CancelReason::Interrupt);
        let nodes = rollback::selected(self.plan, &self.results, interrupted);
        let agenda = rollback::Agenda::of_plan(self.plan, nodes);
        if agenda.is_empty() {
            return;
        }
        let undone = match ending.filter(|reason| !reason.lets_undo()) {
            Some(reason) => agenda.keep(self.run, &format!("the run was ended by {reason}")),
            None if self.lost() => agenda.keep(self.run, "nothing can be recorded any more"),
            None if self.plan.no_rollback => agenda.keep(self.run, "kept by --no-rollback"),
            None => self.undo(&agenda, at_once).await,
        };
        let outcomes: HashMap<&StepId, UndoOutcome> =
            undone.iter().map(|undone| (&undone.step, undone.outcome)).collect();
        for result in &mut self.results {
            if let Some(outcome) = outcomes.get(&result.step) {
                result.undone(*outcome);
            }
        }
        self.undone = undone;
    }

    async fn undo(&mut self, agenda: &rollback::Agenda, at_once: usize) -> Vec<UndoResult> {
        // The signal that ended the run does not end this, too.
        let run = RunContext { cancel: self.run.cancel.of_rollback(), ..self.run.clone() };
        let mut undoing = std::pin::pin!(agenda.carry_out(&run, at_once));
        let mut next = self.clocks.next();
        loop {
            tokio::select! {
                biased;
                reason = self.run.cancel.cancelled(), if !self.told => {
                    self.cancelling(&reason.to_string());
                }
                () = Clocks::over(next) => {
                    next = None;
                    self.run.cancel.cancel(CancelReason::Timeout);
                }
                undone = &mut undoing => return undone,
            }
        }
    }

    /// Runs what stands in `finally`, one after the other, whatever the run came to. A signal does
    /// not end these steps; the second one does, and leaves out those that follow.
    async fn finally(&mut self) {
        let run = RunContext { cancel: self.run.cancel.stubborn(), ..self.run.clone() };
        for node in self.plan.finally() {
            let Some(step) = self.plan.step(node) else { continue };
            if run.cancel.is_hurried() {
                self.skip(step, SkipReason::RunEnding, "the run was ending");
                continue;
            }
            if let Some((reason, message)) = self.passed_over(step, true) {
                self.skip(step, reason, &message);
                continue;
            }
            let mut running = std::pin::pin!(run_step(&run, step));
            let result = loop {
                tokio::select! {
                    biased;
                    reason = self.run.cancel.cancelled(), if !self.told => {
                        self.cancelling(&reason.to_string());
                    }
                    result = &mut running => break result,
                }
            };
            self.push(step, result);
        }
    }

    fn cancelling(&mut self, reason: &str) {
        self.told = true;
        (self.run.emit)(RunEvent::Cancelling { reason: reason.to_owned() });
    }

    fn ended(&mut self, node: usize, result: Option<StepResult>) {
        let step = self.plan.step(node).expect("only steps run");
        self.slots.end(node);
        self.leave_alone(node);
        let Some(result) = result else {
            self.queue.put_back(node);
            return;
        };
        self.changed[node] |= result.changed;
        let satisfied = result.status.is_satisfied();
        self.push(step, result);
        if satisfied {
            self.queue.satisfy(node);
            return;
        }
        let blocked = self.queue.block(node);
        for step in blocked.into_iter().filter_map(|node| self.plan.step(node)) {
            let upstream = self.plan.step(node).expect("only steps run").id.clone();
            self.skip_upstream(step, upstream);
        }
        self.failures += 1;
        let too_many = self.max_fail.is_some_and(|most| self.failures >= most);
        if step.on_failure == OnFailure::Stop || too_many {
            self.stopping.store(true, Ordering::Relaxed);
        }
    }

    fn skip_upstream(&mut self, step: &PlannedStep, upstream: StepId) {
        let message = format!("{upstream} did not succeed");
        self.skip(step, SkipReason::Upstream { step: upstream }, &message);
    }

    fn skip(&mut self, step: &PlannedStep, reason: SkipReason, message: &str) {
        // What was not to run at all is not kept from it by anything else.
        let otherwise = || (reason, message.to_owned());
        let (reason, message) = self.run.narrowing.why(&step.id).unwrap_or_else(otherwise);
        let result = StepResult {
            status: StepStatus::Skipped,
            message,
            skipped: Some(reason),
            ..blank(step, 0, Instant::now())
        };
        self.push(step, result);
    }

    fn push(&mut self, step: &PlannedStep, result: StepResult) {
        self.clocks.ended(step);
        (self.run.emit)(RunEvent::StepFinished(Box::new(result.clone())));
        self.results.push(result);
    }

    fn finish(mut self) -> RunSummary {
        let reason = self.run.cancel.reason();
        // The last step may have ended in the same moment.
        if let Some(reason) = reason.filter(|_| !self.told) {
            self.cancelling(&reason.to_string());
        }
        for step in self.queue.left().into_iter().filter_map(|node| self.plan.step(node)) {
            self.skip(step, SkipReason::RunEnding, "the run was ending");
        }
        RunSummary {
            results: self.results,
            undone: self.undone,
            duration: self.started.elapsed(),
            cancelled: reason,
        }
    }
}

/// What the runs changed that this one goes on with, by node.
fn changed_before(plan: &Plan, run: &RunContext) -> Vec<bool> {
    let changed = |step: &PlannedStep| run.narrowing.changed_before(&step.id);
    (0..plan.len()).map(|node| plan.step(node).is_some_and(changed)).collect()
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
