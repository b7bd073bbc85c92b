//! One step from its first attempt to its end.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::FutureExt;
use tokio::time::Instant;

use crate::journal::{RunEvent, StepResult, StepStatus};
use crate::model::{ErrorCode, Failure, FailureClass, millis};
use crate::plan::PlannedStep;
use crate::step::{Deadline, Slot, StepContext, StepError, StepSuccess, Undo};

use super::RunContext;
use super::delays::{After, Delays};
use super::permission::{Refused, with_policy};

/// Runs a step until it succeeds, may not be tried again, or its time is over.
pub(super) async fn run_step(run: &RunContext, planned: &PlannedStep) -> StepResult {
    run_step_in(run, planned, None).await
}

/// As [`run_step`], by a step that gives this slot back while it waits.
pub(super) async fn run_step_in(
    run: &RunContext,
    planned: &PlannedStep,
    slot: Option<Arc<dyn Slot>>,
) -> StepResult {
    let mut undo = Vec::new();
    let result = all_attempts(run, planned, slot.as_ref(), &mut undo).await;
    StepResult { undo, ..result }
}

/// As [`run_step`]; `undo` takes up how what any attempt changed is taken back.
async fn all_attempts(
    run: &RunContext,
    planned: &PlannedStep,
    slot: Option<&Arc<dyn Slot>>,
    undo: &mut Vec<Undo>,
) -> StepResult {
    (run.emit)(RunEvent::StepStarted { step: planned.id.clone() });
    let mut step = Attempts::new(planned);
    loop {
        let mut cx = step.context(run, slot, step.deadline_of_next());
        step.count += 1;
        cx.command.attempt = step.count;
        let error = match attempt(planned, &cx).await {
            Ok(mut success) => {
                Undo::gather(undo, std::mem::take(&mut success.undo));
                run.surroundings.outputs.keep(&planned.id, success.outputs.clone());
                return step.succeeded(success);
            }
            Err(mut error) => {
                Undo::gather(undo, std::mem::take(&mut error.undo));
                error
            }
        };
        let (mut error, after) = step.judge(error);
        let status = match after {
            After::Pause(delay) => {
                (run.emit)(RunEvent::StepRetrying {
                    step: planned.id.clone(),
                    attempt: step.count,
                    delay_ms: millis(delay),
                    failure: error.failure.clone(),
                });
                let patient = step.context(run, slot, step.deadline.clone());
                match patient.pause(delay).await {
                    Ok(()) => continue,
                    Err(end) => return step.interrupted(error, end),
                }
            }
            After::TimeIsOver => StepStatus::TimedOut,
            After::GiveUp if error.failure.code == ErrorCode::Cancelled => StepStatus::Cancelled,
            After::GiveUp => StepStatus::Failed,
        };
        error.failure = with_policy(come_back(error.failure), run, Refused::Running);
        return step.failed(error, status);
    }
}

/// The last second of the year 9999, beyond which no time can be written.
const LATEST: Duration = Duration::from_secs(253_402_300_799);

/// Says when to come back, where the service named a time that the step did not have.
pub(super) fn come_back(failure: Failure) -> Failure {
    let Some(moment) = failure.not_before.filter(|moment| *moment > SystemTime::now()) else {
        return failure;
    };
    // A second later than a fraction of one is not too early.
    let moment = (moment + Duration::from_millis(999)).min(UNIX_EPOCH + LATEST);
    let time = humantime::format_rfc3339_seconds(moment).to_string();
    let message = format!("{}; not before {time}", failure.message);
    Failure { message, ..failure }.fix(format!("run again after {time}")).detail("notBefore", time)
}

/// One attempt; a panic is a failure of the step and ends nothing else.
async fn attempt(planned: &PlannedStep, cx: &StepContext) -> Result<StepSuccess, StepError> {
    guarded(planned.step.execute(cx)).await
}

/// An attempt at anything; a panic is its failure.
pub(super) async fn guarded<T>(
    attempt: impl Future<Output = Result<T, StepError>>,
) -> Result<T, StepError> {
    let ended = AssertUnwindSafe(attempt).catch_unwind().await;
    ended.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Err(Failure::new(ErrorCode::InternalError, "the step panicked: this is a bug in osem")
            .said(text)
            .fix("look at the table, then run again; please report it with the lines above")
            .into())
    })
}

/// A step between its first attempt and its end.
struct Attempts<'a> {
    planned: &'a PlannedStep,
    started: Instant,
    /// Of all of them.
    deadline: Deadline,
    delays: Delays,
    /// Those that were begun.
    count: u32,
    /// Whether one of them changed something.
    changed: bool,
    /// Why the last one failed, where that passes by itself.
    refused: Option<Failure>,
}

impl<'a> Attempts<'a> {
    fn new(planned: &'a PlannedStep) -> Self {
        Self {
            planned,
            started: Instant::now(),
            deadline: Deadline::after(planned.timeout),
            delays: Delays::new(planned.retry),
            count: 0,
            changed: false,
            refused: None,
        }
    }

    fn deadline_of_next(&self) -> Deadline {
        let timeout = self.planned.attempt_timeout;
        timeout.map_or_else(|| self.deadline.clone(), |timeout| self.deadline.sooner(timeout))
    }

    fn context(
        &self,
        run: &RunContext,
        slot: Option<&Arc<dyn Slot>>,
        deadline: Deadline,
    ) -> StepContext {
        let cx = run.step_context(self.planned, deadline, self.changed);
        StepContext { slot: slot.cloned(), ..cx }
    }

    /// What follows a failed attempt, and why it failed.
    fn judge(&mut self, error: StepError) -> (StepError, After) {
        self.changed |= error.changed;
        let mut failure = self.planned.retry.judge(error.failure);
        if failure.code == ErrorCode::StepTimedOut && !error.changed && self.deadline.is_over() {
            // What the service said last tells more than that the time is over.
            failure = self.refused.take().unwrap_or(failure);
        }
        let passes = matches!(failure.class, FailureClass::Throttled | FailureClass::Wait);
        self.refused = passes.then(|| failure.clone());
        let after = self.delays.after(&failure, self.deadline.left());
        (StepError { failure, ..error }, after)
    }

    fn succeeded(self, success: StepSuccess) -> StepResult {
        StepResult {
            status: StepStatus::Succeeded,
            changed: success.changed || self.changed,
            message: success.message,
            facts: success.facts,
            warnings: success.warnings,
            outputs: success.outputs,
            ..blank(self.planned, self.count, self.started)
        }
    }

    fn failed(self, error: StepError, status: StepStatus) -> StepResult {
        let changed = self.changed && !error.nothing_stands;
        let lost = error.failure.class == FailureClass::Ambiguous && changed;
        let bug = error.failure.code == ErrorCode::InternalError;
        let tolerated = self.planned.tolerate && !bug;
        let status = match status {
            _ if tolerated && status != StepStatus::Cancelled => StepStatus::Tolerated,
            StepStatus::Failed | StepStatus::TimedOut | StepStatus::Cancelled if lost => {
                StepStatus::Unknown
            }
            status => status,
        };
        StepResult {
            status,
            changed,
            message: error.failure.message.clone(),
            failure: Some(error.failure),
            facts: error.facts,
            ..blank(self.planned, self.count, self.started)
        }
    }

    /// The pause before the next attempt did not come to its end: what failed before is the reason
    /// to show when time ran out, and the end of the run when that came.
    fn interrupted(self, error: StepError, pause: Failure) -> StepResult {
        if pause.code != ErrorCode::Cancelled {
            return self.failed(error, StepStatus::TimedOut);
        }
        let lost = error.failure.class == FailureClass::Ambiguous && self.changed;
        let error = if lost { error } else { StepError { failure: pause, ..error } };
        self.failed(error, StepStatus::Cancelled)
    }
}

/// A result with only what every end has.
pub(super) fn blank(planned: &PlannedStep, attempts: u32, started: Instant) -> StepResult {
    StepResult {
        table: planned.table.as_ref().map(|table| table.declared.clone()),
        attempts,
        duration_ms: millis(started.elapsed()),
        ..StepResult::not_run(planned.id.clone(), &planned.kind)
    }
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
