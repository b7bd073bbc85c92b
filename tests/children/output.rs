//! What becomes of what a command writes.

use std::os::unix::fs::PermissionsExt;

use crate::harness::Project;

use super::{log, project, raw_log};

#[test]
fn a_failure_shows_the_last_lines_and_says_where_all_are() {
    let project =
        project(r#"task t { step shell "seq 1 30; printf '\\033[31mred\\a' >&2; exit 3"; }"#);
    let outcome = project.osem("t").status(2);
    outcome.expect_stderr("✗ shell: exited with 3\n  said:  12\n         13\n");
    outcome.expect_stderr("         30\n         red\\u{7}\n");
    outcome.refuse_stderr("  said:  11");
    assert!(log(&project, "shell").starts_with("1\n2\n3\n"));
    let document = project.osem("t").json(2);
    let details = &document["data"]["steps"][0]["error"]["details"];
    assert_eq!(details["exitCode"], "3", "{document:#}");
    assert!(details["log"].as_str().unwrap().ends_with("/steps/shell.log"), "{document:#}");
}

#[test]
fn output_is_streamed_under_the_step_s_name_when_that_is_asked_for() {
    let project = project(
        r#"task t { step shell "echo one; sleep 0.1; printf 't\\033[2Jwo\\n'; sleep 60"; }"#,
    );
    let mut run = project.osem("t -v").start();
    run.wait_for_stderr("] shell | one\n");
    run.wait_for_stderr("] shell | two\n");
    run.signal("TERM");
    run.finish().expect_code(143);
    project.osem("t --timeout 1s").status(124).refuse_stderr("shell | one");
}

#[test]
fn a_flood_an_endless_line_and_garbage_are_kept_in_part_and_hurt_nobody() {
    let project = project(
        r#"task t {
            step shell "yes 0123456789abcde | head -c 100000000" id=flood
            step shell "head -c 3000000 /dev/zero | tr '\\0' x; echo; echo next" id=endless
            step shell "head -c 1000000 /dev/urandom; exit 1" id=garbage
        }"#,
    );
    let outcome = project.osem("t").status(2);
    assert!(outcome.raw_stderr.len() < 100_000, "{} bytes", outcome.raw_stderr.len());
    assert!(!outcome.raw_stderr.contains('\u{1b}'));
    let flood = raw_log(&project, "flood");
    assert!(flood.ends_with(b"\n[cut after 64 MiB]\n"));
    assert_eq!(flood.len(), (64 << 20) + 20);
    let endless = log(&project, "endless");
    assert!(endless.ends_with("x [line cut after 1 MiB]\nnext\n"));
    assert_eq!(raw_log(&project, "garbage").len(), 1_000_000);
}

#[test]
fn logs_are_for_their_owner_alone_and_attempts_follow_each_other() {
    let project = project(
        r#"task t { step shell "echo try $OSEM_ATTEMPT; test $OSEM_ATTEMPT = 2 || exit 75" { retry 3 delay="1ms"; }; }"#,
    );
    project.osem("t").success().expect_stderr("2 attempts");
    assert_eq!(log(&project, "shell"), "try 1\n[attempt 2]\ntry 2\n");
    let steps = project.runs()[0].join("steps");
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(steps.join("shell.log")), mode(steps)), (0o600, 0o700));
}

#[test]
fn a_run_that_leaves_nothing_behind_keeps_no_output_and_still_shows_it() {
    let project = Project::of(
        "osem 1\nproject kids\nenvironment local default=#true { region us-east-1; emulator; }\n\
         task t { step shell \"echo why; exit 1\" effect=read; }",
    );
    // A command that only reads changed nothing: exit 1.
    project.osem("t").status(1).expect_stderr("said:  why");
    assert!(!project.path().join(".osem/runs").exists());
}
