//! `setup` against a service that fails, from many seeds: it always ends well, and never creates a
//! table twice.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::harness::{Project, Simulator, full_names, say};

/// How many seeds of each fault: few, so that the suite stays quick. `OSEM_TEST_SEEDS=50` is what
/// has to hold.
fn seeds() -> u64 {
    std::env::var("OSEM_TEST_SEEDS").ok().map_or(3, |seeds| seeds.parse().unwrap())
}

#[test]
fn setup_ends_well_when_three_calls_in_ten_are_throttled() {
    always_ends_well("throttle", &["throttle rate=0.3"], "");
}

#[test]
fn setup_ends_well_when_three_creates_in_ten_are_answered_to_nobody() {
    always_ends_well("lose-response", &["lose-response on=CreateTable rate=0.3"], "");
}

#[test]
fn setup_ends_well_when_one_call_in_five_is_an_internal_error() {
    always_ends_well("error", &["error code=InternalServerError rate=0.2"], "--retries 8");
}

#[test]
fn setup_ends_well_when_calls_are_delayed_and_connections_reset() {
    let faults = ["delay by=\"50ms\" rate=0.2", "reset rate=0.2"];
    always_ends_well("delay and reset", &faults, "--retries 8");
}

fn always_ends_well(what: &str, faults: &[&str], flags: &str) {
    let (seeds, next, met) = (seeds(), AtomicU64::new(1), AtomicU64::new(0));
    thread::scope(|scope| {
        // Each run mostly waits.
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > seeds {
                        break;
                    }
                    met.fetch_add(ends_well(faults, flags, seed), Ordering::Relaxed);
                }
            });
        }
    });
    let met = met.into_inner();
    say(&format!("{what}: {seeds} seeds ended well, with {met} retries and lost answers"));
    assert!(met > 0, "no fault was met");
}

/// One run; how many failures its report counts.
fn ends_well(faults: &[&str], flags: &str, seed: u64) -> u64 {
    let simulator = Simulator::with_faults(&format!("--time-scale 200 --seed {seed}"), faults);
    let project = Project::new();
    let setup = project.osem("setup --env dev --endpoint-url").args([&simulator.url]);
    let setup = setup.args(flags.split_whitespace());
    let document = setup.json(0);
    assert_eq!(document["success"], true, "seed {seed}: {document:#}");
    let created = document["data"]["tablesCreated"].as_array().unwrap();
    assert_eq!(created.len(), 6, "seed {seed}: {document:#}");
    assert_eq!(simulator.statistics()["applied"]["CreateTable"], 6, "seed {seed}");
    let simulator = simulator.healed();
    assert_eq!(simulator.dynamo().tables(), full_names("dev"), "seed {seed}");
    project.osem("verify --env dev --endpoint-url").args([&simulator.url]).success();
    retries(&document)
}

/// Further tries, and creates whose answer was lost: those are looked for and need no further one.
fn retries(document: &Value) -> u64 {
    let retries = document["data"]["retries"]["total"].as_u64().unwrap_or_default();
    let created = document["data"]["tablesCreated"].as_array().unwrap();
    let lost = created.iter().filter(|table| table["answer"] == "lost").count();
    retries + u64::try_from(lost).unwrap()
}
