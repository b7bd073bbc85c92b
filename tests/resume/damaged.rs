//! Journals that cannot be read: what they say is not guessed, and nothing goes on past them.

use std::fs;

use crate::harness::Project;

use super::{at, refuses_teams_once, runs};

/// Changes the journal of a run: gets its lines without their ends, and gives them back.
fn edit(project: &Project, run: &str, change: fn(Vec<String>) -> Vec<String>) {
    let events = project.path().join(".osem/runs").join(run).join("events.ndjson");
    let lines = fs::read_to_string(&events).unwrap().lines().map(str::to_owned).collect();
    let text: String = change(lines).into_iter().map(|line| line + "\n").collect();
    fs::write(&events, text).unwrap();
}

fn is_header(line: &str) -> bool {
    line.contains("\"type\":\"run-started\"")
}

fn without_header(mut lines: Vec<String>) -> Vec<String> {
    lines.retain(|line| !is_header(line));
    lines
}

fn with_garbled_header(lines: Vec<String>) -> Vec<String> {
    let garbled =
        |line: String| if is_header(&line) { line[..line.len() / 2].to_owned() } else { line };
    lines.into_iter().map(garbled).collect()
}

#[test]
fn a_journal_without_its_start_is_damaged_and_not_one_that_changed_nothing() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let run = runs(&project)[0].clone();
    edit(&project, &run, without_header);
    for line in
        ["resume", "resume last", "rollback last", "runs show last", "setup --env dev --resume"]
    {
        let outcome = project.osem(line).status(1);
        outcome.expect_stderr("does not tell how it began");
        outcome.refuse_stderr("changed nothing");
    }
    let listed = project.osem("runs").success();
    assert!(listed.stdout().contains("unreadable"), "{listed}");
    assert_eq!(runs(&project).len(), 1);
}

#[test]
fn an_unfinished_run_whose_journal_is_damaged_is_not_passed_over() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let damaged = runs(&project)[0].clone();
    project.osem("setup").success();
    edit(&project, &damaged, with_garbled_header);
    let outcome = project.osem("resume").stdout("").status(1);
    outcome.expect_stderr(
        "the journal of run [RUN] cannot be read, so whether it is unfinished is not known",
    );
    let named = project.osem("resume").args([&damaged]).status(1);
    named.expect_stderr("the file was changed, or damaged");
    // What is named is gone on with; and so is what is left when the damaged one is gone.
    project.osem("resume").args([&runs(&project)[1]]).success();
    fs::remove_dir_all(project.path().join(".osem/runs").join(&damaged)).unwrap();
    project.osem("resume").success().expect_stderr("no run is unfinished");
}

#[test]
fn a_chain_with_a_damaged_journal_is_not_gone_on_with() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    project.osem("resume").success();
    project.osem("resume last").success();
    let [_, middle, last] = [0, 1, 2].map(|run| runs(&project)[run].clone());
    for change in [with_garbled_header, without_header] {
        edit(&project, &middle, change);
        for flag in ["", "-n"] {
            let outcome = project.osem(&format!("resume {last} {flag}")).stdout("").status(1);
            outcome.expect_stderr("run the task again: what is done is not done twice");
        }
    }
}
