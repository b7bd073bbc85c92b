//! The order of steps: what runs before, beside and after what, and what failures do to it.

mod aftermath;
mod limits;
mod needs;
mod order;
mod pools;
mod retry_on;
mod shapes;

use serde_json::Value;

use crate::harness::{Fake, Fault, Project, dynamo_with};

/// Two tables in the emulator, and these tasks.
fn project(tasks: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project flow {{ table-name \"flow-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         environment prod {{ region us-east-1; account \"033333333333\"; protected; }}\n\
         table Users hash=userId\n\
         table Teams hash=teamId\n\
         {tasks}"
    ))
}

/// `id status`, and for a step that did not run `id because`, in plan order.
fn steps(document: &Value) -> Vec<String> {
    let steps = document["data"]["steps"].as_array().unwrap();
    let told = steps.iter().map(|step| {
        let status = &step["status"];
        let because = step["skipped"]["because"].as_str();
        format!("{} {}", step["id"].as_str().unwrap(), because.or(status.as_str()).unwrap())
    });
    told.collect()
}

/// The ids of the steps that a run without a terminal started, in that order.
fn started(stderr: &str) -> Vec<&str> {
    let lines = stderr.lines().filter_map(|line| line.strip_suffix(" started"));
    lines.filter_map(|line| line.rsplit(' ').next()).collect()
}

/// A server where tables are being created for ever.
fn for_ever() -> Fake {
    dynamo_with(|operation, _| {
        matches!(operation, "CreateTable" | "DescribeTable").then_some(Fault::Status("CREATING"))
    })
}

/// A table that is created for ever, and a list at the end.
const FOR_EVER: &str = "\
osem 1
project tiny { table-name \"tiny-{env}-{table}\"; }
environment dev default=#true { region us-east-1; }
table Users hash=userId
task setup {
    for-each table { step create-table; step wait-active { timeout \"10m\"; }; step tag; }
    finally { step list-tables; }
}
task limited { timeout \"3s\"; for-each table { step create-table; step wait-active; }; }
task outer { needs limited; step list-tables; }
";
