//! Quotas, rates, cooldowns and budgets.

use serde_json::{Value, json};

use crate::model::{RateLimit, Simulation};

use super::{MINUTE, SECOND, World, add_index, indexed_table, table};

fn named(name: &str) -> Value {
    table(json!({ "TableName": name }))
}

#[test]
fn the_account_takes_a_burst_of_changes_and_then_its_rate() {
    let mutations = RateLimit { per_second: 2.0, burst: 3 };
    let mut world = World::with(Simulation { mutations, ..Simulation::default() });
    for name in ["T01", "T02", "T03"] {
        world.ok("CreateTable", named(name));
    }
    assert_eq!(
        world.refused("CreateTable", named("T04")),
        "ThrottlingException: The rate of control plane requests made by this account is too high"
    );
    world.ok("DescribeTable", json!({ "TableName": "T01" }));
    world.pass(500);
    world.ok("CreateTable", named("T04"));
    assert!(world.refused("CreateTable", named("T05")).starts_with("ThrottlingException"));
    let statistics = world.plane.statistics();
    assert_eq!(statistics.applied["CreateTable"], 4);
    assert_eq!(statistics.refused["CreateTable ThrottlingException"], 2);
    assert!(statistics.lower_bound_ms >= 500);
}

#[test]
fn changes_of_deletion_protection_and_time_to_live_are_not_counted() {
    let mutations = RateLimit { per_second: 0.000_1, burst: 1 };
    let mut world =
        World::with(Simulation { mutations, ..Simulation::default() }).with_table(json!({}));
    world.update(json!({ "DeletionProtectionEnabled": true }));
    let ttl = json!({ "AttributeName": "expires", "Enabled": true });
    let body = json!({ "TableName": "T01", "TimeToLiveSpecification": ttl });
    world.ok("UpdateTimeToLive", body);
    assert!(world.update_refused(add_index("one")).starts_with("ThrottlingException"));
}

#[test]
fn so_many_operations_at_once_and_no_more() {
    let mutations = RateLimit { per_second: 1_000.0, burst: 1_000 };
    let settings = Simulation {
        mutations,
        max_operations: 3,
        max_indexed_operations: 1,
        ..Simulation::default()
    };
    let mut world = World::with(settings);
    world.ok("CreateTable", indexed_table("T01"));
    assert_eq!(
        world.refused("CreateTable", indexed_table("T02")),
        "LimitExceededException: Subscriber limit exceeded: You have exceeded the maximum number \
         of indexed tables that can be created simultaneously"
    );
    world.ok("CreateTable", named("T02"));
    world.ok("CreateTable", named("T03"));
    assert_eq!(
        world.refused("CreateTable", named("T04")),
        "LimitExceededException: Subscriber limit exceeded: Only 3 tables can be created, \
         updated, or deleted simultaneously"
    );
    assert_eq!(world.plane.statistics().peak_operations, 3);
    assert_eq!(world.plane.statistics().peak_indexed_operations, 1);
    world.pass(6 * SECOND);
    world.ok("CreateTable", named("T04"));
}

#[test]
fn the_account_has_so_many_tables() {
    let mut world = World::with(Simulation { max_tables: 1, ..Simulation::default() });
    world.ok("CreateTable", named("T01"));
    assert_eq!(
        world.refused("CreateTable", named("T02")),
        "LimitExceededException: Subscriber limit exceeded: There is a limit of 1 tables per \
         subscriber"
    );
}

#[test]
fn tag_operations_have_rates_of_their_own() {
    let mut world = World::new().with_table(json!({}));
    let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/T01";
    for _ in 0..10 {
        world.ok("ListTagsOfResource", json!({ "ResourceArn": arn }));
    }
    assert_eq!(
        world.refused("ListTagsOfResource", json!({ "ResourceArn": arn })),
        "ThrottlingException: Rate exceeded"
    );
}

#[test]
fn deletion_protection_cools_down_for_fifteen_seconds_and_says_until_when() {
    let mut world = World::new().with_table(json!({}));
    world.update(json!({ "DeletionProtectionEnabled": true }));
    world.pass(14_999);
    let refused = world.update_refused(json!({ "DeletionProtectionEnabled": false }));
    // The table is made at noon and changed an hour later.
    assert_eq!(
        refused,
        "ThrottlingException: Deletion protection setting for table T01 modified within the \
         previous 15000 milliseconds. Please try again after 2027-01-15T13:00:15.000Z"
    );
    assert_eq!(
        world.refused("DeleteTable", json!({ "TableName": "T01" })),
        "ValidationException: Resource cannot be deleted as it is currently protected against \
         deletion. Disable deletion protection first."
    );
    world.pass(1);
    world.update(json!({ "DeletionProtectionEnabled": false }));
    world.ok("DeleteTable", json!({ "TableName": "T01" }));
}

#[test]
fn encryption_is_changed_four_times_a_day_and_then_every_six_hours() {
    let mut world = World::new().with_table(json!({}));
    let key = |n: u32| {
        json!({ "SSESpecification": {
            "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": format!("key-{n}"),
        } })
    };
    for n in 0..4 {
        world.update(key(n));
        world.pass(MINUTE);
    }
    let refused = world.update_refused(key(4));
    assert!(
        refused.starts_with(
            "LimitExceededException: Subscriber limit exceeded: Encryption mode changes are \
             limited in the 24h window ending at 2027-01-15T13:04:00.000Z. After the first 4 change,"
        ),
        "{refused}"
    );
    assert!(
        refused.ends_with("Next changes can be made at 2027-01-15T19:03:00.000Z."),
        "{refused}"
    );
    world.pass(6 * 60 * MINUTE);
    world.update(key(4));
}

#[test]
fn the_class_is_changed_twice_in_thirty_days() {
    let mut world = World::new().with_table(json!({}));
    for class in ["STANDARD_INFREQUENT_ACCESS", "STANDARD"] {
        world.update(json!({ "TableClass": class }));
        world.pass(MINUTE);
    }
    assert_eq!(
        world.update_refused(json!({ "TableClass": "STANDARD_INFREQUENT_ACCESS" })),
        "LimitExceededException: Subscriber limit exceeded: Updates to TableClass are limited to \
         2 times in 30 day(s)."
    );
}

#[test]
fn capacity_is_decreased_four_times_a_day_and_then_every_hour() {
    let units = |units: u64| json!({ "ReadCapacityUnits": units, "WriteCapacityUnits": units });
    let settings = json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(50) });
    let mut world = World::new().with_table(settings);
    for n in 0..4 {
        world.update(json!({ "ProvisionedThroughput": units(40 - n) }));
        world.pass(MINUTE);
    }
    let refused = world.update_refused(json!({ "ProvisionedThroughput": units(1) }));
    assert!(
        refused.starts_with(
            "LimitExceededException: Subscriber limit exceeded: Provisioned throughput decreases \
             are limited within a given UTC day. After the first 4 decreases,"
        ),
        "{refused}"
    );
    assert!(refused.contains("Number of decreases today: 4."), "{refused}");
    world.update(json!({ "ProvisionedThroughput": units(60) }));
    world.pass(60 * MINUTE);
    world.update(json!({ "ProvisionedThroughput": units(1) }));
}

#[test]
fn capacity_and_indexes_have_a_ceiling() {
    let units = |units: u64| json!({ "ReadCapacityUnits": units, "WriteCapacityUnits": 5 });
    let settings = json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": units(5) });
    let mut world = World::new().with_table(settings);
    assert_eq!(
        world.update_refused(json!({ "ProvisionedThroughput": units(40_001) })),
        "LimitExceededException: The requested ReadCapacityUnits, 40001, is above the per table \
         maximum for the account in eu-west-1. Per table maximum: 40000"
    );
    assert_eq!(
        world.update_refused(json!({ "WarmThroughput": {} })),
        "InternalFailure: ",
        "the service answers so, every time"
    );
}
