//! What may well work when it is its turn is no problem of the plan, and no run is refused for it.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Fault, Project, Simulator, dynamo_with};
use crate::settings::{osem, setup};

use super::step;

const FULL: &str = "shop-dev-Orders";

/// A table with this task.
fn project(task: &str) -> Project {
    Project::of(format!(
        "osem 1\nproject shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Orders hash=id {{ ttl expiresAt; }}\n\
         task setup {{ for-each table {{ step create-table; step wait-active; }}; }}\n\
         task t {{ allow-in dev\n{task} }}\n"
    ))
}

#[track_caller]
fn notes(plan: &Value, id: &str) -> Value {
    let step = step(plan, id);
    assert_eq!((&step["problem"], &step["notReached"]), (&Value::Null, &Value::Null), "{plan:#}");
    step["notes"].clone()
}

#[test]
fn a_table_that_a_command_makes_anew_is_waited_for_and_verified() {
    let simulator = Simulator::start("--time-scale 500");
    let anew = project(
        "step shell \"touch begun; until test -e made; do sleep 0.05; done\" id=anew\n\
         step wait-active table=Orders\nstep verify table=Orders",
    );
    setup(&anew, &simulator, 0);
    let run = osem(&anew, "run t --confirm dev --yes", &simulator).start();
    let dynamo = simulator.dynamo();
    while !anew.path().join("begun").exists() {
        std::thread::sleep(Duration::from_millis(20));
    }
    dynamo.call("DeleteTable", &json!({ "TableName": FULL }));
    simulator.advance("1m");
    dynamo.create(FULL, "id");
    let enabled = json!({ "AttributeName": "expiresAt", "Enabled": true });
    simulator.advance("1m");
    let ttl = json!({ "TableName": FULL, "TimeToLiveSpecification": enabled });
    dynamo.call("UpdateTimeToLive", &ttl);
    simulator.advance("1h");
    fs::write(anew.path().join("made"), "").unwrap();
    run.finish().expect_code(0);
}

#[test]
fn the_steps_of_finally_come_one_after_the_other() {
    let simulator = Simulator::start("--time-scale 500");
    let last = project(
        "step exec \"true\" id=x effect=read\n\
         finally { step create-table table=Orders; step wait-active table=Orders\n\
                   step update-table table=Orders; step verify table=Orders; }",
    );
    osem(&last, "plan t --exit-code", &simulator).status(4);
    let early = last.edit("finally { ", "finally { step tag table=Orders;");
    let plan = osem(&early, "plan t", &simulator).json(1);
    assert_eq!(step(&plan, "tag")["problem"]["code"], "TABLE_NOT_FOUND");
    assert_eq!(step(&plan, "verify")["problem"], Value::Null);
}

#[test]
fn a_failure_that_is_tolerated_is_no_problem_and_makes_no_calls() {
    let simulator = Simulator::start("--time-scale 500");
    let task = "step update-table table=Orders { tolerate; }\nstep list-tables";
    let tolerant = project(task);
    let plan = osem(&tolerant, "plan t --exit-code", &simulator).json(0);
    let note = "shop-dev-Orders is not there: the step fails, which is tolerated";
    assert_eq!(notes(&plan, "update-table"), json!([note]));
    assert_eq!(plan["data"]["changes"], json!([]));
    let url = ["--endpoint-url", &simulator.url];
    tolerant.osem("run t --confirm dev").args(url).success();
}

#[test]
fn a_table_that_may_not_be_described_yet_is_left_to_the_run() {
    let simulator = Simulator::with_faults("--time-scale 500", &["deny on=DescribeTable"]);
    let task =
        "step exec \"true\" id=grant\nstep wait-active table=Orders\nstep verify table=Orders";
    let plan = osem(&project(task), "plan t --exit-code", &simulator).json(4);
    for id in ["wait-active", "verify"] {
        let note = notes(&plan, id)[0].to_string();
        assert!(note.contains("whether grant changes that before is not known"), "{note}");
    }
    let plan = osem(&project("step verify table=Orders"), "plan t", &simulator).json(1);
    assert_eq!(step(&plan, "verify")["problem"]["code"], "AWS_PERMISSIONS_DENIED");
}

#[test]
fn a_table_that_a_command_may_mend_is_left_to_the_run() {
    let is_stuck = Arc::new(AtomicBool::new(false));
    let stuck = Arc::clone(&is_stuck);
    let server = dynamo_with(move |operation, _| {
        let meant = operation == "DescribeTable" && stuck.load(Ordering::Relaxed);
        meant.then_some(Fault::Status("INACCESSIBLE_ENCRYPTION_CREDENTIALS"))
    });
    let url = server.url();
    project("").osem("setup").args(["--endpoint-url", &url]).success();
    is_stuck.store(true, Ordering::Relaxed);
    for (kind, ends) in
        [("wait-active", "waiting does not end that"), ("update-table", "it cannot be changed")]
    {
        let plan = |task: &str, code| {
            let project = project(&task.replace("KIND", kind));
            project.osem("plan t").args(["--endpoint-url", &url]).json(code)
        };
        let mended = plan("step exec \"true\" id=mend\nstep KIND table=Orders", 0);
        let note = format!(
            "{FULL} is INACCESSIBLE_ENCRYPTION_CREDENTIALS: {ends}; whether mend changes that before is \
             not known"
        );
        assert_eq!(notes(&mended, kind), json!([note]));
        let alone = plan("step KIND table=Orders", 1);
        let problem = &step(&alone, kind)["problem"];
        assert_eq!(problem["code"], "SCHEMA_VALIDATION_FAILED");
    }
}

#[test]
fn a_saved_plan_that_only_reads_is_carried_out_and_tells_what_it_found() {
    let simulator = Simulator::start("--time-scale 500");
    let reads = project("step verify table=Orders");
    let plan = osem(&reads, "plan t --out saved", &simulator).json(1);
    assert_eq!(plan["data"]["plan"]["refused"], false);
    let run = osem(&reads, "run --plan saved", &simulator).json(1);
    assert_eq!(run["data"]["steps"][0]["status"], "failed", "{run:#}");
}
