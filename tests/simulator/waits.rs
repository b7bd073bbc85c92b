//! Steps that wait beside each other.

use std::fmt::Write as _;

use serde_json::Value;

use crate::harness::Project;

/// So many tables of a service that is so much faster than the real one.
fn project(tables: usize, faster: u32) -> Project {
    let mut text = "\
osem 1
project waits { table-name \"waits-{env}-{table}\"; }
environment dev default=#true {
    region us-east-1
    emulator memory { control-plane realistic; time-scale FASTER; mutation-rate 50 burst=20; seed 1; }
}
task setup { for-each table { step create-table; step wait-active; step verify; }; }
"
    .replace("FASTER", &faster.to_string());
    for number in 0..tables {
        writeln!(text, "table T{number:02} hash=id").unwrap();
    }
    Project::of(text)
}

/// The events of a run on tables of its own.
fn events(tables: usize, faster: u32, jobs: usize) -> Vec<Value> {
    let outcome = project(tables, faster).osem(&format!("setup -j {jobs} --events -")).output();
    outcome.expect_code(0);
    let told = outcome.stdout();
    let records = told.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.map(|mut record| record["event"].take()).collect()
}

/// Starts and ends of steps: the event and the step.
fn course(events: &[Value]) -> Vec<(&str, &str)> {
    let all = events.iter();
    let all = all.map(|event| (event["type"].as_str().unwrap(), event["step"].as_str()));
    all.filter(|(event, _)| ["step-started", "step-finished"].contains(event))
        .map(|(event, step)| (event, step.unwrap()))
        .collect()
}

/// The most steps of a kind that were under way at once.
fn most(events: &[Value], kind: &str) -> usize {
    let (mut now, mut most) = (0, 0);
    for (event, _) in course(events).into_iter().filter(|(_, step)| step.starts_with(kind)) {
        if event == "step-started" {
            now += 1;
        } else {
            now -= 1;
        }
        most = most.max(now);
    }
    most
}

#[test]
fn thirty_tables_are_waited_for_at_once_by_two_jobs() {
    // Each for one to six seconds: longer than it takes to create ten, on a busy machine too.
    let events = events(30, 1, 2);
    let most = most(&events, "wait-active[");
    assert!(most >= 10, "at most {most} of 30 at once");
}

/// What is the same in every run: how often a step looks again is a matter of time, and so is what it
/// says meanwhile.
fn without_times(events: Vec<Value>) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for mut event in events {
        let event_type = event["type"].as_str().unwrap().to_owned();
        let about_time = event_type == "step-progress" || event_type == "run-started";
        let fields = event.as_object_mut().unwrap();
        fields.retain(|key, _| {
            !key.ends_with("Ms") && !["facts", "undo", "outputs"].contains(&key.as_str())
        });
        if !about_time && kept.last() != Some(&event) {
            kept.push(event);
        }
    }
    // Before the first step, all tables are looked at at once, which one job does not change.
    let first = kept.iter().position(|event| event["type"] == "step-started").unwrap();
    kept[..first].sort_by_key(Value::to_string);
    kept
}

#[test]
fn two_runs_with_one_job_are_alike() {
    let (one, other) = (events(4, 5, 1), events(4, 5, 1));
    let steps = course(&one);
    assert_eq!(steps.len(), 4 * 3 * 2);
    for pair in steps.chunks(2) {
        assert_eq!(pair[0].1, pair[1].1, "one step after the other: {steps:?}");
    }
    let least = steps.len();
    let (one, other) = (without_times(one), without_times(other));
    assert!(one.len() > least, "calls are among them: {one:#?}");
    assert_eq!(one, other);
}
