//! Indexes: added one at a time, removed and made anew only where the command line says so.

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};

use super::{ORDERS, changes, expect_updates, issues, osem, planned, project, setup};

const KEYS: &str = "hash=id range=at";
const SCALE: &str = "--time-scale 2000";

fn names(simulator: &Simulator) -> Vec<String> {
    let table = simulator.dynamo().call("DescribeTable", &json!({ "TableName": ORDERS }));
    let indexes = table["Table"]["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
    indexes.iter().map(|index| index["IndexName"].as_str().unwrap().to_owned()).collect()
}

/// `setup` with more flags.
#[track_caller]
fn setup_with(project: &Project, flags: &str, simulator: &Simulator, code: i32) -> Value {
    osem(project, &format!("setup {flags}"), simulator).json(code)
}

#[test]
fn indexes_are_added_one_at_a_time_and_each_is_ready_before_the_next() {
    let simulator = Simulator::start(SCALE);
    setup(&project(KEYS, ""), &simulator, 0);
    let wider = project(KEYS, "gsi by-team hash=team\ngsi by-day hash=day range=(N)at2");
    assert_eq!(issues(&wider, &simulator, 1), ["MISSING_GSI", "MISSING_GSI"]);
    assert_eq!(planned(&wider, &simulator), ["UpdateTable gsi by-team", "UpdateTable gsi by-day"]);
    setup(&wider, &simulator, 0);
    expect_updates(&simulator, 2);
    assert_eq!(planned(&wider, &simulator), Vec::<String>::new());
}

#[test]
fn an_index_that_is_not_declared_stops_everything_until_it_is_pruned_by_name() {
    let simulator = Simulator::start(SCALE);
    setup(&project(KEYS, "gsi by-team hash=team\ngsi by-day hash=day"), &simulator, 0);
    let narrow = project(KEYS, "gsi by-team hash=team\nttl expiresAt");
    let document = setup(&narrow, &simulator, 1);
    let error = document["error"].to_string();
    assert!(error.contains("EXTRA_GSI") && error.contains("--prune Orders/by-day"), "{error}");
    let live = simulator.dynamo().call("DescribeTimeToLive", &json!({ "TableName": ORDERS }));
    assert_eq!(live["TimeToLiveDescription"]["TimeToLiveStatus"], "DISABLED", "nothing was done");

    let unconfirmed = setup_with(&narrow, "--prune Orders/by-day --yes", &simulator, 77);
    assert_eq!(unconfirmed["error"]["code"], "NOT_CONFIRMED");
    assert_eq!(names(&simulator).len(), 2);
    let planned_away = osem(&narrow, "plan --prune Orders/by-day", &simulator).json(0);
    assert_eq!(planned_away["data"]["plan"]["unmanaged"], json!([]));
    setup_with(&narrow, "--prune Orders/by-day --confirm dev", &simulator, 0);
    assert_eq!(names(&simulator), ["by-team"]);
    assert_eq!(planned(&narrow, &simulator), Vec::<String>::new());
}

#[test]
fn an_index_that_differs_is_made_anew_only_where_that_is_asked_for() {
    let simulator = Simulator::start(SCALE);
    setup(&project(KEYS, "gsi by-team hash=team"), &simulator, 0);
    let other = project(KEYS, "gsi by-team hash=team range=day");
    let document = setup(&other, &simulator, 1);
    let error = document["error"].to_string();
    assert!(
        error.contains("GSI_MISMATCH") && error.contains("--replace Orders/by-team"),
        "{error}"
    );

    let plan = osem(&other, "plan --replace Orders/by-team", &simulator).json(0);
    assert_eq!(changes(&plan), ["UpdateTable gsi by-team", "UpdateTable gsi by-team"]);
    assert_eq!(plan["data"]["changes"][0]["breaks"], "reads of the index fail");
    assert_eq!(plan["data"]["changes"][0]["class"], "remove-index");
    setup_with(&other, "--replace Orders/by-team --confirm dev", &simulator, 0);
    assert_eq!(issues(&other, &simulator, 0), Vec::<String>::new());
    assert_eq!(planned(&other, &simulator), Vec::<String>::new());
}

#[test]
fn keys_and_local_indexes_are_never_changed() {
    let simulator = Simulator::start(SCALE);
    setup(&project(KEYS, "lsi by-day range=day"), &simulator, 0);
    for (keys, table, issue) in [
        ("hash=id range=(N)at", "lsi by-day range=day", "KEY_MISMATCH"),
        (KEYS, "lsi by-day range=(N)day", "LSI_MISMATCH"),
        (KEYS, "lsi by-day range=day\nlsi by-hour range=hour", "MISSING_LSI"),
        (KEYS, "", "EXTRA_LSI"),
    ] {
        let document = setup(&project(keys, table), &simulator, 1);
        assert!(document["error"].to_string().contains(issue), "{issue}: {document:#}");
    }
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], Value::Null);
    assert_eq!(statistics["applied"]["DeleteTable"], Value::Null);
}

#[test]
fn requests_for_indexes_are_held_against_the_file() {
    let project = project(KEYS, "gsi by-team hash=team");
    for (flags, why) in [
        ("--prune Orders", "not of the form TABLE/INDEX"),
        ("--prune Order/x", "did you mean `Orders`?"),
        ("--prune Orders/by-team", "remove it from the file first"),
        ("--replace Orders/by-day", "no such gsi"),
    ] {
        let outcome = project.osem(&format!("plan {flags}")).status(64);
        outcome.expect_stderr(why);
    }
}

#[test]
fn a_request_about_a_table_of_other_environments_is_refused() {
    let project = project(KEYS, "except-in dev");
    let refused = project.osem("plan --prune Orders/by-day").status(64);
    refused.expect_stderr("--prune Orders/by-day: table `Orders` is not in environment `dev`");
}

#[test]
fn a_switch_to_provisioned_capacity_gives_every_index_its_own() {
    let simulator = Simulator::start(SCALE);
    setup(&project(KEYS, "gsi by-team hash=team"), &simulator, 0);
    let provisioned = |read: u32, of_index: u32| {
        let index =
            format!("gsi by-team hash=team {{ provisioned read={of_index} write={of_index}; }}");
        project(KEYS, &format!("billing provisioned read={read} write={read}\n{index}"))
    };
    let first = provisioned(5, 3);
    assert_eq!(planned(&first, &simulator), ["UpdateTable billing"]);
    setup(&first, &simulator, 0);
    let second = provisioned(8, 9);
    assert_eq!(planned(&second, &simulator), ["UpdateTable billing"], "one call for both");
    setup(&second, &simulator, 0);
    assert_eq!(planned(&second, &simulator), Vec::<String>::new());
    let back = project(KEYS, "billing pay-per-request\ngsi by-team hash=team");
    setup(&back, &simulator, 0);
    assert_eq!(planned(&back, &simulator), Vec::<String>::new());
}

#[test]
fn a_run_that_is_killed_while_an_index_is_built_goes_on_with_the_rest() {
    let simulator = Simulator::start("--time-scale 200");
    setup(&project(KEYS, ""), &simulator, 0);
    let wider = project(KEYS, "gsi by-team hash=team\ngsi by-day hash=day\nttl expiresAt");
    let mut killed = osem(&wider, "setup --confirm dev -v", &simulator).start();
    killed.wait_for_stderr("call: UpdateTable shop-dev-Orders");
    killed.signal("KILL");
    assert_eq!(killed.finish().code(), None);
    setup(&wider, &simulator, 0);
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], 2, "no index twice: {statistics:#}");
    assert_eq!(planned(&wider, &simulator), Vec::<String>::new());
}

#[test]
fn a_new_index_has_its_capacity_at_once() {
    let simulator = Simulator::start(SCALE);
    let billing = "billing provisioned read=5 write=5";
    setup(&project(KEYS, billing), &simulator, 0);
    let index = "gsi by-team hash=team { provisioned read=7 write=3; }";
    let wider = project(KEYS, &format!("{billing}\n{index}"));
    setup(&wider, &simulator, 0);
    assert_eq!(simulator.statistics()["applied"]["UpdateTable"], 1);
    assert_eq!(planned(&wider, &simulator), Vec::<String>::new());
}
