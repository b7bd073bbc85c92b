//! A run that is gone on with has the values that it had.

use crate::children::log_so_far;
use crate::harness::Project;

use super::project;

/// A task that fails in its first run, after a step that shows the variable.
fn failed(line: &str, shell: &str) -> Project {
    let project = project(
        r#"
        var owner env=OWNER default="from-file"
        var kept default="kept"
        task t {
            step exec "echo" "{var.owner}" id=first
            step shell "test -e go" id=gate
            step exec "echo" "{var.owner}" "{var.kept}" id=last
        }
        "#,
    );
    project.osem(line).env("OWNER", shell).status(2);
    project.file("go", "")
}

/// What the last run but one, or the last, kept of a step.
fn logged(project: &Project, step: &str) -> Vec<String> {
    let log =
        |run: &std::path::PathBuf| std::fs::read_to_string(run.join(format!("steps/{step}.log")));
    project.runs().iter().filter_map(|run| log(run).ok()).collect()
}

#[test]
fn what_was_given_to_a_run_is_given_to_the_one_that_goes_on_with_it() {
    for (line, shell) in [("t --var owner=given", ""), ("t", "given")] {
        let project = failed(line, shell);
        assert_eq!(log_so_far(&project, "first").unwrap(), "given\n");
        project.osem("resume").env("OWNER", "another").success();
        assert_eq!(logged(&project, "first"), ["given\n"], "it is done");
        assert_eq!(logged(&project, "last"), ["given kept\n"]);
    }
}

#[test]
fn what_stood_in_the_file_does_not_come_from_the_shell_later() {
    let project = failed("t", "");
    project.osem("resume").env("OWNER", "another").success();
    assert_eq!(logged(&project, "last"), ["from-file kept\n"]);
}

#[test]
fn an_edited_value_is_a_changed_step() {
    let project = failed("t", "").edit("from-file", "edited");
    let outcome = project.osem("resume").success();
    assert_eq!(logged(&project, "first"), ["from-file\n", "edited\n"]);
    outcome.expect_stderr("definition");
    assert_eq!(logged(&project, "last"), ["edited kept\n"]);
}

#[test]
fn a_flag_that_says_otherwise_is_refused_with_both_values() {
    let project = failed("t --var owner=given", "");
    let outcome = project.osem("resume --var owner=other").stdout("").status(65);
    outcome.expect_stderr("bound to another variable `owner`");
    outcome.expect_stderr(r#"variable `owner`: "given" in that run, "other" now"#);
    let outcome = project.osem("resume --var kept=other").status(65);
    outcome.expect_stderr(r#"variable `kept`: as in the files in that run, "other" now"#);
    project.osem("resume --var owner=given --var kept=kept").success();
}

#[test]
fn a_saved_plan_binds_its_values() {
    let project = project(
        r#"
        var owner env=OWNER default="x"
        task t { for-each table { step create-table; }; }
        defaults { table { tag Owner "{var.owner}"; }; }
        "#,
    );
    project.osem("plan t --var owner=given --out t.json").success();
    let outcome = project.osem("run --plan t.json --var owner=other").status(1);
    outcome.expect_stderr(r#"variable `owner`: "given" then, "other" now"#);
    project.osem("run --plan t.json").env("OWNER", "another").success();
}
