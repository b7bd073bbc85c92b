//! Vector indexes on servers of others: ministack has them, the others must not fail for them.

use serde_json::{Value, json};

use crate::harness::{Claim, DYNALITE, DYNAMODB_LOCAL, MINISTACK, MOTO, Project, Run, Server};

const NEAR: &str = "vector-index near attribute=embedding dimensions=3 distance=euclidean {\n\
                        hash tenant; filter word (N)price\n\
                    }";

fn project(table: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project vectors {{ table-name \"vectors-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Plain hash=id {{ vector-index only attribute=embedding dimensions=3; }}\n\
         table Docs hash=id {{\n{table}\n}}\n\
         task setup {{\n\
             for-each table {{ step create-table; step wait-active; step update-table; step verify; }}\n\
         }}\n"
    ))
}

fn osem(project: &Project, line: &str, claim: &Claim) -> Run {
    project.osem(line).args(["--endpoint-url", &claim.url])
}

fn live(claim: &Claim) -> Value {
    let table = claim.dynamo.call("DescribeTable", &json!({ "TableName": "vectors-Docs" }));
    table["Table"]["VectorIndexes"].clone()
}

#[test]
fn ministack_creates_adds_and_deletes_them() {
    let Some(claim) = MINISTACK.claim("vectors-") else { return };
    let bare = project("gsi by-team hash=team");
    osem(&bare, "setup --strict", &claim).success();
    let wider = project(&format!("gsi by-team hash=team\n{NEAR}"));
    osem(&wider, "setup --strict", &claim).success();
    let index = live(&claim)[0].clone();
    let expected = [
        ("IndexName", json!("near")),
        ("VectorAttribute", json!({ "AttributeName": "embedding" })),
        ("Dimensions", json!(3)),
        ("DistanceFunction", json!("EUCLIDEAN")),
        ("IndexStatus", json!("ACTIVE")),
    ];
    for (member, value) in expected {
        assert_eq!(index[member], value, "{index:#}");
    }
    assert_eq!(index["SearchSchema"].as_array().map(Vec::len), Some(3), "{index:#}");
    let again = osem(&wider, "plan", &claim).json(0);
    assert_eq!(again["data"]["changes"], json!([]), "{again:#}");

    let line = "setup --strict --prune Docs/near --confirm dev";
    osem(&bare, line, &claim).success();
    assert!(live(&claim).as_array().is_none_or(Vec::is_empty), "{:#}", live(&claim));
    let inline = project(&format!("{NEAR}\nbilling pay-per-request"));
    claim.dynamo.wipe("vectors-");
    osem(&inline, "setup --strict", &claim).success();
    claim.dynamo.wipe("vectors-");
}

#[test]
fn they_are_left_out_on_dynamodb_local() {
    left_out(&DYNAMODB_LOCAL);
}

#[test]
fn they_are_left_out_on_dynalite() {
    left_out(&DYNALITE);
}

#[test]
fn they_are_left_out_on_moto() {
    left_out(&MOTO);
}

fn left_out(server: &'static Server) {
    let Some(claim) = server.claim("vectors-") else { return };
    let declared = project(NEAR);
    // On the second run the tables are there.
    for _ in 0..2 {
        let outcome = osem(&declared, "setup", &claim).success();
        for index in ["near", "only"] {
            outcome.expect_stderr(&format!("vector-index {index} left out: not supported by"));
        }
    }
    assert_eq!(live(&claim), Value::Null);
    // First `update-table` is told so, then whichever step meets it first on new tables.
    for _ in 0..2 {
        let outcome = osem(&declared, "setup --strict", &claim).args(["--json"]).output();
        assert!(matches!(outcome.code(), Some(1 | 2)), "{outcome}");
        assert_eq!(outcome.json()["error"]["code"], "UNSUPPORTED_BY_ENDPOINT", "{outcome}");
        claim.dynamo.wipe("vectors-");
    }
}
