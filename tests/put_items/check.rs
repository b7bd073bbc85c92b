//! Files that are named and not there, found before anything runs.

use super::{text, users};
use crate::harness::Project;

#[test]
fn a_file_that_is_not_there_is_an_error_with_a_place() {
    let refused = Project::of(text(super::PUT)).osem("check").status(65).stderr();
    assert!(refused.contains("cannot read users.jsonl: there is no such file"), "{refused}");
    assert!(refused.contains("─[osem.kdl:9:"), "{refused}");
    Project::of(text(super::PUT)).osem("setup").status(65);
}

#[test]
fn a_placeholder_is_filled_for_every_table_that_the_step_is_for() {
    let step = "for-each table { step put-items file=\"data/{env}/{table}.jsonl\"; };";
    let with = |files: &[&str]| {
        let project = Project::of(text(step)).file("users.jsonl", users(1));
        files.iter().fold(project, |project, file| project.file(file, ""))
    };
    let all = ["data/local/Users.jsonl", "data/local/Logs.jsonl", "data/dev/Users.jsonl"];
    let refused = with(&all).osem("check").status(65);
    refused.expect_stderr("cannot read data/dev/Logs.jsonl: there is no such file");
    let refused = with(&all[..2]).osem("check").status(65);
    refused.expect_stderr("cannot read data/dev/Logs.jsonl: there is no such file; and of 1 more");
    with(&[&all[..], &["data/dev/Logs.jsonl"]].concat()).osem("check").success();
    let only = step.replace("for-each table", "for-each table Users");
    let project = Project::of(text(&only)).file("users.jsonl", users(1));
    let project = project.file(all[0], "").file(all[2], "");
    project.osem("check").success();
}

#[test]
fn a_full_name_is_known_only_when_the_task_is_planned() {
    let step = "for-each table Users { step put-items file=\"{table.name}.jsonl\"; };";
    let project = Project::of(text(step)).file("users.jsonl", users(1));
    project.osem("check").success();
    project.osem("setup").success();
    let document = project.osem("run put").json(1);
    assert_eq!(document["error"]["message"], "cannot read put-local-Users.jsonl");
    let project = project.file("put-local-Users.jsonl", users(4));
    assert_eq!(super::put(&project.osem("run put").json(0)), (4, 4, 0));
}

#[test]
fn a_path_is_relative_to_the_file_that_it_is_written_in() {
    let of = |path: &str| {
        let task = format!("task load {{ step put-items table=Users file=\"{path}\"; }}");
        let project = super::project(super::PUT, users(2));
        project.file("tasks/load.kdl", task).file("data/two.jsonl", users(2))
    };
    let refused = of("data/two.jsonl").osem("check").status(65);
    refused.expect_stderr("cannot read tasks/data/two.jsonl: there is no such file");
    refused.expect_stderr("relative to the folder of the file that it is written in: add `../`");
    let project = of("../data/two.jsonl");
    project.osem("setup").success();
    // From wherever osem is called.
    let elsewhere = project.path().join("data");
    let document = project.osem("run load").current_dir(&elsewhere).json(0);
    assert_eq!(document["data"]["itemsPut"][0]["file"], "data/two.jsonl");
    assert_eq!(super::put(&document), (2, 2, 0));
}

#[test]
fn inputs_are_checked_like_those_of_every_step() {
    for (step, said) in [
        ("step put-items table=Users;", "step `put-items` needs the input `file`"),
        ("step put-items table=Users file=\"{tabel}\";", "unknown placeholder `{tabel}`"),
        ("step put-items table=Users file=\"{env\";", "`{` is never closed"),
        (
            "step put-items table=Users file=\"{account}.jsonl\";",
            "`{account}` has no value in `local`",
        ),
        ("step put-items table=Users file=\".\";", "it is a folder, not a file"),
        ("step put-items table=Users file=\"/dev/null\";", "a pipe, a socket or a device"),
        ("step put-items file=\"users.jsonl\";", "step `put-items` is about one table"),
        (
            "step put-items table=Users file=\"users.jsonl\" on-existing=replace;",
            "input `on-existing` cannot be `replace`",
        ),
        (
            "step put-items table=Users file=\"users.jsonl\" format=json;",
            "input `format` cannot be `json`",
        ),
    ] {
        let outcome = super::project(step, users(1)).osem("check").status(65);
        assert!(outcome.stderr().contains(said), "{step}\n{outcome}");
    }
}
