//! `put-items`: items of files in tables, and the task that seeds the application's own.

mod check;
mod existing;
mod faults;
mod files;
mod left;
mod page;
mod resumed;
mod seed;
mod servers;
mod undone;

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::harness::{Dynamo, Project};

/// Two tables, and this step on the first of them.
fn text(step: &str) -> String {
    format!(
        "osem 1\n\
         project put {{ table-name \"put-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         environment dev {{ region us-east-1; allow-destroy; }}\n\
         environment prod {{ region us-east-1; account \"033333333333\"; protected; }}\n\
         table Users hash=userId {{ gsi by-state hash=state range=(N)at; }}\n\
         table Logs hash=userId range=(N)at\n\
         task setup {{ for-each table {{ step create-table; step wait-active {{ timeout \"10m\"; }}; }}; }}\n\
         task put {{ allow-in local dev; {step} }}\n\
         task guarded {{ step put-items table=Users file=\"users.jsonl\"; }}\n"
    )
}

/// A project with that step, and `users.jsonl`.
fn project(step: &str, users: impl AsRef<[u8]>) -> Project {
    Project::of(text(step)).file("users.jsonl", users)
}

/// The step of most tests.
const PUT: &str = "step put-items table=Users file=\"users.jsonl\";";

/// So many small items, one a line.
fn users(count: usize) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        writeln!(text, "{{\"userId\":\"u{n}\",\"name\":\"User {n}\",\"at\":{n}}}").unwrap();
        text
    })
}

/// All items of a table, sorted.
fn items(dynamo: &Dynamo, table: &str) -> Vec<Value> {
    let (mut items, mut from) = (Vec::new(), json!({ "TableName": table }));
    loop {
        let page = dynamo.call("Scan", &from);
        items.extend(page["Items"].as_array().unwrap().iter().cloned());
        if page["LastEvaluatedKey"].is_null() {
            break;
        }
        from["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
    }
    items.iter_mut().for_each(sort_sets);
    items.sort_by_key(ToString::to_string);
    items
}

/// A server tells a set in any order.
fn sort_sets(value: &mut Value) {
    for (name, value) in value.as_object_mut().into_iter().flatten() {
        match value.as_array_mut() {
            Some(set) if ["SS", "NS", "BS"].contains(&name.as_str()) => {
                set.sort_by_key(ToString::to_string);
            }
            _ => sort_sets(value),
        }
    }
}

/// What `--json` says about the only file.
fn put(document: &Value) -> (u64, u64, u64) {
    let entry = &document["data"]["itemsPut"][0];
    let count = |name: &str| entry[name].as_u64().unwrap();
    (count("items"), count("put"), count("alreadyThere"))
}
