//! Commands in runs that go on where another one stopped, and in runs of some steps only.

use std::fs;

use crate::harness::{Project, living, wait_for_living};

use super::project;

/// Each command adds a line to a file of its own; the second one fails until `go` is there.
const TWO: &str = r#"
    task t {
        step shell "echo x >> one" id=one
        step shell "echo x >> two; test -e go" id=two
        step shell "echo x >> three" id=three
    }
"#;

/// For each value a chain whose first command adds a line, and whose second fails for `us` until
/// `go` is there.
fn items(on_failure: &str) -> Project {
    project(&format!(
        r#"task t {{
            for-each item eu us {{
                on-failure {on_failure}
                step shell "echo x >> $ITEM" id=first {{ env ITEM "{{item}}"; }}
                step shell "echo x >> $ITEM-second; test $ITEM = eu -o -e go" id=second {{ env ITEM "{{item}}"; }}
            }}
        }}"#
    ))
}

/// How often each of these was run.
#[track_caller]
fn counts<const N: usize>(project: &Project, files: [&str; N]) -> [usize; N] {
    files.map(|file| {
        fs::read_to_string(project.path().join(file)).map_or(0, |text| text.lines().count())
    })
}

#[test]
fn a_command_that_ended_well_is_not_run_again_and_one_that_failed_is() {
    let project = project(TWO);
    project.osem("t").status(2);
    assert_eq!(counts(&project, ["one", "two", "three"]), [1, 1, 0]);
    let outcome = project.osem("resume").status(2);
    outcome.expect_stderr("outstanding: two: failed in run [RUN]");
    let project = project.file("go", "");
    project.osem("resume").success();
    assert_eq!(counts(&project, ["one", "two", "three"]), [1, 3, 1]);
    project.osem("resume").success().expect_stderr("nothing to resume");
}

#[test]
fn a_command_that_was_changed_is_run_again() {
    let project = project(TWO);
    project.osem("t").status(2);
    let project = project.edit("echo x >> one", "echo y >> one").file("go", "");
    let outcome = project.osem("resume").success();
    outcome.expect_stderr("outstanding: one: its definition changed since run [RUN]");
    assert_eq!(counts(&project, ["one", "two", "three"]), [2, 2, 1]);
}

#[test]
fn a_command_that_was_under_way_when_the_run_was_killed_is_ended_and_runs_again() {
    let project = project(
        r#"task t {
            step shell "echo x >> one" id=one
            step shell "echo x >> two; test -e go || sleep 420" id=two
        }"#,
    );
    let mut run = project.osem("t").start();
    run.wait_for_stderr("two started");
    let events = project.runs()[0].join("events.ndjson");
    let began = "\"child-started\",\"step\":\"two\"";
    while !fs::read_to_string(&events).unwrap().contains(began) {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = events.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    wait_for_living("OSEM_RUN_ID", &id, 2);
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    let project = project.file("go", "");
    let outcome = project.osem("resume").success();
    outcome.expect_stderr("two of a run that was killed still runs (process [PID])");
    outcome.expect_stderr("outstanding: two: under way when run [RUN] was killed");
    assert_eq!(counts(&project, ["one", "two"]), [1, 2]);
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
}

#[test]
fn chains_of_values_are_chosen_by_their_ids_and_resumed_apart() {
    let project = items("keep-going");
    project.osem("t --only first[eu]").status(2);
    assert_eq!(counts(&project, ["eu", "us"]), [1, 0]);
    let project = items("keep-going");
    project.osem("t --only *[us]").status(2);
    assert_eq!(counts(&project, ["eu", "us", "us-second"]), [0, 1, 1]);
    let project = items("keep-going").file("go", "");
    project.osem("t --skip second[e?]").success();
    assert_eq!(counts(&project, ["eu", "eu-second", "us-second"]), [1, 0, 1]);
    let project = items("keep-going");
    project.osem("t").status(2);
    let project = project.file("go", "");
    project.osem("resume").success().expect_stderr("outstanding: second[us]: failed in run [RUN]");
    let files = ["eu", "us", "eu-second", "us-second"];
    assert_eq!(counts(&project, files), [1, 1, 1, 2]);
}

#[test]
fn what_commands_of_a_chain_did_stands_after_its_rollback_and_is_not_done_twice() {
    let project = items("rollback");
    let document = project.osem("t").json(2);
    let entries = document["data"]["rollback"].as_array().unwrap();
    let told: Vec<_> = entries.iter().map(|entry| (&entry["step"], &entry["status"])).collect();
    let stands = "stands".into();
    assert_eq!(told, [(&"second[us]".into(), &stands), (&"first[us]".into(), &stands)]);
    let message = "what its command changed: nothing takes back what `shell` does";
    assert_eq!(entries[1]["message"], message);
    project.osem("rollback last").status(2).expect_stderr(message);
    let project = project.file("go", "");
    project.osem("resume").success();
    let files = ["eu", "us", "eu-second", "us-second"];
    assert_eq!(counts(&project, files), [1, 1, 1, 2]);
}

#[test]
fn a_command_in_the_chain_of_a_table_does_not_go_with_the_table() {
    let project = project(
        r#"task t {
            for-each table {
                on-failure rollback
                step create-table
                step shell "echo x >> one" id=one
                step shell "exit 1" id=two
            }
        }"#,
    );
    let document = project.osem("t").json(2);
    let entries = document["data"]["rollback"].as_array().unwrap();
    let status = |step: &str| {
        let entry = entries.iter().find(|entry| entry["step"] == step);
        entry.unwrap_or_else(|| panic!("{document:#}"))["status"].clone()
    };
    assert_eq!(status("create-table[Users]"), "rolled-back");
    assert_eq!((status("one[Users]"), status("two[Users]")), ("stands".into(), "stands".into()));
    // What a command did for a table that is gone has to be done for the next one.
    let project = project.edit("exit 1", "exit 0");
    project.osem("resume").success();
    assert_eq!(counts(&project, ["one"]), [2]);
}
