use super::super::fixture::{self, ASCII, UNICODE, at, fold};
use super::super::render_summary;
use super::*;
use crate::journal::{Record, RunEvent};
use crate::model::StepId;

/// `setup` that was killed after it had created one table, with a call under way.
fn killed() -> Vec<Record> {
    let mut records: Vec<Record> = fixture::created().into_iter().take(3).collect();
    records.push(intended("Teams", 44));
    records.push(intended("Users", 46));
    records.push(at(
        47,
        RunEvent::MutationEnded {
            step: StepId::new("create-table", Some("Teams")),
            operation: "CreateTable".to_owned(),
            resource: "osem-local-Teams".to_owned(),
            outcome: crate::step::MutationOutcome::Applied,
            error: None,
        },
    ));
    records
}

fn intended(table: &str, ms: u64) -> Record {
    at(
        ms,
        RunEvent::MutationIntended {
            step: StepId::new("create-table", Some(table)),
            operation: "CreateTable".to_owned(),
            resource: format!("osem-local-{table}"),
        },
    )
}

fn entry(day: u8, records: &[Record], running: bool) -> RunEntry {
    let id = RunId::parse(&format!("202611{day:02}T104107Z-k3f9")).unwrap();
    RunEntry::of(id, &fold(records), running, Links::default())
}

#[test]
fn the_list_says_how_each_run_ended() {
    let id = RunId::parse("20261101T104107Z-k3f9").unwrap();
    let runs = [
        entry(6, &killed(), true),
        entry(5, &fixture::created(), false),
        entry(4, &killed(), false),
        entry(3, &fixture::mixed(), false),
        entry(2, &[], false),
        RunEntry::unreadable(id, "line 3 is no record".to_owned()),
    ];
    insta::assert_snapshot!(render_runs(&runs), @"
    RUN                    TASK   ENVIRONMENT  STARTED                   ENDED       DURATION  STEPS
    20261106T104107Z-k3f9  setup  local        2026-11-22T10:41:07.123Z  running     47ms      2/5
    20261105T104107Z-k3f9  setup  local        2026-11-22T10:41:07.123Z  succeeded   5.3s      5/5
    20261104T104107Z-k3f9  setup  local        2026-11-22T10:41:07.123Z  unfinished  47ms      2/5
    20261103T104107Z-k3f9  setup  local        2026-11-22T10:41:07.123Z  partial     1.2s      3/5
    20261102T104107Z-k3f9  -      -            -                         unfinished  -         0/0
    20261101T104107Z-k3f9  -      -            -                         unreadable  -         0/0
    ");
    assert!(render_runs(&[]).starts_with("no runs are recorded"));
}

#[test]
fn a_run_that_ended_is_shown_as_it_was_at_its_end() {
    let run = fold(&fixture::created());
    let summary = render_summary(&run, UNICODE, Verbosity::Normal);
    let shown = render_run(&run, false, &Links::default(), UNICODE, Verbosity::Normal);
    assert!(shown.ends_with(&format!("\n\n{summary}")), "{shown}");
    assert!(shown.contains(": setup in local\nus-east-1, embedded emulator"), "{shown}");
}

#[test]
fn a_run_that_was_killed_says_what_was_under_way() {
    let run = fold(&killed());
    let shown = render_run(&run, false, &Links::default(), ASCII, Verbosity::Quiet);
    let shown = fixture::without_id(&run, &shown);
    let end: Vec<&str> = shown.lines().skip(4).collect();
    insta::assert_snapshot!(end.join("\n"), @"
    x setup in local: did not end, 2 of 5 steps done after 47ms
      create-table[Users]: CreateTable osem-local-Users was about to be sent; its outcome is not recorded
      cause: its process was killed, or could write no more records
      then:  osem resume [RUN]
    ");
    let shown = render_run(&fold(&killed()), true, &Links::default(), ASCII, Verbosity::Quiet);
    assert!(shown.contains("i setup in local: is running, 2 of 5 steps done"), "{shown}");
}

#[test]
fn the_status_of_a_run_follows_what_stands() {
    let status = |records: &[Record]| RunStatus::of(&fold(records), false);
    assert_eq!(status(&fixture::unchanged()), RunStatus::Succeeded);
    assert_eq!(status(&fixture::mixed()), RunStatus::Partial);
    let failed = fixture::failed("create-table", "Users", fixture::denied(), 4);
    let header = || fixture::header("setup", &[("create-table", "Users")]);
    assert_eq!(status(&fixture::run(header(), vec![failed.clone()], 4, 1)), RunStatus::Failed);
    assert_eq!(status(&fixture::run(header(), vec![failed.clone()], 4, 2)), RunStatus::Partial);
    assert_eq!(status(&fixture::run(header(), vec![failed], 4, 130)), RunStatus::Failed);
}
