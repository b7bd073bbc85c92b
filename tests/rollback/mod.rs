//! What is undone, what is left alone, and what the end of a run says about it.

mod commands;
mod concurrent;
mod place;
mod races;
mod scopes;
mod signals;
mod steps;
mod steps_killed;
mod steps_refused;
mod told;

use serde_json::{Value, json};

use crate::harness::{Dynamo, Project, Run, Simulator, TABLES, full_names};

/// States end soon, and nothing is throttled.
const FLAGS: &str = "--time-scale 200 --mutation-rate 1000";

/// The application, with the whole of `setup` as the scope of its rollback.
fn whole() -> Project {
    let project = Project::new();
    let tasks = std::fs::read_to_string(project.path().join("tasks/tables.kdl")).unwrap();
    let chain = "        on-failure rollback ";
    assert!(tasks.contains(chain), "the scope of a rollback is one chain there");
    let tasks = tasks.replace(chain, "        // each chain alone: ");
    let tasks = tasks.replacen("task setup {", "task setup {\n    on-failure rollback", 1);
    project.file("tasks/tables.kdl", tasks)
}

fn simulator(faults: &[&str]) -> Simulator {
    Simulator::with_faults(FLAGS, faults)
}

/// A command of environment `dev` on a simulator.
fn on(project: &Project, simulator: &Simulator, line: &str) -> Run {
    project.osem(line).args(["--env", "dev", "--endpoint-url", &simulator.url])
}

fn setup(project: &Project, simulator: &Simulator) -> Run {
    on(project, simulator, "setup")
}

/// All tables of the application but this one.
fn all_but(table: &str) -> Vec<String> {
    let mut names = full_names("dev");
    names.retain(|name| *name != format!("osem-dev-{table}"));
    names
}

/// What was undone: step, status.
fn undone(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let entries = document["data"]["rollback"].as_array().cloned().unwrap_or_default();
    entries.iter().map(|entry| (text(&entry["step"]), text(&entry["status"]))).collect()
}

/// The entry of one step.
#[track_caller]
fn entry<'d>(document: &'d Value, step: &str) -> &'d Value {
    let entries = document["data"]["rollback"].as_array();
    let found = entries.into_iter().flatten().find(|entry| entry["step"] == step);
    found.unwrap_or_else(|| panic!("no {step} in\n{document:#}"))
}

fn table_id(dynamo: &Dynamo, table: &str) -> Option<String> {
    let name = json!({ "TableName": format!("osem-dev-{table}") });
    let found = dynamo.try_call("DescribeTable", &name).ok()?;
    found["Table"]["TableId"].as_str().map(str::to_owned)
}

fn table_ids(dynamo: &Dynamo) -> Vec<Option<String>> {
    TABLES.iter().map(|table| table_id(dynamo, table)).collect()
}
