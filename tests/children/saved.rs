//! Commands in saved plans.

use std::fs;

use serde_json::Value;

use crate::harness::Project;

use super::{project, words};

const SEED: &str = "#!/bin/sh\necho x >> seeded\n";

fn planned() -> Project {
    let project = project(
        r#"task t {
            for-each table { step create-table; }
            step exec "./seed" "--run" "{run.id}"
            for-each item eu us { step shell "true" id=tell { env ITEM "{item}"; }; }
        }"#,
    );
    let project = project.file("seed", SEED);
    words::executable(&project.path().join("seed"));
    let nowhere = project.osem("plan t --out nodir/plan.json").status(64);
    nowhere.expect_stderr("failed to write the plan to nodir/plan.json: No such file or directory");
    nowhere.refuse_stderr(".tmp");
    project.osem("plan t --out plan.json").success();
    project
}

/// What is named as different; nothing ran.
#[track_caller]
fn refused(project: &Project) -> Vec<String> {
    let document = project.osem("run --plan plan.json").json(1);
    assert_eq!(document["error"]["code"], "PLAN_CHANGED", "{document:#}");
    assert!(!project.path().join("seeded").exists());
    let said = document["error"]["details"]["said"].as_str().unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn a_saved_plan_names_its_commands_and_runs_them() {
    let project = planned();
    let text = fs::read_to_string(project.path().join("plan.json")).unwrap();
    let plan: Value = serde_json::from_str(&text).unwrap();
    let commands = plan["commands"].as_array().unwrap();
    let told: Vec<_> = commands
        .iter()
        .map(|command| (command["step"].as_str().unwrap(), command["runs"].as_str().unwrap()))
        .collect();
    let seed = ("exec", "./seed --run {run.id}");
    assert_eq!(told, [seed, ("tell[eu]", "true"), ("tell[us]", "true")]);
    project.osem("run --plan plan.json").success();
    assert_eq!(fs::read_to_string(project.path().join("seeded")).unwrap(), "x\n");
}

#[test]
fn a_plan_whose_command_was_changed_is_refused() {
    let project = planned().edit("\"--run\"", "\"--id\"");
    assert_eq!(
        refused(&project),
        [
            "osem.kdl was edited",
            "exec: ./seed --run {run.id}: does not run as planned any more",
            "exec: ./seed --id {run.id}: not in the plan",
        ]
    );
    let project = planned().edit("env ITEM", "env VALUE");
    assert_eq!(refused(&project), ["osem.kdl was edited"]);
}

#[test]
fn a_plan_whose_program_was_changed_is_refused() {
    let project = planned().file("seed", format!("{SEED}echo more\n"));
    assert_eq!(refused(&project), ["./seed was edited"]);
    let project = project.file("seed", SEED);
    project.osem("run --plan plan.json").success();
}
