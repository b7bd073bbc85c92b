//! `--out`: new files, whole or not at all, and nothing that is there is lost.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};

use super::{empty_project, expect_nothing_to_do, osem};

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"dynamodb:*",
    "Resource":"*","Principal":"*"}]}"#;

/// Two tables, one of which has a policy.
fn with_policy() -> (Simulator, Project) {
    let simulator = Simulator::start("--time-scale 1000");
    let dynamo = simulator.dynamo();
    dynamo.create("shop-dev-Users", "id");
    dynamo.call(
        "CreateTable",
        &json!({
            "TableName": "shop-dev-Orders", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
            "ResourcePolicy": POLICY,
        }),
    );
    simulator.advance("1h");
    let project = empty_project("{project}-{env}-{table}", "", "");
    (simulator, project)
}

#[test]
fn policies_are_written_beside_the_file_that_names_them() {
    let (simulator, project) = with_policy();
    let printed = osem(&project, "import", &simulator.url).success();
    printed.expect_stderr(
        "! shop-dev-Orders: not said: its resource-policy (not managed); --out FILE",
    );
    assert!(printed.stdout().starts_with("// not said here: its resource-policy"), "{printed}");

    let out = "import --out imported/tables.kdl";
    let written = osem(&project, out, &simulator.url).stdout("").success();
    written.expect_stderr("2 tables of dev in imported/tables.kdl; it is part of the project");
    let text = fs::read_to_string(project.path().join("imported/tables.kdl")).unwrap();
    assert_eq!(
        text,
        "table Orders hash=id {\n    resource-policy file=\"policies/Orders.json\"\n}\n\n\
         table Users hash=id\n"
    );
    let policy = fs::read_to_string(project.path().join("imported/policies/Orders.json")).unwrap();
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    assert_eq!(read(&policy), read(POLICY));
    assert!(policy.lines().count() > 5, "people read it: {policy}");
    expect_nothing_to_do(&project, &simulator.url, 2);
}

#[test]
fn a_file_outside_of_the_project_is_not_said_to_be_included_from_there() {
    let (simulator, project) = with_policy();
    let name = project.path().file_name().unwrap().to_str().unwrap().to_owned();
    for out in ["../outside.kdl".to_owned(), format!("../{name}-beside/outside.kdl")] {
        let line = format!("import shop-dev-Users --out {out}");
        let written = osem(&project, &line, &simulator.url).success();
        written.expect_stderr("move it into the project, and include it there");
    }
}

#[test]
fn a_file_that_is_there_is_replaced_only_when_that_is_asked_for() {
    let (simulator, project) = with_policy();
    let project = project.file("tables.kdl", "mine").file("policies/Orders.json", "mine, too");
    let read = |name: &str| fs::read_to_string(project.path().join(name)).unwrap();
    let refused = osem(&project, "import --out tables.kdl", &simulator.url).status(64);
    refused.expect_stderr("tables.kdl is there already");
    let refused = osem(&project, "import --out other.kdl", &simulator.url).status(64);
    refused.expect_stderr("policies/Orders.json is there already");
    assert!(!project.path().join("other.kdl").exists(), "all or nothing");
    assert_eq!(
        (read("tables.kdl"), read("policies/Orders.json")),
        ("mine".into(), "mine, too".into())
    );

    let line = "import --out tables.kdl --overwrite";
    let written = osem(&project, line, &simulator.url).success();
    written.expect_stderr("add to osem.kdl: include \"tables.kdl\"");
    assert!(read("tables.kdl").contains("table Orders"));
    assert!(read("policies/Orders.json").contains("dynamodb:*"));
}

#[test]
fn a_file_of_the_project_is_never_replaced() {
    let (simulator, project) = with_policy();
    osem(&project, "import shop-dev-U --out imported/users.kdl", &simulator.url).success();
    let line = "import --out imported/users.kdl --overwrite";
    let refused = osem(&project, line, &simulator.url).status(64);
    refused.expect_stderr("imported/users.kdl is a file of the project already");
    let root = osem(&project, "import --out osem.kdl --overwrite", &simulator.url).status(64);
    root.expect_stderr("osem.kdl is a file of the project already");
    expect_nothing_to_do(&project, &simulator.url, 1);
}

#[test]
fn without_a_table_no_file_is_written() {
    let (simulator, project) = with_policy();
    osem(&project, "import --out imported/tables.kdl", &simulator.url).success();
    let none = osem(&project, "import --out none.kdl", &simulator.url).success();
    none.expect_stderr("nothing to import from dev");
    assert!(!project.path().join("none.kdl").exists());
}
