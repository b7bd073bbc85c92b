//! States that last: dynalite takes 1.5 s to create and to delete a table.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::harness::{DYNALITE, Lack, Project, say};

#[test]
fn six_tables_are_created_at_once() {
    let Some(claim) = DYNALITE.claim("slow-") else { return };
    assert!(!DYNALITE.lacks(Lack::States));
    let project = Project::with_prefix("slow");
    let mut walls = Vec::new();
    let mut said = String::new();
    for (name, jobs) in [("at once", "8"), ("one by one", "1")] {
        let setup = project.osem("setup --env dev -j").args([jobs, "--endpoint-url", &claim.url]);
        let started = Instant::now();
        setup.success().expect_stderr("6 tables created, 8 indexes");
        walls.push(started.elapsed());
        write!(said, "{name} {:.2} s, ", started.elapsed().as_secs_f64()).unwrap();
        claim.dynamo.wipe("slow-");
    }
    let line =
        format!("measured: dynalite, 6 tables of 1.5 s each: {}", said.trim_end_matches(", "));
    say(&line);
    assert!(walls[0] >= Duration::from_millis(1500), "{line}");
    assert!(walls[0] < walls[1], "{line}");
}

#[test]
fn an_interrupted_setup_is_finished_by_the_next_one() {
    let Some(claim) = DYNALITE.claim("cut-") else { return };
    let project = Project::with_prefix("cut");
    let setup = || project.osem("setup --env dev --endpoint-url").args([&claim.url]);
    let mut run = setup().start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    outcome.expect_stderr("setup in dev: ended by ");
    outcome.expect_stderr("(exit 130)");
    setup().success();
    project.osem("verify --env dev --endpoint-url").args([&claim.url]).success();
    claim.dynamo.wipe("cut-");
}

#[test]
fn two_setups_at_once_both_end_well() {
    let Some(claim) = DYNALITE.claim("two-") else { return };
    let project = Project::with_prefix("two");
    let setup = || project.osem("setup --env dev --endpoint-url").args([&claim.url]);
    // With one state directory the second one would have to wait for the first.
    let runs = [setup().start(), setup().args(["--state-dir", "other"]).start()];
    for run in runs {
        run.finish().expect_code(0);
    }
    assert_eq!(claim.dynamo.tables_of("two-").len(), 6);
    claim.dynamo.wipe("two-");
}

#[test]
fn a_setup_waits_for_tables_that_are_being_deleted() {
    let Some(claim) = DYNALITE.claim("again-") else { return };
    let project = Project::with_prefix("again");
    let osem = |line: &str| project.osem(line).args(["--env", "dev", "--endpoint-url", &claim.url]);
    osem("setup").success();
    let mut delete = osem("delete-tables --confirm dev").start();
    delete.wait_for_stderr("wait-deleted[Users] started");
    let again = osem("setup --state-dir other").success();
    again.expect_stderr("6 tables created, 8 indexes");
    drop(delete);
    osem("verify").success();
    claim.dynamo.wipe("again-");
}
