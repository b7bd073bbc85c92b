//! The final line of a run: what it came to, in one sentence.

use std::collections::BTreeMap;

use crate::journal::StepStatus;
use crate::step::Fact;

use super::plain::is_left_alone;
use super::style::{Paint, Symbol};
use super::table_row::{Outcome, TableRow, table_rows};
use super::text::{count, duration};
use super::{RunFold, Style, rollback, sanitize};

/// `✓ setup in local: 6 tables created, 8 indexes, 24 steps in 1.2s`, without a newline.
pub(super) fn render(run: &RunFold, style: Style) -> String {
    let Some(end) = run.end() else { return String::new() };
    let subject = run.header().map_or_else(
        || "run".to_owned(),
        |header| format!("{} in {}", header.task, header.environment),
    );
    let took = duration(end.duration_ms);
    let rows = table_rows(run);
    let undoing = run.header().and_then(|header| rollback::sentence(run, header));
    let (symbol, sentence) = if let Some(undoing) = undoing {
        let symbol = if end.exit_code == 0 { Symbol::Done } else { Symbol::Failed };
        let exit =
            if end.exit_code == 0 { String::new() } else { format!(" (exit {})", end.exit_code) };
        (symbol, format!("{undoing} in {took}{exit}"))
    } else if end.exit_code == 0 {
        (Symbol::Done, success(run, &rows, &took))
    } else {
        let parts = failure(run, &rows, end.exit_code).join(", ");
        (Symbol::Failed, format!("{parts} in {took} (exit {})", end.exit_code))
    };
    let text = sanitize::line(&format!("{subject}: {sentence}"));
    format!("{} {}", style.symbol(symbol), style.paint(Paint::Bold, &text))
}

fn success(run: &RunFold, rows: &[TableRow], took: &str) -> String {
    let steps = steps_run(run);
    let mut parts = listed(run);
    parts.extend(done_to_tables(rows));
    parts.extend(items_put(run));
    if parts.is_empty() && !run.changed() && !rows.is_empty() {
        let same = as_declared(rows);
        let tables = if same == 0 {
            String::new()
        } else {
            format!(": {} as declared", count(same, "table"))
        };
        let found = if compared_only(rows) {
            tables.trim_start_matches(": ").to_owned()
        } else {
            format!("nothing to do{tables}")
        };
        return format!("{found} ({steps} in {took})");
    }
    if !parts.is_empty() {
        parts.extend(unchanged(rows));
    }
    parts.push(format!("{steps} in {took}"));
    parts.join(", ")
}

fn failure(run: &RunFold, rows: &[TableRow], exit_code: u8) -> Vec<String> {
    let mut parts = Vec::new();
    let cancelled = run.count(StepStatus::Cancelled);
    let failed = run.failures().count() - cancelled;
    // Below 124 a signal or the run's timeout did not decide the exit code.
    if let Some(reason) = run.cancelled().filter(|_| exit_code >= 124 || failed == 0) {
        parts.push(format!("ended by {reason}"));
        parts.push(done(run));
    }
    parts.extend(differences(rows));
    if failed > 0 {
        parts.push(format!("{failed} of {} failed", count(run.total_steps(), "step")));
    }
    if cancelled > 0 {
        parts.push(format!("{cancelled} cancelled"));
    }
    if parts.is_empty() {
        parts.push(done(run));
    }
    if run.left_to_do() > 0 {
        parts.push(format!("{} left to do", run.left_to_do()));
    }
    if run.skipped() > 0 {
        parts.push(format!("{} skipped", run.skipped()));
    }
    parts.extend(done_to_tables(rows));
    parts.extend(items_put(run));
    parts
}

/// `25 items put`.
fn items_put(run: &RunFold) -> Option<String> {
    let put = run.facts().filter_map(|(_, fact)| match fact {
        Fact::ItemsPut { put, .. } => usize::try_from(*put).ok(),
        _ => None,
    });
    Some(put.sum()).filter(|put| *put > 0).map(|put| format!("{} put", count(put, "item")))
}

/// `25 steps`; `3 of 25 steps` where the others were not to run at all.
fn steps_run(run: &RunFold) -> String {
    let steps = count(run.total_steps(), "step");
    match run.results().into_iter().filter(|result| is_left_alone(result)).count() {
        0 => steps,
        alone => format!("{} of {steps}", run.total_steps() - alone),
    }
}

/// `22 of 25 steps done`, those that an earlier run did among them.
fn done(run: &RunFold) -> String {
    let done = run.satisfied() + run.already_done();
    format!("{done} of {} done", count(run.total_steps(), "step"))
}

/// `6 of 6 declared tables exist`, `2 others`.
fn listed(run: &RunFold) -> Vec<String> {
    let lists = run.facts().filter_map(|(_, fact)| match fact {
        Fact::Tables { tables } => Some(tables),
        _ => None,
    });
    // Several steps may list the same tables; what the last one saw counts.
    let tables: BTreeMap<_, _> = lists.flatten().map(|table| (&table.table_name, table)).collect();
    if tables.is_empty() {
        return Vec::new();
    }
    let declared = tables.values().filter(|table| table.declared).count();
    let exist = tables.values().filter(|table| table.declared && table.status.is_some()).count();
    let mut parts = vec![format!("{exist} of {} exist", count(declared, "declared table"))];
    match tables.len() - declared {
        0 => {}
        n => parts.push(format!("{n} not declared")),
    }
    parts
}

/// What stands in the account because of this run.
fn done_to_tables(rows: &[TableRow]) -> Vec<String> {
    let mut parts = Vec::new();
    for (outcome, verb) in [
        (Outcome::Created, "created"),
        (Outcome::Deleted, "deleted"),
        (Outcome::Tagged, "tagged"),
        (Outcome::Changed, "changed"),
        (Outcome::RolledBack, "rolled back"),
        (Outcome::Unknown, "of unknown outcome"),
    ] {
        let n = number(rows, outcome);
        if n > 0 {
            parts.push(format!("{} {verb}", count(n, "table")));
        }
        let indexes: usize = rows.iter().map(|row| row.indexes).sum();
        if outcome == Outcome::Created && indexes > 0 {
            parts.push(count(indexes, "index"));
        }
    }
    parts
}

fn unchanged(rows: &[TableRow]) -> Option<String> {
    let n = as_declared(rows);
    (n > 0).then(|| format!("{n} unchanged"))
}

/// `2 of 6 tables differ`, `1 missing`; empty when no table was compared with that result.
fn differences(rows: &[TableRow]) -> Vec<String> {
    let (differ, missing) = (number(rows, Outcome::Differs), number(rows, Outcome::Missing));
    let mut parts = Vec::new();
    if differ > 0 {
        let verb = if differ == 1 { "differs" } else { "differ" };
        parts.push(format!("{differ} of {} {verb}", count(rows.len(), "table")));
    }
    match (missing, differ) {
        (0, _) => {}
        (n, 0) => parts.push(format!("{n} of {} missing", count(rows.len(), "table"))),
        (n, _) => parts.push(format!("{n} missing")),
    }
    let unchecked = number(rows, Outcome::Unchecked);
    if unchecked > 0 {
        parts.push(format!("{} not checked completely", count(unchecked, "table")));
    }
    parts
}

fn number(rows: &[TableRow], outcome: Outcome) -> usize {
    rows.iter().filter(|row| row.outcome == outcome).count()
}

fn as_declared(rows: &[TableRow]) -> usize {
    number(rows, Outcome::Unchanged) + number(rows, Outcome::AsDeclared)
}

fn compared_only(rows: &[TableRow]) -> bool {
    rows.iter().all(|row| row.outcome == Outcome::AsDeclared)
}
