//! The examples of docs/plugins.md are what they are said to be.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{program, project, written};
use crate::harness::{Project, has_python};

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plugins.md")).unwrap()
}

/// The blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let page = page();
    let pieces = page.split("```").skip(1).step_by(2);
    let of_language = pieces.filter_map(|piece| piece.split_once('\n'));
    of_language.filter(|(of, _)| *of == language).map(|(_, text)| text.to_owned()).collect()
}

fn with_examples(task: &str) -> Project {
    let project = project(&(blocks("kdl").join("\n") + task));
    let project = program(project, "tasks/greet", &blocks("bash")[0]);
    let project = program(project, "tasks/count-lines", &blocks("python")[0]);
    program(project, "tasks/register", REGISTER)
}

/// The page shows only how it is declared.
const REGISTER: &str = r#"#!/bin/sh
cat > request
[ "$1" != describe ] || exec echo '{"protocol":1,"name":"register"}'
echo '{"type":"result","status":"changed"}'
"#;

#[test]
fn the_kind_with_a_secret_is_given_it_on_stdin() {
    let project = with_examples("");
    project.osem("enrol").env("API_TOKEN", "hunter2hunter2").success().refuse_stderr("hunter2");
    assert!(written(&project, "request").contains(r#""params":{"password":"hunter2hunter2"}"#));
}

#[test]
fn the_plugin_in_shell_plans_greets_and_takes_that_back() {
    let project = with_examples("");
    let plan = project.osem("plan hello").success().stdout();
    assert!(
        plan.contains("greet: runs: tasks/greet (may write)\n      write (greeting.txt)\n"),
        "{plan}"
    );
    project.osem("hello").success().expect_stderr("greet succeeded: greeted");
    assert_eq!(written(&project, "greeting.txt"), "Hello from local\n");
    project.osem("hello").success().expect_stderr("greet succeeded: it is there");
    let runs = project.osem("runs").json(0);
    let first = runs["data"]["runs"][1]["runId"].as_str().unwrap();
    let undone = project.osem(&format!("rollback {first}")).success();
    undone.expect_stderr("greet rolled back: not greeted any more");
    assert!(!project.path().join("greeting.txt").exists());
}

#[test]
fn the_plugin_in_python_counts() {
    if !has_python() {
        return;
    }
    let tasks = "task count { step count-lines file=\"osem.kdl\" least=3; }\n\
        task more { step count-lines file=\"osem.kdl\" least=300; }\n\
        task none { step count-lines file=\"none\"; }";
    let project = with_examples(tasks);
    project.osem("check --plugins").success();
    project.osem("count").success().expect_stderr("count-lines succeeded: 5 lines");
    project.osem("more").status(1).expect_stderr("count-lines: 5 lines, not 300");
    project.osem("none").status(1).expect_stderr("No such file or directory");
}

#[test]
fn the_request_of_the_page_has_the_fields_of_a_request() {
    let example: Value = serde_json::from_str(&blocks("json")[0]).unwrap();
    let spy = "#!/bin/sh\n[ $1 = execute ] && cat > asked\n[ $1 = describe ] && \
        echo '{\"protocol\":1,\"name\":\"greet\"}' || echo '{\"type\":\"result\",\"status\":\"changed\"}'\n";
    let project = program(with_examples(""), "tasks/greet", spy);
    project.osem("hello").success();
    let asked: Value = serde_json::from_str(&written(&project, "asked")).unwrap();
    let fields =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(fields(&example), fields(&asked));
    for part in ["run", "environment"] {
        assert_eq!(fields(&example[part]), fields(&asked[part]), "{part}");
    }
    assert_eq!(fields(&example["tables"][0]), fields(&asked["tables"][0]));
    assert_eq!(example["params"], asked["params"]);
    let page = page();
    for field in fields(&asked).iter().chain(&fields(&asked["tables"][0])) {
        assert!(page.contains(&format!("`{field}`")), "{field} is not in the page");
    }
}
