//! What undoing takes beyond the run: each action is missed when it is refused, and together they
//! are enough.

use serde_json::Value;

use super::{Place, actions, allows, operation, osem, printed};

/// One task whose undoing takes all that can be undone.
struct Case {
    task: &'static str,
    table: &'static str,
    /// Carried out before, with what the table declared then.
    before: &'static [(&'static str, &'static str)],
    /// What the printed policy must hold.
    actions: &'static [&'static str],
    /// Those of them that this case makes use of.
    used: &'static [&'static str],
}

const TAGGED: &str = "tag Team platform";
const UNTAGGED: &str = "tag Owner #false";
const DELETES: &[&str] = &["dynamodb:DeleteTable", "dynamodb:Scan", "dynamodb:UntagResource"];

const CASES: &[Case] = &[
    Case {
        task: "setup",
        table: TAGGED,
        before: &[],
        actions: DELETES,
        used: &["dynamodb:DeleteTable", "dynamodb:Scan"],
    },
    Case {
        task: "setup",
        table: TAGGED,
        before: &[("setup", "")],
        actions: DELETES,
        used: &["dynamodb:UntagResource"],
    },
    Case {
        task: "setup",
        table: UNTAGGED,
        before: &[("setup", "tag Owner somebody")],
        actions: &["dynamodb:DeleteTable", "dynamodb:Scan", "dynamodb:TagResource"],
        used: &["dynamodb:TagResource"],
    },
    Case {
        task: "put",
        table: TAGGED,
        before: &[("setup", TAGGED)],
        actions: &["dynamodb:DeleteItem", "dynamodb:GetItem"],
        used: &["dynamodb:DeleteItem", "dynamodb:GetItem"],
    },
];

impl Case {
    /// The simulator after the task, and the project that ran it.
    fn ran(&self) -> (Place, crate::harness::Project) {
        let place = Place::new();
        for (task, table) in self.before {
            osem(&place.project(table), task).success();
        }
        let project = place.project(self.table);
        osem(&project, self.task).success();
        (place, project)
    }

    fn policy(&self) -> Value {
        printed(&Place::new().project(self.table), &format!("{} --rollback", self.task))
    }
}

#[test]
fn each_action_of_undoing_is_missed_when_it_is_refused() {
    for case in CASES {
        assert_eq!(actions(&case.policy()), case.actions, "{} of {}", case.task, case.table);
        for action in case.used {
            let (place, project) = case.ran();
            let fault = format!("deny on={}", operation(action));
            let _place = Place { simulator: place.simulator.failing_there(&[&fault]) };
            let outcome = osem(&project, "rollback last").args(["--json"]).output();
            assert!([Some(2), Some(3)].contains(&outcome.code()), "{action}: {outcome}");
            let text = outcome.json().to_string();
            assert!(text.contains(action), "{action} is not named: {outcome}");
            // A table of which nobody may see whether it is empty stands, and nothing failed.
            let command = format!("osem iam-policy {} --env dev --rollback", case.task);
            assert!(text.contains(&command) || *action == "dynamodb:Scan", "{outcome}");
        }
    }
    let used: Vec<&str> = CASES.iter().flat_map(|case| case.used).copied().collect();
    for action in CASES.iter().flat_map(|case| case.actions) {
        assert!(used.contains(action), "no case makes use of {action}");
    }
}

#[test]
fn what_a_rollback_calls_is_in_one_of_the_two_policies() {
    for case in CASES {
        let (place, project) = case.ran();
        let place = Place { simulator: place.simulator.failing_there(&[]) };
        osem(&project, "rollback last").success();
        let (run, further) = (printed(&project, case.task), case.policy());
        super::enough::expect_covered(&place, |action, resource| {
            allows(&run, action, resource) || allows(&further, action, resource)
        });
    }
}

#[test]
fn an_environment_that_allows_no_deletes_has_tags_to_give_back_and_nothing_to_delete() {
    let place = Place::new();
    let project = place.project(TAGGED).edit("allow-destroy\n", "");
    let text = std::fs::read_to_string(project.path().join("osem.kdl")).unwrap();
    let setup = text.split("task verify").next().unwrap();
    let policy = printed(&project.file("osem.kdl", setup), "setup --rollback");
    assert_eq!(actions(&policy), ["dynamodb:UntagResource"]);
}

#[test]
fn where_undoing_takes_nothing_more_nothing_is_printed() {
    let project = Place::new().project(TAGGED);
    let outcome = osem(&project, "iam-policy verify --rollback").stdout("").success();
    outcome.expect_stderr("undoing takes nothing beyond the policy for running");
    let document = osem(&project, "iam-policy verify").json(0);
    assert_eq!(document["data"]["rollbackPolicy"], Value::Null);
}
