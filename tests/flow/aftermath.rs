//! `after … when=`, `finally` and `only-if-changed`.

use std::time::Duration;

use super::{FOR_EVER, for_ever, project, started, steps};
use crate::harness::{Fault, Project, dynamo_with};

#[test]
fn what_waits_for_a_failure_runs_only_after_one() {
    let tasks = "task look {\n\
                   for-each table { step verify; }\n\
                   step list-tables id=tell { after verify when=failed; }\n\
                   step list-tables id=clean { after verify when=always; }\n\
                   step list-tables id=next\n\
                 }\n\
                 task setup { for-each table { step create-table; step wait-active; }; }";
    let project = project(tasks);
    let failed = steps(&project.osem("look").json(1));
    assert_eq!(failed[2..], ["tell succeeded", "clean succeeded", "next upstream"]);
    project.osem("setup").success();
    let went_well = project.osem("look").json(0);
    assert_eq!(
        steps(&went_well)[2..],
        ["tell nothing-failed", "clean succeeded", "next succeeded"]
    );
    let tell = &went_well["data"]["steps"][2];
    assert_eq!(tell["message"], "verify did not fail");
    assert_eq!(tell["skipped"]["steps"], serde_json::json!(["verify"]));
    project.osem("look").success().expect_stderr("tell skipped: verify did not fail");
}

#[test]
fn one_failure_of_many_is_told_though_the_others_never_started() {
    let tasks = "task look {\n\
                   for-each table { serial; step verify; }\n\
                   step list-tables id=tell { after verify when=failed; }\n\
                   step list-tables id=clean { after verify when=always; }\n\
                 }";
    let document = project(tasks).osem("look").json(1);
    assert_eq!(
        steps(&document),
        ["verify[Users] failed", "verify[Teams] run-ending", "tell succeeded", "clean succeeded"]
    );
}

#[test]
fn what_waits_for_ends_keeps_its_order_in_a_run_that_stops() {
    let tasks = "task look {\n\
                   parallel { step verify id=y table=Users; step list-tables id=x; }\n\
                   step list-tables id=a { after y x when=always; }\n\
                   step list-tables id=b { after y x a when=always; }\n\
                   finally { step list-tables id=last; }\n\
                 }";
    let outcome = project(tasks).osem("look -j 1").status(1);
    assert_eq!(started(&outcome.stderr()), ["y", "a", "b", "last"]);
}

#[test]
fn finally_does_not_delete_what_the_same_run_created() {
    let tasks = "task setup {\n\
                   allow-in local\n\
                   step create-table table=Users\n\
                   step wait-active table=Users\n\
                   finally { step delete-table table=Users; }\n\
                 }";
    let document = project(tasks).osem("setup --yes").json(2);
    assert_eq!(document["error"]["code"], "PLAN_CHANGED");
    let fix = document["error"]["remediation"].as_str().unwrap();
    assert!(fix.contains("in a task of its own"), "{fix}");
}

#[test]
fn finally_runs_last_after_success_and_after_failure() {
    let tasks = "task look {\n\
                   finally { step list-tables id=last; }\n\
                   step verify table=Users\n\
                   step list-tables\n\
                 }\n\
                 task setup { for-each table { step create-table; step wait-active; }; }";
    let project = project(tasks);
    let failed = project.osem("look").json(1);
    assert_eq!(steps(&failed), ["verify failed", "list-tables upstream", "last succeeded"]);
    project.osem("setup").success();
    let outcome = project.osem("look").success();
    assert_eq!(started(&outcome.stderr()), ["verify", "list-tables", "last"]);
}

#[test]
fn a_failure_in_finally_fails_the_run() {
    let tasks = "task look { step list-tables; finally { step verify table=Users; }; }";
    let document = project(tasks).osem("look").json(1);
    assert_eq!(steps(&document), ["list-tables succeeded", "verify failed"]);
    assert_eq!(document["error"]["details"]["step"], "verify");
}

#[test]
fn finally_runs_after_the_first_signal() {
    let server = for_ever();
    let project = Project::of(FOR_EVER);
    let mut run = project.osem("setup --json --endpoint-url").args([server.url()]).start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    assert_eq!(
        steps(&outcome.json()),
        [
            "create-table[Users] succeeded",
            "wait-active[Users] cancelled",
            "tag[Users] upstream",
            "list-tables succeeded",
        ]
    );
}

#[test]
fn the_second_signal_leaves_finally_out() {
    let server = dynamo_with(|operation, asked| match operation {
        "CreateTable" | "DescribeTable" => Some(Fault::Status("CREATING")),
        // The preview lists tables too.
        "ListTables" if asked.times("CreateTable") > 0 => Some(Fault::Silence),
        _ => None,
    });
    let project = Project::of(FOR_EVER);
    let mut run = project.osem("setup --endpoint-url").args([server.url()]).start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    run.wait_for_stderr("list-tables started");
    run.signal("TERM");
    let outcome = run.finish();
    outcome.expect_code(143);
    assert!(outcome.took < Duration::from_mins(1), "{outcome}");
}

#[test]
fn a_step_runs_only_where_something_was_changed() {
    let tasks = "task setup {\n\
                   for-each table {\n\
                     step create-table\n\
                     step wait-active\n\
                     step verify { only-if-changed create-table; }\n\
                     step tag\n\
                   }\n\
                   step list-tables { only-if-changed create-table; }\n\
                 }\n\
                 task half { for-each table Users { step create-table; step wait-active; }; }";
    let project = project(tasks);
    project.osem("half").success();
    let document = project.osem("setup").json(0);
    let found = steps(&document);
    assert_eq!(found[2..4], ["verify[Users] nothing-changed", "tag[Users] succeeded"]);
    assert_eq!(
        found[6..],
        ["verify[Teams] succeeded", "tag[Teams] succeeded", "list-tables succeeded"]
    );
    let again = project.osem("setup").success();
    again.expect_stderr("list-tables skipped: create-table changed nothing");
}

#[test]
fn a_plan_says_what_would_run_only_under_a_condition() {
    let tasks = "task setup {\n\
                   step list-tables\n\
                   step create-table table=Users { after list-tables when=failed; }\n\
                   step create-table id=more table=Teams { only-if-changed list-tables; }\n\
                 }";
    let outcome = project(tasks).osem("plan").success();
    let stdout = outcome.stdout();
    for line in [
        "\n      create-table: only after a failure of list-tables\n",
        "\n      more: only after a change by list-tables\n",
    ] {
        assert!(stdout.contains(line), "no {line:?}\n{outcome}");
    }
}
