//! Nothing else runs while a step has the terminal.

use super::{course, project};
use crate::harness::Session;

/// Waits for a key to be typed, or for a moment.
const ASK: &str = r#"shell "echo $OSEM_STEP asks; read key""#;
const WAIT: &str = r#"shell "sleep 0.3""#;

/// Types a key whenever another one is asked for, so many times.
fn answered(session: &mut Session, times: usize) {
    for asked in 1..=times {
        session.until(|_, text| text.matches(" asks").count() == asked);
        session.type_in("\n");
    }
}

/// Whether each of these began when nothing ran, and ended before anything else began.
#[track_caller]
fn were_alone(course: &[String], steps: &[&str]) {
    let mut running: Vec<&str> = Vec::new();
    for told in course {
        if let Some(id) = told.strip_prefix('+') {
            running.push(id);
        } else if let Some(ended) = told.strip_prefix('-') {
            running.retain(|id| !ended.starts_with(&format!("{id} ")));
        }
        assert!(running.len() == 1 || !running.iter().any(|id| steps.contains(id)), "{course:?}");
    }
    for step in steps {
        assert!(course.contains(&format!("-{step} succeeded")), "{course:?}");
    }
}

#[test]
fn steps_that_are_under_way_are_waited_for_and_no_other_starts() {
    let project = project(&format!(
        "task t {{
            parallel {{
                step {WAIT} id=a
                step {ASK} id=ask {{ interactive; }}
                step {WAIT} id=b
                step {WAIT} id=c
            }}
            step {WAIT} id=d
        }}"
    ));
    let mut session = Session::osem(&project, "t -j 2");
    answered(&mut session, 1);
    session.until_ended(0);
    let course = course(&project);
    were_alone(&course, &["ask"]);
    let begins = |id: &str| course.iter().position(|told| *told == format!("+{id}")).unwrap();
    assert!(begins("ask") > begins("a"), "{course:?}");
}

#[test]
fn two_steps_that_take_the_terminal_have_it_one_after_the_other() {
    let project = project(&format!(
        "task t {{
            parallel {{
                step {ASK} id=one {{ interactive; }}
                step {WAIT} id=a
                step {ASK} id=two {{ interactive; }}
                step {WAIT} id=b
            }}
        }}"
    ));
    let mut session = Session::osem(&project, "t -j 8");
    answered(&mut session, 2);
    session.until_ended(0);
    were_alone(&course(&project), &["one", "two"]);
}

#[test]
fn chains_take_turns() {
    let project = project(&format!(
        "task t {{ for-each table {{ step {WAIT} id=before; step {ASK} id=ask {{ interactive; }}; step {WAIT} id=after; }}; }}"
    ));
    let mut session = Session::osem(&project, "t -j 8");
    answered(&mut session, 2);
    session.until_ended(0);
    were_alone(&course(&project), &["ask[Users]", "ask[Teams]"]);
}

#[test]
fn a_failure_before_its_turn_leaves_it_out() {
    let project = project(&format!(
        "task t {{
            parallel {{
                step shell \"sleep 0.3; exit 1\" id=a
                step {ASK} id=ask {{ interactive; }}
            }}
            step {WAIT} id=mend {{ after a when=failed; }}
        }}"
    ));
    let mut session = Session::osem(&project, "t -j 8");
    session.until_ended(2);
    let course = course(&project);
    assert!(course.contains(&"-ask skipped".to_owned()), "{course:?}");
    assert!(course.contains(&"-mend succeeded".to_owned()), "{course:?}");
}
