//! The sink where there is no terminal: one timestamped line per event.

use std::collections::HashMap;

use crate::journal::{Record, RunEvent, RunHeader, SkipReason, StepResult, StepStatus};
use crate::model::StepId;

use super::failure::one_line;
use super::text::{count, duration, timestamp};
use super::{
    Reporter, RunFold, Streams, Style, Verbosity, resumption, rollback, sanitize, summary,
};

/// Progress of one step is told at most this often, in milliseconds.
const PROGRESS_INTERVAL: u64 = 5_000;

/// Lines such as `[2026-11-22T10:41:07.123Z] create-table[Users] started`, then the summary.
///
/// Under [`Verbosity::Quiet`] only failures and the final line.
#[derive(Debug)]
pub struct Plain {
    style: Style,
    verbosity: Verbosity,
    streams: Streams,
    fold: RunFold,
    progress: HashMap<StepId, (u64, String)>,
}

impl Plain {
    /// A sink that writes to `streams`.
    #[must_use]
    pub fn new(style: Style, verbosity: Verbosity, streams: Streams) -> Self {
        Self { style, verbosity, streams, fold: RunFold::default(), progress: HashMap::new() }
    }

    /// Says once for many steps why they did not run.
    fn tell_left_alone(&mut self, time: &str) {
        for line in summary::not_run(&self.fold, is_left_alone) {
            self.streams.progress(&format!("[{time}] {line}\n"));
        }
    }

    /// Whether a progress message is worth a line: another one, and not too soon.
    fn is_news(&mut self, record: &Record) -> bool {
        let RunEvent::StepProgress { step, message } = &record.event else { return true };
        let news = self.progress.get(step).is_none_or(|(told, last)| {
            last != message && record.at.saturating_sub(*told) >= PROGRESS_INTERVAL
        });
        if news {
            self.progress.insert(step.clone(), (record.at, message.clone()));
        }
        news
    }
}

impl Reporter for Plain {
    fn record(&mut self, record: &Record) {
        self.fold.record(record);
        if self.verbosity > Verbosity::Quiet && self.is_news(record) {
            let time = timestamp(record.at);
            for line in lines(&record.event, self.verbosity) {
                self.streams.progress(&format!("[{time}] {line}\n"));
            }
        }
        if matches!(record.event, RunEvent::RunFinished { .. }) {
            if self.verbosity == Verbosity::Normal {
                self.tell_left_alone(&timestamp(record.at));
            }
            self.streams.conclude(&self.fold, self.style, self.verbosity, None);
        }
    }
}

/// What an event is worth, without the time.
fn lines(event: &RunEvent, verbosity: Verbosity) -> Vec<String> {
    let verbose = verbosity == Verbosity::Verbose;
    let line = match event {
        RunEvent::RunStarted(header) => return header_lines(header, verbose),
        RunEvent::StepFinished(result) if is_left_alone(result) && !verbose => return Vec::new(),
        RunEvent::StepFinished(result) => return result_lines(result, verbose),
        RunEvent::Warning { message } => format!("warning: {message}"),
        RunEvent::StepStarted { step } => format!("{step} started"),
        RunEvent::StepProgress { step, message } => format!("{step} running: {message}"),
        RunEvent::ApiCalled { .. } if verbose => call_line(event),
        RunEvent::StepOutput { .. } if verbose => return vec![output_line(event)],
        // A mutating call is one of the calls.
        RunEvent::MutationIntended { .. }
        | RunEvent::MutationEnded { .. }
        | RunEvent::UndoPrepared { .. }
        | RunEvent::UndoStepEnded { .. }
        | RunEvent::ChildStarted { .. }
        | RunEvent::ChildEnded { .. }
        | RunEvent::StepOutput { .. }
        | RunEvent::ApiCalled { .. }
        | RunEvent::RunFinished { .. } => return Vec::new(),
        RunEvent::TerminalLent { step } => format!("{step} takes the terminal"),
        RunEvent::TerminalReturned { step } => format!("{step} gives the terminal back"),
        RunEvent::StepRetrying { step, attempt, delay_ms, failure } => {
            let (pause, why) = (duration(*delay_ms), one_line(failure));
            format!("{step} retrying in {pause}: attempt {attempt} failed: {why}")
        }
        RunEvent::UndoStarted { step } => format!("{step} is being rolled back"),
        RunEvent::UndoFinished(undone) => format!("{} {}", undone.step, rollback::ending(undone)),
        RunEvent::Cancelling { reason } => format!("ending the run: {reason}"),
    };
    vec![sanitize::line(&line)]
}

/// Who, where and what; also the first thing that [`super::Live`] says.
pub(super) fn header_lines(header: &RunHeader, verbose: bool) -> Vec<String> {
    let RunHeader { task, environment, region, endpoint, jobs, run_id, .. } = header;
    let steps = count(header.steps.len(), "step");
    let mut lines = vec![format!("{task} in {environment}: {steps}, {region}, {endpoint}")];
    lines.extend(resumption::lines(header));
    if verbose {
        lines
            .push(format!("run {run_id}, {jobs} at once, {}", count(header.total_tables, "table")));
        lines.extend(header.identity.iter().map(|identity| format!("identity: {identity}")));
    }
    lines.iter().map(|line| sanitize::line(line)).collect()
}

/// `create-table[Users] call: CreateTable osem-local-Users (12ms)`; empty for other events.
pub(super) fn call_line(event: &RunEvent) -> String {
    let RunEvent::ApiCalled { step, operation, resource, duration_ms, error } = event else {
        return String::new();
    };
    let step = step.as_ref().map(|step| format!("{step} ")).unwrap_or_default();
    let resource = resource.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    let error = error.as_ref().map(|code| format!(": {code}")).unwrap_or_default();
    let took = duration(*duration_ms);
    sanitize::line(&format!("{step}call: {operation}{resource}{error} ({took})"))
}

/// `exec[Users] | the line`; empty for other events.
pub(super) fn output_line(event: &RunEvent) -> String {
    let RunEvent::StepOutput { step, line } = event else { return String::new() };
    format!("{} | {}", sanitize::line(step.as_str()), sanitize::line(line))
}

fn result_lines(result: &StepResult, verbose: bool) -> Vec<String> {
    let step = &result.step;
    let mut lines = vec![format!("{step} {}", ending(result))];
    lines.extend(result.warnings.iter().map(|warning| format!("{step} warning: {warning}")));
    if verbose {
        let identity = result.facts.iter().filter_map(summary::identity);
        lines.extend(identity.map(|identity| format!("{step} identity: {identity}")));
    }
    lines.iter().map(|line| sanitize::line(line)).collect()
}

fn ending(result: &StepResult) -> String {
    let status = match result.status {
        StepStatus::Succeeded => "succeeded",
        StepStatus::Failed => "failed",
        StepStatus::TimedOut => "timed out",
        StepStatus::Tolerated => "failed (tolerated)",
        StepStatus::Skipped => return format!("skipped: {}", why_skipped(result)),
        StepStatus::Cancelled => "cancelled",
        StepStatus::Unknown => "ended, outcome unknown",
        StepStatus::RolledBack => "rolled back",
        StepStatus::RollbackFailed => "failed to roll back",
    };
    let attempts = match result.attempts {
        0 | 1 => String::new(),
        n => format!(", {n} attempts"),
    };
    let took = duration(result.duration_ms);
    let message = result.failure.as_ref().map_or_else(|| result.message.clone(), one_line);
    let colon = if message.is_empty() { "" } else { ": " };
    format!("{status}{colon}{message} ({took}{attempts})")
}

/// Whether a step was not to run at all: often that is true of most steps.
pub(super) const fn is_left_alone(result: &StepResult) -> bool {
    matches!(result.skipped, Some(SkipReason::AlreadyDone { .. } | SkipReason::Selection { .. }))
}

/// Why a step did not run.
pub(super) fn why_skipped(result: &StepResult) -> String {
    match &result.skipped {
        Some(SkipReason::Condition) => "not for this environment".to_owned(),
        Some(SkipReason::Upstream { step }) => format!("{step} did not succeed"),
        Some(SkipReason::RunEnding) => "the run is ending".to_owned(),
        Some(
            SkipReason::NothingFailed { .. }
            | SkipReason::NothingChanged { .. }
            | SkipReason::AlreadyDone { .. }
            | SkipReason::Selection { .. },
        )
        | None => result.message.clone(),
    }
}

#[cfg(test)]
mod tests;
