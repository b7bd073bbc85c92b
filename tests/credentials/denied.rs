//! A principal that may not.

use serde_json::Value;

use super::Auth;
use crate::harness::Outcome;

const READS: [&str; 3] = ["dynamodb:DescribeTable", "dynamodb:ListTables", "sts:*"];

#[test]
fn a_user_who_may_not_create_is_told_who_what_where_and_the_remedy() {
    let Some(auth) = Auth::find() else { return };
    let [key, secret] = auth.user("no-create", &READS);
    let project = auth.project("denied", "");
    let outcome: Outcome = project.osem("setup").keys(&key, &secret).stdout("").status(1);
    let stderr = outcome.stderr();
    let summary: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("[[TIME]")).collect();
    insta::assert_snapshot!(summary.join("\n"), @"

    ✗ denied-dev-Users  failed  failed at create-table  [DURATION]

    ✗ create-table[Users]: CreateTable denied-dev-Users: not allowed
      said:  AccessDeniedException: User: arn:aws:iam::000000000000:user/no-create is not authorized to perform: dynamodb:CreateTable because no identity-based policy allows the dynamodb:CreateTable action
      cause: dynamodb:CreateTable is denied because no identity-based policy allows the dynamodb:CreateTable action
      fix:   allow dynamodb:CreateTable on denied-dev-Users in the principal's policy, then run again; all that the task needs: osem iam-policy setup --env dev
      then:  osem resume [RUN]

    ✗ setup in dev: 1 of 4 steps failed, 2 skipped in [DURATION] (exit 1)
    ");
    auth.expect_no_table("denied");
}

#[test]
fn the_document_of_a_denial_has_its_parts() {
    let Some(auth) = Auth::find() else { return };
    let [key, secret] = auth.user("no-create-json", &READS);
    let project = auth.project("denied-json", "");
    let document = project.osem("setup").keys(&key, &secret).json(1);
    let error = &document["error"];
    assert_eq!(error["code"], "AWS_PERMISSIONS_DENIED");
    assert_eq!(error["details"]["principal"], "arn:aws:iam::000000000000:user/no-create-json");
    assert_eq!(error["details"]["action"], "dynamodb:CreateTable");
    assert!(error["details"]["resource"].as_str().unwrap().ends_with("denied-json-dev-Users"));
    assert_eq!(error["details"]["step"], "create-table[Users]");
    assert!(error["remediation"].as_str().unwrap().starts_with("allow dynamodb:CreateTable on "));
    let steps = document["data"]["steps"].as_array().unwrap();
    let statuses: Vec<&Value> = steps.iter().map(|step| &step["status"]).collect();
    assert_eq!(statuses, ["succeeded", "failed", "skipped", "skipped"]);
    assert_eq!(steps[1]["attempts"], 1, "a denial is not tried again");
    auth.expect_no_table("denied-json");
}

#[test]
fn a_user_who_may_not_describe_is_refused_before_the_run() {
    let Some(auth) = Auth::find() else { return };
    let [key, secret] = auth.user("no-describe", &["dynamodb:CreateTable", "sts:*"]);
    let project = auth.project("blind", "");
    let document = project.osem("setup").keys(&key, &secret).json(1);
    assert_eq!(document["error"]["code"], "AWS_PERMISSIONS_DENIED");
    assert_eq!(document["error"]["details"]["action"], "dynamodb:DescribeTable");
    auth.expect_no_table("blind");
}

#[test]
fn a_user_who_may_create_does() {
    let Some(auth) = Auth::find() else { return };
    let [key, secret] = auth.user("may-create", &["dynamodb:*", "sts:*"]);
    let project = auth.project("allowed", "");
    auth.wipe("allowed");
    project.osem("setup").keys(&key, &secret).success();
    assert_eq!(auth.tables("allowed"), ["allowed-dev-Users"]);
    let who = "arn:aws:iam::000000000000:user/may-create in account 000000000000";
    project.osem("setup").keys(&key, &secret).success().expect_stderr(who);
    auth.wipe("allowed");
}
