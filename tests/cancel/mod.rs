//! The end of a run that somebody asks for: once, twice, three times, or by a kill.

mod killed;
mod left_over;
mod signals;
mod terminal;
mod undone;

use serde_json::Value;

use crate::harness::{self, Project};

/// A task with these steps, in the emulator, and a last step.
fn project(steps: &str) -> Project {
    let tasks = format!(
        "task t {{ {steps}\n finally {{ step shell \"echo last\" id=last; }}; }}\n\
         task quick {{ step shell \"true\"; }}"
    );
    Project::emulated("kids", &tasks)
}

/// The records of the oldest run, less one that is being written.
#[track_caller]
fn records(project: &Project) -> Vec<Value> {
    harness::records(&project.runs()[0])
}

/// The id of the oldest run, which every process of its commands was given.
#[track_caller]
fn run_id(records: &[Value]) -> String {
    let started = records.iter().find(|record| record["event"]["type"] == "run-started");
    started.unwrap()["event"]["runId"].as_str().unwrap().to_owned()
}

/// The results of steps: `id status`.
fn results(records: &[Value]) -> Vec<String> {
    let ended = records.iter().filter(|record| record["event"]["type"] == "step-finished");
    let told = ended.map(|record| {
        let event = &record["event"];
        format!("{} {}", event["step"].as_str().unwrap(), event["status"].as_str().unwrap())
    });
    told.collect()
}

/// The exit code in the last record.
#[track_caller]
fn last_code(records: &[Value]) -> Value {
    let last = &records.last().unwrap()["event"];
    assert_eq!(last["type"], "run-finished", "{last}");
    last["exitCode"].clone()
}
