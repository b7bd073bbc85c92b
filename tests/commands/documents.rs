//! `--json`: one document on stdout, and nothing else there.

use serde_json::{Value, json};

use crate::harness::{Project, TABLES};

#[test]
fn the_document_of_a_setup_has_every_field_of_the_promise() {
    let document = Project::new().osem("setup").json(0);
    let mut keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    let promised = [
        "command",
        "data",
        "duration",
        "environment",
        "exitCode",
        "region",
        "runId",
        "success",
        "timestamp",
    ];
    assert_eq!(keys, promised);
    assert_eq!(document["success"], true);
    assert_eq!(document["command"], "setup");
    assert_eq!(document["environment"], "local");
    assert_eq!(document["region"], "us-east-1");
    assert_eq!(document["exitCode"], 0);
    assert!(document["duration"].is_u64());
    assert!(document["timestamp"].as_str().unwrap().ends_with('Z'));
    assert_eq!(document["data"]["totalTables"], 6);
    assert_eq!(statuses(&document["data"]["tablesCreated"]), all("created"));
    assert_eq!(statuses(&document["data"]["tablesVerified"]), all("passed"));
    assert_eq!(document["data"]["tablesDeleted"], json!([]));
    assert_eq!(document["data"]["warnings"], json!([]));
}

#[test]
fn every_step_stands_in_the_document_in_the_order_of_the_plan() {
    let document = Project::new().osem("setup").json(0);
    let steps = document["data"]["steps"].as_array().unwrap();
    let ids: Vec<&str> = steps.iter().map(|step| step["id"].as_str().unwrap()).collect();
    let kinds = ["create-table", "wait-active", "update-table", "verify", "tag"];
    let mut wanted = vec!["validate-credentials".to_owned()];
    wanted.extend(TABLES.iter().flat_map(|table| kinds.map(|kind| format!("{kind}[{table}]"))));
    assert_eq!(ids, wanted);
    let created = &steps[1];
    assert_eq!(created["kind"], "create-table");
    assert_eq!(created["table"], "Users");
    assert_eq!(created["status"], "succeeded");
    assert_eq!(created["changed"], true);
    assert_eq!(created["attempts"], 1);
    assert!(created["duration"].is_u64());
}

#[test]
fn the_second_setup_lists_the_tables_as_unchanged() {
    let project = Project::new();
    project.osem("setup").success();
    let document = project.osem("setup").json(0);
    assert_eq!(statuses(&document["data"]["tablesCreated"]), all("unchanged"));
    let steps = document["data"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["changed"] == false), "{document:#}");
}

#[test]
fn the_checks_of_verify_are_typed_and_counted() {
    let document = Project::new().osem("verify").json(1);
    assert_eq!(document["success"], false);
    assert_eq!(document["error"]["code"], "TABLE_NOT_FOUND");
    assert!(document["error"]["remediation"].is_string());
    let summary = json!({
        "totalTables": 6, "tablesFound": 0, "tablesMissing": 6, "tablesWithIssues": 0,
    });
    assert_eq!(document["data"]["summary"], summary);
    let users = json!({
        "tableName": "osem-local-Users", "status": null, "passed": false,
        "issues": [{
            "type": "TABLE_NOT_FOUND", "message": "the table is not there",
            "expected": "table osem-local-Users", "found": "no such table",
            "remediation": "create it: osem run setup",
        }],
    });
    let checks = document["data"]["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 6);
    assert!(checks.contains(&users), "{document:#}");
}

#[test]
fn the_tables_of_list_tables_have_state_and_keys() {
    let project = Project::new();
    project.osem("setup").success();
    let document = project.osem("list-tables").json(0);
    assert_eq!(
        document["data"]["tables"][3],
        json!({
            "tableName": "osem-local-Assessments", "declared": true, "status": "ACTIVE",
            "indexes": 2, "approximateItems": 0, "keys": "assessmentId S",
        })
    );
}

#[test]
fn deleted_tables_stand_in_the_document() {
    let project = Project::new();
    project.osem("setup").success();
    let document = project.osem("delete-tables --confirm local").json(0);
    let mut deleted = all("deleted");
    deleted.reverse();
    assert_eq!(sorted(statuses(&document["data"]["tablesDeleted"])), sorted(deleted));
}

#[test]
fn a_refusal_is_a_document_too() {
    let project = Project::new();
    let document = project.osem("run setup --env loca").json(64);
    assert_eq!(document["success"], false);
    assert_eq!(document["exitCode"], 64);
    assert_eq!(document["runId"], Value::Null);
    assert_eq!(document["error"]["code"], "USAGE_INVALID");
    assert_eq!(document["error"]["message"], "no environment `loca`");
    assert_eq!(document["error"]["remediation"], "did you mean `local`?");
}

#[test]
fn a_broken_configuration_is_a_document_too() {
    let document = Project::of("osem 1\nprojekt x\n").osem("setup").json(65);
    assert_eq!(document["error"]["code"], "CONFIG_INVALID");
    assert_eq!(document["exitCode"], 65);
}

#[test]
fn the_document_of_check_names_file_line_and_column() {
    let document =
        Project::new().edit("gsi status-index", "gis status-index").osem("check").json(65);
    let diagnostic = &document["data"]["diagnostics"][0];
    assert_eq!(diagnostic["code"], "osem::unknown-node");
    assert_eq!(diagnostic["severity"], "error");
    assert_eq!(diagnostic["help"], "did you mean `gsi`?");
    let place = json!({
        "file": "osem.kdl", "line": 54, "column": 5, "text": diagnostic["labels"][0]["text"],
    });
    assert_eq!(diagnostic["labels"][0], place);
}

#[test]
fn the_document_of_list_names_everything_declared() {
    let document = Project::new().osem("list").json(0);
    let names = |list: &str| -> Vec<String> {
        let list = document["data"][list].as_array().unwrap();
        list.iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("tables"), TABLES);
    assert_eq!(names("environments"), ["local", "dev", "staging", "prod"]);
    assert_eq!(
        names("tasks"),
        ["seed", "env-file", "setup", "verify", "list-tables", "delete-tables"]
    );
    assert!(names("stepKinds").contains(&"create-table".to_owned()));
}

/// `name: status` of each table.
fn statuses(list: &Value) -> Vec<String> {
    let entry = |entry: &Value| {
        assert!(entry["duration"].is_u64(), "{entry}");
        let text = |key: &str| entry[key].as_str().unwrap().to_owned();
        format!("{}: {}", text("tableName"), text("status"))
    };
    list.as_array().unwrap().iter().map(entry).collect()
}

fn all(status: &str) -> Vec<String> {
    TABLES.iter().map(|table| format!("osem-local-{table}: {status}")).collect()
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list
}

#[test]
fn a_refusal_names_the_environment_and_the_region_that_were_resolved() {
    let project = Project::new();
    project.osem("setup").success();
    let document = project.osem("delete-tables").json(77);
    assert_eq!(document["error"]["code"], "NOT_CONFIRMED");
    assert_eq!(document["environment"], "local");
    assert_eq!(document["region"], "us-east-1");
}
