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

fn index_capacity(index: &str, units: u64) -> Value {
    json!({ "GlobalSecondaryIndexUpdates": [{ "Update": {
        "IndexName": index, "ProvisionedThroughput": provisioned(units),
    } }] })
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
        (
            stream(true),
            json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) }),
            in_use("Can't change table IOPS when stream status is being updated"),
        ),
        (
            add_index("one"),
            json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned(5) }),
            in_use("Can't change table IOPS when an index is being created"),
        ),
        (
            add_index("one"),
            index_capacity("one", 5),
            in_use("Index is being created but is not backfilling yet."),
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

/// A provisioned table with the provisioned index `one`.
fn with_index() -> World {
    let units = provisioned(5);
    let mut world = World::new()
        .with_table(json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": units }));
    let mut change = add_index("one");
    change["GlobalSecondaryIndexUpdates"][0]["Create"]["ProvisionedThroughput"] = units;
    world.update(change);
    world.pass(10 * MINUTE);
    world.update(index_capacity("one", 20));
    world.pass(MINUTE);
    world
}

#[test]
fn the_capacity_of_an_index_has_the_rules_of_a_table_s() {
    let mut world = with_index();
    assert!(world.update_refused(index_capacity("one", 20)).starts_with(
        "ValidationException: The provisioned throughput for the index one will not change."
    ));
    assert_eq!(
        world.update_refused(index_capacity("two", 5)),
        "ResourceNotFoundException: Requested resource not found: Index two for table T01"
    );
    assert!(world.update_refused(index_capacity("one", 50_000)).starts_with("LimitExceeded"));
    for units in [19, 18, 17, 16] {
        world.update(index_capacity("one", units));
        world.pass(MINUTE);
    }
    let shown = world.describe()["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"].clone();
    assert_eq!(shown["NumberOfDecreasesToday"], 4);
    let refused = world.update_refused(index_capacity("one", 15));
    assert!(refused.contains("Provisioned throughput decreases are limited"), "{refused}");
}

#[test]
fn an_index_that_changes_says_so() {
    let mut world = with_index();
    world.update(index_capacity("one", 30));
    let updating = in_use("Index is being updated. Table: T01 Index: one");
    assert_eq!(world.update_refused(index_capacity("one", 31)), updating);
    world.pass(MINUTE);
    world.update(drop_index("one"));
    let deleting = in_use("Index is being deleted. Table: T01 Index: one");
    assert_eq!(world.update_refused(drop_index("one")), deleting);
}

#[test]
fn the_shape_of_a_request_comes_before_everything_else() {
    let mut world = World::new().with_table(json!({}));
    world.update(infrequent());
    let rows = [
        (json!({ "WarmThroughput": 5 }), "SerializationException: Unexpected field type"),
        (
            json!({ "SSESpecification": { "Enabled": "yes" } }),
            "SerializationException: STRING_VALUE cannot be converted to Boolean",
        ),
        (
            json!({ "GlobalSecondaryIndexUpdates": [{ "Update": {
                "IndexName": "one", "ProvisionedThroughput": [7, 8],
            } }] }),
            "SerializationException: Unexpected field type",
        ),
    ];
    for (body, refusal) in rows {
        assert_eq!(world.update_refused(body), refusal);
    }
    let refused = world.update_refused(json!({ "ProvisionedThroughput": provisioned(0) }));
    assert!(refused.ends_with("Member must have value greater than or equal to 1"), "{refused}");
    let mut invalid = table(json!({}));
    invalid.as_object_mut().unwrap().remove("KeySchema");
    assert!(world.refused("CreateTable", invalid).starts_with("ValidationException"));
    let tags = json!([{ "Key": "a#b", "Value": "" }]);
    let refused = world.refused("CreateTable", table(json!({ "Tags": tags })));
    assert!(refused.contains("'tags.1.member.key'"), "{refused}");
}
