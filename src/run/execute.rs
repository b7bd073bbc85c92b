//! The loop that owns a run.

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::journal::{RunEvent, SkipReason, StepResult, StepStatus};
use crate::model::{Effect, OnFailure, StepId};
use crate::plan::{Plan, PlannedStep};

use super::attempt::{RunContext, blank, millis, run_step};
use super::ready_queue::{Priority, ReadyQueue};
use super::summary::RunSummary;

/// Carries a plan out, at most `jobs` steps at once.
///
/// With one job, steps run strictly in declaration order as far as dependencies allow, so that two
/// runs are alike. With more, a quarter of them goes to steps that only read, as long as there are
/// any: steps that write wait for each other at the service's limits, and that time is put to use.
/// A failure under `on-failure stop`, or the end of the run being asked for, starts
/// nothing new; what runs is let come to its end.
pub async fn execute(plan: &Plan, run: &RunContext, jobs: usize) -> RunSummary {
    let jobs = jobs.max(1);
    let priority = if jobs == 1 { Priority::Declared } else { Priority::CriticalPath };
    let mut state = RunState::new(plan, run, priority);
    let mut running: FuturesUnordered<BoxFuture<'_, (usize, StepResult)>> = FuturesUnordered::new();
    loop {
        while running.len() < jobs && !state.ending() {
            let Some((node, step)) = state.next_step(jobs / 4) else { break };
            running.push(Box::pin(async move { (node, run_step(run, step).await) }));
        }
        // Nothing runs and nothing was started: the rest is blocked, or not to be started any more.
        if running.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            reason = run.cancel.cancelled(), if !state.told => state.cancelling(&reason.to_string()),
            Some((node, result)) = running.next() => state.ended(node, result),
        }
    }
    state.finish()
}

struct RunState<'a> {
    plan: &'a Plan,
    run: &'a RunContext,
    queue: ReadyQueue,
    stopping: bool,
    /// Running steps that only read.
    reading: usize,
    /// Whether the cancellation was reported.
    told: bool,
    started: Instant,
    results: Vec<StepResult>,
}

impl<'a> RunState<'a> {
    fn new(plan: &'a Plan, run: &'a RunContext, priority: Priority) -> Self {
        let dependents: Vec<Vec<usize>> =
            (0..plan.len()).map(|node| plan.dependents(node)).collect();
        let weight = |node| plan.step(node).map_or(0, |step| millis(step.usual));
        let weights: Vec<u64> = (0..plan.len()).map(weight).collect();
        let reads = |node| plan.step(node).is_some_and(only_reads);
        let reads: Vec<bool> = (0..plan.len()).map(reads).collect();
        Self {
            plan,
            run,
            queue: ReadyQueue::new(&dependents, &weights, priority).marking(reads),
            stopping: false,
            reading: 0,
            told: false,
            started: Instant::now(),
            results: Vec::new(),
        }
    }

    fn ending(&self) -> bool {
        self.stopping || self.run.cancel.reason().is_some()
    }

    /// The next step to start: one that only reads, where fewer than `kept` of them run; barriers and
    /// steps left out end on the way.
    fn next_step(&mut self, kept: usize) -> Option<(usize, &'a PlannedStep)> {
        loop {
            let read = (self.reading < kept).then(|| self.queue.pop_marked()).flatten();
            let node = read.or_else(|| self.queue.pop())?;
            match self.plan.step(node) {
                None => self.queue.satisfy(node),
                Some(step) if step.left_out => {
                    self.skip(step, SkipReason::Condition, "not in this environment");
                    self.queue.satisfy(node);
                }
                Some(step) => {
                    self.reading += usize::from(only_reads(step));
                    return Some((node, step));
                }
            }
        }
    }

    fn cancelling(&mut self, reason: &str) {
        self.told = true;
        (self.run.emit)(RunEvent::Cancelling { reason: reason.to_owned() });
    }

    fn ended(&mut self, node: usize, result: StepResult) {
        let step = self.plan.step(node).expect("only steps run");
        self.reading -= usize::from(only_reads(step));
        let satisfied = result.status.is_satisfied();
        self.push(result);
        if satisfied {
            self.queue.satisfy(node);
            return;
        }
        let blocked = self.queue.block(node);
        for step in blocked.into_iter().filter_map(|node| self.plan.step(node)) {
            let upstream = self.plan.step(node).expect("only steps run").id.clone();
            self.skip_upstream(step, upstream);
        }
        if step.on_failure == OnFailure::Stop {
            self.stopping = true;
        }
    }

    fn skip_upstream(&mut self, step: &PlannedStep, upstream: StepId) {
        let message = format!("{upstream} did not succeed");
        self.skip(step, SkipReason::Upstream { step: upstream }, &message);
    }

    fn skip(&mut self, step: &PlannedStep, reason: SkipReason, message: &str) {
        self.push(StepResult {
            status: StepStatus::Skipped,
            message: message.to_owned(),
            skipped: Some(reason),
            ..blank(step, 0, Instant::now())
        });
    }

    fn push(&mut self, result: StepResult) {
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
        RunSummary { results: self.results, duration: self.started.elapsed(), cancelled: reason }
    }
}

fn only_reads(step: &PlannedStep) -> bool {
    step.effect == Effect::Read
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
