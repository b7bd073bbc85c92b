//! What the service refuses for good fails at once: no retry, and what to do about it.

use serde_json::Value;

use crate::harness::{Project, Simulator};

/// `setup` in front of a simulator: exit code and document.
fn setup(simulator: &Simulator, code: i32) -> Value {
    let project = Project::new();
    project.osem("setup --env dev --endpoint-url").args([&simulator.url]).json(code)
}

/// The failures of steps, each after one attempt.
fn failures(document: &Value) -> Vec<Value> {
    let steps = document["data"]["steps"].as_array().unwrap();
    let failed = steps.iter().filter(|step| step["status"] == "failed");
    failed
        .map(|step| {
            assert_eq!(step["attempts"], 1, "a refusal is not tried again: {step:#}");
            step["error"].clone()
        })
        .collect()
}

#[track_caller]
fn assert_failed(document: &Value, count: usize, code: &str, remediation: &str) {
    let failures = failures(document);
    assert_eq!(failures.len(), count, "{document:#}");
    for failure in failures {
        assert_eq!(failure["code"], code, "{failure:#}");
        let said = failure["remediation"].as_str().unwrap();
        assert!(said.contains(remediation), "{failure:#}");
    }
}

#[test]
fn a_quota_that_is_used_up() {
    let project = Project::new().edit(
        "emulator                       //",
        "emulator { control-plane realistic; max-tables 4; } //",
    );
    let simulator = Simulator::of(project, "--time-scale 200".to_owned(), &[]);
    let document = setup(&simulator, 2);
    assert_failed(&document, 2, "TABLE_LIMIT_EXCEEDED", "Service Quotas");
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["CreateTable"], 4);
    assert_eq!(statistics["refused"]["CreateTable LimitExceededException"], 2);
}

#[test]
fn a_call_that_is_denied() {
    let simulator = Simulator::with_faults("--time-scale 200", &["deny on=CreateTable"]);
    let document = setup(&simulator, 1);
    assert_failed(&document, 6, "AWS_PERMISSIONS_DENIED", "dynamodb:CreateTable");
}

#[test]
fn a_request_that_is_not_valid() {
    let fault = "error on=CreateTable code=ValidationException message=\"One or more parameter \
                 values were invalid\"";
    let simulator = Simulator::with_faults("--time-scale 200", &[fault]);
    let document = setup(&simulator, 1);
    assert_failed(&document, 6, "SCHEMA_VALIDATION_FAILED", "change the file");
}

#[test]
fn credentials_that_expire_on_the_way() {
    // After the first call, the six of the preview, and three more, of which the first one creates.
    let fault = "expire-credentials after=\"1ms\" skip=9";
    let simulator = Simulator::with_faults("--time-scale 10", &[fault]);
    // Nothing can be undone with them either.
    let document = setup(&simulator, 3);
    assert_eq!(document["error"]["details"]["because"], "AWS_CREDENTIALS_INVALID");
    let failures = failures(&document);
    assert!(!failures.is_empty(), "{document:#}");
    for failure in failures {
        assert_eq!(failure["code"], "AWS_CREDENTIALS_INVALID", "{failure:#}");
    }
}
