//! The end of a report for people: tables, slowest steps, warnings, failures, one final line.

use std::fmt::Write as _;

use crate::journal::{StepResult, StepStatus};
use crate::step::Fact;

use super::failure::step_failures;
use super::plain::why_skipped;
use super::style::{Paint, Symbol};
use super::table_row::{Outcome, TableRow, table_rows};
use super::text::{columns, count, duration};
use super::{RunFold, Style, Verbosity, conclusion, resumption, rollback, sanitize};

/// Rows of tables that went well, beyond which the rest is only counted.
const ROWS: usize = 50;

/// The whole summary of a run that ended, as lines that each end in a newline.
#[must_use]
pub fn render_summary(run: &RunFold, style: Style, verbosity: Verbosity) -> String {
    with_then(run, style, verbosity, true)
}

/// The same, with or without the command to go on with.
pub(super) fn with_then(run: &RunFold, style: Style, verbosity: Verbosity, then: bool) -> String {
    let mut sections = Vec::new();
    if verbosity > Verbosity::Quiet {
        sections.push(tables(run, style, verbosity));
        sections.push(slowest(run) + &retries(run) + &calls(run, verbosity));
        sections.push(kept(run, style));
        sections.push(warnings(run, style));
    }
    sections.extend(step_failures(run.failures(), style));
    sections.push(rollback::render(run, style, verbosity, then));
    sections.retain(|section| !section.is_empty());
    if let Some(then) = resumption::then(run).filter(|_| then) {
        match sections.last_mut().filter(|_| run.failures().next().is_some()) {
            Some(failure) => failure.push_str(&then),
            None => sections.push(then.trim_start().to_owned()),
        }
    }
    let conclusion = conclusion::render(run, style);
    sections.extend(Some(conclusion + "\n").filter(|text| text.len() > 1));
    sections.join("\n")
}

/// Who the credentials belong to, where a step or the header found out.
pub(super) fn identity(fact: &Fact) -> Option<String> {
    let Fact::Identity { account, arn, source } = fact else { return None };
    let unknown = || "unknown".to_owned();
    let account = account.clone().unwrap_or_else(unknown);
    let arn = arn.clone().unwrap_or_else(unknown);
    Some(sanitize::line(&format!("account {account}, principal {arn}, credentials from {source}")))
}

/// One line for each reason for which steps did not run, where no line of each step tells it:
/// `not run: wait-active[Users] and 2 more: create-table[Users] did not succeed`.
pub(super) fn not_run(run: &RunFold, which: fn(&StepResult) -> bool) -> Vec<String> {
    let mut reasons: Vec<(String, &str, usize)> = Vec::new();
    let skipped = |result: &&StepResult| result.status == StepStatus::Skipped && which(result);
    for result in run.results().into_iter().filter(skipped) {
        let why = why_skipped(result);
        match reasons.iter_mut().find(|(known, ..)| *known == why) {
            Some((.., more)) => *more += 1,
            None => reasons.push((why, result.step.as_str(), 0)),
        }
    }
    let line = |(why, step, more): (String, &str, usize)| match more {
        0 => sanitize::line(&format!("not run: {step}: {why}")),
        more => sanitize::line(&format!("not run: {step} and {more} more: {why}")),
    };
    reasons.into_iter().map(line).collect()
}

fn tables(run: &RunFold, style: Style, verbosity: Verbosity) -> String {
    let rows: Vec<TableRow> =
        table_rows(run).into_iter().filter(|row| row.outcome != Outcome::NotRun).collect();
    let room = if verbosity == Verbosity::Verbose { usize::MAX } else { ROWS };
    let mut good = 0;
    let mut hidden = 0;
    let mut cells = Vec::new();
    for row in &rows {
        good += usize::from(row.failed.is_none());
        if row.failed.is_none() && good > room {
            hidden += 1;
        } else {
            cells.push(row_cells(row, style));
        }
    }
    let mut lines = columns(&cells);
    if hidden > 0 {
        lines.push(format!("{} and {} more that went well", style.ellipsis(), hidden));
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

fn row_cells(row: &TableRow, style: Style) -> [String; 4] {
    let symbol = match row.failed {
        Some(_) => Symbol::Failed,
        None if row.is_open => Symbol::Waiting,
        None => Symbol::Done,
    };
    let name = format!("{} {}", style.symbol_cell(symbol), sanitize::line(row.name));
    [name, state(row).to_owned(), details(row), duration(row.duration_ms)]
}

const fn state(row: &TableRow) -> &'static str {
    match row.outcome {
        Outcome::Missing => "missing",
        Outcome::Differs => "differs",
        Outcome::Unchecked => "unchecked",
        Outcome::Created => "created",
        Outcome::Deleted => "deleted",
        Outcome::Tagged => "tagged",
        Outcome::Unknown => "unknown",
        Outcome::RolledBack => "rolled back",
        Outcome::Changed => "changed",
        _ if row.failed.is_some() => "failed",
        Outcome::Unchanged => "unchanged",
        Outcome::AsDeclared => "as declared",
        Outcome::Done | Outcome::NotRun => "done",
    }
}

fn details(row: &TableRow) -> String {
    let mut parts = Vec::new();
    if row.indexes > 0 {
        parts.push(count(row.indexes, "index"));
    }
    if row.answer_lost {
        parts.push("answer lost".to_owned());
    }
    if row.issues > 0 {
        parts.push(count(row.issues, "issue"));
    } else if let Some(failed) = row.failed {
        parts.push(format!("failed at {}", sanitize::line(&failed.kind)));
    }
    parts.join(", ")
}

/// The three slowest steps, when they took longer than anyone would wait without asking.
fn slowest(run: &RunFold) -> String {
    let mut slow: Vec<&StepResult> =
        run.results().into_iter().filter(|result| result.duration_ms > 1000).collect();
    slow.sort_by_key(|result| std::cmp::Reverse(result.duration_ms));
    let named = slow.into_iter().take(3).map(|result| {
        format!("{} {}", sanitize::line(result.step.as_str()), duration(result.duration_ms))
    });
    let named = named.collect::<Vec<_>>().join(", ");
    if named.is_empty() { named } else { format!("slowest: {named}\n") }
}

fn retries(run: &RunFold) -> String {
    run.retries().sentence().map_or_else(String::new, |sentence| sentence + "\n")
}

fn calls(run: &RunFold, verbosity: Verbosity) -> String {
    match run.calls() {
        (calls, failed) if verbosity == Verbosity::Verbose && calls > 0 => {
            format!("{}, {failed} answered with an error\n", count(calls, "API call"))
        }
        _ => String::new(),
    }
}

/// Backups that were made, and what stays behind of tables that were deleted.
fn kept(run: &RunFold, style: Style) -> String {
    let lines: Vec<String> = run
        .facts()
        .flat_map(|(_, fact)| match fact {
            Fact::TableBackedUp { table_name, backup_name, arn } => {
                vec![format!("{table_name} is backed up as {backup_name}: {arn}")]
            }
            Fact::Remains { table_name, what } => {
                what.iter().map(|what| format!("{table_name} leaves behind {what}")).collect()
            }
            _ => Vec::new(),
        })
        .collect();
    let mut out = String::new();
    for line in lines.iter().take(ROWS) {
        let _ = writeln!(out, "{} {}", style.symbol(Symbol::Info), sanitize::line(line));
    }
    if lines.len() > ROWS {
        let rest = lines.len() - ROWS;
        let _ = writeln!(out, "{} and {rest} more: osem runs show", style.ellipsis());
    }
    out
}

fn warnings(run: &RunFold, style: Style) -> String {
    let mut out = String::new();
    for feature in run.unsupported() {
        let text = format!("not offered by this endpoint, left out: {}", sanitize::line(feature));
        let _ = writeln!(out, "{} {text}", style.symbol(Symbol::Info));
    }
    for warning in run.warnings() {
        let text = style.paint(Paint::Yellow, &sanitize::line(&warning));
        let _ = writeln!(out, "{} {text}", style.symbol(Symbol::Warning));
    }
    out
}

#[cfg(test)]
mod tests;
