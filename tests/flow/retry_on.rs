//! `retry { on …; }`: what a step is tried again after, and what it is not.

use serde_json::Value;

use super::project;
use crate::harness::{Fault, Project, dynamo_with};

/// Exits with these codes, one an attempt, then well.
fn exits(codes: &str) -> String {
    // Doubled braces are literal ones in a placeholder's text.
    format!(r#"shell "set -- {codes}; shift $((OSEM_ATTEMPT - 1)); exit ${{1:-0}}""#)
}

/// The attempts of the only step, and the failure of a run that ends with this code.
fn ended(step: &str, code: i32) -> (u64, Value) {
    let project = project(&format!("task t {{ step {step}; }}"));
    attempts(&project.osem("t").json(code))
}

fn attempts(document: &Value) -> (u64, Value) {
    (document["data"]["steps"][0]["attempts"].as_u64().unwrap(), document["error"].clone())
}

#[test]
fn an_exit_code_that_is_named_is_tried_again_and_recorded_as_passing() {
    let retry = r#"retry 5 delay="1ms" { on exit-code=3; on exit-code=200; }"#;
    let project = project(&format!("task t {{ step {} {{ {retry}; }}; }}", exits("3 200 3")));
    let outcome = project.osem("t --events -").output();
    outcome.expect_code(0);
    outcome.expect_stderr("3 retries: 3 for other reasons");
    let told = outcome.stdout();
    let events = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let retries = events.filter(|record| record["event"]["type"] == "step-retrying");
    let retries: Vec<Value> = retries.map(|record| record["event"]["failure"].clone()).collect();
    let codes: Vec<_> = retries.iter().map(|failure| &failure["details"]["exitCode"]).collect();
    assert_eq!(codes, ["3", "200", "3"]);
    assert!(retries.iter().all(|failure| failure["class"] == "transient"), "{retries:?}");
}

#[test]
fn no_exit_code_but_those_that_are_named_is_tried_again() {
    let step = format!(r#"{} {{ retry 5 delay="1ms" {{ on exit-code=3; }}; }}"#, exits("3 4"));
    let (attempts, error) = ended(&step, 2);
    assert_eq!((attempts, &error["details"]["exitCode"]), (2, &"4".into()));
    // Not even the code that is tried again where no `on` is written.
    let step = format!(r#"{} {{ retry 5 delay="1ms" {{ on exit-code=3; }}; }}"#, exits("75"));
    assert_eq!(ended(&step, 2).0, 1);
    let step = format!(r#"{} {{ retry 5 delay="1ms"; }}"#, exits("75"));
    assert_eq!(ended(&step, 0).0, 2);
}

#[test]
fn exit_codes_stand_beside_what_is_tried_again_anyway() {
    let retry = r#"retry 5 delay="1ms" { on transient exit-code=69; }"#;
    let step = format!("{} {{ {retry}; }}", exits("75 69 75"));
    assert_eq!(ended(&step, 0).0, 4);
}

#[test]
fn tries_end_with_their_number() {
    let step = format!(r#"{} {{ retry 1 delay="1ms" {{ on exit-code=3; }}; }}"#, exits("3 3 3"));
    let (attempts, error) = ended(&step, 2);
    assert_eq!((attempts, &error["details"]["exitCode"]), (2, &"3".into()));
}

#[test]
fn an_attempt_that_takes_too_long_is_tried_again_only_where_that_is_named() {
    let slow = r#"shell "[ $OSEM_ATTEMPT = 2 ] || exec sleep 60" { timeout "2m" attempt="3s"; "#;
    let only =
        |on: &str, code| ended(&format!(r#"{slow} retry 2 delay="1ms" {{ on {on}; }}; }}"#), code);
    assert_eq!(only("timeout", 0).0, 2);
    let (attempts, error) = only("exit-code=3", 2);
    assert_eq!((attempts, &error["code"]), (1, &"STEP_TIMED_OUT".into()));
}

#[test]
fn a_step_kind_says_it_for_its_steps() {
    let kind = r#"step-kind flaky {
        exec "sh" "-c" "set -- 9 9; shift $((OSEM_ATTEMPT - 1)); exit ${{1:-0}}"
        idempotent
        retry 3 delay="1ms" { on exit-code=9; }
    }"#;
    let project = project(&format!("{kind}\ntask t {{ step flaky; }}"));
    assert_eq!(project.osem("t").json(0)["data"]["steps"][0]["attempts"], 3);
}

/// What becomes of a `create-table` with this `on` that meets a fault once; how often it was sent.
fn create(on: &str, fault: Fault, code: i32) -> (u64, usize, Value) {
    let server = dynamo_with(move |operation, asked| {
        (operation == "CreateTable" && asked.times(operation) == 0).then_some(fault)
    });
    let project = Project::of(format!(
        "osem 1\n\
         project tiny {{ table-name \"tiny-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Users hash=userId\n\
         task setup {{ for-each table {{ step create-table {{ retry 3 delay=\"1ms\" {{ on {on}; }}; }}; }}; }}"
    ));
    let document = project.osem("setup --endpoint-url").args([server.url()]).json(code);
    let sent = server.seen().iter().filter(|operation| *operation == "CreateTable").count();
    let (attempts, error) = attempts(&document);
    (attempts, sent, error["code"].clone())
}

const THROTTLED: Fault = Fault::Error(
    400,
    "ThrottlingException",
    "The rate of control plane requests made by this account is too high",
);
const INTERNAL: Fault = Fault::Error(500, "InternalServerError", "Internal server error");

#[test]
fn a_call_that_is_throttled_is_sent_again_only_where_that_is_named() {
    assert_eq!(create("throttling", THROTTLED, 0), (2, 2, Value::Null));
    let refused = create("network resource-in-use server-error", THROTTLED, 1);
    assert_eq!(refused, (1, 1, "THROTTLED".into()));
}

#[test]
fn a_call_without_an_answer_is_sent_again_only_where_that_is_named() {
    assert_eq!(create("network", Fault::Hangup, 0), (2, 2, Value::Null));
    let lost = create("throttling server-error", Fault::Hangup, 2);
    assert_eq!(lost, (1, 1, "NETWORK_ERROR".into()));
}

#[test]
fn a_fault_of_the_service_is_a_class_of_its_own() {
    assert_eq!(create("server-error", INTERNAL, 0), (2, 2, Value::Null));
    let failed = create("throttling network", INTERNAL, 1);
    assert_eq!(failed, (1, 1, "UNKNOWN_ERROR".into()));
}
