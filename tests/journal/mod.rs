//! What a run leaves behind, and `osem runs`.

mod events;
mod history;
mod killed;
mod lock;
mod lost;

use std::path::PathBuf;

use serde_json::Value;

use crate::harness::{self, Project};

/// The folders of the runs of a project, oldest first.
fn runs(project: &Project) -> Vec<PathBuf> {
    project.runs()
}

/// The records of the newest run of a project, less one that is being written.
#[track_caller]
fn records(project: &Project) -> Vec<Value> {
    harness::records(&runs(project).pop().unwrap())
}

#[track_caller]
fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// `type`, or `type operation resource` of what is about a call.
fn shown(records: &[Value]) -> Vec<String> {
    let text = |record: &Value, key: &str| record["event"][key].as_str().unwrap_or("").to_owned();
    let line = |record| {
        let words = ["type", "operation", "resource", "outcome"].map(|key| text(record, key));
        words.join(" ").trim_end().to_owned()
    };
    records.iter().map(line).collect()
}
