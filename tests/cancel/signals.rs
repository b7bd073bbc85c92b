//! Signals while a command runs, and while the service takes its time.

use std::time::{Duration, Instant};

use crate::children::{log, log_so_far};
use crate::harness::{
    Fault, LONGEST, Process, Project, dynamo_with, ignores_interrupts, living, say_skipped,
    wait_for_living,
};

use super::{last_code, project, records, results, run_id};

/// Says what it gets, and ends by it.
const POLITE: &str = r#"
    step shell "trap 'echo got INT; exit 1' INT; trap 'echo got TERM; exit 1' TERM; trap 'echo got HUP; exit 1' HUP; echo on; while :; do sleep 0.05; done"
    step shell "echo never" id=never
"#;

/// Ignores everything that can be ignored, and so do those that it starts.
const STUBBORN: &str = r#"
    step shell "trap '' INT TERM HUP; (sleep 401; sleep 402) & sleep 403; sleep 404"
    step shell "echo never" id=never
"#;

/// Starts the task and waits until its first command runs.
fn started(project: &Project, count: usize) -> (Process, String) {
    let mut run = project.osem("t").patience(Duration::from_mins(2)).start();
    run.wait_for_stderr("shell started");
    let id = run_id(&records(project));
    wait_for_living("OSEM_RUN_ID", &id, count);
    (run, id)
}

/// Whether SIGINT can be sent here.
fn interrupts(signal: &str) -> bool {
    let ignored = signal == "INT" && ignores_interrupts();
    if ignored {
        say_skipped("SIGINT", "this process was started to ignore it");
    }
    !ignored
}

#[test]
fn the_first_signal_reaches_the_command_and_finally_runs() {
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        if !interrupts(signal) {
            continue;
        }
        let project = project(POLITE);
        let mut run = project.osem("t").start();
        run.wait_for_stderr("shell started");
        wait_for_log(&project, "on\n");
        run.signal(signal);
        let outcome = run.finish();
        outcome.expect_code(code);
        // The shell may remark that what it waited for was ended.
        let log = log(&project, "shell");
        assert!(log.ends_with(&format!("got {signal}\n")), "{log}");
        let records = records(&project);
        assert_eq!(results(&records), ["shell cancelled", "never skipped", "last succeeded"]);
        assert_eq!(last_code(&records), code);
        assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
    }
}

/// Waits until the output of the first step begins so.
#[track_caller]
fn wait_for_log(project: &Project, text: &str) {
    let since = Instant::now();
    while log_so_far(project, "shell").is_none_or(|log| log != text) {
        assert!(since.elapsed() < LONGEST);
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_command_that_does_not_end_is_killed_with_all_that_it_started() {
    let project = project(STUBBORN);
    let (run, id) = started(&project, 4);
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
    let records = records(&project);
    assert_eq!(results(&records), ["shell cancelled", "never skipped", "last succeeded"]);
    project.osem("runs show last").success();
}

#[test]
fn the_second_signal_kills_and_leaves_finally_out() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        if !interrupts(signal) {
            continue;
        }
        let project = project(STUBBORN);
        let (mut run, id) = started(&project, 4);
        run.signal(signal);
        run.wait_for_stderr("ending the run");
        let second = Instant::now();
        run.signal(signal);
        let outcome = run.finish();
        outcome.expect_code(code);
        assert!(second.elapsed() < Duration::from_secs(8), "the grace is 10 s: {outcome}");
        assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
        let records = records(&project);
        assert_eq!(results(&records), ["shell cancelled", "never skipped", "last skipped"]);
        assert_eq!(last_code(&records), code);
    }
}

#[test]
fn a_second_signal_ends_a_command_of_finally() {
    let project = Project::of(
        "osem 1\nproject kids\nenvironment local default=#true { region us-east-1; emulator; }\n\
         task t { step shell \"true\"; finally { step shell \"trap '' TERM; sleep 405\" id=last; \
         step shell \"true\" id=after; }; }",
    );
    let mut run = project.osem("t").start();
    run.wait_for_stderr("last started");
    let id = run_id(&records(&project));
    wait_for_living("OSEM_RUN_ID", &id, 2);
    run.signal("TERM");
    run.wait_for_stderr("ending the run");
    assert_eq!(living("OSEM_RUN_ID", &id).len(), 2, "the first one does not");
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
    let wanted = ["shell succeeded", "last cancelled", "after skipped"];
    assert_eq!(results(&records(&project)), wanted);
}

#[test]
fn three_signals_at_once_leave_no_process_and_a_readable_journal() {
    let project = project(STUBBORN);
    let (run, id) = started(&project, 4);
    let line = format!("kill -TERM {0}; kill -HUP {0}; kill -TERM {0}", run.id());
    // It may be gone before the third one.
    let _ = std::process::Command::new("sh").args(["-c", &line]).status().unwrap();
    let outcome = run.finish();
    assert!(matches!(outcome.code(), Some(143 | 129)), "{outcome}");
    wait_for_living("OSEM_RUN_ID", &id, 0);
    assert!(!records(&project).is_empty());
    project.osem("runs show last").output().refuse_stderr("failed to read");
    project.osem("quick").success();
}

#[test]
fn a_call_that_hangs_does_not_hold_up_the_second_signal_and_its_outcome_is_unknown() {
    let server = dynamo_with(|operation, _| (operation == "CreateTable").then_some(Fault::Silence));
    let project = Project::of(
        "osem 1\nproject kids\nenvironment dev default=#true { region us-east-1; }\n\
         table Users hash=id\ntask t { for-each table { step create-table; }; \
         finally { step list-tables; }; }",
    );
    let mut run = project.osem("t --endpoint-url").args([server.url()]).start();
    run.wait_for_stderr("create-table[Users] started");
    while !server.seen().contains(&"CreateTable".to_owned()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.signal("TERM");
    run.wait_for_stderr("ending the run");
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    let records = records(&project);
    let ended = records.iter().find(|record| record["event"]["type"] == "mutation-ended").unwrap();
    assert_eq!(ended["event"]["outcome"], "unknown");
    assert_eq!(results(&records), ["create-table[Users] unknown", "list-tables skipped"]);
    assert_eq!(last_code(&records), 143);
}

#[test]
fn a_run_whose_time_is_over_ends_its_command() {
    let project = project(r#"step shell "trap 'echo got TERM; exit 1' TERM; sleep 406 & wait""#);
    // Long enough for the command to set its trap.
    project.osem("t --timeout 5s").status(124);
    assert_eq!(log(&project, "shell"), "got TERM\n");
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records(&project))), Vec::<u32>::new());
}

#[test]
fn a_task_whose_time_is_over_ends_all_that_its_commands_started() {
    let project = project(STUBBORN).edit("task t {", "task t { timeout \"5s\";");
    project.osem("t").patience(Duration::from_mins(2)).status(124);
    let records = records(&project);
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
    assert_eq!(results(&records), ["shell cancelled", "never skipped", "last succeeded"]);
    let left = project.osem("resume -n").success().stdout();
    assert!(left.contains("3 commands"), "{left}");
}

#[test]
fn a_run_that_nobody_listens_to_any_more_goes_on_to_its_end() {
    let project = project(r#"step shell "sleep 0.2; echo done""#);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut osem = std::process::Command::new(env!("CARGO_BIN_EXE_osem"));
    let status = osem.arg("t").current_dir(project.path()).stdout(writer.try_clone().unwrap());
    let status = status.stderr(writer).status().unwrap();
    assert_eq!(status.code(), Some(0));
    assert_eq!(log(&project, "shell"), "done\n");
    project.osem("runs show last").success();
}
