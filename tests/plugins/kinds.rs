//! What is wrong with a kind, or with a step of it, is said with its place before anything runs.

use super::{program, project};
use crate::harness::Project;

const KIND: &str = r#"
step-kind load {
    exec "tasks/load" "{param.file}" "{param.count}"
    param file type=path required=#true { description "The items"; }
    param count type=int default=25 min=1 max=25
    param wait type=duration default="1s" max="1m"
    param mode type=enum default=a { values a b; }
    param dry type=bool default=#false
    param source type=table default=Users
}
"#;

fn with_kind(tasks: &str) -> Project {
    let project = project(&format!("{KIND}\n{tasks}")).file("tasks/x.jsonl", "");
    program(project, "tasks/load", "#!/bin/sh\ntouch ran\n")
}

/// A task that is refused, by every command and before any step.
#[track_caller]
fn refused(project: &Project, messages: &[&str]) {
    for line in ["t", "check", "plan t"] {
        let outcome = project.osem(line).status(65);
        for message in messages {
            outcome.expect_stderr(message);
        }
        outcome.expect_stderr("tasks/own.kdl:");
    }
    assert!(!project.path().join("ran").exists() && !project.path().join(".osem").exists());
}

#[test]
fn values_that_do_not_fit_their_type_are_refused_with_their_place() {
    for (input, message) in [
        ("count=\"3\"", "input `count` must be a whole number from 1 to 25"),
        ("count=\"3\"", "numbers are not quoted; write: 3"),
        ("count=26", "input `count` must be a whole number from 1 to 25"),
        ("count=0", "input `count` must be a whole number from 1 to 25"),
        ("count=2.5", "input `count` must be text"),
        ("wait=5", "input `wait` must be text"),
        ("wait=\"5\"", "input `wait` must be a duration with a unit"),
        ("wait=\"2m\"", "input `wait` must be 0s to 1m"),
        ("mode=c", "input `mode` cannot be `c`"),
        ("dry=yes", "input `dry` must be #true or #false"),
        ("source=User", "unknown table `User`"),
        ("source=User", "did you mean `Users`?"),
        ("cuont=3", "unknown input `cuont` of step `load`"),
        ("cuont=3", "did you mean `count`?"),
    ] {
        let task = format!("task t {{ step load file=\"x.jsonl\" {input}; }}");
        refused(&with_kind(&task), &[message]);
    }
}

#[test]
fn the_longest_span_of_time_is_told_in_days() {
    let kind = "step-kind k { exec a; param wait type=duration min=\"10m\" required=#true; }";
    let project = project(&format!("{kind}\ntask t {{ step k wait=\"5m\"; }}"));
    refused(&project, &["input `wait` must be 10m to 365days"]);
}

#[test]
fn a_missing_program_is_pointed_at_where_the_step_names_it() {
    let project = project("task t { step exec \"tasks/gone\"; }");
    refused(&project, &["cannot run `tasks/gone`: there is no such file", "own.kdl:1:20"]);
}

#[test]
fn a_missing_input_and_a_missing_file_are_refused() {
    let missing = with_kind("task t { step load; }");
    refused(&missing, &["step `load` needs the input `file`", "add file=…: The items"]);
    let file = with_kind("task t { step load file=\"tasks/x.jsonl\"; }");
    refused(&file, &["cannot read tasks/tasks/x.jsonl: there is no such file"]);
}

#[test]
fn what_only_other_steps_take_is_refused() {
    for (step, message) in [
        ("step load \"word\" file=\"x.jsonl\"", "step `load` takes no further argument"),
        (
            "step load file=\"x.jsonl\" { credentials aws; }",
            "step `load` takes no `credentials`: its kind says them",
        ),
        (
            "step load file=\"x.jsonl\" { retry 2; }",
            "step kind `load` does not say that it may be repeated",
        ),
        ("step load file=\"{item}.jsonl\"", "`{item}` has a value only while steps run"),
    ] {
        refused(&with_kind(&format!("task t {{ {step}; }}")), &[message]);
    }
}

#[test]
fn a_kind_that_contradicts_itself_is_refused() {
    for (kind, message) in [
        ("step-kind verify { exec a; }", "step kind `verify` is built in"),
        ("step-kind k { exec a; }\nstep-kind k { exec b; }", "step kind `k` is declared twice"),
        ("step-kind k { effect read; }", "step kind `k` runs nothing"),
        ("step-kind k { exec a; plugin b; }", "`exec` and `plugin` exclude each other"),
        ("step-kind k { exec a \"{param.x}\"; }", "unknown parameter `{param.x}`"),
        ("step-kind k { exec a \"{parm.x}\"; }", "unknown placeholder `{parm.x}`"),
        ("step-kind k { exec a \"{param.x}\"; param x; }", "`{param.x}` may have no value"),
        ("step-kind k { exec a; param id; }", "`id` is a property of every step"),
        ("step-kind k { exec a; param table; }", "`table` is the table of the step"),
        ("step-kind k { exec a; param x type=int default=a; }", "must be a whole number"),
        ("step-kind k { exec a; param x type=int min=3 max=2; }", "`min` is more than `max`"),
        ("step-kind k { exec a; param x min=3; }", "type `string` has no `min`"),
        ("step-kind k { exec a; param x type=enum; }", "parameter `x` lists no values"),
        ("step-kind k { exec a; param x { values a; }; }", "type `string` has no `values`"),
        ("step-kind k { exec a; param x required=#true default=a; }", "is required"),
        ("step-kind k { exec a; param x; param x; }", "`param x` is given twice"),
        ("step-kind k { exec a; retry 2; }", "does not say that it may be repeated"),
        ("step-kind k { exec a; effect read; undo exec b; }", "only reads"),
        ("step-kind k { plugin a; undo exec b; }", "is a plugin, which has a verb `undo`"),
        ("step-kind k { exec a; iam PutItem; }", "`iam` must be an action of IAM"),
        ("step-kind k { exec a; iam \"dynamodb:\"; }", "`iam` must be an action of IAM"),
        ("step-kind k { exec \"\"; }", "the program has no name"),
    ] {
        let project = project(&format!("{kind}\ntask t {{ step list-tables; }}"));
        refused(&project, &[message]);
    }
}

#[test]
fn a_parameter_that_no_step_could_give_is_refused() {
    let settings =
        ["timeout", "retry", "env", "after", "credentials", "only-if-changed", "pool", "tolerate"];
    for name in settings {
        let kind = format!("step-kind k {{ exec a; param {name}; }}");
        let project = project(&format!("{kind}\ntask t {{ step list-tables; }}"));
        refused(&project, &[&format!("`{name}` is a setting of every step, written in its block")]);
    }
}

#[test]
fn a_step_of_a_kind_that_cannot_be_used_is_no_second_error() {
    let project = project("step-kind k { effect read; }\ntask t { step k; }");
    project.osem("check").status(65).expect_stderr("1 error in the configuration");
}

#[test]
fn a_kind_that_destroys_needs_what_every_destroying_step_needs() {
    let kind = "step-kind k { exec \"tasks/load\"; effect destroy; }";
    refused(&project(&format!("{kind}\ntask t {{ step k; }}")), &["overwrites or deletes data"]);
    let project = project(&format!("{kind}\ntask t {{ allow-in local; step k; }}"));
    let project = program(project, "tasks/load", "#!/bin/sh\n");
    project.osem("t --yes").status(77).expect_stderr("may destroy");
    project.osem("t --confirm local").success();
}

#[test]
fn a_kind_that_needs_a_table_is_about_one() {
    let kind = "step-kind k { exec echo \"{table.name}\"; }";
    let none = project(&format!("{kind}\ntask t {{ step k; }}"));
    refused(&none, &["`{table.name}` has no value: the step is about no table"]);
    let kind = "step-kind k { exec echo; param table type=table required=#true; }";
    let none = project(&format!("{kind}\ntask t {{ step k; }}"));
    refused(&none, &["step `k` is about one table"]);
}

#[test]
fn programs_that_are_missing_are_refused_where_the_kind_names_them() {
    let project = project(
        "step-kind gone { exec \"tasks/gone\"; }\n\
         step-kind text { plugin \"tasks/text\"; }\n\
         step-kind back { exec echo; undo exec \"tasks/back\"; }\n\
         task t { step gone; step text; step back; }",
    );
    let project = project.file("tasks/text", "x");
    refused(
        &project,
        &[
            "cannot run `tasks/gone`: there is no such file",
            "cannot run `tasks/text`: the file is not executable",
            "cannot run `tasks/back`: there is no such file",
            "own.kdl:1:23",
            "own.kdl:2:25",
            "3 errors in the configuration",
        ],
    );
}
