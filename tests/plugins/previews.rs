//! Plugins that a preview runs before anything is done.

use super::{program, project};
use crate::harness::{Project, ignores_interrupts, wait_for_living};

const KIND: &str = "step-kind look { plugin \"tasks/look\"; effect read; idempotent; }\n";

/// A kind that plans, with these texts for `sh`.
fn planning(task: &str, plan: &str, execute: &str) -> Project {
    let text = format!(
        "#!/bin/sh\ncase \"$1\" in\n\
         describe) echo '{{\"protocol\":1,\"name\":\"look\",\"verbs\":[\"plan\",\"execute\"]}}';;\n\
         plan) {plan};;\nexecute) {execute};;\nesac\n"
    );
    program(project(&format!("{KIND}{task}")), "tasks/look", &text)
}

const UNCHANGED: &str = r#"echo '{"type":"result","status":"unchanged"}'"#;

#[test]
fn a_run_after_a_plugin_s_plan_is_gone_on_with() {
    let task = "task t { step look; step shell \"echo x >> done; test -e go\" id=second; }";
    let project = planning(task, UNCHANGED, UNCHANGED);
    project.osem("t").status(2);
    let project = project.file("go", "");
    project.osem("resume").success().expect_stderr("outstanding: second: failed in run [RUN]");
    project.osem("resume").success().expect_stderr("nothing to resume");
}

#[test]
fn a_signal_ends_the_programs_of_a_preview() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        if signal == "INT" && ignores_interrupts() {
            continue;
        }
        // A run that only reads has no preview.
        let task = "task t { step look; step shell \"true\"; }";
        let project = planning(task, "LOOKS=$MARK sleep 300", UNCHANGED);
        for line in ["plan t", "run t"] {
            let mark = project.path().display().to_string();
            let run = project.osem(line).env("MARK", &mark).start();
            wait_for_living("LOOKS", &mark, 1);
            run.signal(signal);
            assert_eq!(run.finish().code(), Some(code), "{line}");
            // They were killed, and nobody waited for them.
            wait_for_living("MARK", &mark, 0);
        }
    }
}

#[test]
fn a_time_that_nobody_will_see_is_no_time_to_come_back_at() {
    let retry =
        r#"echo '{"type":"result","status":"retry","retry-after-ms":18446744073709551615}'"#;
    let project = planning("task t { step look { timeout \"20s\"; }; }", UNCHANGED, retry);
    let document = project.osem("t").json(1);
    assert_eq!(document["data"]["steps"][0]["status"], "failed", "{document:#}");
}
