//! `--events`: every event as it happens, and what is never overwritten with them.

use std::fs;
use std::io::Write;
use std::process::Command;

use crate::harness::Project;

use super::killed::{setup, stuck};
use super::{lines, records, shown};

#[test]
fn events_are_written_as_they_happen() {
    let project = Project::new();
    let outcome = project.osem("setup --events -").success();
    let on_stdout = shown(&lines(&outcome.raw_stdout));
    assert_eq!(on_stdout.last().unwrap(), "run-finished");
    let kept: Vec<String> = on_stdout.into_iter().filter(|line| line != "step-progress").collect();
    assert_eq!(kept, shown(&records(&project)));
    // A list for people does not get among them.
    project.osem("list-tables --events run.ndjson").success();
    let text = fs::read_to_string(project.path().join("run.ndjson")).unwrap();
    assert_eq!(shown(&lines(&text)).last().unwrap(), "run-finished");
    let outcome = project.osem("list-tables --events -").success();
    assert_eq!(shown(&lines(&outcome.raw_stdout)).last().unwrap(), "run-finished");
    let both = project.osem("setup --events - --json").status(64);
    both.expect_stderr("--events - and --json contradict each other");
    let outcome = project.osem("setup --events no/such/folder").stdout("").status(64);
    outcome.expect_stderr("failed to write the events to no/such/folder: ");
}

#[test]
fn what_is_not_for_events_is_left_as_it_is() {
    let project = Project::new().file("notes", "precious");
    project.osem("setup").success();
    for (file, why) in [
        ("osem.kdl", "it is a file of the configuration"),
        (".osem/local.db", "osem keeps its own files there"),
        (".osem/runs/mine", "osem keeps its own files there"),
        ("notes", "there is something else in it"),
    ] {
        let before = fs::read(project.path().join(file)).ok();
        let outcome = project.osem("setup --events").args([file]).stdout("").status(64);
        outcome.expect_stderr(&format!("failed to write the events to {file}: {why}"));
        outcome.expect_stderr("fix:");
        assert_eq!(fs::read(project.path().join(file)).ok(), before, "{file}");
    }
    // Those of an earlier run are.
    for _ in 0..2 {
        project.osem("verify --events run.ndjson").success();
        let text = fs::read_to_string(project.path().join("run.ndjson")).unwrap();
        assert_eq!(shown(&lines(&text)).iter().filter(|line| *line == "run-started").count(), 1);
    }
}

#[test]
fn events_that_are_lost_are_a_failure_beside_what_stands() {
    let project = Project::new();
    let document = project.osem("setup --events /dev/full").json(2);
    assert_eq!(document["exitCode"], 2);
    let again = project.osem("verify --events /dev/full").status(1);
    again.expect_stderr("failed to write the events: No space left on device");
}

#[test]
fn a_pipe_that_nobody_reads_is_refused_and_a_reader_that_stopped_holds_nothing_up() {
    let (project, simulator) = (Project::new(), stuck());
    let pipe = project.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let refused = project.osem("setup --events pipe").stdout("").status(64);
    refused.expect_stderr("failed to write the events to pipe: it is a pipe that nobody reads");
    // It is open for reading, and never read.
    let reader = fs::OpenOptions::new().read(true).write(true).open(&pipe).unwrap();
    let mut full = reader.try_clone().unwrap();
    // More than it holds.
    std::thread::spawn(move || full.write_all(&vec![b'x'; 1 << 20]));
    let mut run = setup(&project, &simulator, "-j 1 --events pipe");
    run.wait_for_stderr("create-table[Teams] started");
    run.signal("INT");
    run.wait_for_stderr("SIGINT");
    run.signal("INT");
    run.finish().expect_code(130);
    drop(reader);
}
