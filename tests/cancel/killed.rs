//! osem is killed while its command goes on.

use crate::harness::{living, wait_for_living};

use super::{project, records, run_id};

#[test]
fn the_next_run_ends_what_a_killed_one_left_running() {
    let project =
        project("step shell \"trap '' TERM; (sleep 501; sleep 502) & sleep 503; sleep 504\"");
    let mut run = project.osem("t").start();
    run.wait_for_stderr("shell started");
    while records(&project).last().unwrap()["event"]["type"] != "child-started" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let id = run_id(&records(&project));
    wait_for_living("OSEM_RUN_ID", &id, 4);
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    assert_eq!(living("OSEM_RUN_ID", &id).len(), 4, "nobody ended them");
    let outcome = project.osem("quick").success();
    outcome.expect_stderr(
        "shell of a run that was killed still runs (process [PID]): it is ended first",
    );
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
    project.osem("quick").success().refuse_stderr("still runs");
}

#[test]
fn a_leader_that_is_gone_does_not_hide_what_it_started() {
    let project = project("step shell \"sleep 505 & sleep 506\"");
    let mut run = project.osem("t").start();
    run.wait_for_stderr("shell started");
    while records(&project).last().unwrap()["event"]["type"] != "child-started" {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let found = records(&project);
    let id = run_id(&found);
    wait_for_living("OSEM_RUN_ID", &id, 3);
    run.signal("KILL");
    run.finish();
    let leader = found.last().unwrap()["event"]["pid"].as_u64().unwrap();
    let kill = format!("kill -9 {leader}");
    assert!(std::process::Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    wait_for_living("OSEM_RUN_ID", &id, 2);
    project.osem("quick").success().expect_stderr("still runs");
    assert_eq!(living("OSEM_RUN_ID", &id), Vec::<u32>::new());
}
