//! The whole life of the six tables on each server, described by the AWS CLI in between.

use std::process::Command;

use serde_json::{Value, json};

use super::expected::assert_as_declared;
use crate::harness::{
    Claim, DYNALITE, DYNAMODB_LOCAL, Lack, MINISTACK, MOTO, Outcome, Project, Server, full_names,
    variable,
};

#[test]
fn ministack_holds_the_tables_for_their_whole_life() {
    lifecycle(&MINISTACK);
}

#[test]
fn dynamodb_local_holds_the_tables_for_their_whole_life() {
    lifecycle(&DYNAMODB_LOCAL);
}

#[test]
fn dynalite_holds_the_tables_for_their_whole_life() {
    lifecycle(&DYNALITE);
}

#[test]
fn moto_holds_the_tables_for_their_whole_life() {
    lifecycle(&MOTO);
}

fn lifecycle(server: &'static Server) {
    let Some(claim) = server.claim("osem-") else { return };
    let project = Project::new();
    let osem = |line: &str| project.osem(line).args(["--env", "dev", "--endpoint-url", &claim.url]);

    osem("verify -q").status(1);
    let created = osem("setup").status(0);
    created.expect_stderr("setup in dev: 6 tables created, 8 indexes");
    created.expect_stderr("goes there with dummy credentials; not used: the credentials of this");
    assert_said_what_is_left_out(server, &created);
    assert_eq!(claim.dynamo.tables_of("osem-"), full_names("dev"));
    described_by_the_cli(server, &claim);

    let again = osem("setup").json(0);
    assert_nothing_changed(&again);
    osem("verify").success();
    let listed = osem("list-tables").json(0);
    let tables = listed["data"]["tables"].as_array().unwrap();
    assert!(tables.iter().all(|table| table["status"] == "ACTIVE"), "{listed:#}");
    assert_eq!(tables.len(), 6);

    osem("delete-tables --yes").status(77);
    assert_eq!(claim.dynamo.tables_of("osem-"), full_names("dev"));
    let deleted = osem("delete-tables --confirm dev").json(0);
    assert_eq!(deleted["data"]["tablesDeleted"].as_array().unwrap().len(), 6);
    assert_eq!(claim.dynamo.tables_of("osem-"), Vec::<String>::new());
    let nothing = osem("delete-tables").json(0);
    assert_nothing_changed(&nothing);
}

#[track_caller]
fn assert_nothing_changed(document: &Value) {
    let steps = document["data"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["changed"] == false), "{document:#}");
}

/// A server that cannot tag is named with what is left out; nothing is left out in silence, and
/// nothing else is.
#[track_caller]
fn assert_said_what_is_left_out(server: &Server, outcome: &Outcome) {
    let left_out = "left out: not supported by http://127.0.0.1:[PORT]";
    if server.lacks(Lack::Tags) {
        outcome.expect_stderr(left_out);
    } else {
        outcome.refuse_stderr(left_out);
    }
    // Tags that were forgotten at the creation are written afterwards.
    let written = server.lacks(Lack::TagsAtCreate) && !server.lacks(Lack::Tags);
    let tagged = outcome.stderr().matches("tags written").count();
    assert_eq!(tagged, if written { 6 } else { 0 }, "{outcome}");
}

/// Each table as the AWS CLI shows it.
fn described_by_the_cli(server: &Server, claim: &Claim) {
    let Some(program) = variable("the AWS CLI", "OSEM_TEST_AWS") else { return };
    let aws = |words: &[&str]| -> Value {
        let output = Command::new(&program)
            .args(["--endpoint-url", &claim.url, "--region", "us-east-1", "--output", "json"])
            .arg("dynamodb")
            .args(words)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_ACCESS_KEY_ID", "osem")
            .env("AWS_SECRET_ACCESS_KEY", "osem")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {stderr}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    for name in full_names("dev") {
        let table = &aws(&["describe-table", "--table-name", &name])["Table"];
        assert_as_declared(&name, table);
        if server.lacks(Lack::Tags) {
            crate::harness::say_skipped(server.name, "it has no tags");
            continue;
        }
        let arn = table["TableArn"].as_str().unwrap();
        let mut tags = aws(&["list-tags-of-resource", "--resource-arn", arn])["Tags"].take();
        tags.as_array_mut().unwrap().sort_by_key(|tag| tag["Key"].to_string());
        let wanted = json!([
            { "Key": "Application", "Value": "osem-ladders" },
            { "Key": "Environment", "Value": "dev" },
        ]);
        assert_eq!(tags, wanted, "{name}");
    }
}
