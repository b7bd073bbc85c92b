//! `interactive`: a step that takes the terminal, alone.

mod alone;
mod ends;
mod refused;
mod typed;

use serde_json::Value;

use crate::harness::{Project, records};

/// Tasks of a project with two tables, in the emulator.
fn project(tasks: &str) -> Project {
    Project::emulated("talks", &format!("table Teams hash=teamId\n{tasks}"))
}

/// A task with these steps, and a last one in `finally`.
fn task(steps: &str) -> Project {
    project(&format!("task t {{ {steps}\n finally {{ step shell \"echo last\" id=last; }}; }}"))
}

/// The events of the only run.
fn events(project: &Project) -> Vec<Value> {
    let runs = project.runs();
    assert_eq!(runs.len(), 1, "one run");
    records(&runs[0]).into_iter().map(|mut record| record["event"].take()).collect()
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
