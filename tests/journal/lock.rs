//! One run that may write at a time.

use crate::harness::{Project, Simulator, full_names};

use super::killed::{setup, stuck, stuck_run};

#[test]
fn a_second_run_is_told_who_holds_the_lock() {
    let (project, simulator) = (Project::new(), stuck());
    let _run = stuck_run(&project, &simulator);
    let second = setup(&project, &simulator, "").finish();
    second.expect_code(75);
    insta::assert_snapshot!(second.stderr(), @"
    ✗ another run holds the lock of `dev`: run [RUN], process [PID], since [TIME]
      cause: of runs that may write, an environment has one at a time
      fix:   wait for it (--lock-wait 10m waits that long), or end it: kill [PID]
    ");
    let patient = setup(&project, &simulator, "--lock-wait 100ms").finish();
    patient.expect_code(75);
    patient.expect_stderr("waits for run [RUN], process [PID], since [TIME], to end\n");
    patient.expect_stderr("another run still holds the lock of `dev`");
    let document = setup(&project, &simulator, "--json").finish().json();
    assert_eq!(document["error"]["code"], "LOCKED");
    assert_eq!(document["environment"], "dev");
    // Neither those that only read nor other environments and state directories are kept out.
    let reads = project.osem("list-tables --env dev --endpoint-url").args([&simulator.url]);
    reads.success();
    project.osem("setup").success();
    setup(&project, &simulator, "--state-dir elsewhere").finish().expect_code(0);
}

#[test]
fn a_run_that_waits_for_the_lock_goes_on_when_it_is_free() {
    let (project, simulator) = (Project::new(), stuck());
    let first = stuck_run(&project, &simulator);
    let run = project.osem("setup --env dev --endpoint-url").args([&simulator.url]);
    let mut second = run.env("OSEM_LOCK_WAIT", "50s").start();
    second.wait_for_stderr("waits for run ");
    first.signal("KILL");
    second.finish().expect_code(0);
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
}

#[test]
fn a_rehearsal_does_not_wait_for_a_run() {
    let (project, simulator) = (Project::new(), stuck());
    let _run = stuck_run(&project, &simulator);
    project.osem("setup --env dev --rehearse --time-scale 1000").success();
}

#[test]
fn a_lock_that_is_a_link_is_refused() {
    let project = Project::new().file(".osem/runs/notes", "precious");
    let runs = project.path().join(".osem/runs");
    std::os::unix::fs::symlink(runs.join("notes"), runs.join("local.lock")).unwrap();
    let outcome = project.osem("setup").stdout("").status(73);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ failed to open [DIR]/.osem/runs/local.lock: it is a symbolic link
      fix:   remove the link; osem makes its own in its place
    ");
    assert_eq!(std::fs::read_to_string(runs.join("notes")).unwrap(), "precious");
}

#[test]
fn what_stands_in_the_place_of_a_lock_is_to_be_moved_away() {
    for put in ["mkdir", "mkfifo"] {
        let project = Project::new().file(".osem/runs/notes", "");
        let lock = project.path().join(".osem/runs/local.lock");
        assert!(std::process::Command::new(put).arg(&lock).status().unwrap().success());
        let outcome = project.osem("setup").stdout("").status(73);
        assert_eq!(
            outcome.stderr(),
            "✗ failed to open [DIR]/.osem/runs/local.lock: it is not a regular file\n  \
             fix:   move [DIR]/.osem/runs/local.lock away\n"
        );
    }
}

#[test]
fn a_run_whose_lock_was_removed_changes_nothing_more() {
    let (project, simulator) = (Project::new(), Simulator::start("--time-scale 1"));
    let mut run = setup(&project, &simulator, "-j 1");
    run.wait_for_stderr("wait-active[Users] started");
    std::fs::remove_file(project.path().join(".osem/runs/dev.lock")).unwrap();
    let outcome = run.finish();
    outcome.expect_code(2);
    outcome.expect_stderr("the lock [DIR]/.osem/runs/dev.lock was removed or moved");
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Users"]);
}

#[test]
fn a_lock_wait_that_is_no_duration_is_a_usage_error() {
    let outcome = Project::new().osem("setup --lock-wait soon").stdout("").status(64);
    outcome.expect_stderr("write a duration such as 30s, 10m or 2h");
}
