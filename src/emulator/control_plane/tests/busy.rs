//! What a table that is changing refuses, in the service's words.

use serde_json::{Value, json};

use super::{MINUTE, SECOND, World, add_index, drop_index, table};

const STILL_IN_USE: &str =
    "ResourceInUseException: Attempt to change a resource which is still in use: ";
const ONE_ONLINE_INDEX: &str = "LimitExceededException: Subscriber limit exceeded: Only 1 online \
                                index can be created or deleted simultaneously per table";

fn in_use(detail: &str) -> String {
    format!("{STILL_IN_USE}{detail}")
}

fn provisioned(units: u64) -> Value {
    json!({ "ReadCapacityUnits": units, "WriteCapacityUnits": units })
}

fn stream(enabled: bool) -> Value {
    let view = if enabled { json!("NEW_IMAGE") } else { Value::Null };
    let mut specification = json!({ "StreamEnabled": enabled, "StreamViewType": view });
    if !enabled {
        specification.as_object_mut().unwrap().remove("StreamViewType");
    }
    json!({ "StreamSpecification": specification })
}

fn encrypted() -> Value {
    json!({ "SSESpecification": { "Enabled": true, "SSEType": "KMS" } })
}

fn infrequent() -> Value {
    json!({ "TableClass": "STANDARD_INFREQUENT_ACCESS" })
}

/// While this change runs, that one is refused so.
#[test]
fn every_pair_of_changes_has_its_text() {
    let rows: &[(Value, Value, String)] = &[
        (stream(true), stream(false), in_use("A stream status change is currently in progress")),
        (stream(true), infrequent(), in_use("Table: T01 is in the process of being updated.")),
        (
            infrequent(),
            json!({ "TableClass": "STANDARD" }),
            in_use("Can't update table class when a table class update is in progress"),
        ),
        (
            encrypted(),
            json!({ "SSESpecification": { "Enabled": false } }),
            in_use("Server-Side Encryption is still being updated"),
        ),
        (
            json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) }),
            json!({ "OnDemandThroughput": { "MaxReadRequestUnits": 10 } }),
            in_use("OnDemandThroughput cannot be updated while BillingMode update is in progress"),
        ),
        (
            json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) }),
            json!({ "ProvisionedThroughput": provisioned(6) }),
            in_use("Table IOPS are currently being updated. Table: T01"),
        ),
        (
            json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) }),
            stream(true),
            in_use("Can't enable or disable stream while table IOPS are being updated"),
        ),
        (
            infrequent(),
            json!({ "DeletionProtectionEnabled": true }),
            "ResourceInUseException: Table needs to be in ACTIVE status to modify deletion \
             protection setting."
                .to_owned(),
        ),
        (add_index("one"), add_index("two"), ONE_ONLINE_INDEX.to_owned()),
        (
            add_index("one"),
            drop_index("one"),
            in_use(
                "Index creation is in resource allocation phase. Retry deletion during \
                 backfilling phase or when the index is active. Table: T01 Index: one",
            ),
        ),
    ];
    for (first, second, refusal) in rows {
        let mut world = World::new().with_table(json!({}));
        world.update(first.clone());
        assert_eq!(world.update_refused(second.clone()), *refusal, "{second} during {first}");
    }
}

#[test]
fn what_is_changing_cannot_be_deleted() {
    let rows: &[(Value, &str)] = &[
        (stream(true), "Cannot delete table while stream is being enabled/disabled."),
        (encrypted(), "Server-Side Encryption is still being updated"),
        (
            add_index("one"),
            "Cannot delete table while indexes are being created, updated, or deleted.",
        ),
        (infrequent(), "Table: T01 is in the process of being updated."),
    ];
    let delete = || json!({ "TableName": "T01" });
    for (change, detail) in rows {
        let mut world = World::new().with_table(json!({}));
        world.update(change.clone());
        assert_eq!(world.refused("DeleteTable", delete()), in_use(detail), "during {change}");
        world.pass(10 * MINUTE);
        world.ok("DeleteTable", delete());
    }
    let mut world = World::new();
    world.ok("CreateTable", table(json!({})));
    assert_eq!(world.refused("DeleteTable", delete()), in_use("Table is being created: T01"));
    assert_eq!(world.update_refused(infrequent()), in_use("Table is being created: T01"));
}

#[test]
fn an_index_that_is_being_filled_can_be_dropped_and_its_table_changed() {
    let mut world = World::new().with_table(json!({}));
    world.update(add_index("one"));
    world.pass(MINUTE);
    world.update(infrequent());
    world.pass(6 * SECOND);
    assert_eq!(world.update_refused(add_index("two")), ONE_ONLINE_INDEX);
    world.update(drop_index("one"));
    assert_eq!(world.update_refused(add_index("two")), ONE_ONLINE_INDEX);
    world.pass(6 * SECOND);
    world.update(add_index("two"));
}

#[test]
fn a_switch_back_while_the_switch_runs_is_answered_and_dropped() {
    let mut world = World::new().with_table(json!({}));
    world.update(json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) }));
    world.update(json!({ "BillingMode": "PAY_PER_REQUEST" }));
    world.pass(2 * MINUTE);
    assert_eq!(world.describe()["ProvisionedThroughput"]["ReadCapacityUnits"], 5);
}

#[test]
fn a_request_asks_for_one_change() {
    let mut world = World::new().with_table(json!({}));
    let mut both = infrequent();
    both["DeletionProtectionEnabled"] = true.into();
    let refused = world.update_refused(both);
    assert!(refused.ends_with("must be the only operation in the request"), "{refused}");
    let mut indexes = add_index("one");
    let second = add_index("two")["GlobalSecondaryIndexUpdates"][0].clone();
    indexes["GlobalSecondaryIndexUpdates"].as_array_mut().unwrap().push(second);
    assert_eq!(world.update_refused(indexes), ONE_ONLINE_INDEX);
    let mut capacity =
        json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) });
    world.update(capacity.take());
    world.pass(2 * MINUTE);
    let mut to_on_demand = stream(true);
    to_on_demand["BillingMode"] = "PAY_PER_REQUEST".into();
    world.update(to_on_demand);
}

#[test]
fn what_would_change_nothing_is_refused_as_the_service_does() {
    let mut world = World::new().with_table(json!({}));
    let rows = [
        (stream(false), "Table has no stream to disable: TableName: T01"),
        (
            json!({ "SSESpecification": { "Enabled": false } }),
            "Table is already encrypted by default",
        ),
    ];
    for (change, text) in rows {
        assert_eq!(world.update_refused(change), format!("ValidationException: {text}"));
    }
    world.update(add_index("one"));
    world.pass(10 * MINUTE);
    assert_eq!(
        world.update_refused(add_index("one")),
        "ValidationException: Attempting to create an index which already exists"
    );
    assert_eq!(
        world.update_refused(drop_index("two")),
        "ResourceNotFoundException: Requested resource not found: Index two for table T01"
    );
    world.update(encrypted());
    world.pass(MINUTE);
    assert_eq!(
        world.update_refused(encrypted()),
        "ValidationException: Table is already encrypted with given KMSMasterKeyId"
    );
    // These are answered, and nothing lasts.
    world.update(json!({ "BillingMode": "PAY_PER_REQUEST" }));
    world.update(json!({ "TableClass": "STANDARD" }));
    assert_eq!(world.status(), "ACTIVE");
}

#[test]
fn provisioned_indexes_need_their_capacity_in_the_same_call() {
    let mut world = World::new().with_table(json!({}));
    world.update(add_index("one"));
    world.pass(10 * MINUTE);
    let mut change =
        json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) });
    let refused = world.update_refused(change.clone());
    assert!(
        refused.ends_with("ProvisionedThroughput must be specified for index: one"),
        "{refused}"
    );
    change["GlobalSecondaryIndexUpdates"] = json!([{ "Update": {
        "IndexName": "one", "ProvisionedThroughput": provisioned(3),
    } }]);
    world.update(change);
    world.pass(2 * MINUTE);
    let shown = world.describe();
    assert_eq!(shown["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"], 3);
}
