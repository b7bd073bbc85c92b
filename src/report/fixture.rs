//! Runs to report on, for tests.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use crate::journal::{
    EndpointKind, Pinned, Record, RunEvent, RunHeader, RunId, SkipReason, StepHeader, StepResult,
    StepStatus,
};
use crate::model::{Effect, ErrorCode, Failure, StepId};
use crate::step::{Created, Fact, ListedTable};
use crate::table::{Issue, IssueType};

use super::{Lost, RunFold, Streams, Style};

/// 2026-11-22T10:41:07.123Z.
pub(super) const START: u64 = 1_795_344_067_123;
pub(super) const UNICODE: Style = Style { color: false, unicode: true };
pub(super) const ASCII: Style = Style { color: false, unicode: false };

/// A stream that can be read after a sink has it.
#[derive(Clone, Default)]
pub(super) struct Pipe(Arc<Mutex<Vec<u8>>>);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Pipe {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Streams, and what is written to them: stderr, stdout.
pub(super) fn pipes() -> (Streams, Pipe, Pipe) {
    let (err, out) = (Pipe::default(), Pipe::default());
    let streams = Streams {
        err: Box::new(err.clone()),
        out: Some(Box::new(out.clone())),
        colored_out: false,
        lost: Lost::default(),
    };
    (streams, err, out)
}

/// A text about a run, without its id, which is another one each time.
pub(super) fn without_id(run: &RunFold, text: &str) -> String {
    text.replace(run.header().unwrap().run_id.as_str(), "[RUN]")
}

pub(super) fn id(kind: &str, table: &str) -> StepId {
    StepId::new(kind, Some(table).filter(|table| !table.is_empty()))
}

pub(super) fn at(ms: u64, event: RunEvent) -> Record {
    Record { v: 1, at: START + ms, event }
}

pub(super) fn header(task: &str, steps: &[(&str, &str)]) -> RunHeader {
    let step = |(kind, table): &(&str, &str)| StepHeader {
        step: id(kind, table),
        kind: (*kind).to_owned(),
        effect: Effect::Write,
        table: Some((*table).to_owned()).filter(|table| !table.is_empty()),
        table_name: Some(format!("osem-local-{table}")).filter(|_| !table.is_empty()),
        definition: "0".repeat(32),
    };
    RunHeader {
        run_id: RunId::new(UNIX_EPOCH + Duration::from_millis(START)),
        task: task.to_owned(),
        environment: "local".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: "embedded emulator (.osem/local.db)".to_owned(),
        identity: None,
        jobs: 8,
        total_tables: 2,
        pinned: Pinned {
            osem_version: "0.1.0".to_owned(),
            account: None,
            endpoint: EndpointKind::Emulator,
            endpoint_url: None,
            table_prefix: "osem-local-".to_owned(),
            db_prefix: None,
            rehearsal: false,
            variables: std::collections::BTreeMap::new(),
        },
        steps: steps.iter().map(step).collect(),
        undoes: None,
        recorded: !["verify", "list-tables"].contains(&task),
        resumes: None,
        outstanding: Vec::new(),
    }
}

pub(super) fn result(kind: &str, table: &str, message: &str, ms: u64) -> StepResult {
    StepResult {
        table: Some(table.to_owned()).filter(|table| !table.is_empty()),
        status: StepStatus::Succeeded,
        attempts: 1,
        duration_ms: ms,
        message: message.to_owned(),
        ..StepResult::not_run(id(kind, table), kind)
    }
}

pub(super) fn failed(kind: &str, table: &str, failure: Failure, ms: u64) -> StepResult {
    let message = failure.message.clone();
    let status = StepStatus::Failed;
    StepResult { status, failure: Some(failure), ..result(kind, table, &message, ms) }
}

pub(super) fn skipped(kind: &str, table: &str, because: SkipReason) -> StepResult {
    let status = StepStatus::Skipped;
    StepResult { status, skipped: Some(because), attempts: 0, ..result(kind, table, "", 0) }
}

/// A whole run: the header, the ends of steps one millisecond apart, the end.
pub(super) fn run(header: RunHeader, results: Vec<StepResult>, ms: u64, code: u8) -> Vec<Record> {
    let ends = (1..).zip(results).map(|(ms, end)| at(ms, RunEvent::StepFinished(Box::new(end))));
    std::iter::once(at(0, RunEvent::RunStarted(Box::new(header))))
        .chain(ends)
        .chain([at(ms, RunEvent::RunFinished { duration_ms: ms, exit_code: code })])
        .collect()
}

pub(super) fn fold(records: &[Record]) -> RunFold {
    RunFold::of(records)
}

pub(super) fn denied() -> Failure {
    Failure::new(ErrorCode::AwsPermissionsDenied, "not allowed to create osem-local-Teams")
        .said("User: arn:aws:iam::1:user/ci is not authorized")
        .cause("the policies do not allow dynamodb:CreateTable")
        .fix("attach the statement")
        .detail("action", "dynamodb:CreateTable")
}

fn create(table: &str, indexes: usize, ms: u64) -> StepResult {
    let fact = Fact::TableCreated {
        table_name: format!("osem-local-{table}"),
        indexes,
        created: Created::Confirmed,
        arn: None,
        id: None,
    };
    let message = format!("created with {indexes} indexes");
    let result = result("create-table", table, &message, ms);
    StepResult { changed: true, facts: vec![fact], ..result }
}

fn adopt(table: &str) -> StepResult {
    let fact = Fact::TableAdopted { table_name: format!("osem-local-{table}") };
    StepResult { facts: vec![fact], ..result("create-table", table, "already as declared", 3) }
}

const SETUP: [(&str, &str); 5] = [
    ("validate-credentials", ""),
    ("create-table", "Users"),
    ("wait-active", "Users"),
    ("create-table", "Teams"),
    ("wait-active", "Teams"),
];

/// `setup` that creates both tables.
pub(super) fn created() -> Vec<Record> {
    let results = vec![
        result("validate-credentials", "", "emulator: no credentials needed", 1),
        create("Teams", 2, 40),
        create("Users", 0, 120),
        result("wait-active", "Users", "ACTIVE", 5_000),
        result("wait-active", "Teams", "ACTIVE", 1_200),
    ];
    run(header("setup", &SETUP), results, 5_300, 0)
}

/// `setup` that finds both tables as declared.
pub(super) fn unchanged() -> Vec<Record> {
    let results = vec![
        result("validate-credentials", "", "emulator: no credentials needed", 1),
        adopt("Users"),
        adopt("Teams"),
        result("wait-active", "Users", "ACTIVE", 2),
        result("wait-active", "Teams", "ACTIVE", 2),
    ];
    run(header("setup", &SETUP), results, 104, 0)
}

/// `setup` that creates one table and may not create the other.
pub(super) fn mixed() -> Vec<Record> {
    let upstream = SkipReason::Upstream { step: id("create-table", "Teams") };
    let mut users = create("Users", 0, 120);
    users.warnings.push("billing mode is not checked here".to_owned());
    let results = vec![
        result("validate-credentials", "", "emulator: no credentials needed", 1),
        failed("create-table", "Teams", denied(), 300),
        skipped("wait-active", "Teams", upstream),
        users,
        result("wait-active", "Users", "ACTIVE", 400),
    ];
    run(header("setup", &SETUP), results, 1_234, 2)
}

/// `verify` of one table that differs and one that is not there.
pub(super) fn drifted() -> Vec<Record> {
    let issue = |ty, message: &str, expected: &str, found: &str| Issue {
        ty,
        message: message.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
    };
    let gsi = issue(IssueType::MissingGsi, "status-index is not there", "status S", "nothing");
    let gone = issue(IssueType::TableNotFound, "no such table", "a table", "nothing");
    let verify = |table: &str, status: Option<&str>, code, issue| {
        let table_name = format!("osem-local-{table}");
        let failure = Failure::new(code, format!("{table_name} is not as declared"));
        let status = status.map(str::to_owned);
        let fact = Fact::TableVerified { table_name, status, issues: vec![issue] };
        let failure = failure.fix("osem run setup --env local");
        StepResult { facts: vec![fact], ..failed("verify", table, failure, 12) }
    };
    let results = vec![
        verify("Users", Some("ACTIVE"), ErrorCode::SchemaValidationFailed, gsi),
        verify("Teams", None, ErrorCode::TableNotFound, gone),
    ];
    run(header("verify", &[("verify", "Users"), ("verify", "Teams")]), results, 30, 1)
}

/// `list-tables` with a table that is there, one that is not, and one that nobody declared.
pub(super) fn listed() -> Vec<Record> {
    let row = |name: &str, declared, status: Option<&str>, items| ListedTable {
        table_name: format!("osem-local-{name}"),
        declared,
        status: status.map(str::to_owned),
        indexes: 1,
        approximate_items: items,
        keys: "userId S".to_owned(),
    };
    let tables = vec![
        row("Users", true, Some("ACTIVE"), Some(12)),
        row("Teams", true, None, None),
        row("Old", false, Some("ACTIVE"), Some(0)),
    ];
    let list = result("list-tables", "", "3 tables", 9);
    let results = vec![StepResult { facts: vec![Fact::Tables { tables }], ..list }];
    run(header("list-tables", &[("list-tables", "")]), results, 10, 0)
}
