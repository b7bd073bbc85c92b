//! What a `rollback` may not be, what it may not do where, and whom it asks.

use super::steps::{log, project};

#[test]
fn what_a_rollback_names_is_there_before_anything_runs() {
    for (step, message) in [
        ("step exec \"tasks/gone\"", "cannot run `tasks/gone`: there is no such file"),
        ("step exec \"true\" \"{out.gone.id}\"", "no step `gone` in this task"),
        ("step exec \"true\" \"{out.a.id}\" { env A \"{out.make}\"; }", "unknown placeholder"),
        ("step exec \"true\" \"{out.last.id}\"", "step `last` puts out no `id`"),
        (
            "step exec \"true\" \"{out.check.id}\"",
            "steps wait for each other: make -> check -> make",
        ),
        ("step exec \"true\" \"{var.gone}\"", "unknown variable `gone`"),
        ("step exec \"true\" { only-in gone; }", "unknown environment `gone`"),
        ("step k file=gone", "cannot read gone: there is no such file"),
    ] {
        let project = project(&format!(
            "step-kind k {{ exec \"true\"; param file type=path; }}\n\
             task t {{ step shell \"true\" id=make {{ rollback {{ {step}; }}; }}\n\
             step shell \"true\" id=check\nstep list-tables id=last; }}"
        ));
        let outcome = project.osem("check").status(65);
        assert!(outcome.stderr().contains(message), "{step}: {outcome}");
    }
}

#[test]
fn only_a_rollback_reads_what_its_own_step_puts_out() {
    let project = project("task t { step exec \"echo\" \"{out.make.id}\" id=make; }");
    project.osem("check").status(65).expect_stderr("make -> make");
}

/// A step that is undone by one that destroys.
const DESTROYS: &str = r#"task t {
    allow-in local
    on-failure rollback
    step shell "echo make >> log" id=make {
        rollback { step shell "echo wipe >> log" effect=destroy id=wipe; }
    }
    step shell "false" id=last effect=read
}"#;

#[test]
fn a_rollback_that_destroys_needs_what_every_destroying_step_needs() {
    let unlimited = project(&DESTROYS.replace("allow-in local", ""));
    let outcome = unlimited.osem("check").status(65);
    outcome.expect_stderr("task `t` overwrites or deletes data, so it must say in which");
    let elsewhere = project(&DESTROYS.replace("allow-in local", "allow-in other"));
    elsewhere.osem("check").status(65).expect_stderr("could overwrite or delete data in `other`");
}

#[test]
fn a_rollback_that_destroys_is_asked_about_before_the_run_that_may_start_it() {
    let project = project(DESTROYS);
    project.osem("t").status(77).expect_stderr("run again with --confirm local");
    assert_eq!(log(&project), Vec::<String>::new());
    project.osem("t --confirm local").status(1).expect_stderr("make rolled back: wipe ran");
    assert_eq!(log(&project), ["make", "wipe"]);
    project.osem("t --no-rollback").status(2);
    project.osem("rollback last").status(77).expect_stderr("run again with --confirm local");
    let project = project.edit("emulator; allow-destroy;", "emulator;").edit("allow-in local", "");
    let project = project.edit(" effect=destroy", "");
    let outcome = project.osem("rollback last").status(2);
    outcome.expect_stderr(
        "make: stands, because environment `local` does not say allow-destroy; else: run sh -c",
    );
    assert_eq!(log(&project), ["make", "wipe", "make"]);
}

#[test]
fn a_plan_shows_what_would_undo_a_step() {
    let project = project(DESTROYS);
    let shown = project.osem("plan t").success().stdout();
    assert!(
        shown.contains(
            "make: runs: echo make >> log (may write)\n      undone by: echo wipe >> log\n"
        ),
        "{shown}"
    );
    let document = project.osem("plan t").json(0);
    assert!(document.to_string().contains(r#""rollback":["echo wipe >> log"]"#), "{document:#}");
}
