//! The same on servers that others wrote.

use serde_json::json;

use super::{items, text};
use crate::harness::{DYNAMODB_LOCAL, MINISTACK, Project, Server};

#[test]
fn ministack_gets_the_items() {
    filled(&MINISTACK);
}

#[test]
fn dynamodb_local_gets_the_items() {
    filled(&DYNAMODB_LOCAL);
}

fn filled(server: &'static Server) {
    let Some(claim) = server.claim("put-") else { return };
    let first = json!({
        "userId": { "S": "u0" }, "roles": { "SS": ["a", "b"] }, "n": { "N": "-1.5" },
        "l": { "L": [{ "BOOL": true }, { "NULL": true }] }, "m": { "M": { "k": { "B": "AP8=" } } },
    });
    let lines: Vec<String> = (1..60)
        .map(|n| json!({ "userId": { "S": format!("u{n}") }, "name": { "S": "x" } }).to_string())
        .collect();
    let file = format!("{first}\n{}\n", lines.join("\n"));
    let step = "step put-items table=Users file=\"users.jsonl\" format=dynamodb;";
    let over = "task over { allow-in dev; step put-items table=Users file=\"users.jsonl\" \
                format=dynamodb on-existing=overwrite; }";
    let project = Project::of(text(step) + over).file("users.jsonl", file);
    let osem = |line: &str| project.osem(line).args(["--env", "dev", "--endpoint-url", &claim.url]);
    osem("setup").success();
    let changed = json!({ "userId": { "S": "u7" }, "name": { "S": "Somebody" } });
    claim.dynamo.call("PutItem", &json!({ "TableName": "put-dev-Users", "Item": changed }));
    assert_eq!(super::put(&osem("run put").json(0)), (60, 59, 1));
    let found = items(&claim.dynamo, "put-dev-Users");
    assert_eq!(found.len(), 60);
    assert!(found.contains(&first), "{found:?}");
    assert!(found.contains(&changed), "it is left as it is");
    assert_eq!(super::put(&osem("run put").json(0)), (60, 0, 60));
    assert_eq!(super::put(&osem("run over --confirm dev").json(0)), (60, 60, 0));
    let found = items(&claim.dynamo, "put-dev-Users");
    assert!(found.len() == 60 && !found.contains(&changed), "it is replaced");
}
