//! What was undone, for people and programs: what is gone, what stands and why, and how to go on.

use std::fmt::Write as _;

use serde::Serialize;

use crate::journal::{RunHeader, UndoOutcome, UndoResult};
use crate::model::{ErrorCode, Failure, StepId};

use super::failure::explanation;
use super::style::{Paint, Symbol};
use super::text::count;
use super::{ErrorObject, RunFold, Style, Verbosity, sanitize};

/// A step that was undone, or was to be.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackEntry {
    /// The step.
    pub step: StepId,
    /// The full name of its table.
    pub table_name: Option<String>,
    /// `rolled-back`; `stands`, because it may not be undone; `kept`, because nobody tried; `failed`.
    pub status: UndoOutcome,
    /// One line for people.
    pub message: String,
    /// How many attempts it took.
    pub attempts: u32,
    /// Milliseconds.
    pub duration: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
}

impl From<&UndoResult> for RollbackEntry {
    fn from(undone: &UndoResult) -> Self {
        Self {
            step: undone.step.clone(),
            table_name: undone.table_name.clone(),
            status: undone.outcome,
            message: undone.message.clone(),
            attempts: undone.attempts,
            duration: undone.duration_ms,
            error: undone.failure.as_ref().map(|failure| ErrorObject::new(failure, None)),
        }
    }
}

/// How undoing one step ended, in a log: `rolled back: osem-dev-Users deleted`.
pub(super) fn ending(undone: &UndoResult) -> String {
    format!("{}: {}", words(undone.outcome), undone.message)
}

const fn words(outcome: UndoOutcome) -> &'static str {
    match outcome {
        UndoOutcome::RolledBack => "rolled back",
        UndoOutcome::Stands => "stands",
        UndoOutcome::Kept => "not rolled back",
        UndoOutcome::Failed => "failed to roll back",
    }
}

/// One line a step, then how to go on where that is asked for; empty where nothing was to be undone.
pub(super) fn render(run: &RunFold, style: Style, verbosity: Verbosity, then: bool) -> String {
    let mut out = String::new();
    for undone in run.undone() {
        let gone = undone.outcome == UndoOutcome::RolledBack;
        if gone && verbosity == Verbosity::Quiet {
            continue;
        }
        let symbol = match undone.outcome {
            UndoOutcome::RolledBack => Symbol::Done,
            UndoOutcome::Stands | UndoOutcome::Kept => Symbol::Warning,
            UndoOutcome::Failed => Symbol::Failed,
        };
        let line = sanitize::line(&format!("{} {}", undone.step, ending(undone)));
        let line = if gone { line } else { style.paint(Paint::Bold, &line) };
        let _ = writeln!(out, "{} {line}", style.symbol(symbol));
        out.extend(undone.failure.as_ref().map(explanation));
    }
    let failed = run.end().is_none_or(|end| end.exit_code != 0);
    if let Some(next) = next(run).filter(|_| then && failed && !run.undone().is_empty()) {
        let _ = writeln!(out, "  then:  {next}");
    }
    out
}

/// The command to go on with, where undoing has a part in that.
fn next(run: &RunFold) -> Option<String> {
    let header = run.header()?;
    let any = |outcome| run.undone().iter().any(|undone| undone.outcome == outcome);
    let of = header.undoes.as_ref().unwrap_or(&header.run_id);
    if any(UndoOutcome::Failed) {
        return Some(format!("osem rollback {of}   when you have looked at it"));
    }
    match (header.undoes.is_some(), any(UndoOutcome::Kept)) {
        (true, true) => Some(format!("osem rollback {of}")),
        (true, false) => None,
        (false, true) => Some(format!("osem resume {of}, or undo it: osem rollback {of}")),
        (false, false) => Some(format!("osem resume {of}")),
    }
}

/// The final sentence of a run that only undoes another one.
pub(super) fn sentence(run: &RunFold, header: &RunHeader) -> Option<String> {
    let of = header.undoes.as_ref()?;
    let number = |outcome| run.undone().iter().filter(|undone| undone.outcome == outcome).count();
    let counted = [
        (number(UndoOutcome::RolledBack), "rolled back"),
        (number(UndoOutcome::Stands), "left standing"),
        (number(UndoOutcome::Kept), "not rolled back"),
        (number(UndoOutcome::Failed), "failed"),
    ];
    let parts = counted.into_iter().filter(|(n, _)| *n > 0);
    let parts: Vec<String> =
        parts.map(|(n, what)| format!("{} {what}", count(n, "step"))).collect();
    let parts = if parts.is_empty() { "nothing to undo".to_owned() } else { parts.join(", ") };
    Some(format!("of {of}: {parts}"))
}

/// The failure that stands for undoing that did not come to its end; `None` where it did.
pub(super) fn failure(run: &RunFold) -> Option<Failure> {
    let header = run.header()?;
    let of = header.undoes.as_ref().unwrap_or(&header.run_id);
    let failed = run.undone().iter().find(|undone| undone.outcome == UndoOutcome::Failed);
    if let Some(undone) = failed {
        let message = format!("failed to undo {}: {}", undone.step, undone.message);
        let cause = undone.failure.clone();
        let failure = cause.unwrap_or_else(|| Failure::new(ErrorCode::RollbackFailed, ""));
        let what = if undone.table_name.is_some() { "the table" } else { "what it left" };
        let fix = format!("look at {what}, then: osem rollback {of}");
        let because = failure.code.to_string();
        let failure = Failure { code: ErrorCode::RollbackFailed, message, ..failure };
        let failure = failure.fix(fix).detail("because", because);
        return Some(failure.detail("step", undone.step.as_str()));
    }
    // A run that did something else, too, failed for another reason.
    header.undoes.as_ref()?;
    let left = run.undone().iter().find(|undone| undone.outcome != UndoOutcome::RolledBack)?;
    let message = format!("{} {}", left.step, ending(left));
    Some(Failure::new(ErrorCode::RollbackFailed, message).detail("step", left.step.as_str()))
}
