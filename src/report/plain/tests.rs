use super::super::fixture::{self, ASCII, at, id, pipes};
use super::*;
use crate::model::{ErrorCode, Failure};

/// What a sink writes: stderr and stdout.
fn written(records: &[Record], verbosity: Verbosity) -> (String, String) {
    let (streams, err, out) = pipes();
    let mut plain = Plain::new(ASCII, verbosity, streams);
    for record in records {
        plain.record(record);
    }
    (err.text(), out.text())
}

fn progress(ms: u64, message: &str) -> Record {
    let (step, message) = (id("wait-active", "Users"), message.to_owned());
    at(ms, RunEvent::StepProgress { step, message })
}

#[test]
fn every_event_is_a_timestamped_line() {
    let mut records = vec![
        at(0, RunEvent::RunStarted(Box::new(fixture::header("setup", &[("tag", "Users")])))),
        at(1, RunEvent::Warning { message: "the clock is 3 s off".to_owned() }),
        at(2, RunEvent::StepStarted { step: id("tag", "Users") }),
        progress(3, "CREATING"),
    ];
    let failure = Failure::new(ErrorCode::Throttled, "too many calls").said("Rate exceeded\x1b[2J");
    let step = id("tag", "Users");
    records.push(at(4, RunEvent::StepRetrying { step, attempt: 1, delay_ms: 500, failure }));
    let mut result = fixture::result("tag", "Users", "2 tags written", 5_230);
    result.attempts = 2;
    result.warnings.push("one more".to_owned());
    records.push(at(877, RunEvent::StepFinished(Box::new(result))));
    records.push(at(900, RunEvent::Cancelling { reason: "SIGINT".to_owned() }));
    assert_eq!(
        written(&records, Verbosity::Normal).0,
        "\
[2026-11-22T10:41:07.123Z] setup in local: 1 step, us-east-1, embedded emulator (.osem/local.db)
[2026-11-22T10:41:07.124Z] warning: the clock is 3 s off
[2026-11-22T10:41:07.125Z] tag[Users] started
[2026-11-22T10:41:07.126Z] wait-active[Users] running: CREATING
[2026-11-22T10:41:07.127Z] tag[Users] retrying in 0.5s: attempt 1 failed: too many calls; said: Rate exceeded
[2026-11-22T10:41:08.000Z] tag[Users] succeeded: 2 tags written (5.2s, 2 attempts)
[2026-11-22T10:41:08.000Z] tag[Users] warning: one more
[2026-11-22T10:41:08.023Z] ending the run: SIGINT
"
    );
}

#[test]
fn ends_of_steps_say_how_and_why() {
    let endings: Vec<String> = fixture::mixed()
        .iter()
        .flat_map(|record| lines(&record.event, Verbosity::Normal))
        .filter(|line| line.contains("Teams"))
        .collect();
    assert_eq!(
        endings,
        [
            "create-table[Teams] failed: not allowed to create osem-local-Teams; said: User: \
             arn:aws:iam::1:user/ci is not authorized; cause: the policies do not allow \
             dynamodb:CreateTable (0.3s)",
            "wait-active[Teams] skipped: create-table[Teams] did not succeed",
        ]
    );
}

#[test]
fn progress_is_told_when_it_changed_and_not_too_often() {
    let records = [
        progress(0, "CREATING"),
        progress(1_000, "CREATING, 2 indexes left"),
        progress(6_000, "CREATING"),
        progress(6_500, "CREATING, 1 index left"),
        progress(11_000, "CREATING, 1 index left"),
    ];
    let text = written(&records, Verbosity::Normal).0;
    let told: Vec<&str> = text.lines().filter_map(|line| line.split("running: ").nth(1)).collect();
    assert_eq!(told, ["CREATING", "CREATING, 1 index left"]);
}

#[test]
fn calls_and_people_are_told_when_asked_for() {
    let call = |error: Option<&str>| {
        at(
            0,
            RunEvent::ApiCalled {
                step: Some(id("create-table", "Users")),
                operation: "CreateTable".to_owned(),
                resource: Some("osem-local-Users".to_owned()),
                duration_ms: 12,
                error: error.map(str::to_owned),
            },
        )
    };
    let records = [call(None), call(Some("LimitExceededException"))];
    assert_eq!(written(&records, Verbosity::Normal).0, "");
    assert_eq!(
        written(&records, Verbosity::Verbose).0,
        "\
[2026-11-22T10:41:07.123Z] create-table[Users] call: CreateTable osem-local-Users (12ms)
[2026-11-22T10:41:07.123Z] create-table[Users] call: CreateTable osem-local-Users: LimitExceededException (12ms)
"
    );
}

#[test]
fn results_go_to_stdout_and_the_rest_to_stderr() {
    let (err, out) = written(&fixture::listed(), Verbosity::Quiet);
    assert!(out.starts_with("TABLE  "), "{out}");
    assert_eq!(err.lines().count(), 1, "{err}");
}

#[test]
fn quiet_is_silent_until_the_end() {
    let mut records = fixture::created();
    let end = records.pop();
    assert_eq!(written(&records, Verbosity::Quiet).0, "");
    records.extend(end);
    let text = written(&records, Verbosity::Quiet).0;
    assert_eq!(text, "ok setup in local: 2 tables created, 2 indexes, 5 steps in 5.3s\n");
}
