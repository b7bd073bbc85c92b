//! Steps of kinds of the project in a `rollback`, and undone by one.

use super::{plugin, program, project, written};

/// Tells the verb, a parameter and a variable.
const TELLS: &str = r#"
read -r line
param=$(echo "$line" | sed 's/.*"params":{"of":"\([^"]*\)".*/\1/')
echo "$1 $param $OSEM_PARAM_OF" >> told
test -e "fail-$param" && echo '{"type":"result","status":"failed","message":"no"}' && exit
echo '{"type":"output","key":"id","value":"9"}'
echo '{"type":"result","status":"changed","message":"did it"}'"#;

const TASKS: &str = r#"
step-kind k { plugin "tasks/p"; param of required=#true; env X "{param.of}"; }
step-kind put { exec "tasks/put" "{param.what}" "{table.name}"; param what required=#true; param table type=table required=#true; }
task t {
    on-failure rollback
    step k of=made id=make {
        rollback {
            step k of="drop {out.make.id}" id=drop
            step put what=away { env A b; }
        }
    }
    step shell "test ! -e fail" id=last effect=read
}"#;

fn tasks() -> String {
    TASKS.replace("step k of=made id=make", "step k of=made id=make table=Users")
}

#[test]
fn plugins_and_programs_with_parameters_undo_a_step_of_a_plugin() {
    let project = program(plugin(&tasks(), TELLS), "tasks/put", "#!/bin/sh\necho \"$@\" >> told\n");
    let project = project.file("fail", "");
    let outcome = project.osem("t").status(1);
    outcome.expect_stderr("make rolled back: drop: did it; put ran");
    let told = "execute made made\nexecute drop 9 drop 9\naway plug-local-Users\n";
    assert_eq!(written(&project, "told"), told);
}

#[test]
fn a_plugin_that_failed_half_way_is_undone_and_one_that_undoes_may_fail() {
    let project = program(plugin(&tasks(), TELLS), "tasks/put", "#!/bin/sh\nexit 1\n");
    let project = project.file("fail-made", "");
    let outcome = project.osem("t").status(3);
    outcome.expect_stderr("make failed to roll back: drop: {out.make.id} has no value");
    let project = project.file("tasks/own.kdl", tasks().replace("drop {out.make.id}", "all"));
    project
        .osem("t")
        .status(3)
        .expect_stderr("failed to roll back: drop: did it; put: exited with 1");
    let project = project.file("fail-all", "");
    let outcome = project.osem("t").status(3);
    outcome.expect_stderr("failed to roll back: drop: no; not run: put");
}

#[test]
fn a_plugin_that_changed_nothing_is_not_undone() {
    let unchanged = "cat > /dev/null\necho '{\"type\":\"result\",\"status\":\"unchanged\"}'";
    let project = program(plugin(&tasks(), unchanged), "tasks/put", "#!/bin/sh\necho x >> told\n");
    let project = project.file("fail", "");
    project.osem("t").status(1).refuse_stderr("rolled back");
    assert!(!project.path().join("told").exists());
}

#[test]
fn a_plugin_with_a_way_back_of_its_own_takes_no_second_one() {
    let text = "#!/bin/sh\ntest $1 = describe && echo '{\"protocol\":1,\"name\":\"p\",\"verbs\":[\"undo\"]}'\n";
    let project = program(project(&tasks()), "tasks/p", text);
    let project = program(project, "tasks/put", "#!/bin/sh\n");
    let shown = project.osem("plan t").output();
    shown.expect_code(1);
    assert!(
        shown.stdout().contains("tasks/p takes back by its verb `undo` what it did"),
        "{shown}"
    );
    let outcome = project.osem("t").output();
    outcome.expect_stderr("remove `rollback` from the step");
}

#[test]
fn a_step_of_a_kind_with_undo_that_was_under_way_when_its_run_was_killed_is_undone() {
    let tasks = "step-kind k { exec \"tasks/slow\"; undo exec \"tasks/slow\" \"{param.x}\"; param x default=back; }\n\
                 task t { step k id=make; }";
    let text = "#!/bin/sh\necho \"slow $1\" >> told\ntest -n \"$1\" || exec sleep 430\n";
    let project = program(project(tasks), "tasks/slow", text);
    let run = project.osem("t").start();
    run.kill_when(&project, 0, "\"child-started\"");
    let outcome = project.osem("rollback last").success();
    outcome.expect_stderr("make: run tasks/slow back");
    outcome.expect_stderr("make rolled back: tasks/slow took it back");
    assert!(written(&project, "told").ends_with("slow back\n"));
}
