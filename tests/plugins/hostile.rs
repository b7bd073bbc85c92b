//! Plugins that do not keep to the protocol: each is a failed step that says what was wrong, and nothing
//! of its group lives on.

use std::time::Instant;

use super::{plugin, program, project};
use crate::harness::{Outcome, Project, living};

const TASK: &str = "step-kind k { plugin \"tasks/p\"; param fill default=x; timeout \"2m\"; }\n\
    task t { step k; }";

fn hostile(execute: &str) -> Project {
    plugin(TASK, execute)
}

/// The step fails, says so, and leaves no process.
#[track_caller]
fn fails(project: &Project, messages: &[&str]) -> Outcome {
    let outcome = project.osem("t").status(2);
    for message in messages {
        outcome.expect_stderr(message);
    }
    let runs = project.osem("runs").json(0);
    let run = runs["data"]["runs"][0]["runId"].as_str().unwrap();
    assert_eq!(living("OSEM_RUN_ID", run), Vec::<u32>::new());
    outcome
}

#[test]
fn one_that_exits_with_0_and_no_result() {
    fails(&hostile("echo tail >&2; exit 0"), &["✗ k: it printed no result", "tail"]);
}

#[test]
fn one_that_dies() {
    fails(&hostile("exit 3"), &["✗ k: exited with 3: it printed no result"]);
    fails(&hostile("kill -9 $$"), &["✗ k: ended by signal 9: it printed no result"]);
    let after = r#"echo '{"type":"result","status":"changed"}'; exit 3"#;
    fails(&hostile(after), &["✗ k: exited with 3"]);
}

#[test]
fn one_that_prints_garbage_and_goes_on() {
    let started = Instant::now();
    fails(&hostile("echo hello; exec sleep 300"), &["line 1 of its answer is not JSON", "hello"]);
    fails(&hostile("printf '\\377\\376\\n'; sleep 300"), &["line 1 of its answer is not JSON"]);
    assert!(started.elapsed().as_secs() < 60, "it is not waited for");
}

#[test]
fn one_that_prints_a_gigabyte() {
    let flood = r#"yes '{"type":"log","message":"0123456789012345678901234567890123456789"}' | head -c 1000000000"#;
    fails(&hostile(flood), &["✗ k: its answer is longer than 16 MiB"]);
    let garbage = "yes | head -c 1000000000";
    fails(&hostile(garbage), &["line 1 of its answer is not JSON"]);
}

#[test]
fn one_endless_line() {
    fails(&hostile("cat /dev/zero"), &["✗ k: line 1 of its answer is longer than 1 MiB"]);
}

#[test]
fn one_that_speaks_another_protocol_or_says_two_things_at_once() {
    let other = r#"echo '{"protocol":2,"type":"result","status":"changed"}'"#;
    fails(&hostile(other), &["✗ k: it speaks protocol 2, and this osem speaks 1"]);
    let both = r#"echo '{"type":"result","status":"failed","status":"changed"}'"#;
    fails(&hostile(both), &["line 1 of its answer is no message", "duplicate field `status`"]);
}

#[test]
fn a_flood_of_stderr_is_no_failure_and_is_cut() {
    let project = hostile(
        r#"yes 0123456789012345678901234567890123456789 | head -c 200000000 >&2
        echo '{"type":"result","status":"changed"}'"#,
    );
    project.osem("t").success();
    let log = crate::children::log(&project, "k");
    assert!(log.len() < 70 << 20 && log.ends_with("[cut after 64 MiB]\n"));
}

#[test]
fn one_that_never_reads_what_it_is_asked() {
    // More than a pipe holds.
    let text = "y".repeat(100_000);
    let tasks = TASK.replace("default=x", &format!("default=\"{text}\""));
    let result = r#"echo '{"type":"result","status":"changed"}'"#;
    hostile(&format!("sleep 0.2; {result}")).file("tasks/own.kdl", &tasks).osem("t").success();
    let reads = hostile(&format!("wc -c > size; {result}")).file("tasks/own.kdl", &tasks);
    reads.osem("t").success();
    let size: usize = super::written(&reads, "size").trim().parse().unwrap();
    assert!(size > 100_000);
    let closes = hostile(r#"exec <&-; sleep 0.2; echo '{"type":"result","status":"changed"}'"#);
    closes.osem("t").success();
}

#[test]
fn one_that_ignores_sigterm() {
    let project = hostile("trap '' TERM; sleep 300; sleep 300")
        .file("tasks/own.kdl", TASK.replace("2m", "1s"));
    fails(&project, &["k: the step's time is over"]);
}

#[cfg(target_os = "linux")]
#[test]
fn one_that_leaves_a_daemon() {
    let project = hostile(
        r#"setsid sleep 303 </dev/null >/dev/null 2>&1 & sleep 0.3
        echo '{"type":"result","status":"changed"}'"#,
    );
    let outcome = project.osem("t").success();
    outcome.expect_stderr("process [PID] (sleep) left the step's process group and still runs");
    let runs = project.osem("runs").json(0);
    let run = runs["data"]["runs"][0]["runId"].as_str().unwrap();
    let daemons = living("OSEM_RUN_ID", run);
    assert_eq!(daemons.len(), 1);
    let kill = format!("kill -9 {}", daemons[0]);
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
}

#[test]
fn one_that_writes_half_a_line_and_dies() {
    let half = r#"printf '{"type":"progress","message":"a"}\n{"type":"res'; kill -9 $$"#;
    fails(&hostile(half), &["k: ended by signal 9: its answer ends in the middle of line 2"]);
    let whole = r#"printf '{"type":"result","status":"changed"}'"#;
    hostile(whole).osem("t").success();
}

#[test]
fn one_of_another_version() {
    let text = "#!/bin/sh\n[ $1 = describe ] && echo '{\"protocol\":2,\"name\":\"p\"}'\n";
    let project = program(project(TASK), "tasks/p", text);
    let outcome = project.osem("t").status(1);
    outcome.expect_stderr("it speaks protocol 2, and this osem speaks 1");
    outcome.expect_stderr("nothing was changed");
}

#[test]
fn one_whose_result_is_for_another_verb_and_one_with_two() {
    let wrong = r#"echo '{"type":"result","status":"changed","verb":"plan"}'"#;
    fails(&hostile(wrong), &["its result is for `plan`, and it was asked to `execute`"]);
    let change = r#"echo '{"type":"change","call":"a","reason":"b"}'"#;
    fails(&hostile(change), &["it printed `change`, which is no answer to `execute`"]);
    let two = r#"echo '{"type":"result","status":"changed"}'; echo '{"type":"result","status":"failed"}'"#;
    fails(&hostile(two), &["✗ k: it printed two results"]);
}

#[test]
fn one_that_goes_on_for_ever_after_its_result() {
    let project = hostile(r#"echo '{"type":"result","status":"changed"}'; sleep 300"#)
        .file("tasks/own.kdl", TASK.replace("2m", "1s"));
    fails(&project, &["k: the step's time is over"]);
}

#[test]
fn one_that_does_not_say_what_it_is() {
    for (describe, message) in [
        ("exit 0", "tasks/p does not describe itself: it printed no result"),
        ("echo tail >&2; exit 4", "it exited with 4 and printed nothing"),
        ("cat /dev/zero", "line 1 of its answer is longer than 1 MiB"),
        ("echo '{\"protocol\":1}'", "missing field `name`"),
    ] {
        let text = format!("#!/bin/sh\n[ $1 = describe ] && {{ {describe}; }}\n");
        let outcome = program(project(TASK), "tasks/p", &text).osem("t").status(1);
        outcome.expect_stderr(message);
    }
}

#[test]
fn escape_sequences_of_a_plugin_reach_no_terminal() {
    let project =
        hostile(r#"printf '{"type":"result","status":"failed","message":"a\\u001b[2Jb"}'"#);
    let outcome = fails(&project, &["k: a"]);
    assert!(!outcome.stderr().contains('\u{1b}'), "{outcome}");
}
