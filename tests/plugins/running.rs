//! Steps of kinds that run a program.

use super::{program, project, written};

const TOLD: &str = "#!/bin/sh\nprintf '%s\\n' \"$@\" >> told\n";

#[test]
fn a_program_gets_its_parameters_as_arguments_and_as_variables() {
    let project = project(
        r#"
        step-kind load {
            exec "tasks/load" "{param.table.name}" "{param.file}" "{param.count}" "{param.note}" \
                "{param.source.name}" "{param.wait}" "{{param.note}}" "{env}"
            param table type=table required=#true
            param file type=path required=#true
            param count type=int default=25
            param batch-size type=int default=3
            param note default="a {{b}} in {env}"
            param source type=table default=Teams
            param wait type=duration default="1m 30s"
            param unset
            effect read
            env OWN "{param.note}!"
        }
        task t {
            step load table=Users file="sub/{env}.txt" note="{run.id} $HOME" count=-4 { env TWO "{table}"; }
        }
        "#,
    );
    let project = project.file("tasks/sub/local.txt", "");
    let project = program(
        project,
        "tasks/load",
        "#!/bin/sh\nprintf '%s\\n' \"$@\" > told; env | grep -E '^(OSEM_PARAM|OWN|TWO|OSEM_RUN)' | sort > vars\n",
    );
    // What a step inside of which osem itself runs was given.
    project.osem("t").env("OSEM_PARAM_UNSET", "outer").success();
    let vars = written(&project, "vars");
    let run = vars.lines().find_map(|line| line.strip_prefix("OSEM_RUN_ID=")).unwrap();
    assert_eq!(
        written(&project, "told"),
        format!(
            "plug-local-Users\ntasks/sub/local.txt\n-4\n{run} $HOME\nplug-local-Teams\n1m 30s\n\
             {{param.note}}\nlocal\n"
        )
    );
    assert_eq!(
        vars,
        format!(
            "OSEM_PARAM_BATCH_SIZE=3\nOSEM_PARAM_COUNT=-4\nOSEM_PARAM_FILE=tasks/sub/local.txt\n\
             OSEM_PARAM_NOTE={run} $HOME\nOSEM_PARAM_SOURCE=Teams\nOSEM_PARAM_WAIT=90000\n\
             OSEM_RUN_ID={run}\nOWN={run} $HOME!\nTWO=Users\n"
        )
    );
}

#[test]
fn only_an_idempotent_kind_is_tried_again_and_then_by_the_defaults_too() {
    let project = project(
        r#"
        step-kind once { exec "sh" "-c" "exit 75"; }
        step-kind often { exec "sh" "-c" "exit 75"; idempotent; retry 2 delay="1ms"; }
        step-kind usual { exec "sh" "-c" "exit 75"; idempotent; }
        task once { step once; }
        task often { step often; }
        task own { step often { retry 1 delay="1ms"; }; }
        task usual { step usual; }
        "#,
    )
    .edit("table Teams", "defaults { step { retry 3 delay=\"1ms\"; }; }\ntable Teams");
    let attempts = |line: &str| project.osem(line).json(2)["data"]["steps"][0]["attempts"].clone();
    assert_eq!(attempts("once"), 1);
    assert_eq!(attempts("once --retries 5"), 1);
    assert_eq!(attempts("often"), 3);
    assert_eq!(attempts("own"), 2);
    assert_eq!(attempts("usual"), 4);
}

#[test]
fn the_time_of_a_kind_is_nearer_than_that_of_the_defaults() {
    let project =
        project("step-kind slow { exec sleep \"60\"; timeout \"1s\"; }\ntask t { step slow; }")
            .edit("table Teams", "defaults { step { timeout \"40s\"; }; }\ntable Teams");
    let outcome = project.osem("t").status(2);
    outcome.expect_stderr("slow: the step's time is over");
}

const UNDONE: &str = r#"
step-kind load {
    exec "tasks/tell" "do" "{table}"
    undo exec "tasks/tell" "undo" "{table.name}" "{param.note}"
    param note default="{run.id}"
    env OWN "kept"
}
task t {
    on-failure rollback
    for-each table Users { step create-table; step load; }
    step shell "exit 1" effect=read
}
"#;

#[test]
fn what_a_kind_says_takes_its_change_back_runs_before_the_table_goes() {
    let project = program(project(UNDONE), "tasks/tell", TOLD);
    let outcome = project.osem("t").status(1);
    outcome.expect_stderr("load[Users] rolled back: tasks/tell took it back");
    let told = written(&project, "told");
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[..4], ["do", "Users", "undo", "plug-local-Users"]);
    assert_eq!(project.osem("runs").json(0)["data"]["runs"][0]["runId"], lines[4]);
}

#[test]
fn a_later_rollback_takes_it_back_from_the_journal_alone() {
    let project = program(project(UNDONE), "tasks/tell", TOLD);
    project.osem("t --no-rollback").status(2);
    assert_eq!(written(&project, "told"), "do\nUsers\n");
    // The kind is gone from the files.
    let project = project.file("tasks/own.kdl", "");
    let run = project.osem("runs").json(0)["data"]["runs"][0]["runId"].clone();
    let outcome = project.osem("rollback last --confirm local").success();
    outcome.expect_stderr("load[Users]: run tasks/tell undo plug-local-Users");
    let told = format!("do\nUsers\nundo\nplug-local-Users\n{}\n", run.as_str().unwrap());
    assert_eq!(written(&project, "told"), told);
}

#[test]
fn an_undo_that_fails_says_so_and_keeps_what_it_wrote() {
    let project = project(
        "step-kind k { exec \"true\"; undo exec \"tasks/bad\"; }\n\
         task t { on-failure rollback; step k; step shell \"exit 1\" effect=read; }",
    );
    let project = program(project, "tasks/bad", "#!/bin/sh\necho cannot; exit 9\n");
    let outcome = project.osem("t").status(3);
    outcome.expect_stderr("exited with 9");
    outcome.expect_stderr("cannot");
}

#[test]
fn a_step_that_failed_half_way_is_taken_back_too() {
    let project = project(
        "step-kind k { exec \"tasks/tell\" \"{param.x}\"; undo exec \"tasks/tell\" undo; param x default=do; }\n\
         task t { on-failure rollback; step k; }\n\
         task read { on-failure rollback; step r; }\n\
         step-kind r { exec \"false\"; effect read; }",
    );
    let project = program(project, "tasks/tell", &format!("{TOLD}[ \"$1\" = undo ]\n"));
    project.osem("t").status(1).expect_stderr("k rolled back: tasks/tell took it back");
    assert_eq!(written(&project, "told"), "do\nundo\n");
    project.osem("read").status(1);
}

#[test]
fn a_change_of_the_kind_or_of_a_value_makes_a_finished_step_outstanding() {
    let kind = |words: &str| {
        format!(
            "step-kind k {{ exec {words} \"{{param.x}}\"; param x default=a; }}\n\
             task t {{ step k; step shell \"test -e fixed\" effect=read; }}"
        )
    };
    let project = project(&kind("echo"));
    project.osem("t").status(2);
    let outstanding = |project: &crate::harness::Project| {
        let outcome = project.osem("resume -n").success();
        (outcome.stdout() + &outcome.stderr()).contains("k: runs")
    };
    assert!(!outstanding(&project));
    let project = project.file("tasks/own.kdl", kind("echo").replace("default=a", "default=b"));
    assert!(outstanding(&project));
    let project = project.file("tasks/own.kdl", kind("echo \"-n\""));
    assert!(outstanding(&project));
    let project = project.file("tasks/own.kdl", kind("echo"));
    assert!(!outstanding(&project));
}
