//! Settings beside the description: tags, time to live, backups, policies, insights, Kinesis.

use serde_json::{Value, json};

use super::{MINUTE, SECOND, World, add_index, table};

const ARN: &str = "arn:aws:dynamodb:eu-west-1:000000000000:table/T01";

fn tags(world: &mut World) -> Value {
    world.ok("ListTagsOfResource", json!({ "ResourceArn": ARN }))["Tags"].take()
}

#[test]
fn tags_are_seen_after_a_while_and_lock_the_table_until_then() {
    let tag = |value: &str| json!([{ "Key": "Stage", "Value": value }]);
    let mut world = World::new().with_table(json!({ "Tags": tag("dev") }));
    let write = |value| json!({ "ResourceArn": ARN, "Tags": tag(value) });
    world.ok("TagResource", write("prod"));
    assert_eq!(tags(&mut world), tag("dev"));
    assert_eq!(
        world.refused("UntagResource", json!({ "ResourceArn": ARN, "TagKeys": ["Stage"] })),
        "LimitExceededException: Subscriber limit exceeded: Table tags are being updated: T01"
    );
    assert_eq!(
        world.refused("DeleteTable", json!({ "TableName": "T01" })),
        "ResourceInUseException: Attempt to change a resource which is still in use: Table tags \
         are being updated: T01"
    );
    world.pass(3 * SECOND);
    assert_eq!(tags(&mut world), tag("prod"));
    world.ok("DeleteTable", json!({ "TableName": "T01" }));
}

#[test]
fn a_table_that_is_being_made_has_no_tags_yet() {
    let mut world = World::new();
    world.ok("CreateTable", table(json!({})));
    assert_eq!(
        world.refused("ListTagsOfResource", json!({ "ResourceArn": ARN })),
        format!(
            "ResourceNotFoundException: Requested resource not found: ResourceArn: {ARN} not found"
        )
    );
}

#[test]
fn time_to_live_changes_once_in_half_an_hour() {
    let ttl = |attribute: &str, enabled: bool| {
        let specification = json!({ "AttributeName": attribute, "Enabled": enabled });
        json!({ "TableName": "T01", "TimeToLiveSpecification": specification })
    };
    let mut world = World::new();
    world.ok("CreateTable", table(json!({})));
    assert_eq!(
        world.refused("DescribeTimeToLive", json!({ "TableName": "T01" })),
        "ValidationException: Cannot describe time to live while table is in CREATING state"
    );
    assert_eq!(
        world.refused("UpdateTimeToLive", ttl("expires", true)),
        "ResourceInUseException: Attempt to change a resource which is still in use: Table T01 is \
         being created"
    );
    world.pass(6 * SECOND);
    world.ok("UpdateTimeToLive", ttl("expires", true));
    assert_eq!(
        world.refused("UpdateTimeToLive", ttl("expires", true)),
        "ValidationException: TimeToLive is already enabled"
    );
    assert_eq!(
        world.refused("UpdateTimeToLive", ttl("expires", false)),
        "ValidationException: Time to live has been modified multiple times within a fixed interval"
    );
    world.pass(31 * MINUTE);
    world.ok("UpdateTimeToLive", ttl("expires", false));
    let shown = world.ok("DescribeTimeToLive", json!({ "TableName": "T01" }));
    assert_eq!(shown["TimeToLiveDescription"], json!({ "TimeToLiveStatus": "DISABLED" }));
}

#[test]
fn backups_can_be_configured_a_moment_after_the_table_is_active() {
    let recovery = |enabled: bool, days: u64| {
        let specification =
            json!({ "PointInTimeRecoveryEnabled": enabled, "RecoveryPeriodInDays": days });
        json!({ "TableName": "T01", "PointInTimeRecoverySpecification": specification })
    };
    let mut world = World::new();
    world.ok("CreateTable", table(json!({})));
    assert_eq!(
        world.refused("UpdateContinuousBackups", recovery(true, 7)),
        "TableNotFoundException: Table not found: T01"
    );
    while world.status() != "ACTIVE" {
        world.pass(10);
    }
    assert_eq!(
        world.refused("UpdateContinuousBackups", recovery(true, 7)),
        "ContinuousBackupsUnavailableException: Backups are being enabled for the table: T01. \
         Please retry later"
    );
    world.pass(2_700);
    world.ok("UpdateContinuousBackups", recovery(true, 7));
    let shown = world.ok("DescribeContinuousBackups", json!({ "TableName": "T01" }));
    let shown = &shown["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"];
    assert_eq!(shown["PointInTimeRecoveryStatus"], "ENABLED");
    assert_eq!(shown["RecoveryPeriodInDays"], 7);
    assert!(world.refused("UpdateContinuousBackups", recovery(true, 36)).contains("'36'"));
}

#[test]
fn backups_outlive_their_table_and_the_process() {
    let mut world = World::new().with_table(json!({}));
    let recovery = json!({ "PointInTimeRecoveryEnabled": true });
    let recovery = json!({ "TableName": "T01", "PointInTimeRecoverySpecification": recovery });
    world.ok("UpdateContinuousBackups", recovery);
    assert!(
        world
            .refused("CreateBackup", json!({ "TableName": "T01", "BackupName": "b!" }))
            .starts_with("ValidationException: ")
    );
    let first = json!({ "TableName": "T01", "BackupName": "first" });
    let made = world.ok("CreateBackup", first.clone())["BackupDetails"].take();
    assert_eq!(made["BackupStatus"], "CREATING");
    let arn = json!({ "BackupArn": made["BackupArn"] });
    let again = world.ok("CreateBackup", first)["BackupDetails"]["BackupArn"].take();
    assert_ne!(made["BackupArn"], again, "names need not be unique");
    world.pass(5 * SECOND);
    let shown = world.ok("DescribeBackup", arn.clone())["BackupDescription"].take();
    assert_eq!(shown["BackupDetails"]["BackupStatus"], "AVAILABLE");
    assert_eq!(shown["SourceTableDetails"]["TableName"], "T01");
    world.ok("DeleteTable", json!({ "TableName": "T01" }));
    world.pass(6 * SECOND);
    let rows = world.plane.take_rows();
    let mut world = world.restarted(rows);
    let listed = |world: &mut World, kind: &str| {
        let listed = world.ok("ListBackups", json!({ "BackupType": kind }));
        listed["BackupSummaries"].as_array().unwrap().clone()
    };
    assert_eq!(listed(&mut world, "USER").len(), 2);
    let system = listed(&mut world, "SYSTEM");
    assert_eq!(system[0]["BackupName"], "T01$DeletedTableBackup");
    let system = json!({ "BackupArn": system[0]["BackupArn"] });
    assert!(world.refused("DeleteBackup", system).starts_with("ValidationException: "));
    world.ok("DeleteBackup", arn.clone());
    assert!(world.refused("DescribeBackup", arn).starts_with("BackupNotFoundException: "));
    world.pass(35 * 24 * 60 * MINUTE);
    assert_eq!(listed(&mut world, "ALL").len(), 1, "the service takes its own away");
}

#[test]
fn a_policy_is_read_after_a_while_and_cools_down() {
    let mut world = World::new().with_table(json!({}));
    let put = |text: &str| json!({ "ResourceArn": ARN, "Policy": text });
    let get = json!({ "ResourceArn": ARN });
    world.ok("PutResourcePolicy", put(r#"{"Version":"2012-10-17"}"#));
    assert!(world.refused("GetResourcePolicy", get.clone()).starts_with("PolicyNotFoundException"));
    assert_eq!(
        world.refused("DeleteTable", json!({ "TableName": "T01" })),
        "ResourceInUseException: Attempt to change a resource which is still in use: Table is \
         pending previous resource-based policy update: T01"
    );
    assert_eq!(
        world.refused("DeleteResourcePolicy", get.clone()),
        "ThrottlingException: Resource-based policy for table T01 modified within the previous \
         15000 milliseconds. Please try again after 2027-01-15T13:00:15.000Z."
    );
    world.pass(15 * SECOND);
    assert_eq!(world.ok("GetResourcePolicy", get.clone())["Policy"], r#"{"Version":"2012-10-17"}"#);
    world.ok("PutResourcePolicy", put("{}"));
    assert_eq!(
        world.update_refused(json!({ "TableClass": "STANDARD_INFREQUENT_ACCESS" })),
        "ResourceInUseException: Attempt to change a resource which is still in use: Table: T01 \
         has a pending resource-based policy update."
    );
    world.pass(15 * SECOND);
    assert_eq!(world.ok("GetResourcePolicy", get.clone())["Policy"], r#"{"Version":"2008-10-17"}"#);
    world.ok("DeleteResourcePolicy", get.clone());
    world.pass(3 * SECOND);
    assert!(world.refused("GetResourcePolicy", get).starts_with("PolicyNotFoundException"));
}

#[test]
fn insights_are_switched_by_table_and_by_index() {
    let mut world = World::new().with_table(json!({}));
    world.update(add_index("one"));
    world.pass(MINUTE);
    let update = |index: &str| json!({ "TableName": "T01", "IndexName": index, "ContributorInsightsAction": "ENABLE" });
    assert!(
        world
            .refused("UpdateContributorInsights", update("one"))
            .starts_with("ValidationException: Table or Index is not in a valid state to update")
    );
    world.pass(10 * MINUTE);
    let answer = world.ok("UpdateContributorInsights", update("one"));
    assert_eq!(answer["ContributorInsightsStatus"], "ENABLING");
    world.pass(16 * SECOND);
    let describe = json!({ "TableName": "T01", "IndexName": "one" });
    let shown = world.ok("DescribeContributorInsights", describe);
    assert_eq!(shown["ContributorInsightsStatus"], "ENABLED");
    let shown = world.ok("DescribeContributorInsights", json!({ "TableName": "T01" }));
    assert_eq!(shown["ContributorInsightsStatus"], "DISABLED");
}

#[test]
fn a_kinesis_destination_is_enabled_updated_and_disabled() {
    let mut world = World::new().with_table(json!({}));
    let stream = "arn:aws:kinesis:eu-west-1:000000000000:stream/changes";
    let body = json!({ "TableName": "T01", "StreamArn": stream });
    let status = |world: &mut World| {
        let shown = world.ok("DescribeKinesisStreamingDestination", json!({ "TableName": "T01" }));
        shown["KinesisDataStreamDestinations"][0]["DestinationStatus"].clone()
    };
    world.ok("EnableKinesisStreamingDestination", body.clone());
    assert_eq!(status(&mut world), "ENABLING");
    assert!(
        world
            .refused("EnableKinesisStreamingDestination", body.clone())
            .starts_with("ValidationException: Table is not in a valid state to enable Kinesis")
    );
    world.pass(7 * SECOND);
    assert_eq!(status(&mut world), "ACTIVE");
    world.ok("DisableKinesisStreamingDestination", body);
    world.pass(7 * SECOND);
    assert_eq!(status(&mut world), "DISABLED");
}
