use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::super::StateDir;
use super::*;

fn took(step: &str, kind: &str, duration_ms: u64) -> StepTook {
    StepTook { step: StepId::new(step, None), kind: kind.to_owned(), duration_ms }
}

#[test]
fn a_step_takes_what_it_took_and_an_unknown_one_what_its_kind_did() {
    let all = [(10, "a"), (90, "a"), (20, "a"), (500, "b"), (700, "c")];
    let all = all.map(|(millis, step)| took(step, if step == "c" { "d" } else { "k" }, millis));
    let durations = Durations::new(all.into());
    let of = |step: &str, kind: &str| durations.of(&StepId::new(step, None), kind);
    assert_eq!(of("a", "k"), Some(Duration::from_millis(20)), "the median of its own");
    assert_eq!(of("b", "k"), Some(Duration::from_millis(500)));
    assert_eq!(of("new", "k"), Some(Duration::from_millis(90)), "the median of its kind");
    assert_eq!(of("new", "unknown"), None);
}

/// A journal in which a step took so long.
fn journal(state: &Path, run: &str, (endpoint, task): (&str, &str), lines: &[(&str, &str, u64)]) {
    let folder = state.join("runs").join(run);
    fs::create_dir_all(&folder).unwrap();
    let mut text = format!(
        "{{\"v\":1,\"at\":1,\"event\":{{\"type\":\"run-started\",\"task\":\"{task}\",\
         \"environment\":\"dev\",\"pinned\":{{\"endpoint\":\"{endpoint}\",\"rehearsal\":false}}}}}}\n"
    );
    for (step, status, millis) in lines {
        writeln!(
            text,
            "{{\"v\":1,\"at\":1,\"event\":{{\"type\":\"step-finished\",\"step\":\"{step}\",\
             \"kind\":\"k\",\"status\":\"{status}\",\"durationMs\":{millis}}}}}"
        )
        .unwrap();
    }
    fs::write(folder.join("events.ndjson"), text).unwrap();
}

fn durations(state: &Path) -> Durations {
    let setting = Setting { task: "setup", environment: "dev", endpoint: EndpointKind::Emulator };
    StateDir::named(state).history().durations(setting)
}

#[test]
fn only_the_newest_runs_of_the_same_setting_count() {
    let folder = tempfile::tempdir().unwrap();
    let id = |second: usize| format!("20260101T0000{second:02}Z-aaaa");
    let here = ("emulator", "setup");
    journal(folder.path(), &id(0), here, &[("s", "succeeded", 1)]);
    for second in 1..6 {
        journal(folder.path(), &id(second), here, &[("s", "succeeded", 100)]);
    }
    journal(folder.path(), &id(6), ("service", "setup"), &[("s", "succeeded", 7)]);
    journal(folder.path(), &id(7), ("emulator", "other"), &[("s", "succeeded", 7)]);
    journal(folder.path(), &id(8), here, &[("s", "failed", 7), ("t", "succeeded", 300)]);
    let durations = durations(folder.path());
    let of = |step: &str| durations.of(&StepId::new(step, None), "k").unwrap().as_millis();
    assert_eq!((of("s"), of("t")), (100, 300));
}

#[test]
fn a_journal_that_cannot_be_read_tells_nothing_and_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let known = |durations: &Durations| durations.of(&StepId::new("s", None), "k").is_some();
    assert!(!known(&durations(folder.path())), "there is no history");
    journal(
        folder.path(),
        "20260101T000000Z-aaaa",
        ("emulator", "setup"),
        &[("s", "succeeded", 5)],
    );
    for (second, text) in
        [(1, "garbage\n"), (2, ""), (3, "{\"event\":{\"type\":\"run-started\"}}\n")]
    {
        let run = folder.path().join(format!("runs/20260101T00000{second}Z-aaaa"));
        fs::create_dir_all(&run).unwrap();
        fs::write(run.join("events.ndjson"), text).unwrap();
    }
    let torn = folder.path().join("runs/20260101T000000Z-aaaa/events.ndjson");
    let mut text = fs::read_to_string(&torn).unwrap();
    text.push_str("{\"v\":1,\"at\":1,\"event\":{\"type\":\"step-finished\",\"st");
    fs::write(&torn, text).unwrap();
    assert!(known(&durations(folder.path())), "the others still tell");
}
