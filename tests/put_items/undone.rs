//! Items that a rollback takes out again.

use serde_json::{Value, json};

use super::{PUT, items, project, text, users};
use crate::harness::{Dynamo, Project, Run, Simulator};

const TABLE: &str = "put-dev-Users";
const FLAGS: &str = "--time-scale 1000 --mutation-rate 1000 --seed 7";

fn on(project: &Project, simulator: &Simulator, line: &str) -> Run {
    project.osem(line).args(["--env", "dev", "--endpoint-url", &simulator.url])
}

/// Two tables are there, and what keeps items from being put or taken out.
fn served(step: &str, count: usize, faults: &[&str]) -> (Project, Simulator) {
    let simulator = Simulator::with_faults(FLAGS, faults);
    let project = project(step, users(count));
    on(&project, &simulator, "setup").success();
    (project, simulator)
}

fn write(dynamo: &Dynamo, user: &str, name: &str) {
    let item = json!({ "userId": { "S": user }, "name": { "S": name } });
    dynamo.call("PutItem", &json!({ "TableName": TABLE, "Item": item }));
}

/// Who is in the table.
fn who(simulator: &Simulator) -> Vec<String> {
    let of = |item: &Value| item["userId"]["S"].as_str().unwrap().to_owned();
    let mut who: Vec<String> = items(&simulator.dynamo(), TABLE).iter().map(of).collect();
    who.sort();
    who
}

fn step<'d>(document: &'d Value, step: &str) -> &'d Value {
    let entries = document["data"]["rollback"].as_array().unwrap();
    entries.iter().find(|entry| entry["step"] == step).unwrap()
}

#[test]
fn only_what_a_run_put_and_is_still_so_is_taken_out() {
    let (project, simulator) = served(PUT, 10, &[]);
    let dynamo = simulator.dynamo();
    write(&dynamo, "u3", "was there before");
    write(&dynamo, "v1", "in no file");
    on(&project, &simulator, "run put").success();
    write(&dynamo, "u4", "was changed afterwards");
    let key = json!({ "TableName": TABLE, "Key": { "userId": { "S": "u5" } } });
    dynamo.call("DeleteItem", &key);
    project.osem("rollback last").status(77).expect_stderr("9 items of users.jsonl");
    let document = project.osem("rollback last --confirm dev").json(0);
    let entry = step(&document, "put-items");
    assert_eq!(
        entry["message"],
        format!(
            "7 items taken out of {TABLE}; 1 was not there any more; \
             1 was changed by somebody else since"
        )
    );
    assert_eq!(who(&simulator), ["u3", "u4", "v1"]);
    project.osem("rollback last --confirm dev").success().expect_stderr("nothing");
}

#[test]
fn a_new_table_is_emptied_of_what_the_run_put_and_then_deleted() {
    let task = "task whole { on-failure rollback; for-each table { step create-table; \
                step wait-active; }; step put-items table=Users file=\"users.jsonl\" { \
                after wait-active; }; step tag table=Users { after put-items; }; }";
    let simulator = Simulator::with_faults(FLAGS, &["deny on=ListTagsOfResource"]);
    let project = Project::of(text("step list-tables") + task).file("users.jsonl", users(300));
    // The tags are what cannot be read.
    let project = project.edit("range=(N)at; }", "range=(N)at; tag Owner one; }");
    let document = on(&project, &simulator, "run whole").json(1);
    assert_eq!(step(&document, "put-items")["status"], "rolled-back", "{document:#}");
    assert_eq!(step(&document, "create-table[Users]")["status"], "rolled-back", "{document:#}");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn what_a_failing_step_put_is_taken_out_too() {
    let step = PUT.replace(';', " { on-failure rollback; };");
    let (project, simulator) = served(&step, 200, &["deny on=PutItem skip=120"]);
    write(&simulator.dynamo(), "z", "was there before");
    let document = on(&project, &simulator, "run put").json(1);
    let message = document["data"]["rollback"][0]["message"].as_str().unwrap();
    assert!(message.contains("items taken out"), "{document:#}");
    assert_eq!(who(&simulator), ["z"]);
}

#[test]
fn what_a_last_call_did_that_got_no_answer_is_not_known() {
    let step = PUT.replace(';', " { on-failure rollback; };");
    let (project, simulator) = served(&step, 100, &["reset on=PutItem skip=60"]);
    let document = on(&project, &simulator, "run put --retries 0").json(2);
    let entry = self::step(&document, "put-items");
    assert_eq!(entry["status"], "stands", "{document:#}");
    let message = entry["message"].as_str().unwrap();
    assert!(message.ends_with("; what became of its last call is not known"), "{message}");
    assert!(message.contains(" items taken out of "), "{message}");
}

#[test]
fn an_uncertain_service_is_asked_until_all_are_out() {
    let faults = [
        "throttle on=DeleteItem rate=0.2",
        "lose-response on=DeleteItem rate=0.05",
        "throttle on=GetItem rate=0.2",
    ];
    let (project, simulator) = served(PUT, 200, &faults);
    on(&project, &simulator, "run put").success();
    project.osem("rollback last --confirm dev").success();
    assert_eq!(who(&simulator), [""; 0]);
}

#[test]
fn without_the_file_nothing_tells_which_items_they_are() {
    let (project, simulator) = served(PUT, 10, &[]);
    on(&project, &simulator, "run put").success();
    let project = project.file("users.jsonl", users(9));
    let document = project.osem("rollback last --confirm dev").json(2);
    let entry = step(&document, "put-items");
    assert_eq!(entry["status"], "stands", "{document:#}");
    assert!(entry["message"].as_str().unwrap().contains("users.jsonl is not as it was"), "{entry}");
    assert_eq!(who(&simulator).len(), 10);
    let project = project.file("users.jsonl", users(10));
    project.osem("rollback last --confirm dev").success();
    assert_eq!(who(&simulator), [""; 0]);
}

#[test]
fn items_stay_where_nothing_may_be_deleted() {
    let (project, simulator) = served(PUT, 10, &[]);
    on(&project, &simulator, "run put").success();
    let project = project.edit(
        "environment dev { region us-east-1; allow-destroy; }",
        "environment dev { region us-east-1; }",
    );
    let outcome = project.osem("rollback last --confirm dev").status(2);
    outcome.expect_stderr("environment `dev` does not allow to delete");
    assert_eq!(who(&simulator).len(), 10);
}

#[test]
fn an_item_that_may_have_been_there_before_is_not_taken_out() {
    // The first call never reaches the service, so that its item is found as it was to be put.
    let (project, simulator) = served(PUT, 10, &["reset on=PutItem skip=10 count=1"]);
    on(&project, &simulator, "run put").success();
    let again = on(&project, &simulator, "run put").json(0);
    assert_eq!(super::put(&again), (10, 1, 9));
    let document = project.osem("rollback last --confirm dev").json(2);
    let message = step(&document, "put-items")["message"].as_str().unwrap();
    assert!(message.contains("1 more item is left: the answer"), "{document:#}");
    assert_eq!(who(&simulator).len(), 10);
}
