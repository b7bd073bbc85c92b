//! What a rollback makes of changes of settings.

use serde_json::{Value, json};

use crate::harness::{Project, Run, Simulator};

use super::{ORDERS, osem, planned, setup, tagged_project};

/// The project, where a chain that fails is rolled back.
fn rolled_back(table: &str) -> Project {
    tagged_project(table).edit("for-each table {", "for-each table { on-failure rollback;")
}

fn run(project: &Project, simulator: &Simulator, line: &str) -> Run {
    osem(project, &format!("{line} --confirm dev"), simulator)
}

/// What became of the changes of each step.
#[track_caller]
fn undone(document: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = document["data"]["rollback"].as_array();
    let entries = entries.unwrap_or_else(|| panic!("nothing was undone: {document:#}"));
    let one = |it: &Value| {
        format!("{} {}: {}", text(&it["step"]), text(&it["status"]), text(&it["message"]))
    };
    entries.iter().map(one).collect()
}

const GONE: [&str; 2] = [
    "create-table[Orders] rolled-back: shop-dev-Orders deleted",
    "update-table[Orders] rolled-back: gone with its table",
];

const STANDS: &str = "update-table[Orders] stands: shop-dev-Orders: stream: off -> NEW_IMAGE; \
    ttl: off -> expiresAt; as far as that can be taken back (docs/tables.md), declare what was \
    before and run `update-table` again, with --prune for an index";

/// Settings of which some are set by `CreateTable` and some by calls of their own.
const SETTINGS: &str = "stream new-image; ttl expiresAt; tag Owner one";

#[test]
fn a_table_that_the_run_created_goes_with_all_that_was_changed_about_it() {
    let simulator = Simulator::with_faults("--time-scale 2000", &["deny on=ListTagsOfResource"]);
    let document = run(&rolled_back(SETTINGS), &simulator, "setup").json(1);
    assert_eq!(undone(&document), GONE);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());

    let simulator = simulator.healed();
    let project = tagged_project(SETTINGS);
    run(&project, &simulator, "setup").success();
    let document = project.osem("rollback last --confirm dev").json(0);
    assert_eq!(undone(&document), GONE);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn what_was_changed_about_a_table_that_was_there_stands_and_is_named() {
    let simulator = Simulator::with_faults("--time-scale 2000", &["deny on=TagResource"]);
    setup(&super::project("hash=id", ""), &simulator, 0);
    let project = rolled_back(SETTINGS);
    let document = run(&project, &simulator, "setup").json(2);
    assert_eq!(undone(&document), [STANDS]);
    assert_eq!(simulator.dynamo().tables(), [ORDERS]);
    let ttl = simulator.dynamo().call("DescribeTimeToLive", &json!({ "TableName": ORDERS }));
    assert_eq!(ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED");

    let simulator = simulator.healed();
    let resumed = project.osem("resume --strict --confirm dev").json(0);
    let steps = resumed["data"]["steps"].as_array().unwrap();
    let ran = steps.iter().filter(|step| step["status"] == "succeeded");
    let ran: Vec<_> = ran.map(|step| step["id"].as_str().unwrap()).collect();
    // What was not taken back is looked at anew by its preview, and is as declared.
    assert_eq!(ran, ["tag[Orders]"]);
    assert_eq!(simulator.statistics()["applied"]["UpdateTable"], Value::Null);
    assert_eq!(simulator.statistics()["applied"]["TagResource"], 1);
    assert_eq!(planned(&project, &simulator), Vec::<String>::new());
}

#[test]
fn a_rollback_from_the_journal_restores_the_tags_and_names_the_rest() {
    let simulator = Simulator::start("--time-scale 2000");
    setup(&super::project("hash=id", ""), &simulator, 0);
    let project = tagged_project(SETTINGS);
    run(&project, &simulator, "setup").success();
    let document = project.osem("rollback last --confirm dev").json(2);
    assert_eq!(document["error"]["code"], "ROLLBACK_FAILED");
    let tags = "tag[Orders] rolled-back: 1 tag of shop-dev-Orders restored";
    assert_eq!(undone(&document), [tags, STANDS]);
    assert_eq!(planned(&project, &simulator), ["TagResource"], "the settings stand");
}
