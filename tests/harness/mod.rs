//! The binary in a hermetic place, and the servers that it talks to.

mod dynamo;
mod fake;
mod fake_dynamo;
mod normal;
mod outcome;
mod port;
mod process;
mod processes;
mod project;
mod python;
mod relay;
mod run;
mod server;
mod simulator;
mod terminal;

pub(crate) use dynamo::Dynamo;
pub(crate) use fake::{Answer, Fake, Request};
pub(crate) use fake_dynamo::{Fault, dynamo_with};
pub(crate) use normal::normal;
pub(crate) use outcome::Outcome;
pub(crate) use port::unused_port;
pub(crate) use process::{LONGEST, Process};
pub(crate) use processes::{ignores_interrupts, living, wait_for_living};
pub(crate) use project::{Project, records};
pub(crate) use python::{has_python, python};
pub(crate) use relay::Relay;
pub(crate) use run::Run;
pub(crate) use server::{
    Claim, DYNALITE, DYNAMODB_LOCAL, Lack, MINISTACK, MOTO, Server, say, say_skipped, variable,
};
pub(crate) use simulator::Simulator;
pub(crate) use terminal::Session;

/// The application's tables, in the order of the file.
pub(crate) const TABLES: [&str; 6] =
    ["Users", "Teams", "AssessmentPlans", "Assessments", "AssessmentReports", "ConfigVersions"];

/// The full names of the application's tables in an environment, sorted as the service lists them.
pub(crate) fn full_names(environment: &str) -> Vec<String> {
    let mut names: Vec<String> =
        TABLES.iter().map(|table| format!("osem-{environment}-{table}")).collect();
    names.sort();
    names
}

/// `osem local` of a project on a free port, and its address.
#[track_caller]
pub(crate) fn serve(project: &Project) -> (Process, String) {
    let mut process = project.osem("local --port 0").start();
    let said = process.wait_for_stdout("AWS_SECRET_ACCESS_KEY");
    let url = said.lines().next().unwrap().rsplit('=').next().unwrap().to_owned();
    (process, url)
}

/// One table, and a task that creates it and waits for it.
pub(crate) const ONE_TABLE: &str = "\
osem 1
project tiny { table-name \"tiny-{env}-{table}\"; }
environment dev default=#true { region us-east-1; allow-destroy; }
table Users hash=userId
task setup { for-each table { step create-table; step wait-active { timeout \"10m\"; }; }; }
task list-tables { step list-tables; }
task delete-tables { allow-in dev; for-each table { step delete-table; step wait-deleted; }; }
";
