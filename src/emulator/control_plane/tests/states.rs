//! States that last, and what is shown meanwhile.

use serde_json::json;

use crate::model::Simulation;

use super::{MINUTE, SECOND, World, add_index, drop_index, indexed_table, table};

#[test]
fn a_table_is_created_for_one_to_six_seconds() {
    let mut world = World::new();
    let answer = world.ok("CreateTable", table(json!({})));
    let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/T01";
    assert_eq!(answer["TableDescription"]["TableStatus"], "CREATING");
    assert_eq!(answer["TableDescription"]["TableArn"], arn);
    world.pass(999);
    assert_eq!(world.status(), "CREATING");
    world.pass(5_001);
    assert_eq!(world.status(), "ACTIVE");
}

#[test]
fn a_table_with_indexes_takes_longer_and_its_indexes_with_it() {
    let mut world = World::new();
    world.ok("CreateTable", indexed_table("T01"));
    world.pass(13_999);
    let index = world.describe()["GlobalSecondaryIndexes"][0].clone();
    assert_eq!(index["IndexStatus"], "CREATING");
    assert_eq!(index.get("Backfilling"), None, "only indexes that are added later backfill");
    world.pass(8_001);
    let shown = world.describe();
    assert_eq!(shown["TableStatus"], "ACTIVE");
    assert_eq!(shown["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");
}

#[test]
fn a_deleted_table_is_shown_until_it_is_gone_and_its_name_is_taken_until_then() {
    let mut world = World::new().with_table(json!({}));
    world.ok("DeleteTable", json!({ "TableName": "T01" }));
    assert_eq!(world.status(), "DELETING");
    assert_eq!(world.ok("ListTables", json!({}))["TableNames"], json!(["T01"]));
    assert_eq!(
        world.refused("DeleteTable", json!({ "TableName": "T01" })),
        "ResourceInUseException: Attempt to change a resource which is still in use: Table is \
         being deleted: T01"
    );
    assert_eq!(
        world.refused("CreateTable", table(json!({}))),
        "ResourceInUseException: Table already exists: T01"
    );
    world.pass(6 * SECOND);
    assert_eq!(
        world.refused("DescribeTable", json!({ "TableName": "T01" })),
        "ResourceNotFoundException: Requested resource not found: Table: T01 not found"
    );
    assert_eq!(world.ok("ListTables", json!({}))["TableNames"], json!([]));
    world.ok("CreateTable", table(json!({})));
}

#[test]
fn an_added_index_is_allocated_while_the_table_updates_and_filled_while_it_is_active() {
    let mut world = World::new().with_table(json!({}));
    let answer = world.update(add_index("by-email"));
    assert_eq!(answer["TableDescription"]["TableStatus"], "UPDATING");
    world.pass(23 * SECOND);
    let shown = world.describe();
    assert_eq!(shown["TableStatus"], "UPDATING");
    assert_eq!(shown["GlobalSecondaryIndexes"][0]["Backfilling"], false);
    world.pass(34 * SECOND);
    let shown = world.describe();
    assert_eq!(shown["TableStatus"], "ACTIVE");
    assert_eq!(shown["GlobalSecondaryIndexes"][0]["IndexStatus"], "CREATING");
    assert_eq!(shown["GlobalSecondaryIndexes"][0]["Backfilling"], true);
    let (tables, index) = (["T01".to_owned()], Some("by-email"));
    let refused = world.plane.admit(&tables, index, world.now).unwrap_err();
    assert_eq!(refused.message, "Cannot read from backfilling global secondary index: by-email");
    world.pass(9 * MINUTE);
    let shown = world.describe();
    assert_eq!(shown["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");
    assert_eq!(shown["GlobalSecondaryIndexes"][0].get("Backfilling"), None);
    assert_eq!(world.plane.admit(&tables, index, world.now), Ok(()));
}

#[test]
fn a_deleted_index_is_shown_until_it_is_gone() {
    let mut world = World::new().with_table(json!({}));
    world.update(add_index("by-email"));
    world.pass(60 * MINUTE);
    world.update(drop_index("by-email"));
    assert_eq!(world.describe()["GlobalSecondaryIndexes"][0]["IndexStatus"], "DELETING");
    world.pass(6 * SECOND);
    let shown = world.describe();
    assert_eq!(shown.get("GlobalSecondaryIndexes"), None);
    assert_eq!(shown["TableStatus"], "ACTIVE");
}

#[test]
fn answers_and_descriptions_show_the_old_value_until_the_change_has_ended() {
    let provisioned = json!({ "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 });
    let mut world = World::new()
        .with_table(json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned }));
    let answer = world.update(json!({ "BillingMode": "PAY_PER_REQUEST" }));
    assert_eq!(answer["TableDescription"].get("BillingModeSummary"), None);
    world.pass(127 * SECOND);
    let shown = world.describe();
    assert_eq!(shown["TableStatus"], "UPDATING");
    assert_eq!(shown["ProvisionedThroughput"]["ReadCapacityUnits"], 5);
    world.pass(46 * SECOND);
    let shown = world.describe();
    assert_eq!(shown["TableStatus"], "ACTIVE");
    assert_eq!(shown["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(shown["ProvisionedThroughput"]["ReadCapacityUnits"], 0);
}

#[test]
fn encryption_and_warm_throughput_settle_while_the_table_is_active() {
    let mut world = World::new().with_table(json!({}));
    world.update(json!({ "SSESpecification": { "Enabled": true, "SSEType": "KMS" } }));
    let warm = json!({ "ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 5_000 });
    world.update(json!({ "WarmThroughput": warm }));
    let shown = world.describe();
    assert_eq!(shown["TableStatus"], "ACTIVE");
    assert_eq!(shown["SSEDescription"]["Status"], "UPDATING");
    assert_eq!(shown["WarmThroughput"]["Status"], "UPDATING");
    assert_eq!(shown["WarmThroughput"]["ReadUnitsPerSecond"], 12_000);
    world.pass(23 * SECOND);
    let shown = world.describe();
    assert_eq!(shown["SSEDescription"]["Status"], "ENABLED");
    assert_eq!(
        shown["SSEDescription"]["KMSMasterKeyArn"],
        "arn:aws:kms:eu-west-1:000000000000:alias/aws/dynamodb"
    );
    world.pass(9 * MINUTE);
    assert_eq!(world.describe()["WarmThroughput"]["ReadUnitsPerSecond"], 15_000);
}

#[test]
fn calls_on_items_wait_for_the_table() {
    let mut world = World::new();
    world.ok("CreateTable", table(json!({})));
    let tables = ["another".to_owned(), "T01".to_owned()];
    let refused = world.plane.admit(&tables, None, world.now).unwrap_err();
    assert_eq!(refused.message, "Requested resource not found");
    assert_eq!(world.plane.admit(&tables[..1], None, world.now), Ok(()));
    world.pass(6 * SECOND);
    assert_eq!(world.plane.admit(&tables, None, world.now), Ok(()));
}

#[test]
fn states_and_cooldowns_survive_the_process() {
    let mut world = World::new().with_table(json!({}));
    world.plane.take_rows();
    world.update(json!({ "DeletionProtectionEnabled": true }));
    world.update(add_index("by-email"));
    let rows = world.plane.take_rows();
    assert_eq!(rows.len(), 2, "the table's, and how fast time passed");
    let mut world = world.restarted(rows);
    assert_eq!(world.status(), "UPDATING");
    assert!(world.update_refused(add_index("by-name")).contains("Only 1 online index"));
    // A table whose row was lost is taken as the engine has it.
    let mut world = world.restarted(Vec::new());
    assert_eq!(world.status(), "ACTIVE");
    assert_eq!(world.describe()["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");
}

#[test]
fn the_record_of_a_table_that_is_gone_is_not_kept() {
    let mut world = World::new().with_table(json!({}));
    let key = world.plane.take_rows()[0].key.clone();
    world.ok("DeleteTable", json!({ "TableName": "T01" }));
    world.pass(6 * SECOND);
    world.refused("DescribeTable", json!({ "TableName": "T01" }));
    let rows = world.plane.take_rows();
    assert!(rows.iter().any(|row| row.key == key && row.text.is_none()), "{rows:?}");
}

#[test]
fn what_was_begun_ends_as_fast_as_time_passes_after_a_restart() {
    let mut world = World::new().with_table(json!({}));
    world.update(json!({ "DeletionProtectionEnabled": true }));
    world.update(add_index("by-email"));
    let rows = world.plane.take_rows();
    let settings = Simulation { time_scale: 100.0, ..world.plane.settings.clone() };
    let mut world = world.restarted_with(settings, rows);
    assert_eq!(world.status(), "UPDATING");
    world.pass(6 * SECOND);
    assert_eq!(world.describe()["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");
    world.update(json!({ "DeletionProtectionEnabled": false }));
}

#[test]
fn the_last_stream_keeps_its_name_after_it_was_disabled() {
    let mut world = World::new().with_table(json!({}));
    let on = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    world.update(json!({ "StreamSpecification": on }));
    world.pass(MINUTE);
    let arn = world.describe()["LatestStreamArn"].clone();
    assert!(arn.as_str().unwrap().starts_with("arn:aws:dynamodb:eu-west-1:000000000000:table/T01"));
    world.update(json!({ "StreamSpecification": { "StreamEnabled": false } }));
    world.pass(MINUTE);
    let shown = world.describe();
    assert_eq!(shown["LatestStreamArn"], arn);
    assert_eq!(shown.get("StreamSpecification"), None);
}

#[test]
fn encryption_of_the_creation_is_that_of_the_description() {
    let encryption = json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine" });
    let mut world = World::new().with_table(json!({ "SSESpecification": encryption }));
    let shown = world.describe()["SSEDescription"]["KMSMasterKeyArn"].clone();
    assert_eq!(shown, "arn:aws:kms:eu-west-1:000000000000:alias/mine");
    assert_eq!(
        world.update_refused(json!({ "SSESpecification": encryption })),
        "ValidationException: Table is already encrypted with given KMSMasterKeyId"
    );
}
