//! Items that a run put before it failed, and the run that goes on with it.

use serde_json::{Value, json};

use super::{items, project, users};
use crate::harness::{Dynamo, Project, Run, Simulator};

const TABLE: &str = "put-dev-Users";

/// Two loads, of which the second one fails once.
fn failed(on_existing: &str) -> (Project, Simulator) {
    let step = format!(
        "step put-items table=Users file=\"users.jsonl\" id=first on-existing={on_existing}; \
         step put-items table=Logs file=\"logs.jsonl\" id=second;"
    );
    let faults = ["deny on=PutItem table=put-dev-Logs count=1"];
    let simulator = Simulator::with_faults("--time-scale 1000 --mutation-rate 1000", &faults);
    let project = project(&step, users(5)).file("logs.jsonl", "{\"userId\":\"u\",\"at\":1}\n");
    on(&project, &simulator, "setup").success();
    on(&project, &simulator, "run put --confirm dev").status(2);
    (project, simulator)
}

fn on(project: &Project, simulator: &Simulator, line: &str) -> Run {
    project.osem(line).args(["--env", "dev", "--endpoint-url", &simulator.url])
}

fn name_of(dynamo: &Dynamo, user: &str) -> Value {
    let key = json!({ "TableName": TABLE, "Key": { "userId": { "S": user } } });
    dynamo.call("GetItem", &key)["Item"]["name"]["S"].clone()
}

fn change(dynamo: &Dynamo) {
    let item = json!({ "userId": { "S": "u1" }, "name": { "S": "the application's" } });
    dynamo.call("PutItem", &json!({ "TableName": TABLE, "Item": item }));
}

#[test]
fn what_was_put_is_not_put_again() {
    for on_existing in ["overwrite", "fail", "keep"] {
        let (project, simulator) = failed(on_existing);
        change(&simulator.dynamo());
        let outcome = project.osem("resume --confirm dev").success();
        outcome.expect_stderr("outstanding: second: failed in run [RUN]");
        outcome.refuse_stderr("first started");
        assert_eq!(name_of(&simulator.dynamo(), "u1"), "the application's", "{on_existing}");
        assert_eq!(items(&simulator.dynamo(), "put-dev-Logs").len(), 1);
    }
}

#[test]
fn another_file_and_another_table_are_filled() {
    let (project, simulator) = failed("overwrite");
    let project = project.file("users.jsonl", users(6));
    project.osem("resume --confirm dev").success().expect_stderr("outstanding: first: ");
    assert_eq!(items(&simulator.dynamo(), TABLE).len(), 6);

    let (project, simulator) = failed("keep");
    let dynamo = simulator.dynamo();
    dynamo.call("DeleteTable", &json!({ "TableName": TABLE }));
    while dynamo.tables().contains(&TABLE.to_owned()) {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    on(&project, &simulator, "setup").success();
    let run = project.osem("runs").json(0)["data"]["runs"][1]["runId"].clone();
    project.osem("resume").args([run.as_str().unwrap()]).success();
    assert_eq!(items(&dynamo, TABLE).len(), 5);
}
