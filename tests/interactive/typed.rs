//! What a program that has the terminal reads and shows.

use std::fs;

use super::{course, task};
use crate::children::log;
use crate::harness::Session;

/// Fails unless the shell that runs it has the terminal and is in its foreground.
const HAS_TERMINAL: &str = "test -t 0 && test -t 1 && test -t 2 || exit 9; \
                            read a b c d group s t foreground rest < /proc/$$/stat; \
                            test $group = $foreground || exit 8;";

#[test]
fn a_program_has_the_terminal_and_reads_what_is_typed() {
    let project = task(&format!(
        r#"step shell "{HAS_TERMINAL} echo name?; read name; echo hi $name" {{ interactive; }}"#
    ));
    let mut session = Session::osem(&project, "t");
    session.until_shown("name?");
    session.type_in("Ada\n");
    session.until_shown("hi Ada");
    session.until_ended(0);
    let expected = [
        "+shell",
        "terminal shell",
        "terminal back shell",
        "-shell succeeded",
        "+last",
        "-last succeeded",
    ];
    assert_eq!(course(&project), expected);
    assert_eq!(
        log(&project, "shell"),
        "[interactive: what it shows is on the terminal and not kept]\n"
    );
}

#[test]
fn a_step_of_a_kind_of_ones_own_can_be_interactive() {
    let kind = r#"step-kind greet { exec "sh" "-c" "echo name?; read name; echo hi $name > greeted"; idempotent; }"#;
    let project = super::project(&format!("{kind}\ntask t {{ step greet {{ interactive; }}; }}"));
    let mut session = Session::osem(&project, "t");
    session.until_shown("name?");
    session.type_in("Ada\n");
    session.until_ended(0);
    assert_eq!(fs::read_to_string(project.path().join("greeted")).unwrap(), "hi Ada\n");
}

#[test]
fn what_it_puts_out_is_read_by_later_steps() {
    let ask = r#"step shell "echo password?; read word; echo word=$word >> $OSEM_OUTPUT" id=ask { interactive; }"#;
    let told = r#"step exec "sh" "-c" "echo told $1" "-" "{out.ask.word}" id=told"#;
    let project = task(&format!("{ask}\n{told}"));
    let mut session = Session::osem(&project, "t");
    session.until_shown("password?");
    session.type_in("sesame\n");
    session.until_ended(0);
    assert_eq!(log(&project, "told"), "told sesame\n");
}

#[test]
fn the_picture_is_gone_while_the_program_has_the_terminal_and_back_afterwards() {
    let project = task(
        r#"step shell "true" id=before
        step shell "echo BEGIN; read line; echo END" id=ask { interactive; }
        step shell "while ! test -e go; do sleep 0.02; done" id=after"#,
    );
    let mut session = Session::osem(&project, "t");
    session.until_shown("BEGIN");
    // A picture would be drawn ten times meanwhile.
    std::thread::sleep(std::time::Duration::from_secs(1));
    session.type_in("\n");
    let text = session
        .until(|_, text| text.split_once("END").is_some_and(|(_, after)| after.contains("after")));
    let (_, talk) = text.split_once("BEGIN").unwrap();
    let (talk, _) = talk.split_once("END").unwrap();
    assert_eq!(talk.replace(['\r', '\n'], ""), "", "nothing is drawn: {text:?}");
    fs::write(project.path().join("go"), "").unwrap();
    session.until_ended(0);
}

#[test]
fn a_program_cannot_be_suspended() {
    let project = task(r#"step shell "echo ready; read line; echo got $line" { interactive; }"#);
    let mut session = Session::osem(&project, "t");
    session.until_shown("ready");
    session.type_in("\u{1a}");
    session.until_shown("^Z");
    session.type_in("on\n");
    session.until_shown("got on");
    session.until_ended(0);
}

#[test]
fn its_program_may_have_a_path_without_a_shell() {
    let project = task(r#"step exec "./p" { interactive; env PATH "/nonexistent"; }"#);
    let project = project.file("p", "#!/bin/sh\nread line\necho got $line\n");
    crate::children::executable(&project.path().join("p"));
    let mut session = Session::osem(&project, "t");
    session.type_in("word\n");
    session.until_shown("got word");
    session.until_ended(0);
}
