//! `parallel` and `serial`.

use super::{project, started, steps};

#[test]
fn a_parallel_block_is_waited_for_as_a_whole() {
    let tasks = "task look {\n\
                   parallel { step list-tables; step list-tables id=other; }\n\
                   step list-tables id=last\n\
                 }";
    let outcome = project(tasks).osem("look").success();
    let stderr = outcome.stderr();
    let place = |text: &str| stderr.find(text).unwrap_or_else(|| panic!("no {text:?}\n{outcome}"));
    assert!(place("] other started") < place("] list-tables succeeded"), "at once\n{outcome}");
    assert!(place("] list-tables succeeded") < place("] last started"));
    assert!(place("] other succeeded") < place("] last started"));
}

#[test]
fn a_parallel_block_in_a_chain_is_about_the_chains_table() {
    let tasks = "task setup { for-each table {\n\
                   step create-table\n\
                   step wait-active\n\
                   parallel { step verify; step tag; }\n\
                   step verify id=again\n\
                 }; }";
    let document = project(tasks).osem("setup").json(0);
    assert_eq!(steps(&document).len(), 10);
    assert!(steps(&document).contains(&"again[Teams] succeeded".to_owned()));
}

#[test]
fn serial_chains_run_one_after_the_other() {
    let tasks = "task setup {\n\
                   for-each table order=reverse { serial; step create-table; step wait-active; }\n\
                 }";
    let outcome = project(tasks).osem("setup -j 8").success();
    assert_eq!(
        started(&outcome.stderr()),
        ["create-table[Teams]", "wait-active[Teams]", "create-table[Users]", "wait-active[Users]"]
    );
}

#[test]
fn a_serial_chain_that_fails_lets_the_next_one_start_only_when_told_to() {
    let tasks = "task look { for-each table { serial; step verify; step list-tables id=x; }; }";
    let tasks = tasks.replace("step list-tables id=x", "step verify id=again");
    let stopped = steps(&project(&tasks).osem("look").json(1));
    assert_eq!(stopped[1..3], ["again[Users] upstream", "verify[Teams] run-ending"]);
    let went_on = steps(&project(&tasks).osem("look -k").json(1));
    assert_eq!(went_on[1..3], ["again[Users] upstream", "verify[Teams] failed"]);
}
