//! Which run is resumed.

use serde_json::json;

use crate::harness::{Project, Simulator};

use super::{STEPS, at, chain, listed, ran, refuses_teams_once, runs};

#[test]
fn without_an_unfinished_run_there_is_nothing_to_do() {
    let project = Project::new();
    for prepare in ["list", "setup"] {
        project.osem(prepare).success();
        let outcome = project.osem("resume").stdout("").success();
        assert_eq!(outcome.stderr(), "nothing to resume: no run is unfinished\n");
    }
    let document = project.osem("resume --env dev").json(0);
    assert_eq!((&document["success"], &document["exitCode"]), (&json!(true), &json!(0)));
    let said = "nothing to resume: no run in dev is unfinished";
    assert_eq!(document["data"]["warnings"], json!([said]));
    assert_eq!(runs(&project).len(), 1, "nothing is recorded of it");
}

#[test]
fn a_run_is_found_by_the_start_of_its_id() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let id = runs(&project)[0].clone();
    project.osem("resume 1999").stdout("").status(64).expect_stderr("no run `1999`");
    let (steps, _) = ran(project.osem("resume").args([&id[..18]]), 0);
    assert_eq!(steps, chain("Teams"));
    // It is followed to the run that finished it, of which nothing is left.
    let (steps, outcome) = ran(project.osem("resume").args([&id]), 0);
    assert_eq!(steps, Vec::<String>::new());
    outcome.expect_stderr("nothing is outstanding");
    assert_eq!(listed(&project)[2]["resumes"], json!(runs(&project)[1]));
}

#[test]
fn of_several_unfinished_runs_one_must_be_named() {
    let (project, dev, staging) = (Project::new(), refuses_teams_once(), refuses_teams_once());
    at(&project, &dev, "setup --env dev").status(2);
    at(&project, &staging, "setup --env staging").status(2);
    let outcome = project.osem("resume").stdout("").status(64);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ 2 runs are unfinished
      said:  osem resume [RUN]: setup in staging, exit 2
             osem resume [RUN]: setup in dev, exit 2
      cause: nothing was changed
      fix:   name the one that is meant, by its id or with --env
    ");
    let (steps, _) = ran(project.osem("resume --env dev"), 0);
    assert_eq!(steps, chain("Teams"));
    // Now it is the only one; a variable chooses as the flag does.
    let outcome = project.osem("resume").env("OSEM_ENV", "dev").success();
    outcome.expect_stderr("nothing to resume: no run in dev is unfinished (unfinished elsewhere: ");
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps, chain("Teams"));
}

#[test]
fn a_later_run_of_the_task_takes_the_place_of_an_unfinished_one() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    at(&project, &simulator, "setup --env dev").success();
    project.osem("resume").success().expect_stderr("nothing to resume");
}

#[test]
fn what_another_task_may_have_undone_is_not_gone_on_with_unasked() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    at(&project, &simulator, "delete-tables --env dev --confirm dev").success();
    let outcome = project.osem("resume").stdout("").status(64);
    outcome.expect_stderr("another task ran since the run that is unfinished");
    outcome.expect_stderr("setup in dev, exit 2; delete-tables ran since");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    let (steps, _) = ran(project.osem("setup --env dev --resume"), 0);
    assert_eq!(steps.len(), STEPS - 1);
}

#[test]
fn a_task_is_gone_on_with_or_started_afresh() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    let setup = |flag: &str| at(&project, &simulator, &format!("setup --env dev {flag}"));
    let (steps, outcome) = ran(setup("--resume"), 2);
    outcome.expect_stderr("no run of setup in dev is unfinished: starts afresh\n");
    assert_eq!(steps.len(), STEPS - chain("Teams").len() + 1);
    let id = runs(&project)[0].clone();
    let (steps, _) = ran(project.osem(&format!("run setup --resume={id}")), 0);
    assert_eq!(steps, chain("Teams"));
    let other = project.osem(&format!("delete-tables --env dev --resume={id}")).status(65);
    other.expect_stderr("task: setup in that run, delete-tables now");
    let (steps, _) = ran(setup("").env("OSEM_RESUME", &id), 0);
    assert_eq!(steps, Vec::<String>::new());
}

#[test]
fn a_run_that_goes_on_is_not_resumed() {
    let hang = "hang on=CreateTable table=\"*-Teams\" count=1";
    let simulator = Simulator::with_faults("--time-scale 100", &[hang]);
    let project = Project::new();
    let mut run = at(&project, &simulator, "setup --env dev -j 1").start();
    run.wait_for_stderr("create-table[Teams] started");
    let outcome = project.osem("resume").stdout("").status(75);
    outcome.expect_stderr("run [RUN] (setup in dev) is running");
    let id = runs(&project)[0].clone();
    let document = project.osem("resume").args([&id]).json(75);
    assert_eq!(document["error"]["code"], "LOCKED");
    // One that waits for it reads afterwards what is left.
    let mut patient = project.osem("resume --lock-wait 50s").args(["--events", "-"]).start();
    patient.wait_for_stderr("waits for run ");
    run.signal("KILL");
    run.finish();
    let outcome = patient.finish();
    outcome.expect_code(0);
    assert!(!outcome.raw_stdout.contains("\"type\":\"step-started\",\"step\":\"tag[Users]\""));
}

#[test]
fn a_rehearsal_is_resumed_as_a_rehearsal() {
    let project = Project::new();
    let fault = "deny on=CreateTable table=\"*-Teams\"";
    let flags = "--rehearse --time-scale 1000";
    let run = project.osem(&format!("setup --env prod --confirm prod {flags}"));
    run.args(["--fault", fault]).status(2);
    let outcome = project.osem("resume --confirm prod --time-scale 1000").success();
    outcome.expect_stderr("a rehearsal: nothing in account 033333333333 was touched");
    // Without its faults it is another simulator of the same tables.
    assert_eq!(listed(&project)[1]["rehearsal"], true);
    let later = project.osem("resume last --time-scale 1000 --fault").args([fault]);
    later.args(["--confirm", "prod"]).success();
}

#[test]
fn a_resume_is_confirmed_as_a_run_is() {
    let project = Project::new();
    let run = project.osem("setup --env prod --confirm prod --rehearse --time-scale 1000");
    run.args(["--fault", "deny on=CreateTable table=\"*-Teams\""]).status(2);
    let outcome = project.osem("resume --yes").stdout("").status(77);
    outcome.expect_stderr("+ osem-prod-Teams: CreateTable");
    outcome.refuse_stderr("osem-prod-Users");
    assert_eq!(runs(&project).len(), 1, "what is not confirmed leaves nothing");
    let shown = project.osem("resume -n").success();
    assert!(shown.raw_stdout.contains("+ osem-prod-Teams: CreateTable"), "{shown}");
    assert!(!shown.raw_stdout.contains("osem-prod-Users"), "{shown}");
    assert_eq!(runs(&project).len(), 1, "a dry run leaves nothing");
}

#[test]
fn a_journal_that_cannot_be_read_is_not_gone_on_with() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let file = project.path().join(".osem/runs").join(&runs(&project)[0]).join("events.ndjson");
    let whole = std::fs::read_to_string(&file).unwrap();
    let (head, tail) = whole.split_at(whole.find("{\"v\":1,\"at\"").unwrap());
    for (damage, said) in [
        (
            format!("{head}{tail}").replacen("\"type\":\"step-finished\"", "\"type\":\"step-f", 1),
            "/events.ndjson, line ",
        ),
        (
            whole.replacen("\"type\":\"step-finished\"", "\"type\":\"step-moved\"", 1),
            "is of a later version of osem",
        ),
    ] {
        std::fs::write(&file, damage).unwrap();
        let outcome = project.osem("resume").stdout("").status(1);
        outcome.expect_stderr(said);
        outcome.expect_stderr("run the task again: what is done is not done twice");
    }
}
