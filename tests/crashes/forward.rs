//! A `setup` that is killed and resumed.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::harness::{Project, Run, Simulator, say};

use super::{AGAIN, WAYS, applied, each, kills, records_of_last, tables};

const FLAGS: &str = "--time-scale 500 --mutation-rate 1000 --seed";
const FAULTS: [&str; 3] =
    ["throttle rate=0.05", "lose-response on=CreateTable rate=0.15", "reset rate=0.03"];

/// A project, and a service that fails now and then.
fn place(seed: usize) -> (Project, Simulator) {
    (Project::new(), Simulator::with_faults(&format!("{FLAGS} {seed}"), &FAULTS))
}

fn setup(project: &Project, simulator: &Simulator) -> Run {
    project.osem("setup --env dev --endpoint-url").args([&simulator.url])
}

/// Takes the run up until it is done, and looks at what came of it.
#[track_caller]
fn finish(project: &Project, simulator: Simulator, killed: &str) {
    let mut taken_up = 0;
    loop {
        let resumed = project.osem("resume").output();
        let said = resumed.stderr();
        let begun = !said.contains("nothing to resume");
        if resumed.code() == Some(0) && begun {
            break;
        }
        taken_up += 1;
        assert!(taken_up < AGAIN, "{killed}: never done\n{resumed}");
        // Killed before its first record, or after its last one.
        if !begun && setup(project, &simulator).output().code() == Some(0) {
            break;
        }
    }
    assert_eq!(applied(&simulator, "CreateTable"), 6, "{killed}");
    assert_eq!(applied(&simulator, "DeleteTable"), 0, "{killed}");
    project.osem("resume").success().expect_stderr("nothing to resume");
    let simulator = simulator.healed();
    assert_eq!(tables(&simulator.dynamo()), undisturbed(), "{killed}");
}

/// The tables as a run makes them that nobody disturbs.
fn undisturbed() -> std::collections::BTreeMap<String, serde_json::Value> {
    static TABLES: std::sync::OnceLock<std::collections::BTreeMap<String, serde_json::Value>> =
        std::sync::OnceLock::new();
    TABLES
        .get_or_init(|| {
            let (project, simulator) = (Project::new(), Simulator::start(&format!("{FLAGS} 0")));
            setup(&project, &simulator).success();
            tables(&simulator.dynamo())
        })
        .clone()
}

#[test]
fn a_setup_that_dies_at_any_record_is_resumed_to_the_same_end() {
    let (project, simulator) = place(1);
    setup(&project, &simulator).success();
    // Faults make some runs longer than this one.
    let records = records_of_last(&project).len() * 5 / 4;
    let (_, stride) = kills();
    let numbers: Vec<usize> = (1..=records).step_by(stride).collect();
    let made = each(numbers.len() * WAYS.len(), |work| {
        let (number, way) = (numbers[work / WAYS.len()], WAYS[work % WAYS.len()]);
        let (project, simulator) = place(work);
        let ended =
            setup(&project, &simulator).env("OSEM_CRASH", format!("{way}:{number}")).output();
        let died = ended.code().is_none();
        finish_or_stand(&project, simulator, died, &format!("{way} record {number}"));
        usize::from(died)
    });
    assert!(made >= numbers.len(), "only {made} of the runs died");
    say(&format!(
        "crashes: {made} kills at {} records, each resumed to the same end",
        numbers.len()
    ));
}

#[test]
fn a_setup_that_is_killed_at_any_instant_is_resumed_to_the_same_end() {
    let (count, _) = kills();
    let longest = AtomicUsize::new(900);
    let made = each(count, |work| {
        let (project, simulator) = place(work);
        let run = setup(&project, &simulator).start();
        let wait = fastrand::Rng::with_seed(work as u64).usize(0..longest.load(Ordering::Relaxed));
        thread::sleep(Duration::from_millis(wait as u64));
        run.try_signal("KILL");
        let ended = run.finish();
        let died = ended.code().is_none();
        if !died {
            longest.fetch_min(usize::try_from(ended.took.as_millis()).unwrap(), Ordering::Relaxed);
        }
        finish_or_stand(&project, simulator, died, &format!("after {wait} ms"));
        usize::from(died)
    });
    assert!(made * 2 > count, "only {made} of {count} runs were killed");
    say(&format!("crashes: {made} kills at random instants, each resumed to the same end"));
}

/// A run that was over before it was to die has to stand as it is.
#[track_caller]
fn finish_or_stand(project: &Project, simulator: Simulator, died: bool, killed: &str) {
    if died {
        finish(project, simulator, killed);
    } else {
        assert_eq!(applied(&simulator, "CreateTable"), 6, "{killed}");
    }
}
