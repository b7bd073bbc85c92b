//! The policy that `osem iam-policy` prints, given to a user of a server that checks policies.

use serde_json::{Value, json};

use super::{ACCOUNT, Auth};
use crate::harness::{Outcome, Project};

/// The application's setup in an environment of this server.
fn application(auth: &Auth, prefix: &str) -> Project {
    let url = &auth.url;
    Project::with_prefix(prefix)
        .edit("account \"111111111111\"", &format!("account \"{ACCOUNT}\""))
        .edit("profile osem-dev", &format!("endpoint \"{url}\" sts=\"{url}\""))
}

#[track_caller]
fn printed(project: &Project, line: &str) -> Value {
    let outcome = project.osem(&format!("iam-policy {line} --env dev")).success();
    serde_json::from_str(&outcome.stdout()).unwrap()
}

/// The policy without one action.
fn without(policy: &Value, action: &str) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        statement["Action"].as_array_mut().unwrap().retain(|own| own != action);
    }
    let statements = policy["Statement"].as_array_mut().unwrap();
    statements.retain(|statement| statement["Action"] != json!([]));
    policy
}

/// The policy as ministack 1.5.33 reads it: it takes a request with `ResourceArn` for one on `*`,
/// where the service takes it for one on that table. So what the policy allows of tags, it allows
/// here on everything; what it does not allow, it still does not.
fn as_read(policy: &Value) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().unwrap();
    let actions = statements.iter().flat_map(|statement| statement["Action"].as_array().unwrap());
    let of_tags = ["ListTagsOfResource", "TagResource", "UntagResource"];
    let is_of_tags =
        |action: &&Value| of_tags.iter().any(|tags| **action == json!(format!("dynamodb:{tags}")));
    let actions: Vec<Value> = actions.filter(is_of_tags).cloned().collect();
    if !actions.is_empty() {
        statements.push(json!({ "Effect": "Allow", "Action": actions, "Resource": ["*"] }));
    }
    policy
}

/// A task, by a new user with exactly this policy.
#[track_caller]
fn run(auth: &Auth, project: &Project, name: &str, policy: &Value, line: &str) -> Outcome {
    let [key, secret] = auth.user_with(name, &as_read(policy));
    project.osem(&format!("{line} --env dev --json")).keys(&key, &secret).output()
}

#[test]
fn setup_passes_with_exactly_the_printed_policy() {
    let Some(auth) = Auth::find() else { return };
    let project = application(&auth, "enough");
    auth.wipe("enough");
    let policy = printed(&project, "setup");
    for _ in 0..2 {
        run(&auth, &project, "enough", &policy, "setup").expect_code(0);
    }
    assert_eq!(auth.tables("enough").len(), 6);
    run(&auth, &project, "enough-verify", &printed(&project, "verify"), "verify").expect_code(0);
    let list = printed(&project, "list-tables");
    run(&auth, &project, "enough-list", &list, "list-tables").expect_code(0);
    let delete = printed(&project, "delete-tables");
    let line = "delete-tables --confirm dev";
    run(&auth, &project, "enough-delete", &delete, line).expect_code(0);
    auth.expect_no_table("enough");
}

#[test]
fn setup_fails_without_any_action_of_the_printed_policy_and_names_it() {
    let Some(auth) = Auth::find() else { return };
    let project = application(&auth, "least");
    let older = application(&auth, "least")
        .edit("    gsi managerId-index hash=managerId\n", "")
        .edit("        tag Application osem-ladders\n", "");
    let policy = printed(&project, "setup");
    let root = json!({ "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": ["*"], "Resource": ["*"] }] });
    // AWS answers GetCallerIdentity to whoever is not denied it, and so does this server.
    for action in
        ["CreateTable", "DescribeTable", "ListTagsOfResource", "TagResource", "UpdateTable"]
    {
        auth.wipe("least");
        // On tables that are there, what creates none is missed too.
        if action != "CreateTable" {
            run(&auth, &older, "least-root", &root, "setup").expect_code(0);
        }
        let action = format!("dynamodb:{action}");
        let name = format!("least-{}", action.replace(':', "-"));
        let outcome = run(&auth, &project, &name, &without(&policy, &action), "setup");
        assert!([Some(1), Some(2)].contains(&outcome.code()), "{action}: {outcome}");
        let error = outcome.json()["error"].clone();
        assert_eq!(error["details"]["action"], action, "{error:#}");
        let fix = error["remediation"].as_str().unwrap();
        assert!(fix.contains("osem iam-policy setup --env dev"), "{fix}");
    }
    auth.wipe("least");
}

#[test]
fn undoing_passes_with_both_policies_and_not_with_the_one_for_running() {
    let Some(auth) = Auth::find() else { return };
    let project = application(&auth, "undo");
    auth.wipe("undo");
    let policy = printed(&project, "setup");
    run(&auth, &project, "undo", &policy, "setup").expect_code(0);
    let line = "rollback last --confirm dev";
    let [key, secret] = auth.user_with("undo-run", &as_read(&policy));
    let outcome = project.osem(&format!("{line} --json")).keys(&key, &secret).output();
    assert!([Some(2), Some(3)].contains(&outcome.code()), "{outcome}");
    assert!(outcome.json().to_string().contains("dynamodb:Scan"), "{outcome}");
    let mut both = policy.clone();
    let further = printed(&project, "setup --rollback")["Statement"].clone();
    let mut further = further.as_array().unwrap().clone();
    further[0]["Sid"] = json!("Undoing");
    both["Statement"].as_array_mut().unwrap().extend(further);
    let [key, secret] = auth.user_with("undo-both", &as_read(&both));
    project.osem(line).keys(&key, &secret).success();
    auth.expect_no_table("undo");
}
