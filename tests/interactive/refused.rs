//! Where there is no terminal to take.

use super::{project, task};
use crate::harness::{Project, Session};

fn asks() -> Project {
    task(
        r#"step shell "touch first" id=first
        step shell "read line" id=ask { interactive; }"#,
    )
}

#[test]
fn without_a_terminal_nothing_is_run() {
    let project = asks();
    let outcome = project.osem("t").output();
    outcome.expect_code(64);
    outcome.expect_stderr("step ask takes the terminal (interactive), and stdin is no terminal");
    outcome.expect_stderr("run it in a terminal, or leave the step out: --skip 'ask'");
    assert!(!project.path().join("first").exists());
    let document = project.osem("t").json(64);
    assert_eq!(document["error"]["code"], "USAGE_INVALID");
    assert_eq!(
        document["error"]["message"],
        "step ask takes the terminal (interactive), and stdout belongs to --json"
    );
    let outcome = project.osem("t --events -").output();
    outcome.expect_code(64);
    outcome.expect_stderr("and stdout belongs to --events -");
    assert!(!project.path().join("first").exists());
}

#[test]
fn a_run_that_does_not_come_to_it_needs_no_terminal() {
    let project = asks();
    let outcome = project.osem("t --skip ask").output();
    outcome.refuse_stderr("takes the terminal");
    assert!(project.path().join("first").exists());
    project.osem("plan t").success();
    project.osem("check").success();
}

#[test]
fn in_ci_and_in_the_background_nothing_is_run() {
    let project = asks();
    let mut session = Session::osem_in_ci(&project, "t");
    let text = session.until_ended(64);
    assert!(text.contains("nobody sits at the terminal of CI (CI is set)"), "{text}");
    let mut session = Session::shell(&project);
    session.type_in("osem t &\n");
    session.until_shown("osem is in the background of it");
    session.type_in("wait; exit 0\n");
    session.until_ended(0);
    assert!(!project.path().join("first").exists());
}

#[test]
fn a_plan_says_that_a_step_takes_the_terminal() {
    let project = asks();
    let outcome = project.osem("plan t").output();
    let wanted = "(may write, interactive: takes the terminal alone)";
    assert_eq!(outcome.stdout().matches(wanted).count(), 1, "{outcome}");
    let document = project.osem("plan t").json(0);
    let steps = document["data"]["steps"].as_array().unwrap();
    let marked: Vec<_> = steps.iter().filter(|step| step["interactive"] == true).collect();
    assert_eq!(marked.len(), 1, "{document:#}");
}

#[test]
fn only_what_can_use_a_terminal_is_interactive_and_it_is_run_once() {
    let project = project(
        r#"step-kind asked { plugin "sh"; }
        task t {
            step list-tables { interactive; }
            step asked { interactive; }
            step shell "true" { interactive; retry 2; }
            step shell "true" id=off { interactive #false; retry 2; }
        }"#,
    );
    let outcome = project.osem("check").output();
    outcome.expect_code(65);
    outcome.expect_stderr("step `list-tables` runs no command, so it needs no terminal");
    outcome.expect_stderr("step `asked` asks a plugin, whose input and output are its protocol");
    outcome.expect_stderr("a step that takes the terminal is not tried again by itself");
    outcome.expect_stderr("3 errors in the configuration");
}
