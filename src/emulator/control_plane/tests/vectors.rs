//! Vector indexes: their states, and what is refused, in the service's words.

use serde_json::{Value, json};

use super::{MINUTE, SECOND, World, add_index, drop_index, table};

const IN_USE: &str = "ResourceInUseException: Attempt to change a resource which is still in use: ";
const ONE_ONLINE_INDEX: &str = "LimitExceededException: Subscriber limit exceeded: Only 1 online \
                                index can be created or deleted simultaneously per table";

fn near(name: &str) -> Value {
    json!({
        "IndexName": name,
        "VectorAttribute": { "AttributeName": "embedding" },
        "Dimensions": 3,
        "DistanceFunction": "COSINE",
        "Projection": { "ProjectionType": "ALL" },
    })
}

fn add(index: Value) -> Value {
    json!({ "VectorIndexUpdates": [{ "Create": index }] })
}

fn drop_vector(name: &str) -> Value {
    json!({ "VectorIndexUpdates": [{ "Delete": { "IndexName": name } }] })
}

/// A table that has had these vector indexes for an hour.
fn with_indexes(names: &[&str]) -> World {
    let indexes: Vec<Value> = names.iter().map(|name| near(name)).collect();
    World::new().with_table(json!({ "VectorIndexes": indexes }))
}

fn index(world: &mut World, position: usize) -> Value {
    world.describe()["VectorIndexes"][position].take()
}

#[test]
fn those_of_a_new_table_are_ready_with_it() {
    let mut world = World::new();
    let answer = world.ok("CreateTable", table(json!({ "VectorIndexes": [near("near")] })));
    assert_eq!(answer["TableDescription"]["VectorIndexes"][0]["IndexStatus"], "CREATING");
    world.pass(13 * SECOND);
    assert_eq!(index(&mut world, 0)["IndexStatus"], "CREATING");
    world.pass(10 * SECOND);
    let live = index(&mut world, 0);
    assert_eq!((&live["IndexStatus"], &live["Backfilling"]), (&json!("ACTIVE"), &Value::Null));
    let definition = [
        ("IndexName", json!("near")),
        ("VectorAttribute", json!({ "AttributeName": "embedding" })),
        ("Dimensions", json!(3)),
        ("DistanceFunction", json!("COSINE")),
        ("Projection", json!({ "ProjectionType": "ALL" })),
    ];
    for (member, value) in definition {
        assert_eq!(live[member], value, "{live:#}");
    }
}

#[test]
fn one_that_is_added_is_allocated_then_filled_for_minutes() {
    let mut world = World::new().with_table(json!({}));
    world.update(add(near("near")));
    assert_eq!(world.status(), "UPDATING");
    assert_eq!(index(&mut world, 0)["Backfilling"], false);
    let early = "Index creation is in resource allocation phase. Retry deletion during backfilling \
                 phase or when the index is active. Table: T01 Index: near";
    assert_eq!(world.update_refused(drop_vector("near")), format!("{IN_USE}{early}"));
    world.pass(57 * SECOND);
    assert_eq!(world.status(), "ACTIVE");
    let live = index(&mut world, 0);
    assert_eq!((&live["IndexStatus"], &live["Backfilling"]), (&json!("CREATING"), &json!(true)));
    let searched = world.plane.admit(&["T01".to_owned()], Some("near"), world.now).unwrap_err();
    assert_eq!(searched.message, "Cannot search backfilling vector index: near");
    world.pass(6 * MINUTE);
    assert_eq!(index(&mut world, 0)["IndexStatus"], "CREATING");
    let deleted = world.refused("DeleteTable", json!({ "TableName": "T01" }));
    assert!(
        deleted.starts_with(IN_USE) && deleted.contains("while indexes are being"),
        "{deleted}"
    );
}

#[test]
fn the_one_online_index_is_of_either_kind() {
    let mut world = World::new().with_table(json!({}));
    world.update(add(near("near")));
    assert_eq!(world.update_refused(add_index("by-email")), ONE_ONLINE_INDEX);
    assert_eq!(world.update_refused(add(near("other"))), ONE_ONLINE_INDEX);

    let mut world = with_indexes(&["near"]);
    world.update(add_index("by-email"));
    world.pass(MINUTE);
    assert_eq!(world.update_refused(drop_vector("near")), ONE_ONLINE_INDEX);
    let both = json!({
        "VectorIndexUpdates": [{ "Delete": { "IndexName": "near" } }],
        "GlobalSecondaryIndexUpdates": drop_index("by-email")["GlobalSecondaryIndexUpdates"],
    });
    assert_eq!(world.update_refused(both), ONE_ONLINE_INDEX);
}

#[test]
fn one_that_is_deleted_is_gone_within_seconds() {
    let mut world = with_indexes(&["near", "other"]);
    world.update(drop_vector("near"));
    let listed = world.describe();
    let statuses: Vec<_> =
        listed["VectorIndexes"].as_array().unwrap().iter().map(|own| &own["IndexStatus"]).collect();
    assert_eq!(statuses, ["ACTIVE", "DELETING"]);
    assert_eq!(world.status(), "UPDATING");
    world.pass(6 * SECOND);
    assert_eq!(world.describe()["VectorIndexes"].as_array().unwrap().len(), 1);
    let gone = world.update_refused(drop_vector("near"));
    assert_eq!(gone.split(':').next(), Some("ResourceNotFoundException"), "{gone}");
}

#[test]
fn what_cannot_be_is_refused_with_the_tables_creation_and_later() {
    let invalid = "ValidationException: One or more parameter values were invalid: ";
    let searched = json!([{ "AttributeName": "price", "SearchSchemaElementType": "HASH" }]);
    let changed = |member: &str, value: Value| {
        let mut index = near("near");
        index[member] = value;
        index
    };
    let rows = [
        (
            changed("SearchSchema", searched),
            "One element in SearchSchema is not defined in attribute definitions",
        ),
        (
            changed("Dimensions", json!(4097)),
            "Number of dimensions must be between 1 and 4096 inclusive.",
        ),
        (
            changed("VectorAttribute", json!({ "AttributeName": "id" })),
            "Conflicting attribute definition for 'id'. An attribute cannot be defined in \
             AttributeDefinitions when used as a VectorAttribute.",
        ),
    ];
    for (index, text) in rows {
        let body = table(json!({ "VectorIndexes": [index.clone()] }));
        assert_eq!(World::new().refused("CreateTable", body), format!("{invalid}{text}"));
        // `UpdateTable` has other words for some of them.
        let mut world = World::new().with_table(json!({}));
        let refused = world.update_refused(add(index));
        assert!(refused.starts_with(invalid), "{refused}");
    }
    let mut world = with_indexes(&["near"]);
    assert_eq!(
        world.update_refused(add(near("near"))),
        "ValidationException: Attempting to create an index which already exists"
    );
}

#[test]
fn a_table_has_five_at_most() {
    let six = ["v-1", "v-2", "v-3", "v-4", "v-5", "v-6"];
    let body = table(json!({ "VectorIndexes": six.map(near) }));
    assert_eq!(
        World::new().refused("CreateTable", body),
        "ValidationException: One or more parameter values were invalid: VectorIndex count exceeds \
         the per-table limit of 5"
    );
    let mut world = with_indexes(&six[..5]);
    assert_eq!(
        world.update_refused(add(near("v-6"))),
        "LimitExceededException: Subscriber limit exceeded: Number of vector secondary indexes \
         exceeds per-table limit of 5"
    );
}

#[test]
fn a_provisioned_table_has_none() {
    let provisioned = json!({
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": { "ReadCapacityUnits": 5, "WriteCapacityUnits": 5 },
    });
    let only = "Vector indexes are only supported for PAY_PER_REQUEST tables";
    let mut body = provisioned.clone();
    body["VectorIndexes"] = json!([near("near")]);
    let refused = World::new().refused("CreateTable", table(body));
    assert!(refused.ends_with(only), "{refused}");
    let mut world = World::new().with_table(provisioned.clone());
    let refused = world.update_refused(add(near("near")));
    assert!(refused.ends_with(only), "{refused}");

    let mut world = with_indexes(&["near"]);
    let refused = world.update_refused(provisioned);
    assert!(refused.contains("vector indexes must be in PAY_PER_REQUEST mode"), "{refused}");
    assert_eq!(world.describe()["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
}
