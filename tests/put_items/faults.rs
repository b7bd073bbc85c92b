//! A service that throttles, fails and loses answers, and runs that are ended or killed.

use std::time::Duration;

use serde_json::json;

use super::{PUT, items, project, put, users};
use crate::harness::{Process, Project, Simulator};

const TABLE: &str = "put-dev-Users";

/// A project whose tables are there, and the simulator that holds them.
fn served(step: &str, count: usize, faults: &[&str]) -> (Project, Simulator) {
    let simulator = Simulator::with_faults("--time-scale 1000 --seed 7", faults);
    let project = project(step, users(count));
    osem(&project, &simulator, "setup").finish().expect_code(0);
    (project, simulator)
}

fn osem(project: &Project, simulator: &Simulator, line: &str) -> Process {
    let run = project.osem(line).args(["--env", "dev", "--endpoint-url", &simulator.url]);
    run.start()
}

#[test]
fn throttled_items_are_put_all_the_same() {
    let faults = ["throttle on=PutItem rate=0.2"];
    let (project, simulator) = served(PUT, 200, &faults);
    let outcome = osem(&project, &simulator, "run put --json").finish();
    let document = outcome.json();
    assert_eq!(put(&document), (200, 200, 0), "{document:#}");
    let throttled = document["data"]["itemsPut"][0]["throttled"].as_u64().unwrap();
    assert!(throttled > 10, "{throttled}");
    assert_eq!(document["data"]["steps"][0]["attempts"], 1);
    assert_eq!(items(&simulator.dynamo(), TABLE).len(), 200);
}

#[test]
fn throttled_batches_are_put_all_the_same() {
    let faults = ["throttle on=BatchWriteItem rate=0.4"];
    let step = PUT.replace(';', " on-existing=overwrite;");
    let (project, simulator) = served(&step, 300, &faults);
    let outcome = osem(&project, &simulator, "run put --json --confirm dev").finish();
    assert_eq!(put(&outcome.json()), (300, 300, 0), "{outcome}");
    assert_eq!(items(&simulator.dynamo(), TABLE).len(), 300);
}

#[test]
fn a_table_that_only_throttles_is_given_up_when_the_time_is_over() {
    let step = PUT.replace(';', " { timeout \"2s\"; };");
    let (project, simulator) = served(&step, 50, &["throttle on=PutItem rate=1.0"]);
    let outcome = osem(&project, &simulator, "run put --json").finish();
    outcome.expect_code(1);
    let document = outcome.json();
    assert_eq!(document["error"]["code"], "THROTTLED", "{document:#}");
    assert_eq!(document["data"]["steps"][0]["status"], "timed-out");
    assert_eq!(put(&document), (50, 0, 0));
}

#[test]
fn an_item_whose_answer_was_lost_is_counted_once() {
    let faults =
        ["lose-response on=PutItem rate=0.1", "error on=PutItem code=InternalServerError rate=0.1"];
    let (project, simulator) = served(PUT, 150, &faults);
    let outcome = osem(&project, &simulator, "run put --json --retries 8").finish();
    assert_eq!(put(&outcome.json()), (150, 150, 0), "{outcome}");
    assert_eq!(items(&simulator.dynamo(), TABLE).len(), 150);
}

#[test]
fn what_an_earlier_attempt_put_is_what_the_run_put() {
    // Once four answers to one call are lost, the attempt fails, and the next one goes on.
    let faults = ["reset on=PutItem skip=30 count=40"];
    for step in [PUT.to_owned(), PUT.replace(';', " on-existing=fail;")] {
        let (project, simulator) = served(&step, 60, &faults);
        let outcome = osem(&project, &simulator, "run put --json --retries 20").finish();
        let document = outcome.json();
        assert!(document["data"]["steps"][0]["attempts"].as_u64().unwrap() > 1, "{document:#}");
        assert_eq!(put(&document), (60, 60, 0), "{document:#}");
    }
}

#[test]
fn a_denied_put_fails_at_once() {
    let (project, simulator) = served(PUT, 50, &["deny on=PutItem"]);
    let outcome = osem(&project, &simulator, "run put --json").finish();
    outcome.expect_code(1);
    assert_eq!(outcome.json()["error"]["code"], "AWS_PERMISSIONS_DENIED", "{outcome}");
}

#[test]
fn a_run_that_is_ended_stops_between_calls_and_the_next_one_puts_the_rest() {
    let (project, simulator) = served(PUT, 3000, &["delay on=PutItem by=\"100ms\" skip=200"]);
    let mut run = osem(&project, &simulator, "run put");
    run.wait_for_stderr("of 3,000 items");
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    outcome.expect_stderr("put-items cancelled");
    let there = items(&simulator.dynamo(), TABLE).len();
    assert!(there > 0 && there < 3000, "{there}");
    let shown = project.osem("runs show last").json(0);
    let (total, done, _) = put(&shown);
    assert_eq!((total, done), (3000, there as u64), "what is told is what was done");
    let simulator = simulator.healed();
    let document = osem(&project, &simulator, "run put --json").finish().json();
    assert_eq!(put(&document), (3000, 3000 - there as u64, there as u64));
}

#[test]
fn a_second_signal_waits_for_no_answer_and_what_became_of_the_items_is_unknown() {
    let (project, simulator) = served(PUT, 120, &["hang on=PutItem skip=60"]);
    let mut run = osem(&project, &simulator, "run put --json");
    let dynamo = simulator.dynamo();
    while items(&dynamo, TABLE).len() < 60 {
        std::thread::sleep(Duration::from_millis(20));
    }
    run.signal("TERM");
    run.wait_for_stderr("ending the run");
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    let document = outcome.json();
    assert_eq!(document["data"]["steps"][0]["status"], "unknown", "{document:#}");
    assert_eq!(put(&document), (120, 60, 0));
    let entry = &project.osem("runs").json(0)["data"]["runs"][0];
    assert_eq!(entry["exitCode"], 143, "{entry:#}");
}

#[test]
fn a_run_that_is_killed_leaves_one_intent_and_the_next_one_puts_the_rest() {
    let (project, simulator) = served(PUT, 120, &["hang on=PutItem skip=60"]);
    let run = osem(&project, &simulator, "run put");
    let dynamo = simulator.dynamo();
    while items(&dynamo, TABLE).len() < 60 {
        std::thread::sleep(Duration::from_millis(20));
    }
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    let entry = &project.osem("runs").json(0)["data"]["runs"][0];
    let call = json!([{ "step": "put-items", "operation": "PutItem", "resource": TABLE }]);
    assert_eq!((&entry["status"], &entry["underWay"]), (&json!("unfinished"), &call));
    let simulator = simulator.killed("--time-scale 1000");
    let document = osem(&project, &simulator, "run put --json").finish().json();
    let (total, done, there) = put(&document);
    assert_eq!((total, done + there), (120, 120));
    assert!(there >= 60, "{there}");
    assert_eq!(items(&simulator.dynamo(), TABLE).len(), 120);
}

#[test]
fn a_table_that_is_not_there_is_not_filled() {
    let outcome = project(PUT, users(3)).osem("run put").json(1);
    assert_eq!(outcome["error"]["code"], "TABLE_NOT_FOUND");
    assert_eq!(outcome["error"]["message"], "put-local-Users is not there");
}

#[test]
fn a_table_with_other_keys_is_not_filled() {
    let project = project(PUT, users(3));
    project.osem("setup").success();
    let project = project.edit("table Users hash=userId", "table Users hash=name");
    let document = project.osem("run put").json(1);
    assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED");
}
