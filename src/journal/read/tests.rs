use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::journal::{
    EndpointKind, OutstandingStep, Pinned, RunHeader, RunId, SkipReason, StepHeader, StepResult,
    StepStatus, UndoOutcome, UndoResult,
};
use crate::model::{Effect, ErrorCode, Failure, FailureClass, StepId};
use crate::step::{
    Created, Fact, ItemFormat, ItemsPut, ListedTable, MutationOutcome, TagChange, Undo,
};
use crate::table::{Issue, IssueType};

fn id() -> StepId {
    StepId::new("create-table", Some("Users"))
}

fn failure() -> Failure {
    Failure::new(ErrorCode::AwsPermissionsDenied, "not allowed\nto create \u{1f980}")
        .class(FailureClass::Ambiguous)
        .said("no")
        .cause("policies")
        .fix("attach one")
        .detail("requestId", "R1")
}

fn late() -> Failure {
    let moment = UNIX_EPOCH + Duration::from_millis(1_795_344_067_123);
    Failure { not_before: Some(moment), ..Failure::new(ErrorCode::Throttled, "later") }
}

fn header() -> RunHeader {
    RunHeader {
        run_id: RunId::parse("20261122T104107Z-k3f9").unwrap(),
        task: "setup".to_owned(),
        environment: "prod".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: "DynamoDB".to_owned(),
        identity: Some("arn:aws:iam::1:user/ci in account 1".to_owned()),
        jobs: 8,
        total_tables: 6,
        pinned: Pinned {
            osem_version: "0.1.0".to_owned(),
            account: Some("111111111111".to_owned()),
            endpoint: EndpointKind::Declared,
            endpoint_url: Some("http://127.0.0.1:8000".to_owned()),
            table_prefix: "osem-prod-".to_owned(),
            db_prefix: Some("me-".to_owned()),
            rehearsal: true,
            variables: std::collections::BTreeMap::new(),
        },
        steps: vec![StepHeader {
            step: id(),
            kind: "create-table".to_owned(),
            effect: Effect::Destroy,
            table: Some("Users".to_owned()),
            table_name: None,
            definition: "0".repeat(32),
        }],
        undoes: RunId::parse("20261122T104106Z-k3f9"),
        recorded: true,
        resumes: RunId::parse("20261122T104007Z-k3f9"),
        outstanding: vec![OutstandingStep { step: id(), why: "failed".to_owned() }],
    }
}

fn facts() -> Vec<Fact> {
    let table_name = "osem-prod-Users".to_owned();
    let issue = Issue {
        ty: IssueType::MissingGsi,
        message: "index i".to_owned(),
        expected: "there".to_owned(),
        found: "not".to_owned(),
    };
    let row = ListedTable {
        table_name: table_name.clone(),
        declared: true,
        status: None,
        indexes: 2,
        approximate_items: Some(-1),
        keys: "userId S".to_owned(),
    };
    let name = || table_name.clone();
    vec![
        Fact::Identity { account: None, arn: Some("arn".to_owned()), source: "x".to_owned() },
        Fact::TableCreated {
            table_name: name(),
            indexes: 2,
            created: Created::Unknown,
            arn: None,
            id: Some("b1".to_owned()),
        },
        Fact::TableAdopted { table_name: name() },
        Fact::TableVerified { table_name: name(), status: None, issues: vec![issue] },
        Fact::TableTagged {
            table_name: name(),
            written: [("a".to_owned(), "b".to_owned())].into(),
            removed: vec!["c".to_owned()],
        },
        Fact::TableDeleted { table_name: name() },
        Fact::ItemsPut {
            table_name: name(),
            file: "users.jsonl".to_owned(),
            items: 3,
            put: 2,
            there: 1,
            calls: 4,
            throttled: 1,
            done_with: "00 id-1".to_owned(),
        },
        Fact::Tables { tables: vec![row] },
        Fact::Unsupported { feature: "tags".to_owned() },
    ]
}

fn undo() -> Vec<Undo> {
    let (table_name, identity) = ("osem-prod-Users".to_owned(), "id-1".to_owned());
    let change = TagChange { before: Some("a".to_owned()), after: None };
    vec![
        Undo::DeleteTable { table_name: table_name.clone(), identity },
        Undo::RestoreTags {
            table_name: table_name.clone(),
            arn: "arn:aws:dynamodb:us-east-1:1:table/osem-prod-Users".to_owned(),
            identity: None,
            tags: [("Owner".to_owned(), change)].into(),
        },
        Undo::DeleteItems {
            table_name,
            identity: None,
            put: ItemsPut {
                file: "users.jsonl".to_owned(),
                format: ItemFormat::Typed,
                fingerprint: "00".to_owned(),
                places: [0, 1, 7].into_iter().collect(),
                assumed: 1,
            },
        },
    ]
}

fn undone() -> Vec<UndoResult> {
    let of = |outcome, failure| UndoResult {
        step: id(),
        table: Some("Users".to_owned()),
        table_name: Some("osem-prod-Users".to_owned()),
        outcome,
        message: "deleted".to_owned(),
        attempts: 1,
        duration_ms: 7,
        failure,
    };
    vec![
        of(UndoOutcome::RolledBack, None),
        of(UndoOutcome::Stands, None),
        of(UndoOutcome::Kept, None),
        of(UndoOutcome::Failed, Some(failure())),
    ]
}

fn results() -> Vec<StepResult> {
    let plain = StepResult {
        status: StepStatus::Succeeded,
        changed: true,
        attempts: 2,
        duration_ms: u64::MAX,
        message: "created".to_owned(),
        ..StepResult::not_run(id(), "create-table")
    };
    let with = |status, skipped, failure| StepResult { status, skipped, failure, ..plain.clone() };
    let upstream = SkipReason::Upstream { step: id() };
    vec![
        StepResult {
            facts: facts(),
            undo: undo(),
            warnings: vec!["w".to_owned()],
            ..plain.clone()
        },
        with(StepStatus::Failed, None, Some(failure())),
        with(StepStatus::TimedOut, None, Some(late())),
        with(StepStatus::Tolerated, None, None),
        with(StepStatus::Cancelled, None, None),
        with(StepStatus::Unknown, None, None),
        with(StepStatus::Skipped, Some(SkipReason::Condition), None),
        with(StepStatus::Skipped, Some(upstream), None),
        with(StepStatus::Skipped, Some(SkipReason::RunEnding), None),
    ]
}

/// Every event, with everything that can stand in it.
fn events() -> Vec<RunEvent> {
    let (operation, resource) = ("CreateTable".to_owned(), "osem-prod-Users".to_owned());
    let ended = |outcome, error| RunEvent::MutationEnded {
        step: id(),
        operation: operation.clone(),
        resource: resource.clone(),
        outcome,
        error,
    };
    let mut events = vec![
        RunEvent::RunStarted(Box::new(header())),
        RunEvent::Warning { message: "a\nb".to_owned() },
        RunEvent::StepStarted { step: id() },
        RunEvent::StepProgress { step: id(), message: "waits".to_owned() },
        RunEvent::MutationIntended {
            step: id(),
            operation: operation.clone(),
            resource: resource.clone(),
        },
        ended(MutationOutcome::Applied, None),
        ended(MutationOutcome::Refused, Some(ErrorCode::Throttled)),
        ended(MutationOutcome::Unknown, Some(ErrorCode::StepTimedOut)),
        RunEvent::UndoPrepared { step: id(), undo: undo() },
        RunEvent::ChildStarted { step: id(), pid: 7, pgid: 7, start_ticks: Some(9) },
        RunEvent::ChildEnded { step: id(), pid: 7 },
        RunEvent::StepOutput { step: id(), line: "a".to_owned() },
        RunEvent::TerminalLent { step: id() },
        RunEvent::TerminalReturned { step: id() },
        RunEvent::ApiCalled {
            step: None,
            operation: operation.clone(),
            resource: Some(resource.clone()),
            duration_ms: 4,
            error: Some("ThrottlingException".to_owned()),
        },
        RunEvent::StepRetrying { step: id(), attempt: 1, delay_ms: 500, failure: failure() },
    ];
    events.extend(results().into_iter().map(|result| RunEvent::StepFinished(Box::new(result))));
    events.push(RunEvent::UndoStarted { step: id() });
    events.push(RunEvent::UndoStepEnded { step: id(), part: 1 });
    events.extend(undone().into_iter().map(|one| RunEvent::UndoFinished(Box::new(one))));
    events.push(RunEvent::Cancelling { reason: "SIGINT".to_owned() });
    events.push(RunEvent::RunFinished { duration_ms: 9, exit_code: 130 });
    events
}

fn lines() -> Vec<String> {
    let record = |(at, event)| Record { v: FORMAT, at, event };
    let records = (1..).zip(events()).map(record);
    records.map(|record| serde_json::to_string(&record).unwrap()).collect()
}

fn read_text(text: &[u8]) -> Result<Reading, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.ndjson");
    fs::write(&file, text).unwrap();
    read(&file)
}

#[test]
fn every_event_is_read_as_it_was_written() {
    let reading = read_text((lines().join("\n") + "\n").as_bytes()).unwrap();
    assert_eq!((reading.skipped, reading.torn), (0, false));
    let found: Vec<&RunEvent> = reading.records.iter().map(|record| &record.event).collect();
    assert_eq!(format!("{found:?}"), format!("{:?}", events()));
    let again: Vec<String> =
        reading.records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    assert_eq!(again, lines());
}

#[test]
fn the_names_of_all_events_are_known() {
    let mut found: Vec<String> = lines()
        .iter()
        .map(|line| serde_json::from_str::<Envelope>(line).unwrap().event.ty)
        .collect();
    found.dedup();
    assert_eq!(found, RunEvent::TYPES);
}

#[test]
fn what_a_later_version_adds_is_skipped_and_counted() {
    let known =
        r#"{"v":1,"at":1,"more":[],"event":{"type":"warning","message":"m","more":{"a":1}}}"#;
    let text = [
        known,
        r#"{"v":1,"at":2,"event":{"type":"table-moved","table":"x"}}"#,
        r#"{"v":2,"at":3,"event":{"type":"warning","text":"in another form"}}"#,
        r#"{"v":300,"at":3,"event":{"type":"warning","message":"m"}}"#,
        known,
    ];
    let reading = read_text(text.join("\n").as_bytes()).unwrap();
    assert_eq!((reading.records.len(), reading.skipped, reading.torn), (2, 3, false));
}

#[test]
fn a_journal_that_was_cut_off_anywhere_is_read_up_to_there() {
    let lines = lines();
    let whole = (lines.join("\n") + "\n").into_bytes();
    let mut end = 0;
    for (before, line) in lines.iter().enumerate() {
        // Inside the line, which has characters of several bytes, too.
        for cut in [1, 2, line.len() / 2, line.len() - 1] {
            let reading = read_text(&whole[..end + cut]).unwrap();
            assert_eq!((reading.records.len(), reading.torn), (before, true), "{line}");
        }
        end += line.len() + 1;
        for kept in [end - 1, end] {
            let reading = read_text(&whole[..kept]).unwrap();
            assert_eq!((reading.records.len(), reading.torn), (before + 1, false), "{line}");
        }
    }
    // As some file systems leave it after a power cut.
    let mut zeros = whole.clone();
    zeros.extend([0; 64]);
    let reading = read_text(&zeros).unwrap();
    assert_eq!((reading.records.len(), reading.torn), (lines.len(), true));
}

#[test]
fn damage_in_the_middle_names_its_line() {
    let lines = lines();
    for damage in [
        "",
        "{",
        "no json",
        "{}",
        r#"{"v":1,"at":1,"event":{"type":"warning"}}"#,
        r#"{"v":1,"at":1,"event":{"type":"warning","message":7}}"#,
    ] {
        let text = format!("{}\n{damage}\n{}\n", lines[0], lines[1]);
        let error = read_text(text.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Line { line: 2, .. }), "{damage:?}: {error}");
        assert!(error.to_string().contains("events.ndjson, line 2: "), "{error}");
    }
    // A last line that is whole, but no record, was not cut off.
    for damage in ["{}", "{\"v\":1,", "no json"] {
        let text = format!("{}\n{damage}\n", lines[0]);
        let error = read_text(text.as_bytes()).unwrap_err();
        assert!(matches!(error, ReadError::Line { line: 2, .. }), "{damage:?}: {error}");
    }
}

#[test]
fn an_empty_journal_is_a_run_that_did_not_begin() {
    assert!(read_text(b"").unwrap().records.is_empty());
    assert!(matches!(read(Path::new("/no/such/file")), Err(ReadError::Io { .. })));
}
