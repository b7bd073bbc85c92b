//! Two runs at once from two folders, of which one fails and is undone: nothing of the other is touched.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{LONGEST, Project, Simulator, say};

use super::{setup, table_id, table_ids, undone, whole};

/// Few, so that the suite stays quick; `OSEM_TEST_SEEDS=50` is what has to hold.
fn seeds() -> u64 {
    std::env::var("OSEM_TEST_SEEDS").ok().map_or(3, |seeds| seeds.parse().unwrap())
}

/// `setup` that fails at its end, for a reason that lies in its own file, and undoes all that it did.
fn failing() -> Project {
    let project = whole();
    let path = project.path().join("tasks/tables.kdl");
    let tasks = std::fs::read_to_string(path).unwrap();
    let last = "    step exec \"false\" id=last effect=read { retry 0; }\n}\n\ntask verify {";
    project.file("tasks/tables.kdl", tasks.replacen("}\n\ntask verify {", last, 1))
}

fn simulator(seed: u64) -> Simulator {
    let flags = format!("--time-scale 30 --mutation-rate 1000 --seed {seed}");
    Simulator::with_faults(&flags, &["lose-response on=CreateTable rate=0.4"])
}

fn wait_for_creates(simulator: &Simulator) {
    let started = Instant::now();
    while simulator.statistics()["applied"]["CreateTable"] != 6 {
        assert!(started.elapsed() < LONGEST, "{:#}", simulator.statistics());
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_run_that_created_nothing_undoes_nothing_of_the_other() {
    for seed in 1..=seeds() {
        let (simulator, first, second) = (simulator(seed), Project::new(), failing());
        let one = setup(&first, &simulator).args(["--json"]).start();
        wait_for_creates(&simulator);
        let ids = table_ids(&simulator.dynamo());
        let other = setup(&second, &simulator).args(["--json"]).output();
        other.expect_code(1);
        assert!(undone(&other.json()).is_empty(), "seed {seed}: {other}");
        one.finish().expect_code(0);
        assert_eq!(table_ids(&simulator.dynamo()), ids, "seed {seed}");
        assert!(ids.iter().all(Option::is_some), "seed {seed}");
    }
}

#[test]
fn of_two_runs_at_once_each_undoes_only_what_it_provably_created() {
    let mut deleted = 0;
    for seed in 1..=seeds() {
        let (simulator, first, second) = (simulator(seed), Project::new(), failing());
        let one = setup(&first, &simulator).args(["--json"]).start();
        let other = setup(&second, &simulator).args(["--json"]).start();
        let (one, other) = (one.finish(), other.finish());
        assert!(matches!(other.code(), Some(1 | 2)), "seed {seed}: {other}");
        let (mine, theirs) = (confirmed(&first), confirmed(&second));
        for (table, id) in &mine {
            assert_eq!(theirs.get(table), None, "seed {seed}: {table} was created twice");
            let live = table_id(&simulator.dynamo(), table);
            assert_eq!(live.as_ref(), Some(id), "seed {seed}: {table}\n{one}\n{other}");
        }
        for (step, status) in undone(&other.json()) {
            let table = step.trim_start_matches("create-table[").trim_end_matches(']');
            assert_eq!(status == "rolled-back", theirs.contains_key(table), "seed {seed}: {step}");
            deleted += usize::from(status == "rolled-back");
        }
    }
    say(&format!("two at once: {} seeds, {deleted} tables undone", seeds()));
}

/// The tables that a run created by the service's own answer, with their ids.
fn confirmed(project: &Project) -> BTreeMap<String, String> {
    let runs = project.path().join(".osem/runs");
    let folders = std::fs::read_dir(runs).unwrap().map(|entry| entry.unwrap().path());
    let folder = folders.filter(|path| path.is_dir()).max().unwrap();
    let text = std::fs::read_to_string(folder.join("events.ndjson")).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let created = |record: Value| {
        let event = &record["event"];
        let fact = event["facts"].as_array()?.iter().find(|fact| fact["created"] == "confirmed")?;
        Some((event["table"].as_str()?.to_owned(), fact["id"].as_str()?.to_owned()))
    };
    records.filter_map(created).collect()
}
