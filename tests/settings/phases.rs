//! Changes that take two calls, with time between them in which a run may end.

use serde_json::json;

use crate::harness::Simulator;

use super::{ORDERS, issues, osem, planned, project, setup};

#[test]
fn another_attribute_of_time_to_live_takes_two_runs_with_a_cooldown_between() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", "ttl expiresAt"), &simulator, 0);
    simulator.advance("1h");
    let renamed = project("hash=id", "ttl deletedAt");
    assert_eq!(planned(&renamed, &simulator), ["UpdateTimeToLive ttl", "UpdateTimeToLive ttl"]);
    let document = setup(&renamed, &simulator, 2);
    let error = document["error"].to_string();
    assert!(error.contains("TABLE_LIMIT_EXCEEDED") && error.contains("hour"), "{error}");
    assert_eq!(issues(&renamed, &simulator, 1), ["TIME_TO_LIVE"]);
    assert_eq!(planned(&renamed, &simulator), ["UpdateTimeToLive ttl"], "the second phase is left");

    simulator.advance("1h");
    setup(&renamed, &simulator, 0);
    let live = simulator.dynamo().call("DescribeTimeToLive", &json!({ "TableName": ORDERS }));
    assert_eq!(live["TimeToLiveDescription"]["AttributeName"], "deletedAt");
    assert_eq!(planned(&renamed, &simulator), Vec::<String>::new());
}

#[test]
fn another_view_of_a_stream_is_another_stream_and_the_plan_says_so() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", "stream new-image"), &simulator, 0);
    let arn = || {
        let table = simulator.dynamo().call("DescribeTable", &json!({ "TableName": ORDERS }));
        table["Table"]["LatestStreamArn"].as_str().unwrap().to_owned()
    };
    let before = arn();
    let other = project("hash=id", "stream keys-only");
    let plan = osem(&other, "plan", &simulator).success().stdout();
    insta::assert_snapshot!(plan.lines().skip(1).collect::<Vec<_>>().join("\n"), @"
      ~ shop-dev-Orders: UpdateTable (stream differs; lossy: the records stay readable under the old ARN for 24 hours)
          stream: NEW_IMAGE -> off
          meanwhile or from then on: consumers of the stream get no records
      ~ shop-dev-Orders: UpdateTable (stream differs; reversible)
          stream: off -> KEYS_ONLY
          meanwhile or from then on: the stream gets a new ARN: consumers must be pointed to it
    Cannot be taken back, or not at once:
      shop-dev-Orders: UpdateTable stream: lossy: the records stay readable under the old ARN for 24 hours
    Not looked for where the file does not name it: contributor-insights, kinesis-stream, point-in-time-recovery, resource-policy, ttl. Where no file declares the table, osem import shows it.
    2 UpdateTable for 1 table
    how long it takes is not known: update-table[Orders]
    asks first: yes or no (--yes)
    ");
    setup(&other, &simulator, 0);
    assert_ne!(arn(), before);
    assert_eq!(planned(&other, &simulator), Vec::<String>::new());
}

#[test]
fn a_stream_that_was_only_disabled_when_the_run_was_killed_is_enabled_by_the_next() {
    let simulator = Simulator::start("--time-scale 500");
    setup(&project("hash=id", "stream new-image"), &simulator, 0);
    let off = json!({
        "TableName": ORDERS, "StreamSpecification": { "StreamEnabled": false },
    });
    simulator.dynamo().call("UpdateTable", &off);
    let other = project("hash=id", "stream keys-only");
    setup(&other, &simulator, 0);
    assert_eq!(issues(&other, &simulator, 0), Vec::<String>::new());
}

#[test]
fn what_is_not_declared_is_left_alone() {
    let simulator = Simulator::start("--time-scale 500");
    let full = "stream new-image\nttl expiresAt\npoint-in-time-recovery days=7\n\
                deletion-protection\nencryption aws-managed";
    setup(&project("hash=id", full), &simulator, 0);
    let bare = project("hash=id", "");
    assert_eq!(planned(&bare, &simulator), Vec::<String>::new());
    setup(&bare, &simulator, 0);
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], serde_json::Value::Null);
    assert_eq!(issues(&project("hash=id", full), &simulator, 0), Vec::<String>::new());
}
