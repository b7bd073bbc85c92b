//! Vector indexes. One that is added to a table takes the embedded engine 15 seconds of real time,
//! so these tests add few; most have theirs from the table's creation.

use serde_json::{Value, json};

use crate::harness::{Dynamo, Project, Relay, Simulator};

use super::{ORDERS, changes, expect_updates, issues, osem, planned, project, setup};

const SCALE: &str = "--time-scale 2000";
const NEAR: &str = "vector-index near attribute=embedding dimensions=3";

fn bare() -> Project {
    project("hash=id", "")
}

fn with(table: &str) -> Project {
    project("hash=id", table)
}

fn described(simulator: &Simulator) -> Value {
    simulator.dynamo().call("DescribeTable", &json!({ "TableName": ORDERS }))["Table"].take()
}

fn names(simulator: &Simulator) -> Vec<String> {
    let indexes = described(simulator)["VectorIndexes"].as_array().cloned().unwrap_or_default();
    indexes.iter().map(|index| index["IndexName"].as_str().unwrap().to_owned()).collect()
}

fn put(dynamo: &Dynamo, id: &str, vector: [f32; 2], word: &str) {
    let numbers = vector.map(|number| json!({ "N": number.to_string() }));
    let item = json!({
        "id": { "S": id }, "embedding": { "L": numbers },
        "tenant": { "S": "a" }, "word": { "S": word }, "title": { "S": id },
    });
    dynamo.call("PutItem", &json!({ "TableName": ORDERS, "Item": item }));
}

#[test]
fn those_of_a_new_table_come_with_it_and_find_items() {
    let simulator = Simulator::start(SCALE);
    let declared = with(
        "projection keys-only\n\
         vector-index near attribute=embedding dimensions=2 distance=euclidean projection=include {\n\
             hash tenant; filter word (N)price; include title\n\
         }\n\
         vector-index far attribute=embedding dimensions=2",
    );
    let relay = Relay::to(&simulator.url, |_, _| {});
    let run = |line: &str| declared.osem(line).args(["--strict", "--endpoint-url", relay.url()]);
    let plan = run("plan").json(0);
    assert_eq!(changes(&plan), ["CreateTable"]);
    let details = plan["data"]["changes"][0]["details"].to_string();
    let shown = "vector-index near: embedding, 2 dimensions, EUCLIDEAN, hash tenant S, \
                 filter price N, word S, projection INCLUDE title";
    assert!(details.contains(shown), "{details}");
    run("setup").success();
    let sent = relay.sent();
    let [(operation, request)] = sent.as_slice() else { panic!("{sent:#?}") };
    assert_eq!(operation, "CreateTable");
    let far = json!({
        "IndexName": "far", "VectorAttribute": { "AttributeName": "embedding" },
        "Dimensions": 2, "DistanceFunction": "COSINE",
        "Projection": { "ProjectionType": "KEYS_ONLY" },
    });
    assert_eq!(request["VectorIndexes"][1], far, "defaults are the table's: {request:#}");
    assert_eq!(issues(&declared, &simulator, 0), Vec::<String>::new());
    assert_eq!(planned(&declared, &simulator), Vec::<String>::new());

    let dynamo = simulator.dynamo();
    put(&dynamo, "one", [1.0, 0.0], "x");
    put(&dynamo, "two", [0.0, 1.0], "x");
    put(&dynamo, "three", [1.0, 0.1], "y");
    let found = dynamo.call(
        "SearchVectors",
        &json!({
            "TableName": ORDERS, "IndexName": "near", "TopK": 1,
            "SearchVector": [{ "N": "1" }, { "N": "0.1" }],
            "SearchConditionExpression": "tenant = :t AND word = :w",
            "ExpressionAttributeValues": { ":t": { "S": "a" }, ":w": { "S": "x" } },
        }),
    );
    let found = found.to_string();
    assert!(found.contains("\"one\"") && !found.contains("\"two\""), "{found}");
}

#[test]
fn indexes_of_both_kinds_are_added_one_at_a_time() {
    let simulator = Simulator::start(SCALE);
    setup(&bare(), &simulator, 0);
    let wider = with(&format!("{NEAR}\ngsi by-team hash=team\nttl expiresAt"));
    assert_eq!(
        issues(&wider, &simulator, 1),
        ["MISSING_GSI", "MISSING_VECTOR_INDEX", "TIME_TO_LIVE"]
    );
    let document = osem(&wider, "plan", &simulator).json(0);
    let calls =
        ["UpdateTable gsi by-team", "UpdateTable vector-index near", "UpdateTimeToLive ttl"];
    assert_eq!(changes(&document), calls);
    let vector = &document["data"]["changes"][1];
    assert_eq!(vector["usualMs"], json!([513_000, 1_020_000]), "{vector:#}");
    assert_eq!(
        (&vector["class"], &vector["reversibility"]),
        (&json!("update"), &json!("reversible"))
    );
    setup(&wider, &simulator, 0);
    expect_updates(&simulator, 2);
    assert_eq!(planned(&wider, &simulator), Vec::<String>::new());
}

#[test]
fn one_that_is_not_declared_stops_everything_until_it_is_pruned_by_name() {
    let simulator = Simulator::start(SCALE);
    setup(
        &with(&format!("{NEAR}\nvector-index far attribute=embedding dimensions=3")),
        &simulator,
        0,
    );
    let narrow = with(&format!("{NEAR}\nttl expiresAt"));
    assert_eq!(issues(&narrow, &simulator, 1), ["EXTRA_VECTOR_INDEX", "TIME_TO_LIVE"]);
    let document = setup(&narrow, &simulator, 1);
    let error = document["error"].to_string();
    assert!(error.contains("EXTRA_VECTOR_INDEX"), "{error}");
    assert!(error.contains("--prune Orders/far"), "{error}");
    assert_eq!(simulator.statistics()["applied"]["UpdateTable"], Value::Null, "nothing was done");

    let unconfirmed = osem(&narrow, "setup --prune Orders/far --yes", &simulator).json(77);
    assert_eq!(unconfirmed["error"]["code"], "NOT_CONFIRMED");
    let asked = osem(&narrow, "setup --prune Orders/far --confirm dev", &simulator);
    asked.success().expect_stderr("vector-index far: embedding, 3 dimensions, COSINE");
    assert_eq!(names(&simulator), ["near"]);
    assert_eq!(planned(&narrow, &simulator), Vec::<String>::new());
}

#[test]
fn one_that_differs_is_made_anew_only_where_that_is_asked_for() {
    let simulator = Simulator::start(SCALE);
    setup(&with(NEAR), &simulator, 0);
    let other = with("vector-index near attribute=embedding dimensions=3 distance=euclidean");
    assert_eq!(issues(&other, &simulator, 1), ["VECTOR_INDEX_MISMATCH"]);
    let document = setup(&other, &simulator, 1);
    let error = document["error"].to_string();
    assert!(error.contains("3 dimensions, EUCLIDEAN") && error.contains("COSINE"), "{error}");
    assert!(error.contains("--replace Orders/near"), "{error}");
    let plan = osem(&other, "plan --replace Orders/near", &simulator).json(0);
    assert_eq!(changes(&plan), ["UpdateTable vector-index near"; 2]);
    let removal = &plan["data"]["changes"][0];
    assert_eq!(removal["breaks"], "searches in the index fail", "{removal:#}");
    assert_eq!(removal["class"], "remove-index", "{removal:#}");
}

#[test]
fn it_goes_before_its_table_is_provisioned() {
    let simulator = Simulator::start(SCALE);
    setup(&with(NEAR), &simulator, 0);
    let provisioned = with("billing provisioned read=5 write=5");
    let line = "--prune Orders/near --confirm dev";
    let plan = osem(&provisioned, "plan --prune Orders/near", &simulator).json(0);
    assert_eq!(changes(&plan), ["UpdateTable vector-index near", "UpdateTable billing"]);
    osem(&provisioned, &format!("setup {line}"), &simulator).success();
    assert_eq!(planned(&provisioned, &simulator), Vec::<String>::new());
    // What the file leaves open is not switched back for an index.
    let document = setup(&with(NEAR), &simulator, 1);
    let error = document["error"].to_string();
    assert!(error.contains("needs a table on demand: declare billing pay-per-request"), "{error}");
    let plan = osem(&with(&format!("billing pay-per-request\n{NEAR}")), "plan", &simulator).json(0);
    assert_eq!(changes(&plan), ["UpdateTable billing", "UpdateTable vector-index near"]);
}

#[test]
fn a_run_that_is_killed_while_one_is_built_waits_for_it_and_makes_no_other() {
    let simulator = Simulator::start("--time-scale 200");
    setup(&bare(), &simulator, 0);
    let wider = with(&format!("{NEAR}\nttl expiresAt"));
    let mut killed = osem(&wider, "setup --confirm dev -v", &simulator).start();
    killed.wait_for_stderr("call: UpdateTable shop-dev-Orders");
    killed.signal("KILL");
    assert_eq!(killed.finish().code(), None);
    setup(&wider, &simulator, 0);
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], 1, "no index twice: {statistics:#}");
    assert_eq!(names(&simulator), ["near"]);
}

#[test]
fn requests_and_listings_count_them_as_indexes() {
    let project = with(&format!("{NEAR}\ngsi by-team hash=team"));
    let refused = project.osem("plan --prune Orders/near").status(64);
    refused.expect_stderr("remove it from the file first");
    project
        .osem("plan --replace Orders/far")
        .status(64)
        .expect_stderr("no such gsi or vector-index");
    let listed = project.osem("list").output();
    assert!(listed.stdout().contains("id S, 2 indexes"), "{listed}");
    let document = project.osem("list").json(0);
    assert_eq!(document["data"]["tables"][0]["indexes"], json!(["by-team", "near"]));
}

#[test]
fn a_table_of_the_embedded_emulator_has_them_too() {
    let text = format!(
        "osem 1\n\
         project shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ emulator memory; }}\n\
         table Orders hash=id {{ {NEAR} {{ filter word; }}; }}\n\
         task setup {{\n\
             for-each table {{ step create-table; step wait-active; step update-table; step verify; }}\n\
         }}\n"
    );
    let outcome = Project::of(text).osem("setup --strict").success();
    outcome.expect_stderr("created with 1 index");
}
