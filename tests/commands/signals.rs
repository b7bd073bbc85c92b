//! Ctrl-C and its like, while a server takes its time.

use std::time::{Duration, Instant};

use crate::harness::{Fake, Fault, ONE_TABLE, Process, Project, dynamo_with};

/// A server where tables are being created for ever.
fn slow() -> Fake {
    dynamo_with(|operation, _| {
        matches!(operation, "CreateTable" | "DescribeTable").then_some(Fault::Status("CREATING"))
    })
}

/// A server that never answers a `CreateTable`.
fn stuck() -> Fake {
    dynamo_with(|operation, _| (operation == "CreateTable").then_some(Fault::Silence))
}

fn setup_on(project: &Project, server: &Fake) -> Process {
    project.osem("setup --endpoint-url").args([server.url()]).start()
}

#[test]
fn an_interrupted_run_says_what_it_did_and_ends_with_130() {
    let (project, server) = (Project::of(ONE_TABLE), slow());
    let mut run = setup_on(&project, &server);
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    outcome.expect_stderr("create-table[Users] succeeded: created");
    assert!(outcome.took < Duration::from_mins(1), "{outcome}");
    let stderr = outcome.stderr();
    // A poll that was under way may still be reported after the signal.
    let after = stderr.split("ending the run").nth(1).unwrap();
    let after: Vec<&str> = after.lines().filter(|line| !line.contains(" running: ")).collect();
    insta::assert_snapshot!(after.join("\n"), @"
    : SIGINT
    [[TIME]] wait-active[Users] cancelled: the run was asked to end ([DURATION])

    ✗ tiny-dev-Users  created  failed at wait-active  [DURATION]

    ⚠ --endpoint-url http://127.0.0.1:[PORT] is on this machine: environment `dev` goes there with dummy credentials; not used: the credentials of this shell

    ✗ wait-active[Users]: the run was asked to end
      fix:   go on when it suits: what is done is not done twice
      then:  osem resume [RUN]

    ✗ setup in dev: ended by SIGINT, 1 of 2 steps done, 1 cancelled, 1 table created in [DURATION] (exit 130)
    ");
}

#[test]
fn the_document_of_an_interrupted_run_is_complete() {
    let (project, server) = (Project::of(ONE_TABLE), slow());
    let mut run = project.osem("setup --json --endpoint-url").args([server.url()]).start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    let document = outcome.json();
    assert_eq!(document["exitCode"], 130);
    assert_eq!(document["success"], false);
    assert_eq!(document["data"]["tablesCreated"][0]["tableName"], "tiny-dev-Users");
    assert_eq!(document["data"]["steps"][1]["status"], "cancelled");
}

#[test]
fn every_ending_signal_has_its_own_code() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let (project, server) = (Project::of(ONE_TABLE), slow());
        let mut run = setup_on(&project, &server);
        run.wait_for_stderr("wait-active[Users] started");
        run.signal(signal);
        run.finish().expect_code(code);
    }
}

#[test]
fn the_second_signal_ends_it_at_once() {
    let (project, server) = (Project::of(ONE_TABLE), stuck());
    let mut run = setup_on(&project, &server);
    run.wait_for_stderr("create-table[Users] started");
    while !server.seen().contains(&"CreateTable".to_owned()) {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.signal("INT");
    run.wait_for_stderr("ending the run");
    let second = Instant::now();
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    assert!(second.elapsed() < Duration::from_secs(5), "{outcome}");
}

#[test]
fn a_signal_before_the_run_ends_the_process_as_usual() {
    let (project, server) = (Project::of(ONE_TABLE), Fake::silent());
    let run = setup_on(&project, &server);
    while server.seen().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.signal("INT");
    let outcome = run.finish();
    assert_eq!(outcome.code(), None, "{outcome}");
}
