//! One step from its first attempt to its end.

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures::FutureExt;
use tokio::time::Instant;

use crate::aws::{ApiCall, ApiObserver, TableApi};
use crate::journal::{Journal, RunEvent, StepResult, StepStatus};
use crate::model::{ErrorCode, Failure, FailureClass, StepId, TableSpec, millis};
use crate::plan::PlannedStep;
use crate::step::{
    CommandContext, Consent, Deadline, Facts, LeftOutSettings, Pins, Slot, Snapshots, StepContext,
    StepError, StepSuccess, Surroundings, Undo,
};

use super::commands;
use super::delays::{After, Delays};
use super::intents::StepIntents;
use super::permission::{Refused, with_policy};
use super::{CancelToken, Narrowing};

/// What all steps of a run share.
#[derive(Clone)]
pub struct RunContext {
    /// The calls.
    pub tables: TableApi,
    /// All tables of the environment.
    pub all_tables: Arc<[TableSpec]>,
    /// What does not change.
    pub facts: Arc<Facts>,
    /// Identities of tables.
    pub pins: Pins,
    /// Descriptions of the preview.
    pub snapshots: Snapshots,
    /// What the endpoint turned out not to have.
    pub left_out: LeftOutSettings,
    /// The mutating calls that may be made.
    pub consent: Arc<Consent>,
    /// Asks the run to end.
    pub cancel: CancelToken,
    /// Takes events.
    pub emit: Arc<dyn Fn(RunEvent) + Send + Sync>,
    /// Where they are kept; `None` for a run that leaves nothing behind.
    pub journal: Option<Arc<Journal>>,
    /// What commands can know of the run.
    pub surroundings: Arc<Surroundings>,
    /// What it leaves out.
    pub narrowing: Arc<Narrowing>,
}

impl RunContext {
    /// A run that leaves nothing behind, in no environment: its steps can reach no service.
    #[must_use]
    pub fn unconnected(emit: Arc<dyn Fn(RunEvent) + Send + Sync>) -> Self {
        let facts = Facts {
            environment: "test".to_owned(),
            root: PathBuf::new(),
            region: "us-east-1".to_owned(),
            identity: None,
            credential_source: String::new(),
            endpoint: String::new(),
            is_service: false,
            allow_destroy: false,
            strict: false,
            table_prefix: String::new(),
        };
        Self {
            tables: TableApi::unconnected(),
            all_tables: Arc::new([]),
            facts: Arc::new(facts),
            pins: Pins::default(),
            snapshots: Snapshots::default(),
            left_out: LeftOutSettings::default(),
            consent: Arc::default(),
            cancel: CancelToken::default(),
            emit,
            journal: None,
            surroundings: Arc::default(),
            narrowing: Arc::default(),
        }
    }

    /// Reports calls that belong to no step: those of connecting and of the preview.
    #[must_use]
    pub fn observer_outside_steps(emit: Arc<dyn Fn(RunEvent) + Send + Sync>) -> ApiObserver {
        Arc::new(move |call| emit(api_called(None, call)))
    }

    /// The context of one attempt.
    pub(super) fn step_context(
        &self,
        planned: &PlannedStep,
        deadline: Deadline,
        may_have_changed: bool,
    ) -> StepContext {
        let bare = self.bare_context(&planned.id, planned.table.clone(), deadline);
        let command = CommandContext { command: planned.command.clone(), ..bare.command };
        let PlannedStep { tags_follow, updates_follow, .. } = *planned;
        StepContext { tags_follow, updates_follow, may_have_changed, command, ..bare }
    }

    /// The context of whatever is done in the name of a step.
    pub(super) fn bare_context(
        &self,
        step: &StepId,
        table: Option<Arc<TableSpec>>,
        deadline: Deadline,
    ) -> StepContext {
        StepContext {
            tables: self.observed(step),
            table,
            all_tables: Arc::clone(&self.all_tables),
            tags_follow: false,
            updates_follow: false,
            facts: Arc::clone(&self.facts),
            pins: self.pins.clone(),
            snapshots: self.snapshots.clone(),
            left_out: self.left_out.clone(),
            consent: Arc::clone(&self.consent),
            intents: Arc::new(StepIntents {
                step: step.clone(),
                emit: Arc::clone(&self.emit),
                journal: self.journal.clone(),
            }),
            may_have_changed: false,
            changed_before: self.narrowing.changed_before(step),
            command: commands::context(self, step),
            deadline,
            stop: Arc::new(self.cancel.clone()),
            slot: None,
            progress: {
                let (emit, step) = (Arc::clone(&self.emit), step.clone());
                Arc::new(move |message| {
                    emit(RunEvent::StepProgress { step: step.clone(), message });
                })
            },
        }
    }

    /// Calls reported under a step's name.
    fn observed(&self, step: &StepId) -> TableApi {
        let (emit, step) = (Arc::clone(&self.emit), step.clone());
        self.tables.observed_by(Arc::new(move |call| emit(api_called(Some(step.clone()), call))))
    }
}

/// A call as an event.
pub(super) fn api_called(step: Option<StepId>, call: ApiCall) -> RunEvent {
    RunEvent::ApiCalled {
        step,
        operation: call.operation.to_owned(),
        resource: call.resource,
        duration_ms: millis(call.duration),
        error: call.error,
    }
}

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
    let context = |deadline, changed| StepContext {
        slot: slot.cloned(),
        ..run.step_context(planned, deadline, changed)
    };
    (run.emit)(RunEvent::StepStarted { step: planned.id.clone() });
    let started = Instant::now();
    let deadline = Deadline::after(planned.timeout);
    let mut delays = Delays::new(planned.retry);
    let mut attempts = 0;
    let mut changed = false;
    let mut refused = None;
    loop {
        attempts += 1;
        let attempt_deadline = planned
            .attempt_timeout
            .map_or_else(|| deadline.clone(), |timeout| deadline.sooner(timeout));
        let mut cx = context(attempt_deadline, changed);
        cx.command.attempt = attempts;
        let mut error = match attempt(planned, &cx).await {
            Ok(mut success) => {
                Undo::gather(undo, std::mem::take(&mut success.undo));
                run.surroundings.outputs.keep(&planned.id, success.outputs.clone());
                return succeeded(planned, success, changed, attempts, started);
            }
            Err(error) => error,
        };
        Undo::gather(undo, std::mem::take(&mut error.undo));
        changed |= error.changed;
        error.failure = planned.retry.judge(error.failure);
        if error.failure.code == ErrorCode::StepTimedOut && !error.changed && deadline.is_over() {
            // What the service said last tells more than that the time is over.
            error.failure = refused.take().unwrap_or(error.failure);
        }
        let passes = matches!(error.failure.class, FailureClass::Throttled | FailureClass::Wait);
        refused = passes.then(|| error.failure.clone());
        let status = match delays.after(&error.failure, deadline.left()) {
            After::Pause(delay) => {
                (run.emit)(RunEvent::StepRetrying {
                    step: planned.id.clone(),
                    attempt: attempts,
                    delay_ms: millis(delay),
                    failure: error.failure.clone(),
                });
                let patient = context(deadline.clone(), changed);
                if let Err(failure) = patient.pause(delay).await {
                    return interrupted(planned, error, failure, changed, attempts, started);
                }
                continue;
            }
            After::TimeIsOver => StepStatus::TimedOut,
            After::GiveUp if error.failure.code == ErrorCode::Cancelled => StepStatus::Cancelled,
            After::GiveUp => StepStatus::Failed,
        };
        error.failure = with_policy(come_back(error.failure), run, Refused::Running);
        return failed(planned, error, status, changed, attempts, started);
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

fn succeeded(
    planned: &PlannedStep,
    success: StepSuccess,
    changed_before: bool,
    attempts: u32,
    started: Instant,
) -> StepResult {
    StepResult {
        status: StepStatus::Succeeded,
        changed: success.changed || changed_before,
        message: success.message,
        facts: success.facts,
        warnings: success.warnings,
        outputs: success.outputs,
        ..blank(planned, attempts, started)
    }
}

fn failed(
    planned: &PlannedStep,
    error: StepError,
    status: StepStatus,
    changed: bool,
    attempts: u32,
    started: Instant,
) -> StepResult {
    let changed = changed && !error.nothing_stands;
    let lost = error.failure.class == FailureClass::Ambiguous && changed;
    let bug = error.failure.code == ErrorCode::InternalError;
    let status = match status {
        _ if planned.tolerate && !bug && status != StepStatus::Cancelled => StepStatus::Tolerated,
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
        ..blank(planned, attempts, started)
    }
}

/// The pause before the next attempt did not come to its end: what failed before is the reason to
/// show when time ran out, and the end of the run when that came.
fn interrupted(
    planned: &PlannedStep,
    error: StepError,
    pause: Failure,
    changed: bool,
    attempts: u32,
    started: Instant,
) -> StepResult {
    if pause.code == ErrorCode::Cancelled {
        let lost = error.failure.class == FailureClass::Ambiguous && changed;
        let error = if lost { error } else { StepError { failure: pause, ..error } };
        return failed(planned, error, StepStatus::Cancelled, changed, attempts, started);
    }
    failed(planned, error, StepStatus::TimedOut, changed, attempts, started)
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
