//! What goes first among steps that wait for nothing.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::project;
use crate::harness::Project;

fn journals(project: &Project) -> Vec<PathBuf> {
    let runs = fs::read_dir(project.path().join(".osem/runs")).unwrap();
    let files = runs.map(|run| run.unwrap().path().join("events.ndjson"));
    files.filter(|file| file.exists()).collect()
}

/// Writes into a journal that a step took so long.
fn rewrite(journal: &PathBuf, step: &str, millis: u64) {
    let text = fs::read_to_string(journal).unwrap();
    let end = format!("\"type\":\"step-finished\",\"step\":\"{step}\"");
    let duration = regex_lite::Regex::new("\"durationMs\":[0-9]+").unwrap();
    let took = format!("\"durationMs\":{millis}");
    let rewritten = |line: &str| {
        if line.contains(&end) { duration.replace(line, &took).into() } else { line.to_owned() }
    };
    let text: String = text.lines().map(|line| rewritten(line) + "\n").collect();
    assert!(text.contains(&took), "{text}");
    fs::write(journal, text).unwrap();
}

/// The steps in the order in which a run starts them.
fn started(project: &Project, flags: &str) -> Vec<String> {
    let outcome = project.osem(&format!("setup {flags} --events -")).output();
    outcome.expect_code(0);
    let told = outcome.stdout();
    let events = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let steps = events.filter(|record| record["event"]["type"] == "step-started");
    steps.map(|record| record["event"]["step"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_took_long_in_earlier_runs_goes_first() {
    let project = project("task setup { for-each table { step create-table; }; }");
    let declared = ["create-table[Users]", "create-table[Teams]"];
    assert_eq!(started(&project, "-j 2"), declared);
    rewrite(&journals(&project)[0], declared[1], 123_456_789);
    assert_eq!(started(&project, "-j 2"), [declared[1], declared[0]]);
    assert_eq!(started(&project, "-j 1"), declared, "with one job no run counts but this one");
    for journal in journals(&project) {
        fs::write(journal, "garbage\n").unwrap();
    }
    assert_eq!(started(&project, "-j 2"), declared, "what cannot be read is no error");
}
