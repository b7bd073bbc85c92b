//! The one document of `--json`: what a run came to, for programs.
//!
//! Field names and shapes are a promise to scripts. Text is as the service said it; what could
//! drive a terminal is escaped by [`Document::to_text`], which loses nothing.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use serde_json::Value;

use crate::journal::{OutstandingStep, SkipReason, StepResult, StepStatus};
use crate::model::{ErrorCode, Failure, StepId, millis, unix_millis};
use crate::step::{ListedTable, StepOutputs};
use crate::table::Issue;

use super::fold::End;
use super::root_cause::root_cause;
use super::{Retries, RollbackEntry, RunFold, resumption, sanitize, text};

mod data;
mod error;

pub use error::ErrorObject;

/// The document; `D` is the form of its data.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<D = Data> {
    /// Whether the exit code is 0.
    pub success: bool,
    /// The task, or the command where no task ran.
    pub command: String,
    /// What was done and found, as far as the run got.
    pub data: D,
    /// The first failure, when there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
    /// Milliseconds.
    pub duration: u64,
    /// The region, where one was resolved.
    pub region: Option<String>,
    /// The environment, where one was chosen.
    pub environment: Option<String>,
    /// Whether a simulator stood for the environment; left out where none did.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rehearsal: bool,
    /// When the run ended: RFC 3339 with milliseconds, UTC.
    pub timestamp: String,
    /// The run; `null` when none had begun.
    pub run_id: Option<String>,
    /// The run that it went on with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumes: Option<String>,
    /// The exit code of the process.
    pub exit_code: u8,
}

/// What was done and found.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Data {
    /// Tables that are there: `created` by this run, or `unchanged`.
    pub tables_created: Vec<TableEntry>,
    /// Tables that were compared: `passed` or `failed`.
    pub tables_verified: Vec<TableEntry>,
    /// Tables that this run deleted: `deleted`.
    pub tables_deleted: Vec<TableEntry>,
    /// Tables whose tags this run changed: `tagged`.
    pub tables_tagged: Vec<TableEntry>,
    /// Tables whose settings or indexes were changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tables_updated: Vec<TableEntry>,
    /// Backups that this run made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<BackupEntry>,
    /// What stays behind of tables that this run deleted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remains: Vec<RemainsEntry>,
    /// What `put-items` put, file by file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items_put: Option<Vec<ItemsEntry>>,
    /// What `list-tables` found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tables: Option<Vec<ListedTable>>,
    /// The comparisons of `verify`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checks: Option<Vec<Check>>,
    /// The comparisons, counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<CheckSummary>,
    /// How many tables the file declares for the environment.
    pub total_tables: usize,
    /// Every step that ended, in plan order.
    pub steps: Vec<StepEntry>,
    /// What was undone, or was to be; left out where that is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rollback: Vec<RollbackEntry>,
    /// Where the run went on with another one: what was still to be done, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outstanding: Vec<OutstandingStep>,
    /// Further tries of steps, where there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What is wrong with the configuration, one object each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diagnostics: Option<Value>,
}

/// A table and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableEntry {
    /// The full name.
    pub table_name: String,
    /// What became of it.
    pub status: &'static str,
    /// `lost` where the service's answer to the creation was lost and the table was found
    /// afterwards: that this run created it cannot be proved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<&'static str>,
    /// How long all steps of the table took: milliseconds.
    pub duration: u64,
}

/// An on-demand backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupEntry {
    /// The full name of its table.
    pub table_name: String,
    /// Its name.
    pub backup_name: String,
    /// Its ARN.
    pub backup_arn: String,
}

/// What stays behind of a table that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RemainsEntry {
    /// The table's full name.
    pub table_name: String,
    /// What, line by line, for people.
    pub what: Vec<String>,
}

/// A file and what became of its items.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemsEntry {
    /// The full name of the table.
    pub table_name: String,
    /// The file, relative to the project's folder where it is in there.
    pub file: String,
    /// How many items it holds.
    pub items: u64,
    /// Items that this run put.
    pub put: u64,
    /// Items of which the key was there.
    pub already_there: u64,
    /// Calls that were throttled, or left some items of a batch.
    pub throttled: u64,
}

/// A table compared with its declaration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// The full name.
    pub table_name: String,
    /// The table's status at the service; `null` when it is not there.
    pub status: Option<String>,
    /// Whether there is no difference.
    pub passed: bool,
    /// The differences.
    pub issues: Vec<CheckIssue>,
}

/// A difference, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckIssue {
    /// The difference.
    #[serde(flatten)]
    pub issue: Issue,
    /// What to do, in one line.
    pub remediation: &'static str,
}

impl From<&Issue> for CheckIssue {
    fn from(issue: &Issue) -> Self {
        Self { issue: issue.clone(), remediation: issue.ty.remedy() }
    }
}

/// The comparisons, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckSummary {
    /// Tables compared.
    pub total_tables: usize,
    /// Of these, tables that are there.
    pub tables_found: usize,
    /// Tables that are not there.
    pub tables_missing: usize,
    /// Tables that are there and differ.
    pub tables_with_issues: usize,
}

/// How a step ended.
#[derive(Debug, Clone, Serialize)]
pub struct StepEntry {
    /// The step.
    pub id: StepId,
    /// Its kind.
    pub kind: String,
    /// The declared name of its table.
    pub table: Option<String>,
    /// How it ended.
    pub status: StepStatus,
    /// Whether anything that it changed in the account is there, or may be.
    pub changed: bool,
    /// How many attempts it took.
    pub attempts: u32,
    /// Milliseconds.
    pub duration: u64,
    /// One line for people.
    pub message: String,
    /// What it put out for later steps.
    #[serde(skip_serializing_if = "StepOutputs::is_empty")]
    pub outputs: StepOutputs,
    /// Why it did not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<SkipReason>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorObject>,
}

impl From<&StepResult> for StepEntry {
    fn from(result: &StepResult) -> Self {
        Self {
            id: result.step.clone(),
            kind: result.kind.clone(),
            table: result.table.clone(),
            status: result.status,
            changed: result.stands(),
            attempts: result.attempts,
            duration: result.duration_ms,
            message: result.message.clone(),
            outputs: result.outputs.clone(),
            skipped: result.skipped.clone(),
            error: result.failure.as_ref().map(|failure| ErrorObject::new(failure, None)),
        }
    }
}

impl Document {
    /// The document of a run; `None` until its first and last event were seen.
    #[must_use]
    pub fn of_run(run: &RunFold) -> Option<Self> {
        let end = run.end()?;
        let error = root_cause(run)
            .map(|(result, failure)| ErrorObject::new(&failure, result.map(|result| &result.step)));
        Self::ended(run, end, error)
    }

    /// The document of a run without a last event, as far as it got: its exit code is 2, because
    /// what it did may stand. `None` until its first event was seen.
    #[must_use]
    pub fn of_unfinished(run: &RunFold, running: bool) -> Option<Self> {
        let (started, last) = run.seen()?;
        let end = End { at: last, duration_ms: last.saturating_sub(started), exit_code: 2 };
        let what = if running { "the run is going on" } else { "the run did not end" };
        let mut failure = Failure::new(ErrorCode::UnknownError, what);
        if !running {
            failure = failure
                .cause("its process was killed, or could write no more records")
                .fix(resumption::go_on_with(run));
        }
        let calls =
            run.under_way().iter().map(|call| format!("{} {}", call.operation, call.resource));
        let calls = calls.collect::<Vec<_>>().join(", ");
        if !calls.is_empty() {
            failure = failure.detail("underWay", calls);
        }
        Self::ended(run, end, Some(ErrorObject::new(&failure, None)))
    }

    fn ended(run: &RunFold, end: End, error: Option<ErrorObject>) -> Option<Self> {
        let header = run.header()?;
        Some(Self {
            success: end.exit_code == 0,
            command: header.task.clone(),
            data: Data::of_run(run),
            error,
            duration: end.duration_ms,
            region: Some(header.region.clone()),
            environment: Some(header.environment.clone()),
            rehearsal: header.pinned.rehearsal,
            timestamp: text::timestamp(end.at),
            run_id: Some(header.run_id.to_string()),
            resumes: header.resumes.as_ref().map(ToString::to_string),
            exit_code: end.exit_code,
        })
    }
}

impl<D: Serialize> Document<D> {
    /// The document as indented text that ends in a newline.
    ///
    /// C1, bidi and other characters that could drive a terminal are written as `\u….`: JSON has
    /// them only inside strings, where that means the same.
    ///
    /// # Panics
    /// Never: the document holds nothing that JSON cannot say.
    #[must_use]
    pub fn to_text(&self) -> String {
        let json = serde_json::to_string_pretty(self).expect("keys are strings, numbers finite");
        sanitize::json(&json) + "\n"
    }
}

/// What a document says of a command beside its data.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outline<'a> {
    /// The task, or the command where no task ran.
    pub command: &'a str,
    /// The environment, where one was chosen.
    pub environment: Option<&'a str>,
    /// The region, where one was resolved.
    pub region: Option<&'a str>,
    /// Why it failed, if it did.
    pub failure: Option<&'a Failure>,
    /// The exit code of the process.
    pub exit_code: u8,
    /// How long it took.
    pub duration: Duration,
    /// Whether a simulator stood for the environment.
    pub rehearsal: bool,
}

/// The document of a command that was no run, or of a failure before a run began.
#[must_use]
pub fn document<D>(outline: Outline<'_>, data: D) -> Document<D> {
    Document {
        success: outline.exit_code == 0,
        command: outline.command.to_owned(),
        data,
        error: outline.failure.map(|failure| ErrorObject::new(failure, None)),
        duration: millis(outline.duration),
        region: outline.region.map(str::to_owned),
        environment: outline.environment.map(str::to_owned),
        rehearsal: outline.rehearsal,
        timestamp: text::timestamp(unix_millis(SystemTime::now())),
        run_id: None,
        resumes: None,
        exit_code: outline.exit_code,
    }
}

#[cfg(test)]
mod tests;
