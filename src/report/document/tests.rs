use serde_json::{Value, json};

use super::super::fixture;
use super::*;
use crate::diagnostic::is_dangerous;
use crate::journal::{Record, RunEvent};
use crate::model::{ErrorCode, FailureClass};

fn run_document(records: &[Record]) -> Value {
    let document = Document::of_run(&fixture::fold(records)).expect("the run ended");
    serde_json::from_str(&document.to_text()).unwrap()
}

fn outline<'a>(command: &'a str, failure: &'a Failure, ms: u64) -> Outline<'a> {
    let duration = Duration::from_millis(ms);
    Outline { command, failure: Some(failure), exit_code: 1, duration, ..Outline::default() }
}

#[test]
fn a_run_in_progress_has_no_document() {
    let mut records = fixture::created();
    records.pop();
    assert!(Document::of_run(&fixture::fold(&records)).is_none());
}

#[test]
fn a_setup_that_creates() {
    let mut document = run_document(&fixture::created());
    let run_id = document["runId"].take();
    assert!(run_id.as_str().unwrap().starts_with("20261122T104107Z-"), "{run_id}");
    let steps = document["data"]["steps"].take();
    assert_eq!(
        document,
        json!({
            "success": true,
            "command": "setup",
            "data": {
                "tablesCreated": [
                    {"tableName": "osem-local-Users", "status": "created", "duration": 5_120},
                    {"tableName": "osem-local-Teams", "status": "created", "duration": 1_240},
                ],
                "tablesVerified": [],
                "tablesDeleted": [],
                "tablesTagged": [],
                "totalTables": 2,
                "steps": null,
                "warnings": [],
            },
            "duration": 5_300,
            "region": "us-east-1",
            "environment": "local",
            "timestamp": "2026-11-22T10:41:12.423Z",
            "runId": null,
            "exitCode": 0,
        })
    );
    assert_eq!(steps.as_array().unwrap().len(), 5);
    assert_eq!(
        steps[1],
        json!({
            "id": "create-table[Users]", "kind": "create-table", "table": "Users",
            "status": "succeeded", "changed": true, "attempts": 1, "duration": 120,
            "message": "created with 0 indexes",
        })
    );
}

#[test]
fn further_tries_are_counted_by_their_reasons() {
    assert_eq!(run_document(&fixture::created())["data"].get("retries"), None);
    let mut records = fixture::created();
    for class in [FailureClass::Throttled, FailureClass::Throttled, FailureClass::Ambiguous] {
        let failure = Failure::new(ErrorCode::UnknownError, "no").class(class);
        let step = fixture::id("create-table", "Users");
        let retrying = RunEvent::StepRetrying { step, attempt: 1, delay_ms: 90, failure };
        records.insert(2, fixture::at(2, retrying));
    }
    assert_eq!(
        run_document(&records)["data"]["retries"],
        json!({
            "total": 3, "throttled": 2, "waited": 0, "lostAnswers": 0, "serviceFailures": 1,
            "timedOut": 0, "noAnswer": 0, "other": 0,
        })
    );
}

#[test]
fn tables_that_were_there_are_unchanged() {
    let document = run_document(&fixture::unchanged());
    let entry = json!({"tableName": "osem-local-Teams", "status": "unchanged", "duration": 5});
    assert_eq!(document["data"]["tablesCreated"][1], entry);
}

#[test]
fn a_failed_run_has_the_error_and_what_it_got_to() {
    let document = run_document(&fixture::mixed());
    assert_eq!(document["success"], false);
    assert_eq!(document["exitCode"], 2);
    assert_eq!(
        document["error"],
        json!({
            "code": "AWS_PERMISSIONS_DENIED",
            "message": "not allowed to create osem-local-Teams",
            "remediation": "attach the statement",
            "details": {
                "action": "dynamodb:CreateTable",
                "cause": "the policies do not allow dynamodb:CreateTable",
                "said": "User: arn:aws:iam::1:user/ci is not authorized",
                "step": "create-table[Teams]",
            },
        })
    );
    let data = &document["data"];
    assert_eq!(data["tablesCreated"][0]["tableName"], "osem-local-Users");
    assert_eq!(data["warnings"], json!(["create-table[Users]: billing mode is not checked here"]));
    let because = json!({"because": "upstream", "step": "create-table[Teams]"});
    assert_eq!(data["steps"][4]["skipped"], because);
    assert_eq!(data["steps"][3]["error"]["code"], "AWS_PERMISSIONS_DENIED");
}

#[test]
fn verify_gives_checks_and_their_summary() {
    let document = run_document(&fixture::drifted());
    assert_eq!(
        document["data"]["checks"][0],
        json!({
            "tableName": "osem-local-Users", "status": "ACTIVE", "passed": false,
            "issues": [{
                "type": "MISSING_GSI", "message": "status-index is not there",
                "expected": "status S", "found": "nothing",
                "remediation": "run a task with update-table, which adds it",
            }],
        })
    );
    assert_eq!(document["data"]["checks"][1]["status"], Value::Null);
    assert_eq!(
        document["data"]["summary"],
        json!({"totalTables": 2, "tablesFound": 1, "tablesMissing": 1, "tablesWithIssues": 1})
    );
    assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED");
}

#[test]
fn list_gives_its_rows() {
    let document = run_document(&fixture::listed());
    let row = json!({
        "tableName": "osem-local-Users", "declared": true, "status": "ACTIVE", "indexes": 1,
        "approximateItems": 12, "keys": "userId S",
    });
    assert_eq!(document["data"]["tables"][0], row);
    assert_eq!(document["data"].get("checks"), None);
}

#[test]
fn a_cancelled_step_is_not_the_cause_when_another_one_failed() {
    let mut cancelled = fixture::result("a", "", "cancelled", 1);
    cancelled.status = StepStatus::Cancelled;
    let results = vec![cancelled, fixture::failed("b", "", fixture::denied(), 1)];
    let header = fixture::header("setup", &[("a", ""), ("b", "")]);
    let document = run_document(&fixture::run(header, results, 5, 1));
    assert_eq!(document["error"]["details"]["step"], "b");
}

#[test]
fn a_run_cancelled_before_its_first_step_says_why() {
    let mut records = fixture::run(fixture::header("setup", &[("a", "")]), Vec::new(), 5, 130);
    records.insert(1, fixture::at(1, RunEvent::Cancelling { reason: "SIGINT".to_owned() }));
    let document = run_document(&records);
    assert_eq!(document["error"]["code"], "CANCELLED");
    assert_eq!(document["error"]["message"], "the run ended early: SIGINT");
}

#[test]
fn a_failure_before_any_run_has_the_same_shape() {
    let failure = fixture::denied();
    let document = document(outline("setup", &failure, 7), Data::default());
    let value: Value = serde_json::from_str(&document.to_text()).unwrap();
    assert_eq!(value["success"], false);
    assert_eq!(value["error"]["code"], "AWS_PERMISSIONS_DENIED");
    assert_eq!(value["runId"], Value::Null);
    assert_eq!(value["duration"], 7);
    assert_eq!(value["data"]["steps"], json!([]));
}

#[test]
fn the_text_holds_what_the_service_said_but_cannot_drive_a_terminal() {
    let said = "a\u{9b}2J\u{202e}b\u{e0041}\x1b[0m";
    let failure = Failure::new(ErrorCode::UnknownError, "no").said(said);
    let text = document(outline("x", &failure, 0), Data::default()).to_text();
    assert!(!text.chars().any(|c| c != '\n' && is_dangerous(c)), "{text}");
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["error"]["details"]["said"], said);
}
