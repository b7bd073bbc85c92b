//! Taking back what one step did.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

use crate::journal::{RunEvent, UndoOutcome, UndoResult};
use crate::model::{ErrorCode, Failure, RetryPolicy, TableName, TableSpec, millis};
use crate::step::{Consent, Deadline, StepContext, Undo, Undone};

use super::super::RunContext;
use super::super::attempt::guarded;
use super::super::delays::{After, Delays};
use super::super::permission::{Refused, with_policy};
use super::{Undoing, steps};

/// A table may still be made, changed and then deleted in this time.
const FOR_A_TABLE: Duration = Duration::from_mins(30);
const FOR_TAGS: Duration = Duration::from_mins(5);
const FOR_A_PROGRAM: Duration = Duration::from_mins(10);
/// As long as it may take to put them.
const FOR_ITEMS: Duration = Duration::from_hours(1);
/// A call that was about to be sent when a run was killed, or its answer, may be this long on its way.
const MAY_ARRIVE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// More than a step has: nobody comes after this.
const RETRIES: u32 = 8;

/// Takes back what a step did, last change first.
pub(super) async fn undo_step(run: &RunContext, undoing: &Undoing) -> UndoResult {
    if let Some(reason) = run.cancel.reason() {
        return undoing.ended(UndoOutcome::Kept, format!("the run was ended by {reason}"));
    }
    if undoing.undo.is_empty() {
        return without_undo(run, undoing).await;
    }
    (run.emit)(RunEvent::UndoStarted { step: undoing.step.clone() });
    let started = Instant::now();
    let mut whole = undoing.ended(UndoOutcome::RolledBack, "");
    let mut left = Vec::new();
    for undo in undoing.undo.iter().rev() {
        if let Undo::Step(step) = undo
            && whole.outcome != UndoOutcome::RolledBack
        {
            // It counts on the one before it.
            left.push(step.name.as_str());
            continue;
        }
        let part = carry_out(run, undoing, undo).await;
        whole.outcome = worse(whole.outcome, part.outcome);
        whole.attempts += part.attempts;
        whole.failure = whole.failure.or(part.failure);
        if !whole.message.is_empty() {
            whole.message.push_str("; ");
        }
        whole.message.push_str(&part.message);
    }
    if !left.is_empty() {
        let _ = write!(whole.message, "; not run: {}", left.join(", "));
    }
    if undoing.last_unknown && !undoing.undo.iter().any(Undo::removes_table) {
        whole.outcome = worse(whole.outcome, UndoOutcome::Stands);
        whole.message.push_str("; what became of its last call is not known");
    }
    UndoResult { duration_ms: millis(started.elapsed()), ..whole }
}

/// A change that nothing takes back stands, unless it is a table that was not made after all.
async fn without_undo(run: &RunContext, undoing: &Undoing) -> UndoResult {
    let stands = || undoing.ended(UndoOutcome::Stands, &*undoing.stands);
    let (Some(name), Some(sent)) = (&undoing.table_name, undoing.creation_sent) else {
        return stands();
    };
    let Ok(name) = TableName::parse(name) else { return stands() };
    let cx = run.bare_context(&undoing.step, None, Deadline::after(FOR_TAGS));
    loop {
        match cx.describe_named(&name).await {
            Ok(None) => {}
            // What cannot be looked at may stand.
            Ok(Some(_)) | Err(_) => return stands(),
        }
        let age = SystemTime::now().duration_since(UNIX_EPOCH + Duration::from_millis(sent));
        let left = MAY_ARRIVE.saturating_sub(age.unwrap_or_default());
        if left.is_zero() {
            return undoing.ended(UndoOutcome::RolledBack, format!("{name} is not there"));
        }
        cx.progress(format!(
            "waits for a CreateTable that may still arrive, for {} s",
            left.as_secs() + 1
        ));
        if cx.pause_before_poll(left.min(LOOK_AGAIN)).await.is_err() {
            return interrupted(undoing);
        }
    }
}

async fn carry_out(run: &RunContext, undoing: &Undoing, undo: &Undo) -> UndoResult {
    let deadline = Deadline::after(match undo {
        Undo::DeleteTable { .. } => FOR_A_TABLE,
        Undo::RestoreTags { .. } => FOR_TAGS,
        Undo::Run { .. } | Undo::Plugin { .. } => FOR_A_PROGRAM,
        Undo::DeleteItems { .. } => FOR_ITEMS,
        Undo::Step(step) => step.timeout,
    });
    let mut delays = Delays::new(
        steps::retry(undo).unwrap_or(RetryPolicy { retries: RETRIES, ..RetryPolicy::default() }),
    );
    let mut attempts = 0;
    if let Err(failure) = steps::all_before_on_disk(run, undo).await {
        let ended = failure.code == ErrorCode::Cancelled;
        return if ended { interrupted(undoing) } else { failed(undoing, attempts, failure) };
    }
    loop {
        attempts += 1;
        let mut cx = context(run, undoing, undo, steps::attempt_deadline(undo, &deadline));
        cx.command.attempt = attempts;
        let ended =
            |outcome, message: String| UndoResult { attempts, ..undoing.ended(outcome, message) };
        let failure = match guarded(undo.carry_out(&cx)).await {
            Ok(Undone::Gone(message)) => {
                steps::done(run, undoing, undo);
                return ended(UndoOutcome::RolledBack, message);
            }
            Ok(Undone::Stands(message)) => return ended(UndoOutcome::Stands, message),
            Err(error) => error.failure,
        };
        if let After::Pause(delay) = delays.after(&failure, deadline.left()) {
            (run.emit)(RunEvent::StepRetrying {
                step: undoing.step.clone(),
                attempt: attempts,
                delay_ms: millis(delay),
                failure: failure.clone(),
            });
            match context(run, undoing, undo, deadline.clone()).pause(delay).await {
                Ok(()) => continue,
                Err(end) if end.code == ErrorCode::Cancelled => return interrupted(undoing),
                // What failed says more than that the time is over.
                Err(_) => {}
            }
        }
        if failure.code == ErrorCode::Cancelled {
            return interrupted(undoing);
        }
        return failed(undoing, attempts, with_policy(failure, run, Refused::Undoing));
    }
}

/// The end of the run was asked for; a call that was under way has come to its end.
fn interrupted(undoing: &Undoing) -> UndoResult {
    undoing.ended(UndoOutcome::Kept, "the run was ended while this was being undone")
}

fn failed(undoing: &Undoing, attempts: u32, failure: Failure) -> UndoResult {
    let message = failure.message.clone();
    let ended = undoing.ended(UndoOutcome::Failed, message);
    UndoResult { attempts, failure: Some(failure), ..ended }
}

fn context(run: &RunContext, undoing: &Undoing, undo: &Undo, deadline: Deadline) -> StepContext {
    let named = |table: &&TableSpec| Some(table.name.as_str()) == undo.table_name();
    let table = run.all_tables.iter().find(named).map(|table| Arc::new(table.clone()));
    let consent = Arc::new(Consent::to_undo(undo));
    if let Undo::DeleteTable { identity, .. } = undo
        && undoing.shown
    {
        run.pins.note_shown(identity.clone());
    }
    StepContext { consent, ..run.bare_context(&undoing.step, table, deadline) }
}

/// What became of both.
const fn worse(one: UndoOutcome, other: UndoOutcome) -> UndoOutcome {
    use UndoOutcome::{Failed, Kept, RolledBack, Stands};
    match (one, other) {
        (Failed, _) | (_, Failed) => Failed,
        (Kept, _) | (_, Kept) => Kept,
        (Stands, _) | (_, Stands) => Stands,
        (RolledBack, RolledBack) => RolledBack,
    }
}
