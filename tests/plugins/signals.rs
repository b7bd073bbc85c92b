//! A signal while a plugin is asked what it is.

use super::{program, project};
use crate::harness::{ignores_interrupts, say_skipped, wait_for_living};

/// By this variable the plugin, what it started, and osem are known.
const ASKED: &str = "ASKED_BY_TEST";

#[test]
fn a_signal_ends_the_plugin_that_a_check_asks_what_it_is() {
    let kind = "step-kind p { plugin \"tasks/p\"; }\ntask t { step p; }";
    // It ends by none of these signals itself.
    let text = "#!/bin/sh\ntrap '' INT TERM HUP\nsleep 301 &\nsleep 302\n";
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        if signal == "INT" && ignores_interrupts() {
            say_skipped("SIGINT", "this process was started to ignore it");
            continue;
        }
        let project = program(project(kind), "tasks/p", text);
        let mark = project.path().display().to_string();
        let check = project.osem("check --plugins").env(ASKED, &mark).start();
        wait_for_living(ASKED, &mark, 4);
        check.signal(signal);
        check.finish().expect_code(code);
        wait_for_living(ASKED, &mark, 0);
    }
}
