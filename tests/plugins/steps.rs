//! `osem steps`.

use super::project;
use crate::harness::Project;

const KIND: &str = r#"
step-kind load {
    description "Write a file into one table"
    exec "tasks/load" "{param.file}"
    param table type=table required=#true
    param file type=path required=#true { description "The items"; }
    param batch-size type=int default=25 min=1 max=25
    idempotent
    credentials aws
    timeout "5m"
    undo exec "tasks/unload" "{table.name}"
    iam "dynamodb:BatchWriteItem"
}
"#;

#[test]
fn kinds_of_the_project_are_documented_like_built_in_ones() {
    let project = project(KIND);
    let list = project.osem("steps").success().stdout();
    assert!(
        list.contains("\nOf this project\n  load                  Write a file into one table\n")
    );
    assert!(list.starts_with("Built in\n  backup-table "), "{list}");
    project
        .osem("steps load")
        .stdout(
            "load: Write a file into one table\n\n  \
             step load [table=TABLE] file=… [batch-size=…]\n\n\
             declared    tasks/own.kdl:2\n\
             runs        exec tasks/load {param.file}\n\
             effect      write\n\
             about       one table\n\
             repeatable  yes\n\
             timeout     5m\n\
             credentials aws\n\
             undo        exec tasks/unload {table.name}\n\
             iam         dynamodb:BatchWriteItem\n\n\
             Parameters\n  \
             file        file, relative to the one that names it (required)\n              \
             The items\n  \
             batch-size  whole number, 1 to 25 (default: 25)\n",
        )
        .success();
}

#[test]
fn the_document_has_the_same_facts() {
    let project = project(KIND);
    let document = project.osem("steps load").json(0);
    let kind = &document["data"]["kinds"][0];
    assert_eq!(kind["builtIn"], false);
    assert_eq!(kind["declaredAt"], "tasks/own.kdl:2");
    assert_eq!(kind["timeout"], 300_000);
    assert_eq!(kind["iam"][0], "dynamodb:BatchWriteItem");
    assert_eq!(kind["undo"], "exec tasks/unload {table.name}");
    let param = &kind["params"][1];
    assert_eq!(
        (&param["type"], &param["min"], &param["default"]),
        (&"int".into(), &1.into(), &"25".into())
    );
    let all = project.osem("steps").json(0);
    let create = &all["data"]["kinds"][1];
    assert_eq!((&create["name"], &create["builtIn"]), (&"create-table".into(), &true.into()));
    assert!(create["undo"].as_str().unwrap().contains("deletes the table"));
}

#[test]
fn the_built_in_kinds_are_documented_without_a_project() {
    let nowhere = Project::empty();
    nowhere.osem("steps verify").success();
    let outcome = nowhere.osem("steps verfy").status(64);
    outcome.expect_stderr("did you mean `verify`?");
    let broken = project("step-kind k { }");
    broken.osem("steps").status(65);
}
