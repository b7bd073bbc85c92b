//! Which tables are meant, and what they can be called.

use serde_json::json;

use crate::harness::{Project, serve};

use super::{empty_project, expect_nothing_to_do, osem};

/// A project of two tables whose server has them, and one more.
fn served(names: &[&str]) -> (impl Drop + use<>, String) {
    let project = Project::of(
        "osem 1\nproject shop\nenvironment dev default=#true { region us-east-1; emulator memory; }\n",
    );
    let (local, url) = serve(&project);
    let dynamo = crate::harness::Dynamo::new(&url);
    for name in names {
        dynamo.create(name, "id");
    }
    (local, url)
}

#[test]
fn an_environment_without_such_tables_says_what_is_there() {
    let (_local, url) = served(&["shop-prod-Orders"]);
    let project = empty_project("{project}-{env}-{table}", "", "");
    let failed = osem(&project, "import", &url).json(1);
    assert_eq!(failed["error"]["code"], "TABLE_NOT_FOUND");
    let failed = osem(&project, "import", &url).stdout("").status(1);
    failed.expect_stderr("named by `table-name \"{project}-{env}-{table}\"`: `shop-dev-…`");
    failed.expect_stderr("there: shop-prod-Orders");
    let (_local, url) = served(&[]);
    osem(&project, "import", &url).status(1).expect_stderr("there is no table in us-east-1");
    let unknown = osem(&project, "import --env tset", &url).status(64);
    unknown.expect_stderr("no environment `tset`");
}

#[test]
fn tables_of_another_prefix_are_never_printed_under_a_name_that_means_another_table() {
    let (_local, url) = served(&["legacy-Users", "legacy-Orders", "shop-dev-Orders"]);
    let project = empty_project("{project}-{env}-{table}", "", "");
    let refused = osem(&project, "import legacy-", &url).stdout("").status(64);
    refused.expect_stderr("no table whose name starts with `legacy-` has a name in this project");
    refused.expect_stderr("OSEM_DB_PREFIX=legacy-");

    // The way that it names leads there.
    let prefixed = |line: &str| osem(&project, line, &url).env("OSEM_DB_PREFIX", "legacy-");
    let printed = prefixed("import").success().stdout();
    assert_eq!(printed, "table Orders hash=id\n\ntable Users hash=id\n");
    let own = empty_project("legacy-{table}", "", "")
        .edit("environment prod { region us-east-1; account \"111111111111\"; }", "");
    let own = own.file("imported/tables.kdl", printed);
    expect_nothing_to_do(&own, &url, 2);
    assert_eq!(osem(&own, "import", &url).success().stdout(), "");
}

#[test]
fn a_table_that_no_file_can_name_is_left_out_with_the_reason() {
    let (_local, url) = served(&["shop-dev-.hidden", "shop-dev-Orders"]);
    let project = empty_project("{project}-{env}-{table}", "", "");
    let printed = osem(&project, "import", &url).success();
    printed.expect_stderr("! shop-dev-.hidden: not declared: the project does not take it");
    let text = printed.stdout();
    let nodes: Vec<&str> = text.lines().filter(|line| !line.starts_with("//")).collect();
    assert_eq!(nodes, ["", "table Orders hash=id"]);
    assert!(printed.stdout().contains("// shop-dev-.hidden is not declared here"), "{printed}");
    let document = osem(&project, "import", &url).json(0);
    assert_eq!(document["data"]["tables"][0]["kdl"], json!(null));
    assert_eq!(document["data"]["tables"][1]["kdl"], "table Orders hash=id\n");
    let project = project.file("imported/tables.kdl", printed.stdout());
    expect_nothing_to_do(&project, &url, 1);
}

#[test]
fn a_table_of_other_environments_is_not_declared_twice() {
    let (_local, url) = served(&["shop-dev-Orders", "shop-dev-Users"]);
    let project = empty_project("{project}-{env}-{table}", "", "")
        .file("imported/old.kdl", "table Orders hash=id { only-in prod; }\n");
    let printed = osem(&project, "import", &url).stdout("table Users hash=id\n").success();
    printed.expect_stderr("shop-dev-Orders is left out: table Orders is declared, but not for dev");
    let document = osem(&project, "import", &url).json(0);
    assert_eq!(document["data"]["leftOut"][0]["tableName"], "shop-dev-Orders");
}

#[test]
fn a_folder_with_nothing_but_an_environment_is_enough() {
    let (_local, url) = served(&["shop-dev-Orders"]);
    let project = Project::of(
        "osem 1\nproject shop\nenvironment dev { region us-east-1; emulator memory; }\n",
    );
    osem(&project, "import", &url).stdout("table Orders hash=id\n").success();
    osem(&project, "import -q", &url).stdout("table Orders hash=id\n").stderr("").success();
}

#[test]
fn a_table_that_a_task_cannot_do_with_stands_in_comments_with_the_reason() {
    let (_local, url) = served(&["shop-dev-Orders"]);
    let seed = "task seed { for-each table { step put-items file=\"{table}.jsonl\"; }; }";
    let project = empty_project("{project}-{env}-{table}", "", "")
        .edit("task verify", &format!("{seed}\ntask verify"));
    let printed = osem(&project, "import", &url).success();
    printed.expect_stderr("! shop-dev-Orders: not declared: the project does not take it: cannot");
    let text = printed.stdout();
    assert!(text.contains("cannot read Orders.jsonl"), "{text}");
    assert!(text.ends_with("\n// table Orders hash=id\n"), "{text}");
    project.file("imported/tables.kdl", &text).osem("check").success();
}
