//! What stands on stdout and stderr, and what happens when nobody reads.

use crate::harness::Project;

#[test]
fn nobody_reading_stdout_is_no_failure() {
    let project = Project::new();
    for line in
        ["setup", "list-tables", "plan", "list", "completions zsh", "--help", "check --json"]
    {
        let outcome = project.osem(line).closed_stdout().success();
        outcome.refuse_stderr("panicked");
        outcome.refuse_stderr("Broken pipe");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure_that_is_told() {
    let project = Project::new();
    project.osem("setup").success();
    for line in ["list-tables", "plan", "runs", "list", "verify --json", "--help", "-V"] {
        let outcome = project.osem(line).full_stdout().status(1);
        outcome.expect_stderr("failed to write the result to stdout: No space left on device");
    }
}

#[test]
fn verbose_shows_every_call_with_its_time() {
    let project = Project::new();
    let outcome = project.osem("setup -v").stdout("").success();
    for table in ["Users", "Teams"] {
        for (step, call) in [
            ("create-table", "CreateTable"),
            ("wait-active", "DescribeTable"),
            ("verify", "DescribeTable"),
        ] {
            outcome.expect_stderr(&format!(
                "[[TIME]] {step}[{table}] call: {call} osem-local-{table} ([DURATION])\n"
            ));
        }
    }
    outcome.expect_stderr("[[TIME]] run [RUN], 8 at once, 6 tables\n");
    assert!(outcome.stderr().contains(" API calls, "), "{outcome}");
}

#[test]
fn without_verbose_no_call_is_shown() {
    Project::new().osem("setup").success().refuse_stderr(" call: ");
}

#[test]
fn quiet_says_only_the_final_line_and_failures() {
    let project = Project::new();
    assert_eq!(project.osem("setup -q").success().stderr().lines().count(), 1);
    let outcome = project.osem("list-tables -q").success();
    assert_eq!(outcome.stderr().lines().count(), 1, "{outcome}");
    assert_eq!(outcome.stdout().lines().count(), 7, "{outcome}");
}

#[test]
fn there_are_no_colours_without_a_terminal_unless_asked_for() {
    let project = Project::new();
    assert!(!project.osem("setup").success().raw_stderr.contains('\x1b'));
    assert!(project.osem("setup --color always").success().raw_stderr.contains('\x1b'));
    assert!(!project.osem("setup --color never").success().raw_stderr.contains('\x1b'));
}

#[test]
fn another_locale_gets_plain_ascii() {
    let project = Project::new();
    let outcome = project.osem("setup").env("LC_ALL", "C").success();
    assert!(outcome.raw_stderr.is_ascii(), "{outcome}");
    let outcome = Project::of("osem 1\n").osem("check").env("LC_ALL", "POSIX").status(65);
    assert!(outcome.raw_stderr.is_ascii(), "{outcome}");
}

#[test]
fn every_line_of_progress_has_its_time() {
    let outcome = Project::new().osem("setup").success();
    let events = outcome.stderr();
    let events = events.split("\n\n").next().unwrap();
    assert!(events.lines().all(|line| line.starts_with("[[TIME]] ")), "{outcome}");
    assert_eq!(events.lines().count(), 1 + 2 * 31, "{outcome}");
}

#[test]
fn quiet_does_not_show_a_plan_that_is_confirmed_already() {
    let project = Project::new();
    project.osem("setup").success();
    let outcome = project.osem("delete-tables -q --confirm local").success();
    assert_eq!(outcome.stderr().lines().count(), 1, "{outcome}");
}
