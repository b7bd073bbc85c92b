//! Runs that are over, re-rendered from their records.

use std::fmt::Write as _;

use serde::Serialize;

use crate::journal::{RunHeader, RunId, StepStatus, UndoOutcome};

use super::style::{Paint, Symbol};
use super::summary::with_then;
use super::text::{columns, count, duration, timestamp};
use super::{RunFold, Style, UnderWay, Verbosity, listing, resumption, sanitize};

/// How a run ended, as far as its records tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunStatus {
    /// Everything was done, or nothing had to be.
    Succeeded,
    /// It failed, and changed nothing.
    Failed,
    /// It failed, and something that it changed stands, or may stand.
    Partial,
    /// Taking back what it was to take back failed.
    RollbackFailed,
    /// It never ended: its process was killed, or its record could not be written any more.
    Unfinished,
    /// It goes on.
    Running,
    /// Its record cannot be read.
    Unreadable,
}

impl RunStatus {
    /// How a run ended; `running` says that it goes on.
    #[must_use]
    pub fn of(run: &RunFold, running: bool) -> Self {
        match run.end() {
            _ if running => Self::Running,
            None => Self::Unfinished,
            Some(end) if end.exit_code == 0 => Self::Succeeded,
            Some(end) if end.exit_code == 3 => Self::RollbackFailed,
            Some(end) if run.changed() || end.exit_code == 2 => Self::Partial,
            Some(_) => Self::Failed,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Partial => "partial",
            Self::RollbackFailed => "rollback failed",
            Self::Unfinished => "unfinished",
            Self::Running => "running",
            Self::Unreadable => "unreadable",
        }
    }
}

/// A run in the list of runs.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunEntry {
    /// The run.
    pub run_id: RunId,
    /// How it ended.
    pub status: RunStatus,
    /// The task; this and what follows is `null` where the record does not get so far.
    pub task: Option<String>,
    /// The environment.
    pub environment: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// Whether a simulator stood for the environment.
    pub rehearsal: bool,
    /// Other runs of its chain.
    #[serde(flatten)]
    pub links: Links,
    /// When it started: RFC 3339, UTC.
    pub started: Option<String>,
    /// From its start to its last record: milliseconds.
    pub duration: Option<u64>,
    /// The exit code; `null` where it did not end.
    pub exit_code: Option<u8>,
    /// Its steps, counted.
    pub steps: StepCounts,
    /// Mutating calls whose outcome is not recorded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub under_way: Vec<UnderWay>,
    /// Why the record cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The other runs of a chain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Links {
    /// The run that it goes on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// The run that goes on with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumed_by: Option<RunId>,
    /// The run in which all came to a good end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_by: Option<RunId>,
    /// The run whose changes it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// The run after which nothing remained of what it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolled_back_by: Option<RunId>,
    /// The last run that took back a part of what it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rolled_back_in_part_by: Option<RunId>,
}

impl Links {
    fn words(&self) -> Vec<String> {
        let before = self.resumes.as_ref().map(|run| format!("resumes {run}"));
        let finished = self.finished_by.as_ref().map(|run| format!("finished by {run}"));
        let next = self.resumed_by.as_ref().map(|run| format!("resumed by {run}"));
        let undoes = self.undoes.as_ref().map(|run| format!("undoes {run}"));
        let undone = self.rolled_back_by.as_ref().map(|run| format!("rolled back by {run}"));
        let in_part = self.rolled_back_in_part_by.as_ref();
        let in_part = in_part.map(|run| format!("rolled back in part by {run}"));
        [before, undoes, finished.or(next), undone.or(in_part)].into_iter().flatten().collect()
    }

    /// Whether another run went on with it, or took it back.
    fn is_settled(&self) -> bool {
        self.resumed_by.is_some() || self.rolled_back_by.is_some()
    }
}

/// The steps of a run, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepCounts {
    /// All steps of the plan.
    pub total: usize,
    /// Those that did what they are for, or whose failure was tolerated.
    pub succeeded: usize,
    /// Those that did not.
    pub failed: usize,
    /// Those that were left out.
    pub skipped: usize,
    /// Of these, those that an earlier run of the chain did.
    pub already_done: usize,
}

impl StepCounts {
    fn of(run: &RunFold) -> Self {
        let undone =
            |outcome| run.undone().iter().filter(|undone| undone.outcome == outcome).count();
        let counts = Self {
            total: run.total_steps(),
            succeeded: run.satisfied(),
            failed: run.failures().count(),
            skipped: run.count(StepStatus::Skipped),
            already_done: run.already_done(),
        };
        match run.header() {
            // What it is for is that nothing remains of these steps.
            Some(header) if header.undoes.is_some() => Self {
                succeeded: undone(UndoOutcome::RolledBack),
                failed: undone(UndoOutcome::Failed),
                ..counts
            },
            _ => counts,
        }
    }
}

impl RunEntry {
    /// A run as its records tell it.
    #[must_use]
    pub fn of(id: RunId, run: &RunFold, running: bool, links: Links) -> Self {
        let header = run.header();
        let text = |field: fn(&RunHeader) -> &String| header.map(|header| field(header).clone());
        Self {
            run_id: id,
            status: RunStatus::of(run, running),
            task: text(|header| &header.task),
            environment: text(|header| &header.environment),
            region: text(|header| &header.region),
            rehearsal: header.is_some_and(|header| header.pinned.rehearsal),
            links,
            started: run.seen().map(|(started, _)| timestamp(started)),
            duration: took(run),
            exit_code: run.end().map(|end| end.exit_code),
            steps: StepCounts::of(run),
            under_way: run.under_way().to_vec(),
            error: None,
        }
    }

    /// A run whose record cannot be read.
    #[must_use]
    pub fn unreadable(id: RunId, error: String) -> Self {
        let nothing = Self::of(id, &RunFold::default(), false, Links::default());
        Self { status: RunStatus::Unreadable, error: Some(error), ..nothing }
    }
}

fn took(run: &RunFold) -> Option<u64> {
    let seen = || run.seen().map(|(started, last)| last.saturating_sub(started));
    run.end().map(|end| end.duration_ms).or_else(seen)
}

/// The list of runs, one line each under a heading; a sentence where there are none.
#[must_use]
pub fn render_runs(runs: &[RunEntry]) -> String {
    if runs.is_empty() {
        return "no runs are recorded; runs that may change something are\n".to_owned();
    }
    // A column without words is left out.
    let chain = if runs.iter().any(|run| run.links != Links::default()) { "CHAIN" } else { "" };
    let heading = ["RUN", "TASK", "ENVIRONMENT", "STARTED", "ENDED", "DURATION", "STEPS", chain];
    let rows: Vec<_> =
        std::iter::once(heading.map(str::to_owned)).chain(runs.iter().map(row)).collect();
    columns(&rows).into_iter().map(|line| line + "\n").collect()
}

fn row(run: &RunEntry) -> [String; 8] {
    let shown =
        |text: &Option<String>| text.as_deref().map_or_else(|| "-".to_owned(), sanitize::line);
    let rehearsal = if run.rehearsal { " (rehearsal)" } else { "" };
    [
        run.run_id.to_string(),
        shown(&run.task),
        shown(&run.environment) + rehearsal,
        shown(&run.started),
        run.status.word().to_owned(),
        run.duration.map_or_else(|| "-".to_owned(), duration),
        format!("{}/{}", run.steps.succeeded + run.steps.already_done, run.steps.total),
        run.links.words().join(", "),
    ]
}

/// One run: who, where, when, then what a live run shows at its end.
#[must_use]
pub fn render_run(
    run: &RunFold,
    running: bool,
    chain: &Links,
    style: Style,
    verbosity: Verbosity,
) -> String {
    let Some(header) = run.header() else { return String::new() };
    let mut out = heading(run, header, chain);
    let results = listing::render(run, style);
    if !results.is_empty() {
        let _ = write!(out, "\n{results}");
    }
    let summary = with_then(run, style, verbosity, !chain.is_settled());
    if !summary.trim().is_empty() {
        let _ = write!(out, "\n{summary}");
    }
    if run.end().is_none() {
        let _ = write!(out, "\n{}", no_end(run, header, running, chain, style));
    }
    out
}

fn heading(run: &RunFold, header: &RunHeader, chain: &Links) -> String {
    let mut lines = vec![
        format!("run {}: {} in {}", header.run_id, header.task, header.environment),
        format!("{}, {}, osem {}", header.region, header.endpoint, header.pinned.osem_version),
    ];
    lines.extend(header.identity.clone());
    lines.extend(run.seen().map(|(started, _)| format!("started {}", timestamp(started))));
    lines.extend(resumption::lines(header));
    let later = Links { resumes: None, undoes: None, ..chain.clone() };
    lines.extend(later.words());
    lines.into_iter().map(|line| sanitize::line(&line) + "\n").collect()
}

/// What is known of a run without an end.
fn no_end(run: &RunFold, header: &RunHeader, running: bool, chain: &Links, style: Style) -> String {
    let done = run.satisfied() + run.already_done();
    let done = format!("{done} of {} done", count(run.total_steps(), "step"));
    let (symbol, what) =
        if running { (Symbol::Info, "is running") } else { (Symbol::Failed, "did not end") };
    let after = took(run).map_or_else(String::new, |ms| format!(" after {}", duration(ms)));
    let line = format!("{} in {}: {what}, {done}{after}", header.task, header.environment);
    let line = style.paint(Paint::Bold, &sanitize::line(&line));
    let mut out = format!("{} {line}\n", style.symbol(symbol));
    for UnderWay { step, operation, resource } in run.under_way() {
        let call = format!("{step}: {operation} {resource} was about to be sent; its outcome is");
        let _ = writeln!(out, "  {} not recorded", sanitize::line(&call));
    }
    if !running {
        out.push_str("  cause: its process was killed, or could write no more records\n");
        match &header.undoes {
            Some(of) => _ = writeln!(out, "  then:  osem rollback {of}"),
            None if chain.is_settled() => {}
            None => _ = writeln!(out, "  then:  osem resume {}", header.run_id),
        }
    }
    out
}

#[cfg(test)]
mod tests;
