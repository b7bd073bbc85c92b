//! Runs that go on where another one stopped, and runs of some steps only.

mod cause;
mod damaged;
mod endpoint;
mod gone;
mod killed;
mod order;
mod pinned;
mod renewed;
mod selection;
mod which;

use serde_json::Value;

use crate::harness::{Outcome, Project, Run, Simulator, TABLES};

/// `osem` with these words against a simulator.
fn at(project: &Project, simulator: &Simulator, line: &str) -> Run {
    project.osem(line).args(["--endpoint-url", &simulator.url])
}

/// Runs it to its end with this code; the steps that started, sorted, by its events.
#[track_caller]
fn ran(run: Run, code: i32) -> (Vec<String>, Outcome) {
    let outcome = run.args(["--events", "-"]).status(code);
    let mut steps: Vec<String> = outcome
        .raw_stdout
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["event"].take())
        .filter(|event| event["type"] == "step-started")
        .map(|event| event["step"].as_str().unwrap().to_owned())
        .collect();
    steps.sort();
    (steps, outcome)
}

/// The steps of a table's chain in `setup`, sorted.
const CHAIN: [&str; 5] = ["create-table", "tag", "update-table", "verify", "wait-active"];

/// How many steps `setup` has: the credentials, and the chains of all tables.
const STEPS: usize = 1 + TABLES.len() * CHAIN.len();

/// The steps of one table in `setup`, sorted.
fn chain(table: &str) -> Vec<String> {
    CHAIN.map(|step| format!("{step}[{table}]")).into()
}

/// A simulator that refuses to create `Teams` once.
fn refuses_teams_once() -> Simulator {
    let fault = "deny on=CreateTable table=\"*-Teams\" count=1";
    Simulator::with_faults("--time-scale 100", &[fault])
}

/// The ids of the runs of a project, oldest first.
fn runs(project: &Project) -> Vec<String> {
    let name = |path: std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    project.runs().into_iter().map(name).collect()
}

/// The outcome of `osem runs list` for each run, oldest first.
fn listed(project: &Project) -> Vec<Value> {
    let document = project.osem("runs").json(0);
    document["data"]["runs"].as_array().unwrap().iter().rev().cloned().collect()
}
