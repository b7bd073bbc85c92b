//! What a run came to for each table.

use std::collections::HashMap;

use crate::journal::{StepResult, StepStatus, UndoOutcome};
use crate::step::{Created, Fact};
use crate::table::{Issue, IssueType};

use super::RunFold;

/// What became of a table, most telling first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Outcome {
    Created,
    Deleted,
    Tagged,
    /// A call may or may not have been applied.
    Unknown,
    /// Nothing of what was done to it remains.
    RolledBack,
    /// Something else was changed.
    Changed,
    /// Compared: not there.
    Missing,
    /// Compared: not as declared.
    Differs,
    /// Compared as far as it could be read, and so far as declared.
    Unchecked,
    /// There already, and as declared.
    Unchanged,
    /// Compared: as declared.
    AsDeclared,
    /// Steps ran, but none had anything to say about the table.
    Done,
    /// No step of it ran.
    NotRun,
}

/// One table in the summary.
#[derive(Debug)]
pub(super) struct TableRow<'a> {
    /// The full name where a fact told it, else the declared one.
    pub(super) name: &'a str,
    pub(super) outcome: Outcome,
    /// How many indexes it was created with.
    pub(super) indexes: usize,
    /// Whether the answer to its creation was lost.
    pub(super) answer_lost: bool,
    pub(super) issues: usize,
    /// The first step of the table that failed.
    pub(super) failed: Option<&'a StepResult>,
    pub(super) duration_ms: u64,
    /// Whether the record ends before all of its steps did.
    pub(super) is_open: bool,
}

/// One row for each table that the plan has steps for, in plan order.
pub(super) fn table_rows(run: &RunFold) -> Vec<TableRow<'_>> {
    let mut order: Vec<&str> = Vec::new();
    let mut tables: HashMap<&str, Vec<&StepResult>> = HashMap::new();
    for result in run.results() {
        let Some(table) = &result.table else { continue };
        let results = tables.entry(table).or_insert_with(|| {
            order.push(table);
            Vec::new()
        });
        results.push(result);
    }
    let names = full_names(run);
    order
        .into_iter()
        .map(|table| {
            let row = row(names.get(table).copied().unwrap_or(table), &tables[table]);
            TableRow { is_open: is_open(run, table, tables[table].len()), ..row }
        })
        .collect()
}

/// Whether steps of a table had no end, so many of which had one, when the record of the run ended.
fn is_open(run: &RunFold, table: &str, ended: usize) -> bool {
    let steps = run.header().into_iter().flat_map(|header| &header.steps);
    let steps = steps.filter(|step| step.table.as_deref() == Some(table)).count();
    run.end().is_none() && ended < steps
}

/// The full names of the plan's tables by their declared ones.
fn full_names(run: &RunFold) -> HashMap<&str, &str> {
    let steps = run.header().into_iter().flat_map(|header| &header.steps);
    steps.filter_map(|step| Some((step.table.as_deref()?, step.table_name.as_deref()?))).collect()
}

fn row<'a>(name: &'a str, results: &[&'a StepResult]) -> TableRow<'a> {
    let ran = results.iter().any(|result| result.status != StepStatus::Skipped);
    let outcome = if ran { Outcome::Done } else { Outcome::NotRun };
    let unknown = results.iter().any(|result| result.status == StepStatus::Unknown);
    let changed = results.iter().any(|result| result.stands());
    let is_gone = |result: &&&StepResult| result.rollback == Some(UndoOutcome::RolledBack);
    let gone = results.iter().filter(is_gone).count() > 0;
    let mut row = TableRow {
        name,
        outcome: match (unknown, changed) {
            (true, _) => Outcome::Unknown,
            (false, true) => Outcome::Changed,
            (false, false) if gone => Outcome::RolledBack,
            (false, false) => outcome,
        },
        indexes: 0,
        answer_lost: false,
        issues: 0,
        failed: results.iter().copied().find(|result| result.status.is_failure()),
        duration_ms: results.iter().map(|result| result.duration_ms).sum(),
        is_open: false,
    };
    // What was undone is not there to be told of.
    let there = results.iter().filter(|result| !is_gone(result));
    for fact in there.flat_map(|result| &result.facts).filter(|_| !gone || changed) {
        row.take(fact);
    }
    row
}

impl TableRow<'_> {
    fn take(&mut self, fact: &Fact) {
        let outcome = match fact {
            Fact::TableCreated { indexes, created, .. } => {
                self.indexes = *indexes;
                self.answer_lost = *created == Created::Unknown;
                Outcome::Created
            }
            Fact::TableAdopted { .. } => Outcome::Unchanged,
            Fact::TableTagged { .. } => Outcome::Tagged,
            Fact::TableDeleted { .. } => Outcome::Deleted,
            Fact::TableVerified { status, issues, .. } => {
                self.issues = issues.len();
                compared(status.as_deref(), issues)
            }
            Fact::Identity { .. }
            | Fact::ItemsPut { .. }
            | Fact::Remains { .. }
            | Fact::TableBackedUp { .. }
            | Fact::Tables { .. }
            | Fact::TableUpdated { .. }
            | Fact::Unsupported { .. } => return,
        };
        self.outcome = self.outcome.min(outcome);
    }
}

fn only_unchecked(issues: &[Issue]) -> bool {
    issues.iter().all(|issue| issue.ty == IssueType::Unchecked)
}

fn compared(status: Option<&str>, issues: &[Issue]) -> Outcome {
    match (status, issues) {
        (None, _) => Outcome::Missing,
        (Some(_), []) => Outcome::AsDeclared,
        (Some(_), issues) if only_unchecked(issues) => Outcome::Unchecked,
        (Some(_), _) => Outcome::Differs,
    }
}
