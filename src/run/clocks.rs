//! When a run has to end: its own time, and that of the tasks in it.

use std::time::Duration;

use tokio::time::Instant;

use crate::plan::{Plan, PlannedStep};

/// The clocks of a run.
pub(super) struct Clocks {
    /// For the whole run.
    run: Option<Instant>,
    /// One for each needed task with a timeout.
    tasks: Vec<Clock>,
}

struct Clock {
    timeout: Duration,
    /// Steps that have not ended.
    left: usize,
    /// From the first step's start to the last one's end.
    deadline: Option<Instant>,
}

impl Clocks {
    pub(super) fn new(plan: &Plan, timeout: Option<Duration>, now: Instant) -> Self {
        let timeout = plan.timeout.into_iter().chain(timeout).min();
        let mut tasks: Vec<Clock> = plan
            .task_timeouts
            .iter()
            .map(|timeout| Clock { timeout: *timeout, left: 0, deadline: None })
            .collect();
        for clock in plan.steps().filter_map(|step| step.clock) {
            tasks[clock].left += 1;
        }
        Self { run: timeout.map(|timeout| now + timeout), tasks }
    }

    pub(super) fn started(&mut self, step: &PlannedStep, now: Instant) {
        if let Some(clock) = step.clock.map(|clock| &mut self.tasks[clock]) {
            clock.deadline.get_or_insert(now + clock.timeout);
        }
    }

    /// A step ended, or will not run.
    pub(super) fn ended(&mut self, step: &PlannedStep) {
        if let Some(clock) = step.clock.map(|clock| &mut self.tasks[clock]) {
            clock.left -= 1;
            if clock.left == 0 {
                clock.deadline = None;
            }
        }
    }

    /// The next moment at which time is over.
    pub(super) fn next(&self) -> Option<Instant> {
        self.tasks.iter().filter_map(|clock| clock.deadline).chain(self.run).min()
    }

    /// Resolves when time is over; never, where none is set.
    pub(super) async fn over(next: Option<Instant>) {
        match next {
            Some(moment) => tokio::time::sleep_until(moment).await,
            None => std::future::pending().await,
        }
    }
}
