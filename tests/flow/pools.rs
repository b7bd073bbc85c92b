//! `pool`.

use serde_json::Value;

use super::project;
use crate::harness::Outcome;

/// Creations are so heavy that one of them fills their pool, and so are deletions.
const TASKS: &str = "\
pool heavy 3
pool one 1
task setup { for-each table { step create-table { pool heavy weight=2; }; step wait-active; }; }
task clean {
    allow-in local
    for-each table { step delete-table { pool one; }; step wait-deleted { pool one; }; }
}";

/// Whether these steps started only when the one before them had ended.
#[track_caller]
fn ran_one_by_one(outcome: &Outcome, kinds: &[&str]) {
    let told = outcome.stdout();
    let events = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let course = events.filter_map(|record| {
        let event = &record["event"];
        let ended = event["type"] == "step-finished";
        let id = event["step"].as_str()?;
        let relevant = ended || event["type"] == "step-started";
        (relevant && kinds.contains(&id.split('[').next()?)).then(|| (ended, id.to_owned()))
    });
    let course: Vec<(bool, String)> = course.collect();
    assert_eq!(course.len(), kinds.len() * 4, "{outcome}");
    for pair in course.chunks(2) {
        let [(false, started), (true, ended)] = pair else { panic!("{course:?}") };
        assert_eq!(started, ended, "{course:?}");
    }
}

#[test]
fn steps_of_a_pool_run_only_while_it_has_room() {
    let project = project(TASKS);
    let outcome = project.osem("setup -j 8 --events -").output();
    outcome.expect_code(0);
    ran_one_by_one(&outcome, &["create-table"]);
    let outcome = project.osem("clean -j 8 --confirm local --events -").output();
    outcome.expect_code(0);
    ran_one_by_one(&outcome, &["delete-table", "wait-deleted"]);
}

#[test]
fn a_pool_is_declared_where_tables_are_and_checked() {
    let project = project("task look { step list-tables { pool rare; }; }");
    project.osem("check").status(65);
    let project = project.file("tasks/pools.kdl", "pool rare 1\n");
    project.osem("check").status(0);
    project.osem("plan look").success();
    project.osem("look").success();
}
