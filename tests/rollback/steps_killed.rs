//! `rollback` of a step when osem is killed: what was done is not done again, and the rest is.

use std::fs;
use std::thread;
use std::time::Duration;

use crate::harness::{Process, Project, living};

use super::steps::{log, project};

/// A step that is undone in three steps; the second waits for `go`.
const SLOW: &str = r#"task t {
    on-failure rollback
    step shell "echo make >> log; echo id=7 >> $OSEM_OUTPUT" id=make {
        rollback {
            step shell "echo one >> log" id=one
            step shell "echo two $ID >> log; test -e go || sleep 430" id=two { env ID "{out.make.id}"; }
            step shell "echo three >> log" id=three
        }
    }
    step shell "test ! -e fail" id=last effect=read
}"#;

/// Kills osem when commands wrote this line, and so many were recorded as started.
fn kill_at(run: Process, project: &Project, line: &str, started: usize) {
    let recorded = || journals(project).matches("\"child-started\"").count() == started;
    while !log(project).iter().any(|found| found == line) || !recorded() {
        thread::sleep(Duration::from_millis(5));
    }
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
}

/// All journals of a project.
fn journals(project: &Project) -> String {
    let journals = project.runs().into_iter().map(|run| run.join("events.ndjson"));
    journals.filter_map(|journal| fs::read_to_string(journal).ok()).collect()
}

#[track_caller]
fn nothing_lives(project: &Project) {
    for run in project.runs() {
        let run = run.file_name().unwrap().to_str().unwrap();
        assert_eq!(living("OSEM_RUN_ID", run), Vec::<u32>::new());
    }
}

#[test]
fn a_rollback_that_was_killed_goes_on_after_the_last_step_that_ended() {
    let project = project(SLOW).file("fail", "");
    let run = project.osem("t").start();
    kill_at(run, &project, "two 7", 4);
    let project = project.file("go", "");
    let outcome = project.osem("rollback last").success();
    outcome.expect_stderr("make of a run that was killed still runs (process [PID])");
    outcome.expect_stderr("make rolled back: two ran; three ran");
    assert_eq!(log(&project), ["make", "one", "two 7", "two 7", "three"]);
    project.osem("rollback last").success().expect_stderr("is left to undo");
    nothing_lives(&project);
}

#[test]
fn osem_rollback_that_was_killed_goes_on_there_as_well() {
    let project = project(SLOW);
    project.osem("t").success();
    let undoing = project.osem("rollback last").start();
    kill_at(undoing, &project, "two 7", 4);
    let project = project.file("go", "");
    project.osem("rollback last").success();
    assert_eq!(log(&project), ["make", "one", "two 7", "two 7", "three"]);
    nothing_lives(&project);
}

#[test]
fn a_step_that_was_under_way_when_its_run_was_killed_is_undone() {
    let tasks = r#"task t {
        step shell "echo make >> log; sleep 430" id=make {
            rollback { step exec "sh" "-c" "echo drop $0 >> log" "{item}"; }
        }
    }"#;
    let tasks = tasks.replace("task t {", "task t { for-each item eu {") + "}";
    let project = project(&tasks);
    let run = project.osem("t").start();
    kill_at(run, &project, "make", 1);
    let shown = project.osem("rollback last -n").success().stdout();
    assert!(shown.contains("make[eu]: run sh -c 'echo drop $0 >> log' eu"), "{shown}");
    project.osem("rollback last").success().expect_stderr("make[eu] rolled back: exec ran");
    assert_eq!(log(&project), ["make", "drop eu"]);
    nothing_lives(&project);
}

#[test]
fn a_rollback_that_is_ended_by_a_signal_goes_on_later() {
    let project = project(SLOW);
    project.osem("t").success();
    let mut undoing = project.osem("rollback last").start();
    undoing.wait_for_stderr("rolls back: one");
    while !log(&project).iter().any(|found| found == "two 7") {
        thread::sleep(Duration::from_millis(5));
    }
    undoing.signal("TERM");
    let outcome = undoing.finish();
    outcome.expect_code(143);
    outcome.expect_stderr("make not rolled back: one ran; ");
    let project = project.file("go", "");
    project.osem("rollback last").success();
    assert_eq!(log(&project), ["make", "one", "two 7", "two 7", "three"]);
}

#[test]
fn the_last_run_is_the_last_that_began() {
    let project = project(SLOW).file("go", "");
    project.osem("t").success();
    // What is left of one that was killed before its first event was written.
    let project = project.file(".osem/runs/29990101T000000Z-zzzz/events.ndjson", "");
    let shown = project.osem("rollback last -n").success();
    assert!(shown.stdout().contains("make: run sh -c 'echo one >> log'"), "{shown}");
    project.osem("rollback last").success();
    assert_eq!(log(&project), ["make", "one", "two 7", "three"]);
}
