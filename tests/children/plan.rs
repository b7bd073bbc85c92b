//! What is known of commands before they run.

use crate::harness::Project;

use super::project;

/// A task with a command in environments of every kind.
fn everywhere(effect: &str, allow: &str) -> Project {
    Project::of(format!(
        "osem 1\nproject kids\n\
         environment local default=#true {{ region us-east-1; emulator memory; allow-destroy; }}\n\
         environment dev {{ region us-east-1; endpoint \"http://127.0.0.1:9\"; allow-destroy; }}\n\
         environment prod {{ region us-east-1; account \"111111111111\"; protected; }}\n\
         task t {{ {allow}; step exec \"touch\" \"a b\" {effect}; }}"
    ))
}

#[test]
fn a_plan_shows_what_runs() {
    let project = everywhere("", "description x");
    let outcome = project.osem("plan t").success();
    let text = outcome.stdout() + &outcome.stderr();
    assert!(text.contains("exec: runs: touch 'a b' (may write)\n"), "{text}");
    assert!(text.contains("\n1 command\n"), "{text}");
    let document = project.osem("plan t").json(0);
    let step = &document["data"]["steps"][0];
    assert_eq!((&step["runs"], &step["effect"]), (&"touch 'a b'".into(), &"write".into()));
}

#[test]
fn a_command_that_may_write_is_asked_about_where_something_can_be_lost() {
    let project = everywhere("", "description x");
    project.osem("t").success();
    assert!(project.path().join("a b").exists());
    let rehearsed = "t --env prod --rehearse";
    project.osem(rehearsed).status(77).expect_stderr("--confirm prod");
    project.osem(&format!("{rehearsed} --yes")).status(77);
    project.osem(&format!("{rehearsed} --confirm prod")).success();
}

#[test]
fn a_command_that_destroys_is_confirmed_by_name_wherever_it_runs() {
    let project = everywhere("effect=destroy", "allow-in local dev");
    project.osem("t --yes").status(77).expect_stderr("may destroy");
    project.osem("t --confirm local").success();
    project.osem("t --env prod").status(65);
}

#[test]
fn a_command_that_reads_is_never_asked_about() {
    let project = everywhere("effect=read", "description x");
    project.osem("t --env prod --rehearse").success();
}

#[test]
fn programs_that_cannot_be_run_stop_the_task_before_its_first_step() {
    let project = project(
        r#"
        task t {
            step shell "touch ran"
            step exec "./scripts/seed" "x"
            step exec "scripts/text" id=text
            step exec "no-such-program" id=bare
            step exec "./{run.id}" id=later
            step exec "mine" id=own { env PATH "bin"; }
        }
        task fine { step shell "touch ran"; }
        "#,
    );
    let project = project.file("scripts/text", "x").file("bin/mine", "#!/bin/sh\n");
    super::words::executable(&project.path().join("bin/mine"));
    for line in ["t", "check", "plan t"] {
        let outcome = project.osem(line).status(65);
        outcome.expect_stderr("cannot run `./scripts/seed`: there is no such file");
        outcome.expect_stderr("cannot run `scripts/text`: the file is not executable");
        outcome.expect_stderr("cannot run `no-such-program`: no folder of PATH has it");
        outcome.expect_stderr("3 errors in the configuration");
        outcome.expect_stderr("osem.kdl:");
    }
    assert!(!project.path().join("ran").exists());
    project.osem("fine").success();
}
