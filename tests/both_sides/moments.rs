//! Issues that are no change of a setting: a table that is busy, and settings that may not be read.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};

/// The issues of each table, as lines.
#[track_caller]
fn issues(document: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for check in document["data"]["checks"].as_array().unwrap() {
        let table = check["tableName"].as_str().unwrap();
        for issue in check["issues"].as_array().unwrap() {
            let text = |member: &str| issue[member].as_str().unwrap();
            assert!(!text("remediation").is_empty(), "{issue:#}");
            let sides = format!("{}, not {}", text("expected"), text("found"));
            lines.push(format!("{table} {}: {}: {sides}", text("type"), text("message")));
        }
    }
    lines.sort();
    lines
}

fn project(tables: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project shop {{ table-name \"{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; }}\n\
         {tables}\n\
         task setup {{\n\
             for-each table {{\n\
                 step create-table\n\
                 step wait-active {{ timeout \"10m\"; }}\n\
                 step update-table {{ timeout \"30m\"; }}\n\
             }}\n\
         }}\n\
         task verify {{ for-each table {{ on-failure keep-going; step verify; }}; }}\n"
    ))
}

#[test]
fn a_table_or_an_index_that_the_service_is_busy_with_is_an_issue_and_no_other() {
    let simulator = Simulator::start("--time-scale 4000");
    let osem = |project: &Project, line: &str, simulator: &Simulator| {
        project.osem(line).args(["--strict", "--endpoint-url", &simulator.url])
    };
    let before = project("table busy hash=id\ntable growing hash=id\ntable quiet hash=id");
    osem(&before, "setup", &simulator).success();

    // From here on a change lasts five times as long as on the service.
    let simulator = simulator.killed("--time-scale 0.2");
    let dynamo = simulator.dynamo();
    let index = json!({
        "IndexName": "by-team", "KeySchema": [{ "AttributeName": "team", "KeyType": "HASH" }],
        "Projection": { "ProjectionType": "ALL" },
    });
    dynamo.call(
        "UpdateTable",
        &json!({
            "TableName": "growing",
            "AttributeDefinitions": [{ "AttributeName": "team", "AttributeType": "S" }],
            "GlobalSecondaryIndexUpdates": [{ "Create": index }],
        }),
    );
    simulator.advance("5m");
    let stream = json!({ "StreamEnabled": true, "StreamViewType": "NEW_IMAGE" });
    dynamo.call("UpdateTable", &json!({ "TableName": "busy", "StreamSpecification": stream }));

    let after = project(
        "table busy hash=id\ntable growing hash=id { gsi by-team hash=team; }\ntable quiet hash=id",
    );
    assert_eq!(
        issues(&osem(&after, "verify", &simulator).json(1)),
        [
            "busy TABLE_NOT_ACTIVE: the table is not ready: ACTIVE, not UPDATING",
            "growing GSI_MISMATCH: index by-team is not ready: ACTIVE, not CREATING",
        ]
    );
    simulator.advance("1h");
    assert_eq!(issues(&osem(&after, "verify", &simulator).json(0)), Vec::<String>::new());
}

/// What each table declares, and the read that is denied of it alone.
const DENIED: [(&str, &str, &str); 7] = [
    ("ttl", "ttl expiresAt", "DescribeTimeToLive"),
    ("point-in-time-recovery", "point-in-time-recovery", "DescribeContinuousBackups"),
    ("contributor-insights", "contributor-insights", "DescribeContributorInsights"),
    (
        "gsi by-team contributor-insights",
        "gsi by-team hash=team { contributor-insights; }",
        "DescribeContributorInsights",
    ),
    (
        "kinesis-stream",
        "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"",
        "DescribeKinesisStreamingDestination",
    ),
    ("resource-policy", "resource-policy file=\"one.json\"", "GetResourcePolicy"),
    ("tags", "tag Owner one", "ListTagsOfResource"),
];

#[test]
fn a_setting_that_may_not_be_read_is_unchecked_and_the_others_are_checked() {
    let policy = "{ \"Version\": \"2012-10-17\", \"Statement\": [] }";
    let mut tables = String::from("table read hash=id { ttl expiresAt; tag Owner one; }\n");
    let mut faults = Vec::new();
    for (number, (_, declared, read)) in DENIED.iter().enumerate() {
        // All of them but one are read everywhere.
        let ttl = if declared.starts_with("ttl") { "" } else { "ttl expiresAt;" };
        let table = format!("denied-{number} hash=id {{ {ttl} {declared}; stream new-image; }}");
        let _ = writeln!(tables, "table {table}");
        faults.push(format!("deny on={read} table=\"denied-{number}\""));
    }
    let project = project(&tables).file("one.json", policy);
    let rehearse = |line: &str, faults: &[String]| {
        let quick = ["--rehearse", "--time-scale", "4000", "--mutation-rate", "1000 burst=1000"];
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        project.osem(line).args(quick).args(faults).patience(Duration::from_mins(2))
    };
    rehearse("setup", &[]).success();
    assert_eq!(issues(&rehearse("verify", &[]).json(0)), Vec::<String>::new());

    let document = rehearse("verify", &faults).json(1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED", "{document:#}");
    let found = issues(&document);
    assert_eq!(found.len(), DENIED.len(), "{found:#?}");
    for (number, (what, _, read)) in DENIED.iter().enumerate() {
        let wanted = format!(
            "denied-{number} UNCHECKED: {what} could not be read: {what} as declared, not "
        );
        assert!(found[number].starts_with(&wanted), "{found:#?}\n{wanted}");
        assert!(found[number].contains(&format!("dynamodb:{read}")), "{found:#?}");
    }

    // What differs beside it is found all the same.
    let edited =
        project.edit("{  ttl expiresAt; stream new-image; }", "{ ttl expiresAt; stream #false; }");
    let quick = ["--rehearse", "--time-scale", "4000"];
    let verify = edited.osem("verify").args(quick).args(["--fault", &faults[0]]);
    let document = verify.json(1);
    assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED", "{document:#}");
    let types: Vec<_> = issues(&document);
    assert_eq!(types.len(), 2, "{types:#?}");
    assert_eq!(types[0], "denied-0 STREAM: stream differs: off, not NEW_IMAGE");
    assert!(types[1].starts_with("denied-0 UNCHECKED: ttl could not be read"), "{types:#?}");
}
