//! `interactive`: a step that takes the terminal, alone.

mod alone;
mod ends;
mod refused;
mod typed;

use std::fs;

use serde_json::Value;

use crate::harness::Project;

/// Tasks of a project with two tables, in the emulator.
fn project(tasks: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project talks {{ table-name \"talks-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         table Users hash=userId\n\
         table Teams hash=teamId\n\
         {tasks}"
    ))
}

/// A task with these steps, and a last one in `finally`.
fn task(steps: &str) -> Project {
    project(&format!("task t {{ {steps}\n finally {{ step shell \"echo last\" id=last; }}; }}"))
}

/// The events of the only run.
fn events(project: &Project) -> Vec<Value> {
    let runs = fs::read_dir(project.path().join(".osem/runs")).unwrap();
    let mut runs: Vec<_> = runs.map(|entry| entry.unwrap().path()).collect();
    runs.retain(|path| path.is_dir());
    assert_eq!(runs.len(), 1, "one run");
    let text = fs::read_to_string(runs[0].join("events.ndjson")).unwrap();
    let whole = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    whole.map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].clone()).collect()
}

/// How steps began and ended, in that order: `+id`, `-id status`.
fn course(project: &Project) -> Vec<String> {
    let told = events(project).into_iter().filter_map(|event| {
        let step = event["step"].as_str()?;
        match event["type"].as_str()? {
            "step-started" => Some(format!("+{step}")),
            "step-finished" => Some(format!("-{step} {}", event["status"].as_str()?)),
            "terminal-lent" => Some(format!("terminal {step}")),
            "terminal-returned" => Some(format!("terminal back {step}")),
            _ => None,
        }
    });
    told.collect()
}
