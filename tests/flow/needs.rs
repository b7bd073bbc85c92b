//! Tasks that need other tasks.

use super::{project, started, steps};

const TASKS: &str = "\
task all { needs tables look; step verify table=Users; }
task tables { needs look; for-each table Users { step create-table; step wait-active; }; }
task look { step list-tables; }
";

#[test]
fn needed_tasks_run_first_and_once() {
    let project = project(TASKS);
    let outcome = project.osem("all -j 8").success();
    let order =
        ["look/list-tables", "tables/create-table[Users]", "tables/wait-active[Users]", "verify"];
    assert_eq!(started(&outcome.stderr()), order);
    let own = project.osem("tables").success();
    let order = ["look/list-tables", "create-table[Users]", "wait-active[Users]"];
    assert_eq!(started(&own.stderr()), order, "its own steps bear no task");
}

#[test]
fn what_a_needed_task_fails_at_is_not_built_on() {
    let tasks =
        "task all { needs look; step list-tables; }\ntask look { step verify table=Users; }";
    let document = project(tasks).osem("all").json(1);
    assert_eq!(steps(&document), ["look/verify failed", "list-tables upstream"]);
    assert_eq!(document["data"]["steps"][1]["skipped"]["step"], "look/verify");
    assert_eq!(document["error"]["details"]["step"], "look/verify");
}

#[test]
fn a_task_may_not_run_where_one_that_it_needs_may_not() {
    let tasks = "task all { needs look; step list-tables; }\n\
                 task look { allow-in local; step list-tables; }";
    let project = project(tasks);
    project.osem("check").success();
    let outcome = project.osem("all --env prod").status(65);
    outcome.expect_stderr(
        "task `all` is not allowed in environment `prod`: it needs `look`, which is not",
    );
}

#[test]
fn a_task_that_needs_one_that_deletes_is_confirmed_like_it() {
    let tasks = "task again { needs drop; for-each table { step create-table; }; }\n\
                 task drop { allow-in local; for-each table { step delete-table missing=ok; }; }\n\
                 task setup { for-each table { step create-table; step wait-active; }; }";
    let project = project(tasks);
    project.osem("setup").success();
    project.osem("again --yes").status(77).expect_stderr("DeleteTable");
    project.osem("setup").success().expect_stderr("nothing to do: 2 tables as declared");
}

#[test]
fn check_tells_of_a_broken_task_once_though_others_need_it() {
    let project = project(
        "task a { step list-tables { only-if-changed list-tables; }; }\n\
         task b { needs a; step list-tables; }\n\
         task c { needs b; step list-tables; }\n\
         task d { needs a; step list-tables; }",
    );
    let outcome = project.osem("check").status(65);
    outcome.expect_stderr("steps wait for each other: list-tables -> list-tables");
    outcome.expect_stderr("1 error in the configuration");
}

#[test]
fn a_long_line_of_tasks_is_checked() {
    let task = |number: usize| {
        let needs = if number == 0 { String::new() } else { format!("needs t{}; ", number - 1) };
        format!("task t{number} {{ {needs}step list-tables; }}\n")
    };
    let tasks: String = (0..4_000).map(task).collect();
    let project = project("task t { needs t3999; step list-tables; }").file("tasks/all.kdl", tasks);
    let outcome = project.osem("check").status(0);
    outcome.expect_stderr("4001 tasks");
}
