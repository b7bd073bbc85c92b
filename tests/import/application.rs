//! The application's own tables, and more of them than one page holds.

use std::fmt::Write as _;

use serde_json::Value;

use crate::harness::{Project, serve};

use super::{empty_project, expect_nothing_to_do, osem};

/// Tables of a project as `osem list` shows them, in no order.
fn listed(project: &Project) -> Vec<Value> {
    let mut tables = project.osem("list").json(0)["data"]["tables"].as_array().unwrap().clone();
    for table in &mut tables {
        let indexes = table["indexes"].as_array_mut().unwrap();
        indexes.sort_by_key(ToString::to_string);
    }
    tables.sort_by_key(ToString::to_string);
    tables
}

#[test]
fn the_tables_of_the_application_come_out_as_they_are_declared() {
    let declared = Project::new();
    let (_local, url) = serve(&declared);
    osem(&declared, "setup --env dev", &url).success();

    let settings = "billing pay-per-request; projection all\n\
                    tag Environment \"{env}\"; tag Application osem-ladders";
    let project = empty_project("osem-{env}-{table}", settings, "");
    let printed = osem(&project, "import", &url).success();
    printed.expect_stderr("6 tables of dev; put the text into a file of the project");
    assert!(printed.stdout().contains(
        "table ConfigVersions hash=configId {\n    \
             gsi isActive-index hash=(N)isActive range=(N)createdAt\n}\n"
    ));
    assert!(!printed.stdout().contains("tag "), "what is inherited is left out");
    let project = project.file("imported/tables.kdl", printed.stdout());
    expect_nothing_to_do(&project, &url, 6);
    assert_eq!(listed(&project), listed(&declared));
    assert!(!project.path().join(".osem/runs").exists(), "an import is no run");

    let again = osem(&project, "import", &url).success();
    assert_eq!(again.stdout(), "");
    again.expect_stderr("left out, as declared already: osem-dev-AssessmentPlans");
    again.expect_stderr("nothing to import from dev");
}

#[test]
fn more_tables_than_a_page_holds_are_all_imported() {
    let mut text =
        "osem 1\nproject shop\nenvironment dev default=#true { region us-east-1; emulator; }\n\
                    task setup { for-each table { step create-table; }; }\n"
            .to_owned();
    for number in 0..120 {
        writeln!(text, "table T{number:03} hash=id").unwrap();
    }
    let declared = Project::of(text);
    let (_local, url) = serve(&declared);
    osem(&declared, "setup", &url).success();
    let project = empty_project("{project}-{env}-{table}", "", "");
    let document = osem(&project, "import --out imported/many.kdl", &url).json(0);
    assert_eq!(document["data"]["totalTables"], 120);
    expect_nothing_to_do(&project, &url, 120);
}
