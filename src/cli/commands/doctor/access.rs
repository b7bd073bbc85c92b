//! What the credentials may read, and what the account has room for.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::aws::{Connection, ErrorKind, ServiceError, TableApi};
use crate::cli::reading::read_tables;
use crate::cli::session::Planned;
use crate::cli::terminal::Terminal;
use crate::model::{Billing, ErrorCode, Failure, TableSpec, TableState};
use crate::report::{Finding, count};

/// The tables that an account may have in a region unless it asked for more: DynamoDB's developer
/// guide, quotas. No call tells the account's own figure.
const USUAL_TABLES: usize = 2_500;

/// All findings about a connection.
pub(super) async fn findings(
    planned: &Planned,
    connection: &Connection,
    terminal: &Terminal,
) -> Vec<Finding> {
    // Many reads of one kind meet the service's limits.
    let tables =
        if connection.has_limits { connection.tables.paced() } else { connection.tables.clone() };
    let specs = &planned.plan.tables;
    // Where nobody answers any more, each further read would wait in vain.
    let lost = AtomicBool::new(false);
    let looks = specs.iter().map(async |spec| {
        if lost.load(Ordering::Relaxed) {
            return Ok::<_, Infallible>(Look::new(spec));
        }
        let look = look(&tables, spec).await;
        let is_lost = look.errors.iter().any(|error| error.kind == ErrorKind::Network);
        lost.fetch_or(is_lost, Ordering::Relaxed);
        Ok(look)
    });
    let Ok(looks) = read_tables(looks, terminal).await;
    let missing = looks.iter().filter(|look| look.missing).count();
    let mut findings = refusals(looks);
    if findings.is_empty() {
        let tables = count(specs.len(), "table");
        let there = specs.len() - missing;
        let message = format!("{tables} can be read, {there} of them there; writes are not tried");
        findings.push(Finding::good("permissions", message));
    }
    if connection.is_service && !lost.into_inner() {
        findings.push(room(&tables, missing).await);
        findings.push(capacity(&tables, specs).await);
    }
    findings
}

/// What came of looking at one table.
struct Look {
    table: String,
    missing: bool,
    errors: Vec<ServiceError>,
}

impl Look {
    /// Nothing is known of it yet.
    fn new(spec: &TableSpec) -> Self {
        Self { table: spec.name.to_string(), missing: false, errors: Vec::new() }
    }
}

/// The reads that `verify` makes.
async fn look(tables: &TableApi, spec: &TableSpec) -> Look {
    let mut look = Look::new(spec);
    match tables.describe(&spec.name).await {
        Ok(Some(state)) => look.errors = settings(tables, spec, &state).await,
        Ok(None) => look.missing = true,
        Err(error) => look.errors.push(error),
    }
    look
}

/// Why what is declared cannot be compared with what is live.
async fn settings(tables: &TableApi, spec: &TableSpec, state: &TableState) -> Vec<ServiceError> {
    let mut answers = Vec::new();
    if let Some(arn) = state.arn.as_deref().filter(|_| !spec.tags.is_empty()) {
        answers.push(tables.tags(arn).await.map(drop));
    }
    for setting in &spec.settings {
        answers.push(tables.feature(state, setting, None).await.map(drop));
    }
    answers.into_iter().filter_map(Result::err).filter(|error| !passes(error.kind)).collect()
}

/// What a table that is just being made answers, and what a run leaves out where it is not offered.
const fn passes(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::Busy(_) | ErrorKind::Unsupported)
}

/// One finding for each operation that was refused, with the number of tables.
fn refusals(looks: Vec<Look>) -> Vec<Finding> {
    let mut by_operation: BTreeMap<&str, (ServiceError, Vec<String>)> = BTreeMap::new();
    for Look { table, errors, .. } in looks {
        for error in errors {
            let entry = by_operation.entry(error.operation);
            entry.or_insert_with(|| (error, Vec::new())).1.push(table.clone());
        }
    }
    let told = |(error, tables): (ServiceError, Vec<String>)| {
        let failure = error.into_failure();
        let more = tables.len() - 1;
        let rest =
            if more == 0 { String::new() } else { format!(" (and {})", count(more, "more table")) };
        Failure { message: format!("{}{rest}", failure.message), ..failure }
    };
    by_operation.into_values().map(|refused| Finding::bad("permissions", told(refused))).collect()
}

/// Whether the tables that are not there yet fit into the region.
async fn room(tables: &TableApi, missing: usize) -> Finding {
    let there = match tables.list().await {
        Ok(names) => names.len(),
        Err(error) => return unread("tables", error),
    };
    let message = format!("{} in the region, {missing} to come", count(there, "table"));
    if there + missing <= USUAL_TABLES {
        return Finding::good("tables", message);
    }
    let full = Failure::new(ErrorCode::TableLimitExceeded, message)
        .cause(format!(
            "an account has room for {USUAL_TABLES} in a region, unless it asked for more"
        ))
        .fix("ask for more in Service Quotas, if that was not done yet");
    Finding::doubtful("tables", full)
}

/// Whether the declared capacity is within the account's quotas.
async fn capacity(tables: &TableApi, specs: &[TableSpec]) -> Finding {
    let quotas = match tables.capacity_quotas().await {
        Ok(Some(quotas)) => quotas,
        Ok(None) => return Finding::skipped("capacity", "the endpoint tells no quotas"),
        Err(error) => return unread("capacity", error),
    };
    let (mut read, mut write, mut over) = (0_i64, 0_i64, None);
    for spec in specs {
        let (own_read, own_write) = provisioned(spec);
        if own_read > quotas.table_read || own_write > quotas.table_write {
            over = over.or(Some(spec.name.to_string()));
        }
        read = read.saturating_add(own_read);
        write = write.saturating_add(own_write);
    }
    let message = format!(
        "{read} read and {write} write units declared; the account may have {} and {}, a table {} \
         and {}",
        quotas.account_read, quotas.account_write, quotas.table_read, quotas.table_write
    );
    if over.is_none() && read <= quotas.account_read && write <= quotas.account_write {
        return Finding::good("capacity", message);
    }
    let cause = over.map_or_else(
        || "all declared tables together need more than the account may have".to_owned(),
        |table| format!("{table} needs more than a table may have"),
    );
    let over = Failure::new(ErrorCode::TableLimitExceeded, message).cause(cause);
    Finding::bad("capacity", over.fix("declare less, or ask for more in Service Quotas"))
}

/// Provisioned units of a table and its indexes.
fn provisioned(spec: &TableSpec) -> (i64, i64) {
    let Some(Billing::Provisioned { throughput, .. }) = spec.billing else { return (0, 0) };
    let of_indexes = spec.indexes.iter().filter_map(|index| index.throughput);
    let sum = of_indexes.chain([throughput]);
    let units = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    sum.fold((0, 0), |(read, write): (i64, i64), own| {
        (read.saturating_add(units(own.read)), write.saturating_add(units(own.write)))
    })
}

/// A quota that may not be read keeps no run from its end.
fn unread(check: &'static str, error: ServiceError) -> Finding {
    Finding::doubtful(check, error.into_failure())
}
