//! Which of several runs is the later one, and what a rollback leaves of their order.

use std::fs;

use crate::harness::{Project, Simulator};

use super::{at, chain, listed, ran, refuses_teams_once, runs};

/// Gives a run another id, as though the clock had been wrong.
fn rename(project: &Project, from: &str, to: &str) {
    let folder = project.path().join(".osem/runs");
    fs::rename(folder.join(from), folder.join(to)).unwrap();
    let events = folder.join(to).join("events.ndjson");
    let text = fs::read_to_string(&events).unwrap();
    fs::write(&events, text.replace(from, to)).unwrap();
}

#[test]
fn a_run_is_later_than_those_before_it_also_when_the_clock_was_set_back() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let ahead = "20991231T235959Z-rrzz";
    rename(&project, &runs(&project)[0], ahead);
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps, chain("Teams"));
    project.osem("resume").success().expect_stderr("nothing to resume: no run is unfinished\n");
    assert_eq!(runs(&project)[0], ahead);
    assert_eq!(listed(&project)[1]["resumes"], ahead);
    assert_eq!(listed(&project)[0]["finishedBy"], runs(&project)[1].as_str());
}

#[test]
fn of_runs_that_waited_for_the_lock_the_one_that_had_it_last_is_the_later_one() {
    let faults = [
        "hang on=CreateTable table=\"*-Teams\" count=1",
        "deny on=CreateTable table=\"*-ConfigVersions\" count=1",
    ];
    let (project, simulator) =
        (Project::new(), Simulator::with_faults("--time-scale 100", &faults));
    let setup = |flags: &str| at(&project, &simulator, &format!("setup --env dev {flags}"));
    let mut first = setup("-j 1").start();
    first.wait_for_stderr("create-table[Teams] started");
    let mut slow = setup("--lock-wait 50s").start();
    slow.wait_for_stderr("waits for run ");
    slow.signal("STOP");
    let mut quick = setup("--lock-wait 50s").start();
    quick.wait_for_stderr("waits for run ");
    first.signal("KILL");
    first.finish();
    quick.finish().expect_code(2);
    slow.signal("CONT");
    slow.finish().expect_code(0);
    let codes: Vec<_> = listed(&project).iter().map(|run| run["exitCode"].clone()).collect();
    assert_eq!(codes, [serde_json::Value::Null, 2.into(), 0.into()]);
    project.osem("resume").success().expect_stderr("nothing to resume: no run is unfinished\n");
}

#[test]
fn when_a_resume_is_taken_back_the_run_before_it_is_unfinished_again() {
    let faults = [
        "deny on=CreateTable table=\"*-Teams\" count=1",
        "deny on=CreateTable table=\"*-ConfigVersions\" count=2",
    ];
    let (project, simulator) =
        (Project::new(), Simulator::with_faults("--time-scale 100", &faults));
    at(&project, &simulator, "setup --env dev").status(2);
    project.osem("resume").status(2);
    let [first, second] = [0, 1].map(|run| runs(&project)[run].clone());
    let stands = format!("run {first}, which {second} resumed, stands: osem rollback {first}");
    let outcome = project.osem("rollback last --confirm dev").success();
    assert!(outcome.raw_stderr.contains(&stands), "{outcome}");
    assert_eq!(simulator.dynamo().tables().len(), 4);
    // Nothing that it would be gone on from is removed.
    project.osem("runs prune --keep 0").success();
    assert!(runs(&project).contains(&first));
    let shown = project.osem("resume -n").success();
    assert!(shown.raw_stdout.contains("+ osem-dev-Teams: CreateTable"), "{shown}");
    assert!(!shown.raw_stdout.contains("osem-dev-Users: CreateTable"), "{shown}");
    let (steps, _) = ran(project.osem("resume"), 0);
    let mut wanted = [chain("Teams"), chain("ConfigVersions")].concat();
    wanted.sort();
    assert_eq!(steps, wanted);
    assert_eq!(simulator.dynamo().tables().len(), 6);
}

#[test]
fn a_killed_run_that_was_taken_back_goes_with_the_record_of_that() {
    let (project, simulator) = (Project::new(), Simulator::start("--time-scale 2"));
    let mut run = at(&project, &simulator, "setup --env dev -j 1").start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("KILL");
    run.finish();
    project.osem("rollback last --confirm dev").success();
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    // One run may stay: then what took it back stays, too.
    project.osem("runs prune --keep 1").success();
    project.osem("resume -n").stdout("").success().expect_stderr("nothing to resume");
    project.osem("runs prune --keep 0").success();
    assert_eq!(runs(&project), Vec::<String>::new());
}

#[test]
fn the_record_of_a_rollback_stays_for_as_long_as_the_run_that_was_taken_back_in_part() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    simulator.dynamo().put("osem-dev-Users", "userId");
    project.osem("rollback last --confirm dev").status(2);
    project.osem("runs prune --keep 0").success();
    assert_eq!(runs(&project).len(), 2);
    let again = project.osem("rollback last --confirm dev").status(2);
    again.expect_stderr("of [RUN]: 1 step left standing");
}

#[test]
fn the_last_run_is_the_one_that_a_rollback_took_back() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    project.osem("rollback last --confirm dev").success();
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    let (steps, outcome) = ran(project.osem("resume last"), 0);
    assert_eq!(steps.len(), 6 * chain("Teams").len(), "{outcome}");
    assert_eq!(listed(&project)[2]["resumes"], runs(&project)[0].as_str());
    let again = project.osem("run setup --resume=last").success();
    again.expect_stderr("nothing is outstanding");
}
