//! What happens to a table between its creation and its undoing: nothing of another is deleted, and the
//! report says what stands.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Dynamo, LONGEST, Process, Project, Simulator};

use super::{FLAGS, all_but, entry, setup, simulator, table_id, undone, whole};

/// The chain of `Teams` fails at its last step, after a pause in which a test can do something.
const SLOWLY: [&str; 2] = [
    "delay by=\"5s\" on=ListTagsOfResource table=osem-dev-Teams",
    "deny on=ListTagsOfResource table=osem-dev-Teams",
];

fn teams() -> Value {
    json!({ "TableName": "osem-dev-Teams" })
}

/// A run that is about to fail at `tag[Teams]`; the table is complete by then.
fn failing(project: &Project, simulator: &Simulator) -> Process {
    let mut run = setup(project, simulator).args(["--json"]).start();
    run.wait_for_stderr("tag[Teams] started");
    run
}

fn wait_until_gone(dynamo: &Dynamo) {
    let started = Instant::now();
    while dynamo.try_call("DescribeTable", &teams()).is_ok() {
        assert!(started.elapsed() < LONGEST, "never deleted");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_table_that_holds_an_item_by_then_stands() {
    let (project, simulator) = (Project::new(), simulator(&SLOWLY));
    let run = failing(&project, &simulator);
    let id = table_id(&simulator.dynamo(), "Teams");
    simulator.dynamo().put("osem-dev-Teams", "teamId");
    let outcome = run.finish();
    outcome.expect_code(2);
    let document = outcome.json();
    let left = entry(&document, "create-table[Teams]");
    assert_eq!((left["status"].as_str(), left["attempts"].as_u64()), (Some("stands"), Some(1)));
    assert_eq!(left["message"], "osem-dev-Teams holds items by now");
    assert_eq!(table_id(&simulator.dynamo(), "Teams"), id);
}

#[test]
fn another_table_of_the_same_name_is_left_alone() {
    let (project, simulator) = (Project::new(), simulator(&SLOWLY));
    let run = failing(&project, &simulator);
    let dynamo = simulator.dynamo();
    dynamo.call("DeleteTable", &teams());
    wait_until_gone(&dynamo);
    dynamo.create("osem-dev-Teams", "teamId");
    let id = table_id(&dynamo, "Teams");
    let outcome = run.finish();
    outcome.expect_code(2);
    let document = outcome.json();
    let gone = entry(&document, "create-table[Teams]");
    assert_eq!(gone["status"], "rolled-back", "{document:#}");
    let message = gone["message"].as_str().unwrap();
    assert!(message.contains("another one has its name and is left alone"), "{message}");
    assert!(id.is_some());
    assert_eq!(table_id(&dynamo, "Teams"), id);
}

#[test]
fn a_table_that_is_protected_by_then_stands() {
    let (project, simulator) = (Project::new(), simulator(&SLOWLY));
    let run = failing(&project, &simulator);
    let dynamo = simulator.dynamo();
    let request = json!({ "TableName": "osem-dev-Teams", "DeletionProtectionEnabled": true });
    dynamo.call("UpdateTable", &request);
    let outcome = run.finish();
    outcome.expect_code(2);
    let document = outcome.json();
    let left = entry(&document, "create-table[Teams]");
    assert_eq!(left["status"], "stands", "{document:#}");
    assert_eq!(left["message"], "osem-dev-Teams is protected against deletion");
    let table = dynamo.call("DescribeTable", &teams());
    assert_eq!(table["Table"]["DeletionProtectionEnabled"], true);
}

#[test]
fn a_table_that_cannot_be_scanned_stands() {
    let faults = ["deny on=Scan", "deny on=ListTagsOfResource table=osem-dev-Teams"];
    let (project, simulator) = (Project::new(), simulator(&faults));
    let document = setup(&project, &simulator).json(2);
    let left = entry(&document, "create-table[Teams]");
    assert_eq!(left["status"], "stands", "{document:#}");
    let message = left["message"].as_str().unwrap();
    assert!(
        message.contains("may not be read: ") && message.contains("dynamodb:Scan"),
        "{message}"
    );
    assert_eq!(simulator.dynamo().tables().len(), 6);
}

#[test]
fn a_table_that_was_given_up_while_it_was_being_created_is_undone_when_it_is_ready() {
    let tasks = "task setup { for-each table { on-failure rollback; step create-table;
                   step wait-active { timeout \"3s\"; }; }; }";
    let project = Project::new().file("tasks/tables.kdl", tasks);
    // Tables with indexes take 14 to 22 s, the others at most 6; and 3 s are 9 there.
    let simulator = Simulator::start("--time-scale 3 --mutation-rate 1000");
    let document = setup(&project, &simulator).json(2);
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Users"], "{document:#}");
    assert_eq!(undone(&document).len(), 5, "{document:#}");
    assert_eq!(document["data"]["tablesCreated"][1]["status"], "rolled-back");
}

#[test]
fn what_was_not_provably_created_by_the_run_is_never_deleted() {
    let faults = ["lose-response on=CreateTable table=osem-dev-Teams", SLOWLY[1]];
    let (project, simulator) = (Project::new(), simulator(&faults));
    let document = setup(&project, &simulator).json(2);
    let left = entry(&document, "create-table[Teams]");
    assert_eq!(left["status"], "stands", "{document:#}");
    assert!(left["message"].as_str().unwrap().contains("nothing proves that this run created it"));
    assert_eq!(simulator.dynamo().tables().len(), 6);
    // Nor later.
    let document = project.osem("rollback last --confirm dev").json(2);
    assert_eq!(undone(&document).len(), 6, "{document:#}");
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Teams"]);
}

#[test]
fn a_delete_whose_answer_was_lost_is_looked_for_before_another_is_sent() {
    let faults = ["lose-response on=DeleteTable", SLOWLY[1]];
    let (project, simulator) = (whole(), simulator(&faults));
    let document = setup(&project, &simulator).json(1);
    assert_eq!(undone(&document).len(), 6);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    assert_eq!(simulator.statistics()["applied"]["DeleteTable"], 6, "{document:#}");
}

#[test]
fn undoing_has_retries_of_its_own() {
    let faults = ["error on=DeleteTable code=InternalServerError count=3", SLOWLY[1]];
    let (project, simulator) = (Project::new(), Simulator::with_faults(FLAGS, &faults));
    let document = setup(&project, &simulator).args(["--retries", "0"]).json(2);
    let gone = entry(&document, "create-table[Teams]");
    assert_eq!(
        (gone["status"].as_str(), gone["attempts"].as_u64()),
        (Some("rolled-back"), Some(4))
    );
    assert_eq!(simulator.dynamo().tables(), all_but("Teams"));
}

#[test]
fn where_nothing_may_be_deleted_it_is_said_what_stands_and_how_to_go_on() {
    let project = Project::new();
    let run = project.osem("setup --env prod --confirm prod --rehearse --time-scale 200");
    let fault = "deny on=ListTagsOfResource table=osem-prod-Teams";
    let run = run.args(["--mutation-rate", "1000 burst=1000", "--fault", fault]);
    let outcome = run.status(2);
    outcome.expect_stderr(
        "create-table[Teams] stands: osem-prod-Teams was created, and environment `prod` does not \
         allow to delete",
    );
    outcome.expect_stderr("  then:  osem resume [RUN]\n");
    outcome.expect_stderr("6 tables created");
    outcome.refuse_stderr("DeleteTable");
}

#[test]
fn a_create_that_arrives_after_its_run_was_killed_is_waited_for() {
    let (project, simulator) =
        (Project::new(), simulator(&["hang on=CreateTable table=\"*-Users\""]));
    let mut run = setup(&project, &simulator).args(["-j", "1"]).start();
    run.wait_for_stderr("create-table[Users] started");
    run.kill_when(&project, 0, "mutation-intended");
    let simulator = simulator.healed();
    let mut rollback = project.osem("rollback last --confirm dev").start();
    rollback.wait_for_stderr("waits for a CreateTable that may still arrive");
    simulator.dynamo().create("osem-dev-Users", "userId");
    let outcome = rollback.finish();
    outcome.expect_code(2);
    outcome.expect_stderr("what became of its CreateTable is not recorded");
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Users"]);
}
