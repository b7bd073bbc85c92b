//! `rollback` of a step: the steps that undo it, where and with what they run.

use std::fs;

use crate::harness::Project;

use super::{entry, undone};

/// Two tables in the emulator, and these tasks.
pub(super) fn project(tasks: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project back {{ table-name \"back-{{env}}-{{table}}\"; }}\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         environment other {{ region us-east-1; emulator data=\"other.db\"; }}\n\
         table Users hash=userId\n\
         table Teams hash=teamId\n\
         {tasks}"
    ))
}

/// The lines that commands wrote into `log`.
#[track_caller]
pub(super) fn log(project: &Project) -> Vec<String> {
    let text = fs::read_to_string(project.path().join("log")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_failing_chain_is_undone_by_the_steps_of_the_block_in_the_order_written() {
    let project = project(
        r#"var note "of {x}"
        task t {
            for-each table {
                on-failure rollback
                step create-table
                step shell "echo id=7-$OSEM_TABLE >> $OSEM_OUTPUT" id=make {
                    rollback {
                        step exec "sh" "-c" "echo drop $0 $@ >> log" "{table}" "{table.name}" "{out.make.id}" "{var.note}" "{{x}}" id=drop
                        step shell "echo tidy $OSEM_TABLE $ARN >> log; echo x >> $OSEM_OUTPUT" { env ARN "{out.create-table.arn}"; }
                        step shell "echo elsewhere >> log" id=elsewhere { only-in other; }
                    }
                }
                step shell "test $OSEM_TABLE = Teams" id=check effect=read
            }
        }"#,
    );
    let project = project.edit("var note \"of {x}\"", "var note \"a note\"");
    let document = project.osem("t").json(2);
    let found = log(&project);
    assert_eq!(found[0], "drop Users back-local-Users 7-Users a note {x}");
    assert!(found[1].starts_with("tidy Users arn:aws:dynamodb:"), "{found:?}");
    assert_eq!(found.len(), 2, "the other chain stands: {found:?}");
    let rolled_back = |step: &str| (step.to_owned(), "rolled-back".to_owned());
    assert_eq!(undone(&document), [rolled_back("make[Users]"), rolled_back("create-table[Users]")]);
    assert_eq!(entry(&document, "make[Users]")["message"], "drop ran; shell ran");
}

/// A step for each value, undone by one that tells so, and a last step that fails.
const ITEMS: &str = r#"task t {
    on-failure rollback
    for-each item eu us {
        serial
        step exec "sh" "-c" "echo make $0 >> log" "{item}" id=make {
            rollback { step exec "sh" "-c" "echo drop $0 $1 >> log" "{item}" "{run.id}" { timeout "5s"; }; }
        }
    }
    step shell "false" id=last effect=read
}"#;

#[test]
fn the_whole_run_is_undone_last_first() {
    let project = project(ITEMS);
    project.osem("t").status(1).expect_stderr("make[us] rolled back: exec ran");
    let found = log(&project);
    let run = found[2].strip_prefix("drop us ").unwrap();
    assert_eq!(found[..2], ["make eu", "make us"]);
    assert_eq!(found[3], format!("drop eu {run}"), "{found:?}");
}

#[test]
fn a_recorded_run_is_undone_without_the_files_and_only_once() {
    let project = project(&ITEMS.replace("\"false\"", "\"true\""));
    project.osem("t").success();
    let shown = project.osem("rollback last -n").success();
    let words = "  make[us]: run sh -c 'echo drop $0 $1 >> log' us [RUN]\n  make[eu]: run sh -c";
    assert!(shown.stdout().contains(words), "{shown}");
    assert_eq!(log(&project).len(), 2, "nothing ran");
    let project = project.edit("task t {", "task other {").edit("echo drop", "echo changed");
    project.osem("rollback last").success().expect_stderr("2 steps rolled back");
    let found: Vec<String> = log(&project).iter().map(|line| line[..7].to_owned()).collect();
    assert_eq!(found, ["make eu", "make us", "drop us", "drop eu"]);
    let again = project.osem("rollback last").success();
    assert_eq!(again.conclusion(), "nothing of run [RUN] is left to undo");
}

/// A step that is undone in three steps, of which the second fails until `go` is there.
const THREE: &str = r#"task t {
    on-failure rollback
    step shell "echo make >> log" id=make {
        rollback {
            step shell "echo one >> log" id=one
            step shell "echo two >> log; echo why >&2; test -e go" id=two
            step shell "echo three >> log" id=three
        }
    }
    step shell "false" id=last effect=read
}"#;

#[test]
fn a_step_that_fails_ends_the_rollback_which_goes_on_there_later() {
    let project = project(THREE);
    let outcome = project.osem("t").status(3);
    outcome
        .expect_stderr("✗ make failed to roll back: one ran; two: exited with 1; not run: three\n");
    outcome.expect_stderr("why");
    outcome.expect_stderr("  then:  osem rollback [RUN]   when you have looked at it\n");
    let shown = project.osem("rollback last -n").success().stdout();
    assert!(!shown.contains("echo one") && shown.contains("echo two"), "{shown}");
    let document = project.osem("rollback last").json(3);
    assert_eq!(document["error"]["code"], "ROLLBACK_FAILED");
    assert_eq!(entry(&document, "make")["message"], "two: exited with 1; not run: three");
    let project = project.file("go", "");
    project.osem("rollback last").success();
    assert_eq!(log(&project), ["make", "one", "two", "two", "two", "three"]);
    project.osem("rollback last").success().expect_stderr("is left to undo");
}

#[test]
fn its_steps_have_the_patience_that_is_written() {
    let project = project(
        r#"task t {
            step shell "true" id=a {
                rollback { step shell "echo $OSEM_ATTEMPT >> log; test $OSEM_ATTEMPT = 3 || exit 75" { retry 2 delay="1ms"; }; }
            }
            step shell "true" id=b { rollback { step shell "echo once >> log; exit 75"; }; }
            step shell "true" id=c { rollback { step shell "sleep 60" id=slow { timeout "1s"; }; }; }
        }"#,
    );
    project.osem("t").success();
    let document = project.osem("rollback last").json(3);
    assert_eq!(entry(&document, "a")["status"], "rolled-back");
    assert_eq!(entry(&document, "a")["attempts"], 3);
    assert_eq!(entry(&document, "b")["status"], "failed");
    let message = "slow: the step's time is over: the command was ended";
    assert_eq!(entry(&document, "c")["message"], message);
    assert_eq!(log(&project), ["once", "1", "2", "3"]);
}

#[test]
fn a_step_that_failed_half_way_is_undone_with_what_it_had_put_out() {
    let tasks = r#"task t {
        on-failure rollback
        step shell "echo id=5 >> $OSEM_OUTPUT; exit 1" id=make {
            rollback { step exec "sh" "-c" "echo drop $0 >> log" "{out.make.id}" id=drop; }
        }
    }"#;
    let project = project(tasks);
    project.osem("t").status(1).expect_stderr("make rolled back: drop ran");
    assert_eq!(log(&project), ["drop 5"]);
    let project = project.edit("echo id=5 >> $OSEM_OUTPUT; ", "");
    let outcome = project.osem("t").status(3);
    outcome.expect_stderr("make failed to roll back: drop: {out.make.id} has no value");
    outcome.expect_stderr("the step ended before it put that out");
    assert_eq!(log(&project), ["drop 5"], "nothing ran with half of its words");
}

#[test]
fn a_step_that_did_not_start_is_not_undone() {
    let project = project(
        r#"task t {
            on-failure rollback
            step shell "rm program" id=first effect=read
            step exec "./program" id=second { rollback { step shell "echo second >> log"; }; }
            step shell "true" id=third { rollback { step shell "echo third >> log"; }; }
        }"#,
    )
    .file("program", "#!/bin/sh\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(project.path().join("program"), mode).unwrap();
    let document = project.osem("t").json(1);
    assert_eq!((undone(&document), log(&project)), (Vec::new(), Vec::new()));
    project.osem("rollback last").success().expect_stderr("is left to undo");
}

#[test]
fn a_step_that_was_tried_again_is_undone_once_with_what_it_put_out_last() {
    let project = project(
        r#"task t {
            step shell "echo id=$OSEM_ATTEMPT >> $OSEM_OUTPUT; test $OSEM_ATTEMPT = 2 || exit 75" id=make {
                retry 1 delay="1ms"
                rollback { step exec "sh" "-c" "echo drop $0 >> log" "{out.make.id}"; }
            }
        }"#,
    );
    project.osem("t").success();
    project.osem("rollback last").success();
    assert_eq!(log(&project), ["drop 2"]);
}

#[test]
fn a_changed_rollback_makes_no_finished_step_outstanding() {
    let project = project(THREE);
    project.osem("t --no-rollback").status(2);
    let project = project.edit("echo one", "echo 1").edit("\"false\"", "\"true\"");
    let outcome = project.osem("resume").success();
    outcome.expect_stderr("outstanding: last: failed in run [RUN]");
    outcome.refuse_stderr("outstanding: make");
    assert_eq!(log(&project), ["make"]);
}

#[test]
fn no_secret_of_its_steps_is_shown_or_recorded() {
    let project = project(
        r#"var token env=API_TOKEN secret=#true
        task t {
            on-failure rollback
            step shell "exit 1" id=make {
                rollback { step shell "echo with $T; test ${#T} = 13 && echo given >> log; echo on $T >&2; exit 1" id=drop { env T "{var.token}"; }; }
            }
        }"#,
    );
    for line in ["t -v", "t --json", "rollback last -n", "rollback last -v"] {
        let outcome = project.osem(line).env("API_TOKEN", "s3cr3t-s3cr3t").output();
        outcome.expect_code(if line.ends_with("-n") { 0 } else { 3 });
        let texts = format!("{}{}", outcome.raw_stdout, outcome.raw_stderr);
        assert!(!texts.contains("s3cr3t"), "{line}: {texts}");
    }
    assert_eq!(log(&project), ["given"; 3]);
    let mut read = 0;
    for run in project.runs() {
        for file in [run.join("events.ndjson"), run.join("steps/make.log")] {
            let Ok(text) = fs::read_to_string(file) else { continue };
            assert!(!text.contains("s3cr3t"), "{text}");
            read += 1;
        }
    }
    assert!(read >= 6, "journals and logs were looked at: {read}");
    let without = project.osem("rollback last").status(3);
    without.expect_stderr("drop: the variable T cannot be given as it was: {var.token}");
}
