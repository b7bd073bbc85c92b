//! What becomes of items that are there.

use serde_json::{Value, json};

use super::{PUT, items, project, put, text, users};
use crate::harness::{Dynamo, Project, serve};

fn name(dynamo: &Dynamo, user: &str) -> Value {
    let key = json!({ "TableName": "put-local-Users", "Key": { "userId": { "S": user } } });
    dynamo.call("GetItem", &key)["Item"]["name"]["S"].clone()
}

fn write(dynamo: &Dynamo, user: &str, name: &str) {
    let item = json!({ "userId": { "S": user }, "name": { "S": name } });
    dynamo.call("PutItem", &json!({ "TableName": "put-local-Users", "Item": item }));
}

fn served(step: &str, count: usize) -> (Project, crate::harness::Process, Dynamo) {
    let project = project(step, users(count));
    let (local, url) = serve(&project);
    project.osem("setup").success();
    (project, local, Dynamo::new(&url))
}

#[test]
fn an_item_whose_key_is_there_is_left_as_it_is() {
    let (project, _local, dynamo) = served(PUT, 10);
    write(&dynamo, "u3", "Somebody");
    write(&dynamo, "u7", "Somebody else");
    let document = project.osem("run put").json(0);
    assert_eq!(put(&document), (10, 8, 2));
    let step = &document["data"]["steps"][0];
    assert_eq!(
        (step["message"].clone(), step["changed"].clone()),
        (json!("put 8 items, 2 were there"), json!(true))
    );
    assert_eq!((name(&dynamo, "u3"), name(&dynamo, "u4")), (json!("Somebody"), json!("User 4")));
    assert_eq!(items(&dynamo, "put-local-Users").len(), 10);
    let again = project.osem("run put").json(0);
    assert_eq!(put(&again), (10, 0, 10));
    assert_eq!(again["data"]["steps"][0]["changed"], false);
}

#[test]
fn an_item_that_is_there_can_be_a_failure() {
    let (project, _local, dynamo) = served(&PUT.replace(';', " on-existing=fail;"), 10);
    write(&dynamo, "u9", "Somebody");
    let document = project.osem("run put").json(2);
    let message = document["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("the item at users.jsonl:10 is in put-local-Users already ("),
        "{message}"
    );
    assert_eq!(name(&dynamo, "u9"), "Somebody");
}

#[test]
fn to_overwrite_is_to_destroy() {
    let step = &PUT.replace(';', " on-existing=overwrite;");
    let (project, _local, dynamo) = served(step, 60);
    write(&dynamo, "u59", "Somebody");
    project.osem("run put").status(77);
    project.osem("run put --yes").status(77);
    assert_eq!(name(&dynamo, "u59"), "Somebody");
    let shown = project.osem("plan put").success().stdout();
    assert!(
        shown.contains("- put-local-Users: BatchWriteItem (the task puts items; irreversible)"),
        "{shown}"
    );
    let document = project.osem("run put --confirm local").json(0);
    assert_eq!(put(&document), (60, 60, 0));
    assert_eq!(name(&dynamo, "u59"), "User 59");
    assert_eq!(items(&dynamo, "put-local-Users").len(), 60);
}

#[test]
fn to_overwrite_needs_what_to_delete_needs() {
    let step = &PUT.replace(';', " on-existing=overwrite;");
    let anywhere = text(step).replace("allow-in local dev; ", "");
    let project = Project::of(anywhere).file("users.jsonl", users(1));
    project
        .osem("check")
        .status(65)
        .expect_stderr("task `put` overwrites or deletes data, so it must say in which");
    let forbidden = text(step).replace("emulator; allow-destroy;", "emulator;");
    let project = Project::of(forbidden).file("users.jsonl", users(1));
    project
        .osem("check")
        .status(65)
        .expect_stderr("task `put` could overwrite or delete data in `local`");
    let project = super::project(step, users(1));
    let refused = project.osem("run put").env("OSEM_DB_PREFIX", "me-").status(65);
    refused.expect_stderr("OSEM_DB_PREFIX is `me-`, and task `put` overwrites or deletes data");
    // An input at its default destroys nothing.
    super::project(PUT, users(1)).osem("check").success();
}

#[test]
fn in_a_table_that_the_run_makes_there_is_nothing_to_overwrite() {
    let text =
        text("needs setup; step put-items table=Users file=\"users.jsonl\" on-existing=overwrite;");
    let project = Project::of(text).file("users.jsonl", users(30));
    assert_eq!(put(&project.osem("run put").json(0)), (30, 30, 0));
    project.osem("run put").status(77);
    assert_eq!(put(&project.osem("run put --confirm local").json(0)), (30, 30, 0));
}

#[test]
fn nothing_is_asked_where_nothing_is_lost_but_in_a_protected_environment() {
    let project = Project::of(text(PUT)).file("users.jsonl", users(3));
    project.osem("setup").success();
    project.osem("run guarded").success();
    project.osem("setup --env prod --rehearse --confirm prod --time-scale 1000").success();
    project.osem("run guarded --env prod --rehearse --time-scale 1000").status(77);
    let done = project.osem("run guarded --env prod --rehearse --time-scale 1000 --confirm prod");
    assert_eq!(put(&done.json(0)), (3, 3, 0));
}

#[test]
fn a_plan_reads_the_file_and_writes_nothing() {
    let (project, _local, dynamo) = served(PUT, 10);
    let plan = project.osem("plan put").json(0);
    let change = &plan["data"]["steps"][0]["changes"][0];
    assert_eq!(change["call"], "PutItem", "{plan:#}");
    assert_eq!(change["class"], "put");
    assert_eq!(change["details"][0], "up to 10 items of users.jsonl, 1 KB in all");
    assert_eq!(change["request"]["File"]["items"], 10);
    assert!(items(&dynamo, "put-local-Users").is_empty());
}

#[test]
fn a_saved_plan_is_refused_when_the_file_was_changed() {
    let (project, _local, dynamo) = served(PUT, 10);
    project.osem("plan put --out saved.json").success();
    let project = project.file("users.jsonl", users(10).replace("User 3", "Mallory"));
    let document = project.osem("run --plan saved.json").json(1);
    assert_eq!(document["error"]["code"], "PLAN_CHANGED", "{document:#}");
    assert!(items(&dynamo, "put-local-Users").is_empty());
    let project = project.file("users.jsonl", users(10));
    project.osem("run --plan saved.json").success();
    assert_eq!(items(&dynamo, "put-local-Users").len(), 10);
}
