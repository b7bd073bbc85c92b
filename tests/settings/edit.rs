//! One edit of the file that takes many calls.

use serde_json::{Value, json};

use crate::harness::{Dynamo, Project, Relay, Simulator};

use super::{ORDERS, changes, osem, planned, setup, tagged_project};

/// The table before the edit.
pub(crate) fn before() -> Project {
    tagged_project(
        "billing provisioned read=5 write=5\n\
         gsi by-old hash=old { provisioned read=5 write=5; }\n\
         tag Owner one",
    )
}

/// The table after it: two indexes come, one goes, and much else is another.
pub(crate) fn after() -> Project {
    tagged_project(AFTER)
}

/// What stands in the table's block then.
pub(crate) const AFTER: &str = "billing pay-per-request\n\
    gsi by-team hash=team\n\
    gsi by-day hash=day range=(N)hour\n\
    ttl expiresAt; point-in-time-recovery days=7; class standard-infrequent-access\n\
    deletion-protection\n\
    tag Owner another; tag Team blue";

/// What lets the edit remove the index.
pub(crate) const PRUNE: &str = "--prune Orders/by-old";

#[cfg(feature = "crash-hooks")]
/// How many of its calls are `UpdateTable`.
pub(crate) const UPDATES: u64 = 6;

/// Everything about the table that does not differ from one creation to the next.
pub(crate) fn all_of(dynamo: &Dynamo) -> Value {
    let name = json!({ "TableName": ORDERS });
    let mut table = dynamo.call("DescribeTable", &name)["Table"].take();
    let arn = table["TableArn"].clone();
    for field in ["TableId", "CreationDateTime", "BillingModeSummary", "TableClassSummary"] {
        let found = table.as_object_mut().unwrap().remove(field);
        if field == "TableClassSummary" {
            table["Class"] = found.unwrap()["TableClass"].clone();
        }
    }
    table["ProvisionedThroughput"] = Value::Null;
    for index in table["GlobalSecondaryIndexes"].as_array_mut().unwrap() {
        index["ProvisionedThroughput"] = Value::Null;
    }
    let recovery = dynamo.call("DescribeContinuousBackups", &name);
    let recovery = &recovery["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    let mut tags = dynamo.call("ListTagsOfResource", &json!({ "ResourceArn": arn }))["Tags"].take();
    tags.as_array_mut().unwrap().sort_by_key(Value::to_string);
    json!({
        "table": table,
        "ttl": dynamo.call("DescribeTimeToLive", &name),
        "recovery": recovery["RecoveryPeriodInDays"],
        "tags": tags,
    })
}

#[test]
fn the_calls_of_a_plan_are_the_calls_that_are_made_in_their_order() {
    let simulator = Simulator::start("--time-scale 2000");
    setup(&before(), &simulator, 0);
    let relay = Relay::to(&simulator.url, |_, _| {});
    let edit = |line: &str| after().osem(line).args(["--strict", "--endpoint-url", relay.url()]);
    let plan = edit(&format!("plan {PRUNE}")).json(0);
    assert_eq!(
        changes(&plan),
        [
            "UpdateTable gsi by-old",
            "UpdateTable billing",
            "UpdateTable class",
            "UpdateTable gsi by-team",
            "UpdateTable gsi by-day",
            "UpdateTimeToLive ttl",
            "UpdateContinuousBackups point-in-time-recovery",
            "UpdateTable deletion-protection",
            "TagResource",
        ]
    );
    assert_eq!(relay.sent(), [], "a plan only reads");
    edit(&format!("setup --confirm dev {PRUNE}")).success();
    let planned_calls: Vec<(String, Value)> = plan["data"]["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change["call"].as_str().unwrap().to_owned(), change["request"].clone()))
        .collect();
    let mut sent = relay.sent();
    for (operation, request) in &mut sent {
        if operation == "TagResource" {
            // The plan names the table by its name.
            request.as_object_mut().unwrap().remove("ResourceArn").unwrap();
        }
    }
    assert_eq!(sent, planned_calls);
    assert_eq!(planned(&after(), &simulator), Vec::<String>::new());
    assert_eq!(all_of(&simulator.dynamo())["tags"][0]["Value"], "another");
}

/// Changes the history's length as soon as osem has changed the stream.
fn meddle(dynamo: &Dynamo, operation: &str) {
    if operation == "UpdateTable" {
        dynamo.call(
            "UpdateContinuousBackups",
            &json!({
                "TableName": ORDERS,
                "PointInTimeRecoverySpecification": {
                    "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 9,
                },
            }),
        );
    }
}

#[test]
fn what_somebody_changes_after_the_preview_is_not_overwritten_where_that_was_not_shown() {
    let simulator = Simulator::start("--time-scale 2000");
    setup(&super::project("hash=id", "point-in-time-recovery days=7"), &simulator, 0);
    let text = |environment: &str| {
        format!(
            "osem 1\n\
             project shop {{ table-name \"shop-dev-{{table}}\"; }}\n\
             environment {environment}\n\
             table Orders hash=id {{ point-in-time-recovery days=7; stream new-image; }}\n\
             task setup {{ for-each table {{ step update-table; }}; }}\n"
        )
    };
    let relay = Relay::to(&simulator.url, meddle);
    let run = |environment: &str, line: &str| {
        let run = Project::of(text(environment)).osem(line);
        run.args(["--strict", "--endpoint-url", relay.url()])
    };
    let protected = "dev { region us-east-1; account \"000000000000\"; protected; }";
    let document = run(protected, "setup --env dev --confirm dev").json(2);
    assert_eq!(document["error"]["code"], "PLAN_CHANGED", "{document:#}");
    assert_eq!(document["error"]["details"]["applied"], "stream: off -> NEW_IMAGE");
    let days = || {
        let name = json!({ "TableName": ORDERS });
        let found = simulator.dynamo().call("DescribeContinuousBackups", &name);
        let found = &found["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
        found["RecoveryPeriodInDays"].clone()
    };
    assert_eq!(days(), 9, "what was not shown is not done");
    // Seen from there it is part of the plan.
    run(protected, "setup --env dev --confirm dev").success();
    assert_eq!(days(), 7);
}

#[test]
fn what_earlier_attempts_did_is_part_of_what_the_step_did() {
    let faults = [
        "lose-response on=UpdateTable count=1",
        "error on=UpdateTimeToLive code=InternalServerError count=1",
    ];
    let simulator = Simulator::with_faults("--time-scale 2000", &faults);
    setup(&super::project("hash=id", ""), &simulator, 0);
    let edited = super::project("hash=id", "stream new-image; ttl expiresAt");
    let document = setup(&edited, &simulator, 0);
    let steps = document["data"]["steps"].as_array().unwrap();
    let update = steps.iter().find(|step| step["id"] == "update-table[Orders]").unwrap();
    assert_eq!(update["attempts"], 3, "{update:#}");
    assert_eq!(update["message"], "2 changes: stream: off -> NEW_IMAGE; ttl: off -> expiresAt");
}

#[test]
fn a_saved_plan_holds_the_calls_and_is_refused_when_a_setting_changed() {
    let simulator = Simulator::start("--time-scale 2000");
    setup(&before(), &simulator, 0);
    let edited = after();
    osem(&edited, &format!("plan --out saved.json {PRUNE}"), &simulator).success();
    let saved = std::fs::read_to_string(edited.path().join("saved.json")).unwrap();
    let saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["prune"], json!(["Orders/by-old"]));
    assert_eq!(saved["changes"].as_array().unwrap().len(), 9, "{saved:#}");
    let update = json!({ "TableName": ORDERS, "DeletionProtectionEnabled": true });
    simulator.dynamo().call("UpdateTable", &update);
    let refused = osem(&edited, "run --plan saved.json --confirm dev", &simulator).json(1);
    assert_eq!(refused["error"]["code"], "PLAN_CHANGED", "{refused:#}");
    let said = refused["error"].to_string();
    assert!(said.contains("shop-dev-Orders changed: deletionProtection"), "{said}");
    osem(&edited, &format!("plan --out saved.json {PRUNE}"), &simulator).success();
    osem(&edited, "run --plan saved.json --confirm dev", &simulator).success();
    assert_eq!(planned(&edited, &simulator), Vec::<String>::new());
}
