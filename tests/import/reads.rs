//! Reads that are throttled, refused, or not offered.

use serde_json::json;

use crate::harness::{Simulator, serve};

use super::{changes, empty_project, expect_nothing_to_do, osem};

/// Three tables, one with everything that has a call of its own, behind a service with faults.
fn tables(faults: &[&str]) -> Simulator {
    let simulator = Simulator::with_faults("--time-scale 1000 --seed 7", faults);
    let dynamo = simulator.dynamo();
    for name in ["Orders", "Teams", "Users"] {
        dynamo.create(&format!("shop-dev-{name}"), "id");
    }
    simulator.advance("1h");
    dynamo.call(
        "UpdateTimeToLive",
        &json!({
            "TableName": "shop-dev-Orders",
            "TimeToLiveSpecification": { "Enabled": true, "AttributeName": "expiresAt" },
        }),
    );
    simulator
}

#[test]
fn throttled_reads_are_sent_again() {
    // More than the tries of one call can use up.
    let simulator = tables(&[
        "throttle on=DescribeTimeToLive count=12",
        "throttle on=ListTagsOfResource count=12",
        "throttle on=ListTables count=4",
    ]);
    let before = changes(&simulator);
    let project = empty_project("{project}-{env}-{table}", "", "");
    let printed = osem(&project, "import -v", &simulator.url).success();
    printed.expect_stderr("Throttl");
    assert_eq!(
        printed.stdout(),
        "table Orders hash=id {\n    ttl expiresAt\n}\n\ntable Teams hash=id\n\ntable Users hash=id\n"
    );
    assert_eq!(changes(&simulator), before);
}

#[test]
fn what_may_not_be_read_is_said_and_left_unmanaged() {
    let simulator = tables(&["deny on=DescribeTimeToLive", "deny on=ListTagsOfResource"]);
    let project = empty_project("{project}-{env}-{table}", "", "");
    let printed = osem(&project, "import shop-dev-O", &simulator.url).success();
    let text = printed.stdout();
    assert!(text.contains("// not said here: its ttl, which could not be read: "), "{text}");
    assert!(text.contains("// not said here: its tags, which could not be read: "), "{text}");
    assert!(text.ends_with("\ntable Orders hash=id\n"), "{text}");
    printed.expect_stderr("not authorized to perform: dynamodb:DescribeTimeToLive");
    let document = osem(&project, "import shop-dev-O", &simulator.url).json(0);
    assert_eq!(document["data"]["tables"][0]["notExpressed"].as_array().unwrap().len(), 2);
}

#[test]
fn a_service_that_refuses_the_tables_themselves_ends_the_import() {
    let simulator = tables(&["deny on=DescribeTable table=\"*-Teams\""]);
    let project = empty_project("{project}-{env}-{table}", "", "");
    let failed = osem(&project, "import", &simulator.url).stdout("").status(1);
    failed.expect_stderr("dynamodb:DescribeTable");
}

#[test]
fn capacity_is_written_as_it_is_with_a_word_about_autoscaling() {
    let simulator = Simulator::start("--time-scale 1000");
    let units = json!({ "ReadCapacityUnits": 7, "WriteCapacityUnits": 3 });
    simulator.dynamo().call(
        "CreateTable",
        &json!({
            "TableName": "shop-dev-Orders", "ProvisionedThroughput": units,
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "B" }],
        }),
    );
    let early = osem(&empty_project("{project}-{env}-{table}", "", ""), "import", &simulator.url);
    let early = early.success();
    if early.stdout().is_empty() {
        early.expect_stderr("it is being created or deleted");
    }
    simulator.advance("1h");
    let project = empty_project("{project}-{env}-{table}", "", "");
    let printed = osem(&project, "import", &simulator.url).success();
    assert_eq!(
        printed.stdout(),
        "table Orders hash=(B)id {\n    billing provisioned read=7 write=3\n}\n"
    );
    printed.expect_stderr("capacity is written as it is now: Orders; ");
    let project = project.file("imported/tables.kdl", printed.stdout());
    expect_nothing_to_do(&project, &simulator.url, 1);
}

#[test]
fn an_emulator_without_states_is_imported_from_too() {
    let project = empty_project("{project}-{env}-{table}", "tag Team a", "")
        .edit("region us-east-1\n", "region us-east-1\n    emulator\n");
    let (_local, url) = serve(&project);
    crate::harness::Dynamo::new(&url).create("shop-dev-Orders", "id");
    // With no address typed, the server that runs is used.
    let printed = project.osem("import").success();
    assert_eq!(printed.stdout(), "table Orders hash=id {\n    tag Team #false\n}\n");
    let project = project.file("imported/tables.kdl", printed.stdout());
    expect_nothing_to_do(&project, &url, 1);
}
