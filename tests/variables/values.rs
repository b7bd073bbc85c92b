//! Where values come from, and where they go.

use super::project;
use crate::children::log;

const SHOW: &str = r#"
    var owner default="from-file" env=OWNER
    task t { step exec "printf" "%s" "<{var.owner}>"; }
"#;

#[test]
fn the_command_line_wins_over_the_shell_and_that_over_the_file() {
    for (flags, shell, wanted) in [
        ("", None, "<from-file>"),
        ("", Some(""), "<from-file>"),
        ("", Some("from-shell"), "<from-shell>"),
        ("--var owner=from-flag", Some("from-shell"), "<from-flag>"),
        ("--var owner=a=b", None, "<a=b>"),
        ("--var owner=", Some("from-shell"), "<>"),
    ] {
        let project = project(SHOW);
        let run = project.osem(&format!("t {flags}"));
        let run = shell.into_iter().fold(run, |run, value| run.env("OWNER", value));
        run.success();
        assert_eq!(log(&project, "exec"), wanted, "{flags} {shell:?}");
    }
}

#[test]
fn values_stand_in_arguments_env_tags_inputs_and_names_of_tables() {
    let project = project(
        r#"
        var owner "team-a"
        var size default="small"
        include "more.kdl"
        "#,
    );
    let project = project
        .edit("vars-{env}-{table}", "{var.owner}-{env}-{table}")
        .file(
            "more.kdl",
            "var shade env=SHADE\n\
             table Teams hash=teamId { tag Owner \"{var.owner}/{var.size}\"; }",
        )
        .file("data/Users-big.jsonl", "{\"userId\": \"u1\"}\n")
        .file(
            "tasks/t.kdl",
            "var flavour default=\"plain\"\n\
             task t {\n\
             for-each table { step create-table; step wait-active; step tag; }\n\
             step put-items file=\"../data/Users-{var.size}.jsonl\" table=Users\n\
             step shell \"echo $X\" { env X \"{var.shade}, {var.flavour}, {{var.owner}}\"; }\n}",
        );
    project.osem("t --var size=big").env("SHADE", "red").success();
    assert_eq!(log(&project, "shell"), "red, plain, {var.owner}\n");
    let plan = project.osem("plan t --var size=big --var owner=team-b").env("SHADE", "x").json(0);
    let text = plan.to_string();
    assert!(text.contains("team-b-local-Users") && text.contains("team-b/big"), "{text}");
}

#[test]
fn a_required_variable_without_a_value_stops_every_task_before_it_begins() {
    let project = project(
        r#"
        var owner required=#true env=OWNER
        var region-name required=#true
        task other { step shell "touch ran"; }
        "#,
    );
    for line in ["other", "plan other", "other -n"] {
        let outcome = project.osem(line).status(65);
        outcome.expect_stderr("variable `owner` has no value");
        outcome.expect_stderr("osem.kdl:6:13");
        outcome.expect_stderr("nothing runs without it");
        outcome.expect_stderr("set the variable OWNER, or add: --var owner=…");
        outcome.expect_stderr("add to the command: --var region-name=…");
    }
    assert!(!project.path().join("ran").exists() && !project.path().join(".osem").exists());
    project.osem("other --var region-name=x").env("OWNER", "me").success();
}

#[test]
fn one_that_is_not_required_is_missed_only_where_it_is_used() {
    let project = project(
        r#"
        var file env=DATA
        var note env=NOTE
        task fine { step shell "true"; }
        task says { step exec "echo" "{var.note}"; }
        task fills { step put-items file="{var.file}" table=Users; }
        "#,
    );
    project.osem("fine").success();
    for (task, name) in [("says", "note"), ("fills", "file")] {
        let outcome = project.osem(task).status(65);
        outcome.expect_stderr(&format!("variable `{name}` has no value"));
        outcome.expect_stderr("used here");
        outcome.expect_stderr("declared here");
    }
}

#[test]
fn a_check_needs_no_values_and_says_what_it_could_not_check() {
    let project = project(
        r#"
        var owner required=#true
        task t { step exec "echo" "{var.owner}"; }
        task u { step exec "no-such-program"; }
        "#,
    );
    let outcome = project.osem("check").status(65);
    outcome.expect_stderr("variable `owner` has no value here: what depends on it is not checked");
    outcome.expect_stderr("cannot run `no-such-program`");
    outcome.expect_stderr("1 error in the configuration");
    let document = project.osem("check --var owner=x").json(65);
    assert_eq!(document["data"]["diagnostics"].as_array().unwrap().len(), 1);
    let fine = project.edit("no-such-program", "true");
    fine.osem("check").success().expect_stderr("no errors");
}

#[test]
fn a_misspelt_variable_is_named_with_the_one_that_is_meant() {
    let project = project("var owner \"x\"\ntask t { step exec \"echo\" \"{var.ownr}\"; }");
    let outcome = project.osem("check").status(65);
    outcome.expect_stderr("unknown variable `ownr`");
    outcome.expect_stderr("did you mean `owner`?");
    let project = super::project("var owner \"x\"\ntask t { step shell \"true\"; }");
    let outcome = project.osem("t --var ownr=y").status(64);
    outcome.expect_stderr("no variable `ownr`");
    outcome.expect_stderr("did you mean `owner`?");
}

#[test]
fn a_variable_flag_that_is_none_is_a_usage_error_that_does_not_repeat_it() {
    let project = project("var owner \"x\"\ntask t { step shell \"true\"; }");
    for typed in ["hunter2hunter2", "=hunter2hunter2"] {
        let outcome = project.osem(&format!("t --var {typed}")).status(64);
        outcome.expect_stderr("--var takes NAME=VALUE");
        outcome.refuse_stderr("hunter2");
    }
    project.osem("t --var owner=a --var owner=b").status(64).expect_stderr("`owner` twice");
    assert!(!project.path().join(".osem").exists());
}
