//! Signals while a command runs in a chain that is to be undone, and while that is done.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{
    Process, Project, Simulator, ignores_interrupts, living, say_skipped, wait_for_living,
};

use super::{last_code, records, run_id};

/// Three tables, in each of which a command runs that ignores all that can be ignored where it is
/// asked to. Nothing of it is left out of a rollback.
fn project(command: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project kids {{ table-name \"kids-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Users hash=id\ntable Teams hash=id\ntable Plans hash=id\n\
         task t {{ for-each table {{ on-failure rollback; step create-table; step wait-active; \
         step shell \"{command}\"; }}\n finally {{ step shell \"echo last\" id=last; }}; }}"
    ))
}

fn simulator(faults: &[&str]) -> Simulator {
    Simulator::with_faults("--time-scale 200 --mutation-rate 1000", faults)
}

/// Starts the task, and waits until so many processes of its commands run.
fn started(project: &Project, simulator: &Simulator, count: usize) -> (Process, String) {
    let line = "t --yes --json --endpoint-url";
    let mut run =
        project.osem(line).args([&simulator.url]).patience(Duration::from_mins(2)).start();
    for table in ["Users", "Teams", "Plans"] {
        run.wait_for_stderr(&format!("shell[{table}] started"));
    }
    let id = run_id(&records(project));
    wait_for_living("OSEM_RUN_ID", &id, count);
    (run, id)
}

fn interrupts() -> bool {
    let ignored = ignores_interrupts();
    if ignored {
        say_skipped("SIGINT", "this process was started to ignore it");
    }
    !ignored
}

/// What became of the changes of one kind of step.
fn outcomes(document: &Value, kind: &str) -> Vec<String> {
    let entries = document["data"]["rollback"].as_array().unwrap().iter();
    let own = entries.filter(|entry| entry["step"].as_str().unwrap().starts_with(kind));
    own.map(|entry| entry["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn ctrl_c_ends_the_commands_and_undoes_the_tables_but_not_what_commands_did() {
    if !interrupts() {
        return;
    }
    let (project, simulator) = (project("sleep 410 & sleep 411"), simulator(&[]));
    let (run, id) = started(&project, &simulator, 6 + 3);
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new(), "{outcome}");
    let document = outcome.json();
    assert_eq!(outcomes(&document, "create-table"), ["rolled-back"; 3], "{document:#}");
    assert_eq!(outcomes(&document, "shell"), ["stands"; 3], "{document:#}");
    assert_eq!(last_code(&records(&project)), 130);
    project.osem("runs show last").success();
}

#[test]
fn a_second_signal_leaves_out_the_rollback_that_a_later_one_finishes() {
    if !interrupts() {
        return;
    }
    let command = "trap '' INT TERM; (sleep 412; sleep 413) & sleep 414; sleep 415";
    let (project, simulator) = (project(command), simulator(&[]));
    let (mut run, id) = started(&project, &simulator, 12);
    run.signal("INT");
    run.wait_for_stderr("ending the run");
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
    assert_eq!(simulator.dynamo().tables().len(), 3, "{outcome}");
    let document = outcome.json();
    assert_eq!(outcomes(&document, "create-table"), ["kept"; 3], "{document:#}");
    assert_eq!(last_code(&records(&project)), 143);
    project.osem("rollback last --confirm dev").status(2).expect_stderr("nothing takes back");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn a_second_signal_ends_a_rollback_whose_call_hangs() {
    if !interrupts() {
        return;
    }
    let simulator = simulator(&["hang on=DeleteTable count=3"]);
    let project = project("exit 1");
    let mut run = project.osem("t --yes --json --endpoint-url").args([&simulator.url]).start();
    run.wait_for_stderr("is being rolled back");
    while sent(&project) < 3 {
        std::thread::sleep(Duration::from_millis(5));
    }
    run.signal("INT");
    run.wait_for_stderr("ending the run");
    let second = Instant::now();
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    assert!(second.elapsed() < Duration::from_secs(8), "{outcome}");
    assert_eq!(last_code(&records(&project)), 130);
    let document = outcome.json();
    assert_eq!(outcomes(&document, "create-table"), ["kept"; 3], "{document:#}");
    project.osem("runs show last").success();
    project.osem("rollback last --confirm dev").status(2);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

/// How many deletions were about to be sent.
fn sent(project: &Project) -> usize {
    let events = records(project).into_iter().map(|record| record["event"].clone());
    let deletions = events.filter(|event| event["operation"] == "DeleteTable");
    deletions.filter(|event| event["type"] == "mutation-intended").count()
}

#[test]
fn a_killed_run_is_rolled_back_when_its_commands_have_been_ended() {
    let (project, simulator) = (project("sleep 416 & sleep 417"), simulator(&[]));
    let (run, id) = started(&project, &simulator, 9);
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    let outcome = project.osem("rollback last --confirm dev").status(2);
    outcome.expect_stderr("of a run that was killed still runs (process [PID]): it is ended first");
    outcome.expect_stderr("it was under way when the run was killed");
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}
