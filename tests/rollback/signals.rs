//! Runs that are asked to end: Ctrl-C undoes what is not complete, everything else leaves no time for
//! that.

use serde_json::Value;

use crate::harness::{Process, Project, Simulator};

use super::{entry, setup, undone, whole};

/// Tables with indexes are made for more than three seconds.
fn slow() -> Simulator {
    Simulator::start("--time-scale 4 --mutation-rate 1000")
}

fn under_way(project: &Project, simulator: &Simulator) -> Process {
    let mut run = setup(project, simulator).args(["--json"]).start();
    run.wait_for_stderr("wait-active[ConfigVersions] started");
    run
}

/// The tables whose chain came to its end.
fn complete(document: &Value) -> Vec<String> {
    let steps = document["data"]["steps"].as_array().unwrap().iter();
    let done = steps.filter(|step| step["kind"] == "tag" && step["status"] == "succeeded");
    let mut names: Vec<String> =
        done.map(|step| format!("osem-dev-{}", step["table"].as_str().unwrap())).collect();
    names.sort();
    names
}

#[test]
fn after_ctrl_c_a_table_is_complete_or_not_there() {
    let (project, simulator) = (Project::new(), slow());
    let run = under_way(&project, &simulator);
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    let document = outcome.json();
    assert_eq!(simulator.dynamo().tables(), complete(&document), "{outcome}");
    assert!(undone(&document).iter().all(|(_, status)| status == "rolled-back"), "{outcome}");
    assert!(undone(&document).len() >= 5, "{outcome}");
}

#[test]
fn what_is_asked_to_end_at_once_undoes_nothing() {
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let (project, simulator) = (Project::new(), slow());
        let run = under_way(&project, &simulator);
        run.signal(signal);
        let outcome = run.finish();
        outcome.expect_code(code);
        let document = outcome.json();
        assert_eq!(simulator.dynamo().tables().len(), 6, "{outcome}");
        let left = entry(&document, "create-table[ConfigVersions]");
        assert_eq!(left["status"], "kept");
        assert_eq!(left["message"], format!("the run was ended by SIG{signal}"));
        project.osem("rollback last --confirm dev").success();
        assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    }
}

#[test]
fn a_run_out_of_time_undoes_nothing() {
    let (project, simulator) = (Project::new(), slow());
    let outcome = setup(&project, &simulator).args(["--timeout", "3s"]).status(124);
    outcome.expect_stderr(
        "create-table[ConfigVersions] not rolled back: the run was ended by timeout",
    );
    outcome.expect_stderr("osem resume [RUN], or undo it: osem rollback [RUN]\n");
    assert_eq!(simulator.dynamo().tables().len(), 6);
}

/// A run that undoes six tables, one after the other.
fn undoing(project: &Project, simulator: &Simulator) -> Process {
    let mut run = setup(project, simulator).args(["-j", "1", "--json"]).start();
    run.wait_for_stderr("is being rolled back");
    run
}

fn failing() -> Simulator {
    let fault = "deny on=ListTagsOfResource table=osem-dev-ConfigVersions";
    Simulator::with_faults("--time-scale 12 --mutation-rate 1000", &[fault])
}

#[test]
fn a_rollback_ends_with_the_time_of_its_run() {
    let fault = "deny on=ListTagsOfResource table=osem-dev-ConfigVersions";
    // A table takes a while to go, and the first step that fails comes long before.
    let slow_to_go = "delay by=\"20s\" on=DeleteTable";
    let flags = "--time-scale 200 --mutation-rate 1000";
    let simulator = Simulator::with_faults(flags, &[fault, slow_to_go]);
    let run = setup(&whole(), &simulator).args(["-j", "1", "--timeout", "8s"]);
    let outcome = run.status(124);
    outcome.expect_stderr("not rolled back: the run was ended by timeout");
}

#[test]
fn ctrl_c_while_a_run_is_undone_lets_it_come_to_its_end() {
    let (project, simulator) = (whole(), failing());
    let run = undoing(&project, &simulator);
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new(), "{outcome}");
}

#[test]
fn a_rollback_that_is_asked_to_end_is_finished_by_the_next() {
    let (project, simulator) = (whole(), failing());
    let run = undoing(&project, &simulator);
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    let left = simulator.dynamo().tables().len();
    assert!(left >= 4, "{outcome}");
    let kept = undone(&outcome.json()).into_iter().filter(|(_, status)| status == "kept");
    assert!(kept.count() >= 4, "{outcome}");
    // That one, too, can be interrupted.
    let mut second = project.osem("rollback last --confirm dev -j 1").start();
    second.wait_for_stderr("is being rolled back");
    second.signal("INT");
    second.finish().expect_code(130);
    let outcome = project.osem("rollback last --confirm dev").success();
    outcome.expect_stderr("✓ rollback in dev: of [RUN]: ");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn a_rollback_that_is_killed_is_finished_by_the_next() {
    let (project, simulator) = (whole(), failing());
    let run = undoing(&project, &simulator);
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    let mut second = project.osem("rollback last --confirm dev -j 1").start();
    second.wait_for_stderr("is being rolled back");
    second.signal("KILL");
    assert_eq!(second.finish().code(), None);
    project.osem("rollback last --confirm dev").success();
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    let applied = simulator.statistics()["applied"].clone();
    assert_eq!((&applied["CreateTable"], &applied["DeleteTable"]), (&6.into(), &6.into()));
}
