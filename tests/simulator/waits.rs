//! Steps that wait beside each other.

use std::fmt::Write as _;

use serde_json::Value;

use crate::harness::Project;

fn project(tables: usize) -> Project {
    let mut text = "\
osem 1
project waits { table-name \"waits-{env}-{table}\"; }
environment dev default=#true {
    region us-east-1
    emulator memory { control-plane realistic; time-scale 5; mutation-rate 50 burst=20; seed 1; }
}
task setup { for-each table { step create-table; step wait-active; step verify; }; }
"
    .to_owned();
    for number in 0..tables {
        writeln!(text, "table T{number:02} hash=id").unwrap();
    }
    Project::of(text)
}

/// The events of a run: what happened, to which step.
fn events(tables: usize, jobs: usize) -> Vec<(String, String)> {
    let outcome = project(tables).osem(&format!("setup -j {jobs} --events -")).output();
    outcome.expect_code(0);
    let told = outcome.stdout();
    let records = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    records.map(|record| (text(&record["event"]["type"]), text(&record["event"]["step"]))).collect()
}

/// The most steps of a kind that were under way at once.
fn most(events: &[(String, String)], kind: &str) -> usize {
    let (mut now, mut most) = (0, 0);
    for (event, step) in events.iter().filter(|(_, step)| step.starts_with(kind)) {
        match event.as_str() {
            "step-started" => now += 1,
            "step-finished" => now -= 1,
            _ => assert!(!step.is_empty()),
        }
        most = most.max(now);
    }
    most
}

#[test]
fn thirty_tables_are_waited_for_at_once_by_two_jobs() {
    let events = events(30, 2);
    let most = most(&events, "wait-active[");
    assert!(most >= 10, "at most {most} of 30 at once");
}

#[test]
fn with_one_job_a_table_is_waited_for_before_the_next_step_starts() {
    let events = events(3, 1);
    let steps = events.iter().filter(|(event, _)| event.starts_with("step-"));
    let course: Vec<_> = steps.filter(|(event, _)| event != "step-progress").collect();
    assert_eq!(course.len(), 3 * 3 * 2);
    for pair in course.chunks(2) {
        assert_eq!(pair[0].1, pair[1].1, "{course:?}");
    }
}
