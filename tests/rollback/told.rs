//! What a rollback says beforehand, and what is told of it afterwards.

use serde_json::json;

use crate::harness::{Outcome, Project, Simulator};

use super::{on, setup, simulator, whole};

const TEAMS: &str = "deny on=CreateTable table=osem-dev-Teams";

/// The runs of a project as `osem runs` has them, oldest first.
fn listed(project: &Project) -> Vec<serde_json::Value> {
    let document = project.osem("runs").json(0);
    document["data"]["runs"].as_array().unwrap().iter().rev().cloned().collect()
}

fn rows(outcome: &Outcome) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    outcome.stdout().lines().skip(1).map(words).collect()
}

#[test]
fn a_dry_run_shows_what_would_be_undone_and_what_would_stand() {
    let (project, simulator) = (Project::new(), simulator(&[]));
    setup(&project, &simulator).success();
    let shown = project.osem("rollback last -n").success();
    assert!(
        shown.stdout().starts_with("rollback of setup [RUN] in dev (us-east-1, http"),
        "{shown}"
    );
    assert!(
        shown.stdout().contains("\n  create-table[Users]: delete osem-dev-Users, if it is empty\n")
    );
    assert_eq!(simulator.dynamo().tables().len(), 6);
    assert_eq!(listed(&project).len(), 1, "nothing is recorded of it");
    let document = project.osem("rollback last -n").json(0);
    assert_eq!(document["data"]["warnings"].as_array().unwrap().len(), 6, "{document:#}");
}

#[test]
fn where_nothing_may_be_deleted_nobody_is_asked_to_delete() {
    for protected in ["", "account \"111111111111\"; protected;"] {
        let project = Project::of(format!(
            "osem 1\nproject p {{ table-name \"p-{{table}}\"; }}\n\
             environment dev {{ region us-east-1; {protected} }}\ntable Users hash=id\n\
             task setup {{ for-each table {{ step create-table; }}; }}\n",
        ));
        let simulator = simulator(&[]);
        on(&project, &simulator, "setup --confirm dev").success();
        let outcome = project.osem("rollback last").status(2);
        outcome.expect_stderr(
            "  create-table[Users]: stands, because environment `dev` does not say allow-destroy; \
             else: delete p-Users, if it is empty",
        );
        outcome.refuse_stderr("needs a confirmation");
        assert_eq!(simulator.dynamo().tables(), ["p-Users"]);
    }
}

#[test]
fn the_list_of_runs_says_what_was_taken_back_by_which() {
    let (project, simulator) = (Project::new(), simulator(&[TEAMS]));
    setup(&project, &simulator).status(2);
    simulator.dynamo().put("osem-dev-Users", "userId");
    project.osem("rollback last --confirm dev").status(2);
    let partly = rows(&project.osem("runs").success());
    assert!(
        partly[0].contains("partial") && partly[0].ends_with(" 4/5 undoes [RUN]"),
        "{partly:?}"
    );
    assert!(partly[1].ends_with(" rolled back in part by [RUN]"), "{partly:?}");
    simulator.dynamo().call("DeleteTable", &json!({ "TableName": "osem-dev-Users" }));
    project.osem("rollback last --confirm dev").success();
    let runs = listed(&project);
    assert_eq!(runs[2]["undoes"], runs[0]["runId"]);
    assert_eq!(runs[0]["rolledBackBy"], runs[2]["runId"]);
    assert_eq!(runs[2]["steps"]["succeeded"], 1);
    let shown = project.osem("runs show").args([runs[0]["runId"].as_str().unwrap()]).success();
    assert!(shown.stdout().contains("\nrolled back by [RUN]\n"), "{shown}");
    assert!(!shown.stdout().contains("osem resume"), "{shown}");
}

#[test]
fn a_rollback_that_failed_is_no_partial_run() {
    let faults = [TEAMS, "deny on=DeleteTable table=osem-dev-Users"];
    let (project, simulator) = (whole(), simulator(&faults));
    setup(&project, &simulator).status(3);
    assert_eq!(listed(&project)[0]["status"], "rollback-failed");
}

#[test]
fn whoever_undoes_a_run_is_told_which_one_counts_on_it() {
    let fault = format!("{TEAMS} count=1");
    let (project, simulator) = (Project::new(), simulator(&[&fault]));
    setup(&project, &simulator).status(2);
    project.osem("resume").success();
    let first = listed(&project)[0]["runId"].as_str().unwrap().to_owned();
    let counts = "! run [RUN] went on with [RUN] and counts on what it made; \
                  undo it first: osem rollback [RUN]\n";
    let asked = project.osem("rollback").args([&first]).status(77);
    asked.expect_stderr(counts);
    let shown = project.osem("rollback -n").args([&first]).success();
    assert!(shown.stdout().contains(counts), "{shown}");
    project.osem("rollback --confirm dev").args([&first]).success();
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Teams"]);
    // What is gone was taken back, and by which run is said.
    let shown = project.osem("resume last").status(0);
    shown.expect_stderr("outstanding: create-table[Users] and 4 more: rolled back in run [RUN]\n");
    assert_eq!(simulator.dynamo().tables().len(), 6);
}

#[test]
fn a_resume_that_undoes_itself_says_what_of_the_run_before_it_stands() {
    let (project, simulator) = (Project::new(), simulator(&[TEAMS]));
    setup(&project, &simulator).args(["--no-rollback"]).status(2);
    let outcome = project.osem("resume").status(2);
    assert_eq!(simulator.dynamo().tables().len(), 5);
    drop(outcome);
    let denied = "deny on=ListTagsOfResource table=osem-dev-Teams";
    let faults = [format!("{TEAMS} count=1"), denied.to_owned()];
    let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
    let (project, simulator) = (Project::new(), Simulator::with_faults(super::FLAGS, &faults));
    on(&project, &simulator, "setup").status(2);
    let outcome = project.osem("resume").status(2);
    outcome.expect_stderr("create-table[Teams] rolled back: ");
    outcome.expect_stderr("what run [RUN] changed stands: osem rollback [RUN]");
    assert_eq!(simulator.dynamo().tables().len(), 5);
}

#[test]
fn nothing_left_is_said_to_programs_too() {
    let (project, simulator) = (Project::new(), simulator(&[]));
    setup(&project, &simulator).success();
    project.osem("rollback last --confirm dev").success();
    let document = project.osem("rollback last").json(0);
    let said = document["data"]["warnings"][0].as_str().unwrap();
    assert!(said.starts_with("nothing of run ") && said.ends_with(" is left to undo"), "{said}");
}
