//! A terminal that is closed.

use std::fs::File;

use crate::children::{log, log_so_far};
use crate::harness::{Session, living};

use super::{last_code, project, records, results, run_id};

#[test]
fn a_closed_terminal_ends_the_run_and_the_journal_says_so() {
    let project = project(
        r#"step shell "trap 'echo got HUP; exit 1' HUP; echo on; while :; do sleep 0.05; done""#,
    );
    let mut session = Session::osem(&project, "t");
    session.until(|_, _| log_so_far(&project, "shell").is_some_and(|log| log == "on\n"));
    // The only descriptor of its other end.
    session.terminal = File::open("/dev/null").unwrap();
    assert_eq!(session.leader.wait().unwrap().code(), Some(129));
    let log = log(&project, "shell");
    assert!(log.ends_with("got HUP\n"), "{log}");
    let records = records(&project);
    assert_eq!(results(&records), ["shell cancelled", "last succeeded"]);
    assert_eq!(last_code(&records), 129);
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
}

#[test]
fn a_command_that_asks_the_terminal_fails_and_does_not_wait_for_ever() {
    let project = project(r#"step shell "echo asks; (read answer < /dev/tty); echo $?""#);
    let mut session = Session::osem(&project, "t");
    let text = session.until(|osem, _| osem.try_wait().unwrap().is_some());
    assert!(text.contains("the command asks the terminal, which it does not have"), "{text}");
    let records = records(&project);
    assert_eq!(results(&records), ["shell failed", "last succeeded"]);
    assert_eq!(living("OSEM_RUN_ID", &run_id(&records)), Vec::<u32>::new());
}
