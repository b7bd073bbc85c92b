//! The page about `put-items` is held to the program.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{PUT, project, put};
use crate::harness::Project;

/// The blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/put-items.md");
    let page = fs::read_to_string(page).unwrap();
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_tasks_of_the_page_can_be_used() {
    let tasks = blocks("kdl");
    assert_eq!(tasks.len(), 2);
    for task in tasks {
        let outcome = Project::new().file("tasks/page.kdl", &task).osem("check").output();
        assert_eq!(outcome.code(), Some(0), "{task}\n{outcome}");
    }
}

#[test]
fn the_item_of_the_page_can_be_put_and_the_document_has_its_form() {
    let [item, document] = &blocks("json")[..] else { panic!("two blocks") };
    let project = project(&PUT.replace(';', " format=dynamodb;"), item);
    project.osem("setup").success();
    let told = project.osem("run put").json(0);
    assert_eq!(put(&told), (1, 1, 0));
    let shown: Value = serde_json::from_str(document).unwrap();
    let names = |document: &Value| -> Vec<String> {
        document["itemsPut"][0].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(names(&shown), names(&told["data"]));
}
