//! Each action of a printed policy is missed when the simulator refuses it: in some state of the
//! tables the task fails, and names it.

use std::thread;

use serde_json::Value;

use crate::harness::{Simulator, has_python, say_skipped};

use super::{FLAGS, Place, application, called, operation, osem, printed};

/// Something of every setting, on.
const ON: &str = "\
    gsi by-name hash=name { contributor-insights; }
    billing pay-per-request
    tag Team platform
    tag Owner #false
    ttl expires
    point-in-time-recovery days=7
    contributor-insights
    stream new-image
    kinesis-stream \"arn:aws:kinesis:us-east-1:111111111111:stream/a\" precision=microsecond
    resource-policy file=\"policy.json\"
    deletion-protection";

/// The same, turned off.
const OFF: &str = "\
    gsi by-name hash=name { contributor-insights #false; }
    billing pay-per-request
    tag Team platform
    tag Owner #false
    ttl #false
    point-in-time-recovery #false
    contributor-insights #false
    stream #false
    kinesis-stream #false
    resource-policy #false
    deletion-protection #false";

/// What was declared before: everything else, and a tag that must not be there.
const BEFORE: &str = "\
    billing pay-per-request
    tag Owner somebody
    kinesis-stream \"arn:aws:kinesis:us-east-1:111111111111:stream/b\"";

/// The stream is that of [`ON`], less exact.
const COARSE: &str = "\
    billing pay-per-request
    kinesis-stream \"arn:aws:kinesis:us-east-1:111111111111:stream/a\" precision=millisecond";

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
"Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"dynamodb:GetItem","Resource":"*"}]}"#;

/// The simulator with what `before` says, and then one action refused.
#[track_caller]
fn refusing(action: &str, before: &[(&str, &str)]) -> Place {
    let place = Place::new();
    for (task, table) in before {
        let project = place.project(table).file("policy.json", POLICY);
        osem(&project, task).success();
    }
    let fault = format!("deny on={}", operation(action));
    Place { simulator: place.simulator.failing(&[&fault]) }
}

/// What a run of the task with that action refused says; `None` where it went well.
fn refused(action: &str, before: &[(&str, &str)], task: &str, table: &str) -> Option<Value> {
    let place = refusing(action, before);
    let project = place.project(table).file("policy.json", POLICY);
    let outcome = osem(&project, task).args(["--json"]).output();
    (outcome.code() != Some(0)).then(|| outcome.json())
}

/// Refuses each action of the policy in turn, in each of these states until the task fails.
#[track_caller]
fn each_is_missed(task: &str, table: &str, states: &[&[(&str, &str)]]) {
    let place = Place::new();
    let policy = printed(&place.project(table).file("policy.json", POLICY), task);
    let actions = called(&policy);
    assert!(actions.len() > 1, "{policy:#}");
    thread::scope(|scope| {
        // Each mostly waits.
        for some in actions.chunks(actions.len().div_ceil(4)) {
            scope.spawn(move || {
                for action in some {
                    let found = states.iter().find_map(|state| refused(action, state, task, table));
                    expect_named(task, action, found);
                }
            });
        }
    });
}

/// The failure names the action, and the command that prints the policy.
#[track_caller]
fn expect_named(task: &str, action: &str, found: Option<Value>) {
    let found = found.unwrap_or_else(|| panic!("{task} does without {action}"));
    let (text, error) = (found.to_string(), &found["error"]);
    assert!(text.contains(action), "{action} is not named: {found:#}");
    assert_eq!(error["code"], "AWS_PERMISSIONS_DENIED", "{action}: {found:#}");
    assert!([1, 2].contains(&found["exitCode"].as_i64().unwrap()), "{action}: {found:#}");
    // Who may not ask whose credentials these are gets no further: no task is known yet.
    if action != "sts:GetCallerIdentity" {
        let fix = error["remediation"].as_str().unwrap();
        let command = format!("osem iam-policy {task} --env dev");
        assert!(fix.contains(&command), "{action}: {fix}");
    }
}

#[test]
fn what_a_task_does_not_ask_for_is_not_missed() {
    let there: &[(&str, &str)] = &[("setup", "ttl expires")];
    for action in ["dynamodb:DescribeContinuousBackups", "dynamodb:ListTagsOfResource"] {
        assert_eq!(refused(action, there, "verify", "ttl expires"), None, "{action}");
    }
}

#[test]
fn of_the_policy_that_sets_everything_nothing_can_be_left_out() {
    let states: [&[(&str, &str)]; 3] = [&[], &[("setup", BEFORE)], &[("setup", COARSE)]];
    each_is_missed("setup", ON, &states);
}

#[test]
fn of_the_policy_that_turns_everything_off_nothing_can_be_left_out() {
    let protected = ON.replace("    tag Owner #false\n", "    tag Owner somebody\n");
    let states: [&[(&str, &str)]; 2] = [&[], &[("setup", &protected)]];
    each_is_missed("setup", OFF, &states);
}

#[test]
fn of_the_policy_of_a_comparison_nothing_can_be_left_out() {
    each_is_missed("verify", ON, &[&[("setup", ON)]]);
}

#[test]
fn of_the_policies_of_lists_items_and_deletes_nothing_can_be_left_out() {
    const PLAIN: &str = "tag Team platform";
    let there: &[(&str, &str)] = &[("setup", PLAIN)];
    for task in ["list-tables", "put", "overwrite", "delete-tables"] {
        each_is_missed(task, PLAIN, &[there]);
    }
}

#[test]
fn of_the_policy_of_a_backup_nothing_can_be_left_out() {
    const PLAIN: &str = "tag Team platform";
    let policy = printed(&Place::new().project(PLAIN), "save");
    let actions = called(&policy);
    assert_eq!(actions.len(), 5, "{policy:#}");
    for action in &actions {
        // A backup is being made for a while, and only one whose answer was lost is looked for.
        let place = Place { simulator: Simulator::start(&FLAGS.replace("100000", "1000")) };
        osem(&place.project(PLAIN), "setup").success();
        let deny = format!("deny on={}", operation(action));
        let mut faults = vec![deny.as_str()];
        if action == "dynamodb:ListBackups" {
            faults.push("lose-response on=CreateBackup");
        }
        let place = Place { simulator: place.simulator.failing(&faults) };
        let outcome = osem(&place.project(PLAIN), "save").args(["--json"]).output();
        let found = (outcome.code() != Some(0)).then(|| outcome.json());
        expect_named("save", action, found);
    }
}

/// In a state in which an index and a tag are missing.
fn older(place: &Place) {
    let gsi = "    gsi managerId-index hash=managerId\n";
    let tag = "        tag Application osem-ladders\n";
    osem(&application(place).edit(gsi, "").edit(tag, ""), "setup --env dev").success();
}

/// What a task of the application says with that action refused; `None` where it went well.
fn refused_in_application(action: &str, task: &str, fresh: bool) -> Option<Value> {
    let place = Place::new();
    if !fresh {
        older(&place);
    }
    if task == "verify" {
        osem(&application(&place), "setup --env dev").success();
    }
    let fault = format!("deny on={}", operation(action));
    let place = Place { simulator: place.simulator.failing(&[&fault]) };
    let mut project = application(&place);
    if task == "delete-tables" {
        // The tables are those of the older file.
        project = project.edit("        tag Application osem-ladders\n", "");
    }
    let outcome = osem(&project, &format!("{task} --env dev")).args(["--json"]).output();
    (outcome.code() != Some(0)).then(|| outcome.json())
}

#[track_caller]
fn each_is_missed_in_application(task: &str) {
    let policy = printed(&application(&Place::new()), &format!("{task} --env dev"));
    // There is nothing to compare or to delete where nothing is.
    let states: &[bool] =
        if ["verify", "delete-tables"].contains(&task) { &[false] } else { &[true, false] };
    for action in called(&policy) {
        let found = states.iter().find_map(|fresh| refused_in_application(&action, task, *fresh));
        if action == "dynamodb:Query" {
            // The program says it in its own words.
            let found = found.unwrap_or_else(|| panic!("{task} does without {action}"));
            assert!(found.to_string().contains("not authorized"), "{found:#}");
        } else {
            expect_named(task, &action, found);
        }
    }
}

#[test]
fn of_the_policies_of_the_application_nothing_can_be_left_out() {
    let mut tasks = vec!["setup", "verify", "delete-tables"];
    if has_python() {
        tasks.push("seed");
    } else {
        say_skipped("the policy of seed", "its last step is a program in Python");
    }
    thread::scope(|scope| {
        // Each mostly waits.
        for task in tasks {
            scope.spawn(move || each_is_missed_in_application(task));
        }
    });
}
