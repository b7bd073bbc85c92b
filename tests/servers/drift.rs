//! Tables that somebody else made differently.

use serde_json::{Value, json};

use crate::harness::{Claim, DYNAMODB_LOCAL, Lack, MINISTACK, MOTO, Project, Server};

#[test]
fn verify_names_exactly_what_differs_on_ministack() {
    drift(&MINISTACK);
}

#[test]
fn verify_names_exactly_what_differs_on_dynamodb_local() {
    drift(&DYNAMODB_LOCAL);
}

#[test]
fn verify_names_exactly_what_differs_on_moto() {
    drift(&MOTO);
}

/// One table has another partition key, one has lost an index, one is not there.
fn drift(server: &'static Server) {
    let Some(claim) = server.claim("drift-") else { return };
    let project = Project::with_prefix("drift");
    let osem = |line: &str| project.osem(line).args(["--env", "dev", "--endpoint-url", &claim.url]);
    osem("setup").success();
    for table in ["Users", "Assessments", "ConfigVersions"] {
        claim.dynamo.call("DeleteTable", &json!({ "TableName": format!("drift-dev-{table}") }));
    }
    claim.dynamo.create("drift-dev-Users", "email");
    without_one_index(&claim);
    tag_all(server, &claim);

    let document = osem("verify").json(1);
    let summary = json!({
        "totalTables": 6, "tablesFound": 5, "tablesMissing": 1, "tablesWithIssues": 2,
    });
    assert_eq!(document["data"]["summary"], summary);
    let checks = document["data"]["checks"].as_array().unwrap();
    let failed = checks.iter().filter(|check| check["passed"] == false);
    let mut found: Vec<String> = failed.flat_map(issues).collect();
    found.sort();
    assert_eq!(
        found,
        [
            "drift-dev-Assessments ACTIVE MISSING_GSI",
            "drift-dev-ConfigVersions null TABLE_NOT_FOUND",
            "drift-dev-Users ACTIVE KEY_MISMATCH",
        ],
        "{document:#}"
    );
    let people = osem("verify").stdout("").status(1);
    for text in ["KEY_MISMATCH: ", "MISSING_GSI: ", "drift-dev-ConfigVersions is not there"] {
        assert_eq!(people.stderr().matches(text).count(), 1 + usize::from(text.contains("not")));
    }

    setup_leaves_them_as_they_are(&project, &claim);
    claim.dynamo.wipe("drift-");
}

fn issues(check: &Value) -> Vec<String> {
    let status = check["status"].as_str().unwrap_or("null");
    let name = check["tableName"].as_str().unwrap();
    let issue = |issue: &Value| {
        let keys = ["type", "message", "expected", "found"];
        assert!(keys.iter().all(|key| issue[key].is_string()), "{issue:#}");
        format!("{name} {status} {}", issue["type"].as_str().unwrap())
    };
    check["issues"].as_array().unwrap().iter().map(issue).collect()
}

/// What is not as declared fails, what is missing is created, and what is there stays.
fn setup_leaves_them_as_they_are(project: &Project, claim: &Claim) {
    let place = ["--env", "dev", "--endpoint-url", &claim.url];
    let document = project.osem("setup").args(place).json(2);
    assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED");
    let created = document["data"]["tablesCreated"].as_array().unwrap();
    let made: Vec<&Value> = created.iter().filter(|table| table["status"] == "created").collect();
    assert_eq!(made.len(), 1, "{document:#}");
    assert_eq!(made[0]["tableName"], "drift-dev-ConfigVersions");
    let users = claim.dynamo.call("DescribeTable", &json!({ "TableName": "drift-dev-Users" }));
    assert_eq!(users["Table"]["KeySchema"][0]["AttributeName"], "email");

    let refused = project.osem("delete-tables --confirm dev").args(place).status(1);
    refused.expect_stderr("drift-dev-Users has other keys than declared, so it is not deleted");
    assert_eq!(claim.dynamo.tables_of("drift-").len(), 6);
}

fn without_one_index(claim: &Claim) {
    claim.dynamo.call(
        "CreateTable",
        &json!({
            "TableName": "drift-dev-Assessments", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "assessmentId", "KeyType": "HASH" }],
            "AttributeDefinitions": [
                { "AttributeName": "assessmentId", "AttributeType": "S" },
                { "AttributeName": "teamMemberId", "AttributeType": "S" },
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "teamMemberId-index",
                "KeySchema": [{ "AttributeName": "teamMemberId", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            }],
        }),
    );
}

/// The declared tags, so that they are no difference of their own.
fn tag_all(server: &Server, claim: &Claim) {
    if server.lacks(Lack::Tags) {
        return;
    }
    for name in ["drift-dev-Users", "drift-dev-Assessments"] {
        let table = claim.dynamo.call("DescribeTable", &json!({ "TableName": name }));
        claim.dynamo.call(
            "TagResource",
            &json!({
                "ResourceArn": table["Table"]["TableArn"],
                "Tags": [
                    { "Key": "Environment", "Value": "dev" },
                    { "Key": "Application", "Value": "osem-ladders" },
                ],
            }),
        );
    }
}
