//! Runs that are killed wherever that is possible, and carried on with until they are done.
//!
//! Needs the feature `crash-hooks`, by which a process dies at a chosen record of its journal; without
//! it nothing here is compiled. `OSEM_TEST_KILLS=200` kills 200 times at random instants and at every
//! record, once before it is written, once in the middle of it and once after it; without it the
//! suite takes a sample.

mod edit;
mod forward;
mod undone;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{Dynamo, Project, Simulator, TABLES, records};

/// How many times in all a run may be taken up again: far more than any needs.
const AGAIN: usize = 12;

/// How many kills at random instants, and at every how many-th record.
fn kills() -> (usize, usize) {
    match std::env::var("OSEM_TEST_KILLS") {
        Ok(kills) => (kills.parse().unwrap(), 1),
        Err(_) => (8, 15),
    }
}

/// Carries out numbered work on a few threads; each gives how many kills it made.
fn each(count: usize, work: impl Fn(usize) -> usize + Sync) -> usize {
    let (next, made) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    made.fetch_add(work(number), Ordering::Relaxed);
                }
            });
        }
    });
    made.into_inner()
}

/// The ways to die at a record.
const WAYS: [&str; 3] = ["before", "torn", "after"];

/// What the application's tables are in environment `dev`, without what differs from one creation to
/// the next.
fn tables(dynamo: &Dynamo) -> BTreeMap<String, Value> {
    let described = |table: &&str| {
        let name = format!("osem-dev-{table}");
        let found = dynamo.try_call("DescribeTable", &json!({ "TableName": name })).ok()?;
        let mut found = found["Table"].clone();
        let arn = found["TableArn"].clone();
        let mut tags = tags(dynamo, &arn);
        tags.as_array_mut().unwrap().sort_by_key(Value::to_string);
        for field in ["TableId", "TableArn", "CreationDateTime", "BillingModeSummary"] {
            found.as_object_mut().unwrap().remove(field);
        }
        found["Tags"] = tags;
        Some((name, found))
    };
    TABLES.iter().filter_map(described).collect()
}

/// The tags of a table, for which the simulator takes ten calls a second.
fn tags(dynamo: &Dynamo, arn: &Value) -> Value {
    loop {
        match dynamo.try_call("ListTagsOfResource", &json!({ "ResourceArn": arn })) {
            Ok(answer) => break answer["Tags"].clone(),
            Err((400, text)) if text.contains("ThrottlingException") => {
                thread::sleep(Duration::from_millis(100));
            }
            Err(other) => panic!("ListTagsOfResource: {other:?}"),
        }
    }
}

/// The records of the newest run of a project.
fn records_of_last(project: &Project) -> Vec<Value> {
    records(project.runs().last().unwrap())
}

fn applied(simulator: &Simulator, operation: &str) -> u64 {
    simulator.statistics()["applied"][operation].as_u64().unwrap_or_default()
}
