//! `--max-fail`, `--timeout` and the `timeout` of a task.

use std::time::Duration;

use super::{FOR_EVER, for_ever, project, steps};
use crate::harness::{Outcome, Project};

#[test]
fn so_many_failures_end_a_run_that_keeps_going() {
    let tasks = "task look { step verify id=a table=Users; step list-tables; }\n\
                 task many { on-failure keep-going; for-each table { step verify; }; parallel { \
                 step list-tables; step list-tables id=z; }; }";
    let project = project(tasks);
    let document = project.osem("many -j 1 --max-fail 1").json(1);
    assert_eq!(steps(&document)[..2], ["verify[Users] failed", "verify[Teams] run-ending"]);
    let document = project.osem("many -j 1 --max-fail 2").json(1);
    assert_eq!(steps(&document)[..2], ["verify[Users] failed", "verify[Teams] failed"]);
}

#[test]
fn a_number_of_failures_and_a_time_are_checked() {
    let project = project("task look { step list-tables; }");
    for line in ["look --max-fail 0", "look --timeout 0s", "look --timeout soon"] {
        project.osem(line).status(64);
    }
}

fn run(line: &str) -> Outcome {
    let server = for_ever();
    Project::of(FOR_EVER).osem(line).args(["--endpoint-url", server.url()]).output()
}

#[test]
fn a_run_whose_time_is_over_ends_its_waits_and_runs_finally() {
    let outcome = run("setup --timeout 3s --json");
    outcome.expect_code(124);
    let document = outcome.json();
    assert_eq!(
        steps(&document),
        [
            "create-table[Users] succeeded",
            "wait-active[Users] cancelled",
            "tag[Users] upstream",
            "list-tables succeeded",
        ]
    );
    assert_eq!(document["exitCode"], 124);
    assert_eq!(document["data"]["tablesCreated"][0]["tableName"], "tiny-dev-Users");
    assert!(outcome.took < Duration::from_mins(1), "{outcome}");
}

#[test]
fn the_time_of_a_task_is_that_of_its_run() {
    let outcome = run("limited");
    outcome.expect_code(124);
    outcome.expect_stderr("ending the run: timeout");
    assert!(outcome.conclusion().contains("ended by timeout, 1 of 2 steps done"), "{outcome}");
}

#[test]
fn the_time_of_a_needed_task_ends_the_run_too() {
    let outcome = run("outer --json");
    outcome.expect_code(124);
    assert_eq!(steps(&outcome.json())[2], "list-tables upstream");
}
