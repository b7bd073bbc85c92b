//! `update-table`: settings of tables, planned, carried out and verified.

mod adopted;
pub(crate) mod edit;
mod guards;
mod indexes;
mod matrix;
mod phases;
mod undone;
mod vectors;

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Project, Run, Simulator};

/// A project with one table; `table` stands in its block.
pub(crate) fn project(keys: &str, table: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Orders {keys} {{\n{table}\n}}\n\
         task setup {{\n\
             for-each table {{\n\
                 step create-table\n\
                 step wait-active {{ timeout \"10m\"; }}\n\
                 step update-table {{ timeout \"30m\"; }}\n\
                 step verify\n\
             }}\n\
         }}\n\
         task verify {{ for-each table {{ step verify; }} }}\n"
    ))
}

/// The same, with tags at the end of the chain.
pub(crate) fn tagged_project(table: &str) -> Project {
    project("hash=id", table).edit("step verify\n", "step verify\nstep tag\n")
}

/// The full name of its table.
pub(crate) const ORDERS: &str = "shop-dev-Orders";

/// A call of osem in front of a simulator. Questions are answered, and what is left out counts.
pub(crate) fn osem(project: &Project, line: &str, simulator: &Simulator) -> Run {
    let run = project.osem(line).args(["--endpoint-url", &simulator.url, "--strict"]);
    run.patience(Duration::from_mins(3))
}

/// Carries `setup` out, with every confirmation.
#[track_caller]
pub(crate) fn setup(project: &Project, simulator: &Simulator, code: i32) -> Value {
    osem(project, "setup --confirm dev", simulator).json(code)
}

/// The calls that a plan holds, with what each changes.
#[track_caller]
pub(crate) fn planned(project: &Project, simulator: &Simulator) -> Vec<String> {
    let document = osem(project, "plan", simulator).json(0);
    changes(&document)
}

/// The calls of a plan's document: `UpdateTable stream`.
#[track_caller]
pub(crate) fn changes(document: &Value) -> Vec<String> {
    let changes = document["data"]["changes"].as_array().unwrap_or_else(|| panic!("{document:#}"));
    let one = |change: &Value| {
        let setting = change["setting"].as_str().unwrap_or_default();
        format!("{} {setting}", change["call"].as_str().unwrap()).trim().to_owned()
    };
    changes.iter().map(one).collect()
}

/// The types of the issues that `verify` finds.
#[track_caller]
pub(crate) fn issues(project: &Project, simulator: &Simulator, code: i32) -> Vec<String> {
    let document = osem(project, "verify", simulator).json(code);
    let issues = document["data"]["checks"][0]["issues"].as_array().unwrap();
    issues.iter().map(|issue| issue["type"].as_str().unwrap().to_owned()).collect()
}

/// The server made so many calls of `UpdateTable`, and never said that another one was under way.
#[track_caller]
pub(crate) fn expect_updates(simulator: &Simulator, count: u64) {
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], count, "{statistics:#}");
    assert_eq!(statistics["refused"]["UpdateTable LimitExceededException"], Value::Null);
}
