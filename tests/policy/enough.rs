//! Whatever a task calls is allowed by the policy that is printed for it.

use crate::harness::{Simulator, has_python, say_skipped};

use super::{ACCOUNT, FLAGS, Place, allows, application, osem, printed};

/// Every call of the simulator's log is allowed.
#[track_caller]
pub(super) fn expect_covered(place: &Place, allowed: impl Fn(&str, &str) -> bool) {
    let calls = place.simulator.calls(0);
    let mut tables = 0;
    for call in &calls {
        let operation = call["operation"].as_str().unwrap();
        let service = if operation == "GetCallerIdentity" { "sts" } else { "dynamodb" };
        let on_table = |table: &str| format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{table}");
        let resource = match call["table"].as_str() {
            Some(table) => on_table(table),
            // The log does not say which, and only one table here has any.
            None if operation == "DescribeBackup" => on_table("shop-dev-Orders/backup/0179"),
            None => "*".to_owned(),
        };
        tables += usize::from(resource != "*");
        // An endpoint that is not the service is asked once whether it is there; a refusal is an
        // answer too.
        let is_there = operation == "ListTables" && call["n"].as_u64() <= Some(2);
        let action = format!("{service}:{operation}");
        assert!(allowed(&action, &resource) || is_there, "{action} on {resource} is not allowed");
    }
    assert!(tables > 0, "nothing was called: {calls:?}");
}

#[test]
fn every_call_of_the_application_is_allowed_by_the_policy_of_its_task() {
    let mut tasks = vec!["setup", "setup", "verify", "list-tables"];
    if has_python() {
        tasks.push("seed");
    } else {
        say_skipped("the policy of seed", "its last step is a program in Python");
    }
    let mut place = Place::new();
    for task in tasks {
        let project = application(&place);
        let line = format!("{task} --env dev");
        let policy = printed(&project, &line);
        osem(&project, &line).success();
        expect_covered(&place, |action, resource| allows(&policy, action, resource));
        // The next one has an empty log.
        place = Place { simulator: place.simulator.failing(&[]) };
    }
}

#[test]
fn every_call_of_a_deletion_is_allowed_by_its_policy() {
    let place = Place::new();
    let project = place.project("tag Team platform");
    osem(&project, "setup").success();
    let place = Place { simulator: place.simulator.failing(&[]) };
    let project = place.project("tag Team platform");
    let policy = printed(&project, "delete-tables");
    osem(&project, "delete-tables").success();
    expect_covered(&place, |action, resource| allows(&policy, action, resource));
}

#[test]
fn every_call_of_a_backup_is_allowed_by_its_policy_also_after_a_lost_answer() {
    let place = Place { simulator: Simulator::start(&FLAGS.replace("100000", "1000")) };
    osem(&place.project(""), "setup").success();
    let mut simulator = place.simulator;
    for faults in [&[][..], &["lose-response on=CreateBackup count=1"]] {
        let place = Place { simulator: simulator.failing(faults) };
        let project = place.project("");
        let policy = printed(&project, "save");
        osem(&project, "save").success();
        let calls = place.simulator.calls(0);
        let asked = |name: &str| calls.iter().any(|call| call["operation"] == name);
        assert_eq!(asked("ListBackups"), !faults.is_empty(), "{calls:#?}");
        expect_covered(&place, |action, resource| allows(&policy, action, resource));
        simulator = place.simulator;
    }
}
