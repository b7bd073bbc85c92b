//! The end of a program that has the terminal, and of osem meanwhile.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

use super::{course, task};
use crate::harness::{Project, Session, living, wait_for_living};

fn pid(raw: u32) -> Pid {
    Pid::from_raw(i32::try_from(raw).unwrap()).unwrap()
}

fn own(session: &Session) -> Pid {
    pid(session.leader.id())
}

/// Its id, which other tests of this machine do not have.
fn oldest_run(project: &Project) -> String {
    project.runs()[0].file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn ctrl_c_ends_the_program_and_the_run() {
    let project = task(
        r#"step shell "echo ready; read line" id=ask { interactive; }
        step shell "true" id=next"#,
    );
    let mut session = Session::osem(&project, "t");
    session.until_shown("ready");
    session.type_in("\u{3}");
    let text = session.until_ended(130);
    assert!(text.contains("SIGINT"), "{text}");
    let course = course(&project);
    assert!(course.contains(&"-ask cancelled".to_owned()), "{course:?}");
    assert!(course.contains(&"-next skipped".to_owned()), "{course:?}");
    assert!(course.contains(&"-last succeeded".to_owned()), "{course:?}");
}

#[test]
fn a_program_that_does_something_else_with_ctrl_c_goes_on_and_so_does_the_run() {
    let project = task(
        r#"step shell "trap 'echo caught' INT; echo ready; read line; read line; echo got $line" { interactive; }"#,
    );
    let mut session = Session::osem(&project, "t");
    session.until_shown("ready");
    session.type_in("\u{3}");
    session.until_shown("caught");
    // The shell may give up the read that was interrupted, or begin it again.
    session.type_in("on\non\n");
    session.until_shown("got on");
    session.until_ended(0);
}

#[test]
fn a_program_that_is_killed_leaves_the_terminal_as_it_was() {
    let project = task(
        r#"step shell "stty -echo -icanon; echo ready; read line; kill -9 $$" id=ask { interactive; tolerate; }
        step shell "while ! test -e go; do sleep 0.02; done" id=after"#,
    );
    let mut session = Session::osem(&project, "t");
    session.until_shown("ready");
    assert!(!session.is_cooked());
    assert_ne!(session.foreground(), Some(own(&session)));
    session.type_in("\n");
    session.until(|_, _| course(&project).contains(&"+after".to_owned()));
    assert!(session.is_cooked());
    assert_eq!(session.foreground(), Some(own(&session)));
    fs::write(project.path().join("go"), "").unwrap();
    session.until_ended(0);
}

#[test]
fn a_signal_to_osem_ends_the_program_and_gives_the_terminal_back() {
    let project = task(r#"step shell "stty -echo; echo ready; read line" id=ask { interactive; }"#);
    let mut session = Session::osem(&project, "t");
    session.until_shown("ready");
    kill_process(own(&session), Signal::TERM).unwrap();
    session.until_ended(143);
    assert!(session.is_cooked());
    assert_eq!(living("OSEM_RUN_ID", &oldest_run(&project)), Vec::<u32>::new());
}

#[test]
fn a_third_signal_gives_the_terminal_back_too() {
    let project = task(
        r#"step shell "trap '' TERM; stty -echo; echo ready; while :; do sleep 0.05; done" id=deaf { interactive; }"#,
    );
    let mut session = Session::osem(&project, "t");
    session.until_shown("ready");
    let osem = own(&session);
    // Signals that come together are one, so there is one each time that is looked.
    session.until(|leader, _| {
        let ended = leader.try_wait().unwrap().is_some();
        if !ended {
            kill_process(osem, Signal::TERM).unwrap();
        }
        ended
    });
    session.until_ended(143);
    assert!(session.is_cooked());
}

#[test]
fn a_terminal_is_usable_after_osem_was_killed() {
    let project =
        task(r#"step shell "echo $PPID > osem; echo ready; read line" id=ask { interactive; }"#);
    let mut session = Session::shell(&project);
    session.type_in("osem t; echo code $?\n");
    session.until_shown("ready\r\n");
    let osem: u32 =
        fs::read_to_string(project.path().join("osem")).unwrap().trim().parse().unwrap();
    kill_process(pid(osem), Signal::KILL).unwrap();
    session.until_shown("code 137");
    // A read that the program had begun is not given up by the system: it still takes what comes next.
    session.type_in("\n");
    session.type_in("echo us''able\n");
    session.until_shown("usable\r\n");
    assert_eq!(session.foreground(), Some(own(&session)));
    // What lives on is ended by the next run.
    session.type_in("osem t --skip ask; echo code $?\n");
    session.until(|_, text| text.matches("code ").count() >= 4);
    wait_for_living("OSEM_RUN_ID", &oldest_run(&project), 0);
    session.type_in("exit 0\n");
    session.until_ended(0);
}
