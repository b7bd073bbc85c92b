//! The end of a command, and of what it started.

use std::time::Duration;

use crate::harness::{living, wait_for_living};

use super::{log, project};

/// A name that only the processes of one test are given.
fn mark(project: &crate::harness::Project) -> String {
    project.path().parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn only_exit_75_is_tried_again_and_only_where_the_file_says_so() {
    let project = project(
        r#"
        task plain { step shell "exit 75"; }
        task other { step shell "exit 1" { retry 3 delay="1ms"; }; }
        task twice { step shell "exit 75" { retry 1 delay="1ms"; }; }
        task killed { step shell "kill -9 $$"; }
        "#,
    );
    let attempts = |line: &str| project.osem(line).json(2)["data"]["steps"][0]["attempts"].clone();
    assert_eq!(attempts("plain"), 1);
    assert_eq!(attempts("plain --retries 5"), 1);
    assert_eq!(attempts("other"), 1);
    assert_eq!(attempts("twice"), 2);
    assert_eq!(attempts("twice --retries 3"), 4);
    project.osem("killed").status(2).expect_stderr("shell: ended by signal 9");
}

#[test]
fn the_retry_of_the_defaults_does_not_apply_to_commands() {
    let project = project(
        "defaults { step { retry 5 delay=\"1ms\"; }; }\n task t { step shell \"exit 75\"; }",
    );
    assert_eq!(project.osem("t").json(2)["data"]["steps"][0]["attempts"], 1);
}

#[test]
fn what_a_command_leaves_in_its_group_is_ended_with_a_warning() {
    let project = project(
        r#"task t { step shell "sleep 300 & (trap '' TERM; sleep 301) & sleep 0.2" { env MARK "{run.id}"; }; }"#,
    );
    let outcome = project.osem("t").success();
    outcome.expect_stderr(
        "⚠ shell: it ended and left process [PID] (sleep), process [PID] (sleep) running",
    );
    let runs = project.osem("runs").json(0);
    let run = runs["data"]["runs"][0]["runId"].as_str().unwrap();
    assert_eq!(living("MARK", run), Vec::<u32>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn a_daemon_that_leaves_the_group_is_found_and_told() {
    let project = project("");
    let mark = mark(&project);
    let project = project.edit(
        "table Users hash=userId\n",
        &format!(
            "table Users hash=userId\ntask t {{ step shell \"setsid sleep 302 >/dev/null 2>&1 & sleep 0.3\" \
             {{ env MARK \"{mark}\"; }}; step shell \"echo next\" id=next; }}\n"
        ),
    );
    let outcome = project.osem("t").success();
    let told = "process [PID] (sleep) left the step's process group and still runs";
    outcome.expect_stderr(&format!("⚠ shell: {told}\n"));
    assert_eq!(outcome.stderr().matches(told).count(), 2, "when it happens, and at the end");
    let daemon = wait_for_living("MARK", &mark, 1);
    kill(daemon[0]);
}

/// Ends a process that a test itself started.
fn kill(pid: u32) {
    let status = std::process::Command::new("sh").args(["-c", &format!("kill -9 {pid}")]).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_step_that_takes_too_long_is_ended_with_all_that_it_started() {
    let project = project(
        r#"task t {
            step shell "trap '' TERM; echo on; (trap '' TERM; sleep 303) & sleep 304; sleep 305" {
                timeout "3s"
                env MARK "{run.id}"
            }
        }"#,
    );
    let document = project.osem("t").patience(Duration::from_mins(2)).json(2);
    let step = &document["data"]["steps"][0];
    assert_eq!(step["status"], "timed-out", "{document:#}");
    assert_eq!(step["error"]["code"], "STEP_TIMED_OUT");
    assert_eq!(step["error"]["details"]["said"], "on");
    assert_eq!(living("MARK", document["runId"].as_str().unwrap()), Vec::<u32>::new());
}

#[test]
fn a_step_that_ends_when_it_is_asked_to_does_so_at_its_timeout() {
    let project = project(
        r#"task t { step shell "trap 'echo bye; exit 0' TERM; sleep 306 & wait" { timeout "1s"; }; }"#,
    );
    let outcome = project.osem("t").status(2);
    outcome.expect_stderr("shell timed out: the step's time is over: the command was ended");
    assert!(outcome.took < Duration::from_secs(9), "{outcome}");
    assert_eq!(log(&project, "shell"), "bye\n");
}
