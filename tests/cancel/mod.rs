//! The end of a run that somebody asks for: once, twice, three times, or by a kill.

mod killed;
mod left_over;
mod signals;
mod terminal;
mod undone;

use std::fs;

use serde_json::Value;

use crate::harness::Project;

/// A task with these steps, in the emulator, and a last step.
fn project(steps: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project kids {{ table-name \"kids-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         table Users hash=userId\n\
         task t {{ {steps}\n finally {{ step shell \"echo last\" id=last; }}; }}\n\
         task quick {{ step shell \"true\"; }}"
    ))
}

/// The records of the oldest run, less one that is being written.
#[track_caller]
fn records(project: &Project) -> Vec<Value> {
    let runs = fs::read_dir(project.path().join(".osem/runs")).unwrap();
    let mut runs: Vec<_> = runs.map(|entry| entry.unwrap().path()).collect();
    runs.retain(|path| path.is_dir());
    runs.sort();
    let text = fs::read_to_string(runs[0].join("events.ndjson")).unwrap();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str(line).unwrap()).collect()
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
