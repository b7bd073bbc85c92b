//! `osem iam-policy`: what it prints is enough, and nothing of it can be left out.
//!
//! The simulator refuses one action after the other: each must be missed. What only another service
//! is asked by DynamoDB in the caller's name (`kms:`, `kinesis:`, `iam:`), no simulator here can
//! refuse; those follow AWS's own pages, which `src/step/permissions` names. ministack, which checks
//! real policies, is asked in `credentials/policy.rs`.

mod enough;
mod golden;
mod least;
mod rollback;

use serde_json::Value;

use crate::harness::{Project, Run, Simulator};

/// The account of the simulator.
const ACCOUNT: &str = "111111111111";

/// States end at once, cooldowns too, and nothing is throttled.
const FLAGS: &str = "--account 111111111111 --time-scale 100000 --mutation-rate 1000";

/// A simulator with a table `Orders` that declares something of everything.
struct Place {
    simulator: Simulator,
}

impl Place {
    fn new() -> Self {
        Self { simulator: Simulator::start(FLAGS) }
    }

    /// A project with this in the block of its table, whose environment is the simulator with its STS.
    fn project(&self, table: &str) -> Project {
        let url = &self.simulator.url;
        Project::of(format!("{}{TASKS}", shop(url, table))).file(
            "items.jsonl",
            "{\"id\":\"1\",\"name\":\"one\"}\n{\"id\":\"2\",\"name\":\"two\"}\n",
        )
    }
}

fn shop(url: &str, table: &str) -> String {
    format!(
        "osem 1\n\
         project shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{\n\
             region us-east-1\n\
             account \"{ACCOUNT}\"\n\
             endpoint \"{url}\" sts=\"{url}\"\n\
             allow-destroy\n\
         }}\n\
         table Orders hash=id {{\n{table}\n}}\n"
    )
}

const TASKS: &str = "\
task setup {
    for-each table {
        step create-table
        step wait-active
        step update-table
        step verify
        step tag
    }
}
task verify { for-each table { step verify; }; }
task save { for-each table { step backup-table; }; }
task list-tables { step list-tables; }
task put { step put-items table=Orders file=\"items.jsonl\"; }
task overwrite {
    allow-in dev
    step put-items table=Orders file=\"items.jsonl\" on-existing=overwrite
}
task delete-tables {
    allow-in dev
    for-each table { step delete-table; step wait-deleted; }
}
";

/// The application, in front of a simulator.
fn application(place: &Place) -> Project {
    let url = &place.simulator.url;
    let endpoint = format!("endpoint \"{url}\" sts=\"{url}\"");
    Project::new().edit("profile osem-dev", &endpoint)
}

/// A call with keys, with every confirmation.
fn osem(project: &Project, line: &str) -> Run {
    let confirm = if line.starts_with("iam-policy") { "" } else { " --confirm dev" };
    project.osem(&format!("{line}{confirm}")).keys("AKIDOSEM", "secret")
}

/// What `iam-policy` prints for a task.
#[track_caller]
fn printed(project: &Project, line: &str) -> Value {
    let outcome = osem(project, &format!("iam-policy {line}")).success();
    serde_json::from_str(&outcome.stdout()).unwrap()
}

/// The actions of a policy, sorted.
fn actions(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let actions = statements.flat_map(|statement| statement["Action"].as_array().unwrap());
    let mut actions: Vec<String> =
        actions.map(|action| action.as_str().unwrap().to_owned()).collect();
    actions.sort();
    actions
}

/// Those that osem calls itself, without the service.
fn called(policy: &Value) -> Vec<String> {
    let own = |action: &String| action.starts_with("dynamodb:") || action.starts_with("sts:");
    actions(policy).into_iter().filter(own).collect()
}

fn operation(action: &str) -> &str {
    action.split_once(':').unwrap().1
}

/// Whether a policy allows an action on a resource, as IAM reads it: without conditions.
fn allows(policy: &Value, action: &str, resource: &str) -> bool {
    let any = |patterns: &Value, text: &str| {
        patterns.as_array().unwrap().iter().any(|pattern| {
            let pattern = pattern.as_str().unwrap();
            pattern == text
                || pattern.strip_suffix('*').is_some_and(|start| text.starts_with(start))
        })
    };
    policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .any(|statement| any(&statement["Action"], action) && any(&statement["Resource"], resource))
}
