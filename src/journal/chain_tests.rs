use super::*;
use crate::journal::{FORMAT, OutstandingStep};

fn run(day: u8) -> RunId {
    RunId::parse(&format!("202611{day:02}T104107Z-k3f9")).unwrap()
}

fn id(name: &str) -> StepId {
    StepId::new(name, None)
}

fn at(event: RunEvent) -> Record {
    Record { v: FORMAT, at: 0, event }
}

/// The start of a run of the steps `a` and `b`, which resumes the one before where there is work.
fn started(day: u8, definition: &str, outstanding: Option<&[&str]>) -> Record {
    let why = |name: &&str| OutstandingStep { step: id(name), why: String::new() };
    at(RunEvent::RunStarted(Box::new(RunHeader {
        resumes: outstanding.map(|_| run(day - 1)),
        outstanding: outstanding.unwrap_or_default().iter().map(why).collect(),
        ..RunHeader::for_tests(run(day), &["a", "b"], definition)
    })))
}

fn ended(name: &str, status: StepStatus, skipped: Option<SkipReason>) -> Record {
    at(RunEvent::StepFinished(Box::new(StepResult {
        status,
        attempts: 1,
        skipped,
        ..StepResult::not_run(id(name), "")
    })))
}

fn done(name: &str) -> Record {
    ended(name, StepStatus::Succeeded, None)
}

fn skipped(name: &str, reason: SkipReason) -> Record {
    ended(name, StepStatus::Skipped, Some(reason))
}

fn begins(name: &str) -> Record {
    at(RunEvent::StepStarted { step: id(name) })
}

fn intends(name: &str) -> Record {
    let (operation, resource) = ("CreateTable".to_owned(), "p-Users".to_owned());
    at(RunEvent::MutationIntended { step: id(name), operation, resource })
}

fn answered(name: &str, outcome: MutationOutcome) -> Record {
    let (operation, resource) = ("CreateTable".to_owned(), "p-Users".to_owned());
    at(RunEvent::MutationEnded { step: id(name), operation, resource, outcome, error: None })
}

/// How `a` and `b` stand after these runs, and which run says so.
fn states(runs: &[Vec<Record>]) -> [(StepState, RunId); 2] {
    let chain = Chain::of(runs.iter().map(Vec::as_slice)).unwrap();
    ["a", "b"].map(|name| {
        let record = chain.step(&id(name)).unwrap();
        (record.state, record.run.clone())
    })
}

fn state_of_a(records: Vec<Record>) -> StepState {
    let first = vec![started(1, "x", None)];
    states(&[first.into_iter().chain(records).collect()])[0].0
}

#[test]
fn a_run_that_was_killed_tells_how_far_each_step_was() {
    use MutationOutcome::{Applied, Refused, Unknown};
    assert_eq!(state_of_a(vec![]), StepState::NotRun);
    assert_eq!(state_of_a(vec![begins("a")]), StepState::Interrupted);
    let sent = || vec![begins("a"), intends("a")];
    assert_eq!(state_of_a(sent()), StepState::CallUnderWay);
    for (outcome, state) in [
        (Applied, StepState::Interrupted),
        (Refused, StepState::Interrupted),
        (Unknown, StepState::CallUnderWay),
    ] {
        let mut records = sent();
        records.push(answered("a", outcome));
        assert_eq!(state_of_a(records), state, "{outcome:?}");
    }
}

#[test]
fn only_what_ended_well_or_had_nothing_to_do_is_done() {
    use StepStatus::{Cancelled, Failed, Succeeded, TimedOut, Tolerated, Unknown};
    for status in [Succeeded, Tolerated] {
        assert_eq!(state_of_a(vec![ended("a", status, None)]), StepState::Done);
    }
    for status in [Failed, TimedOut, Cancelled, Unknown] {
        let state = state_of_a(vec![begins("a"), ended("a", status, None)]);
        assert_eq!(state, StepState::Ended(status));
    }
    let selection = |outstanding| SkipReason::Selection { flag: "--only".to_owned(), outstanding };
    for (reason, state) in [
        (SkipReason::Condition, StepState::Done),
        (SkipReason::NothingFailed { steps: vec![] }, StepState::Done),
        (SkipReason::NothingChanged { steps: vec![] }, StepState::Done),
        (SkipReason::Upstream { step: id("b") }, StepState::NotRun),
        (SkipReason::RunEnding, StepState::NotRun),
        (selection(true), StepState::NotRun),
        (selection(false), StepState::LeftOut),
    ] {
        assert_eq!(state_of_a(vec![skipped("a", reason.clone())]), state, "{reason:?}");
    }
}

#[test]
fn a_later_run_tells_more_than_an_earlier_one() {
    let first =
        vec![started(1, "x", None), done("a"), begins("b"), ended("b", StepStatus::Failed, None)];
    let already = SkipReason::AlreadyDone { run: run(1) };
    let second = vec![started(2, "y", Some(&["b"])), skipped("a", already), begins("b"), done("b")];
    let found = states(&[first.clone(), second.clone()]);
    assert_eq!(found, [(StepState::Done, run(1)), (StepState::Done, run(2))]);
    let chain = Chain::of([first.as_slice(), second.as_slice()]).unwrap();
    assert_eq!(chain.runs, [run(1), run(2)]);
    assert_eq!(chain.header.run_id, run(2));
    // A step is what it was in the run that did it.
    assert_eq!(chain.step(&id("a")).unwrap().definition, "x");
    assert_eq!(chain.step(&id("b")).unwrap().definition, "y");
    // The first run may be gone: what it did is told by the second.
    assert_eq!(states(&[second])[0], (StepState::Done, run(1)));
}

#[test]
fn what_a_resume_set_out_to_do_and_did_not_is_not_done() {
    let first = || vec![started(1, "x", None), done("a"), done("b")];
    // Killed before it came to `a`, which it found not to hold any more.
    let killed = vec![started(2, "x", Some(&["a", "b"])), done("a")];
    let found = states(&[first(), killed]);
    assert_eq!(found, [(StepState::Done, run(2)), (StepState::NotRun, run(2))]);
    let narrowed = SkipReason::Selection { flag: "--only".to_owned(), outstanding: true };
    let second = vec![started(2, "x", Some(&["b"])), skipped("b", narrowed)];
    assert_eq!(states(&[first(), second])[1].0, StepState::NotRun);
    // One that left it alone, or was killed before it said so.
    assert_eq!(states(&[first(), vec![started(2, "x", Some(&[]))]])[1].0, StepState::Done);
}

#[test]
fn what_failed_stays_failed_until_it_ran_again() {
    let first = vec![started(1, "x", None), ended("a", StepStatus::Failed, None)];
    let second = vec![started(2, "x", Some(&["a", "b"]))];
    assert_eq!(states(&[first, second])[0], (StepState::Ended(StepStatus::Failed), run(1)));
}

#[test]
fn a_change_of_any_run_is_remembered() {
    let first = vec![
        started(1, "x", None),
        begins("a"),
        intends("a"),
        answered("a", MutationOutcome::Applied),
        begins("b"),
        intends("b"),
    ];
    let second = vec![started(2, "x", Some(&["a", "b"])), begins("a"), done("a")];
    let chain = Chain::of([first.as_slice(), second.as_slice()]).unwrap();
    assert!(chain.step(&id("a")).unwrap().may_have_changed());
    assert!(chain.step(&id("b")).unwrap().may_have_changed(), "its answer is not recorded");
}

#[test]
fn a_run_that_did_not_begin_tells_nothing() {
    assert!(Chain::of([[].as_slice(), &[begins("a")]]).is_none());
    let first = vec![started(1, "x", None), done("a")];
    assert_eq!(states(&[first, vec![begins("a")]])[0].0, StepState::Done);
}

#[test]
fn what_was_taken_back_is_told_in_the_order_in_which_it_happened() {
    let undo = |day: u8, of: u8| {
        let header =
            RunHeader { undoes: Some(run(of)), ..RunHeader::for_tests(run(day), &["a"], "x") };
        let undone = crate::journal::UndoResult {
            step: id("a"),
            table: None,
            table_name: None,
            outcome: UndoOutcome::RolledBack,
            message: String::new(),
            attempts: 1,
            duration_ms: 0,
            failure: None,
        };
        vec![
            at(RunEvent::RunStarted(Box::new(header))),
            at(RunEvent::UndoFinished(Box::new(undone))),
        ]
    };
    let first = vec![started(1, "x", None), done("a")];
    let already = SkipReason::AlreadyDone { run: run(1) };
    let second = vec![started(2, "x", Some(&["b"])), skipped("a", already), done("b")];
    let rolled_back = StepState::Ended(StepStatus::RolledBack);
    let found = states(&[first.clone(), second.clone(), undo(3, 1)]);
    assert_eq!(found, [(rolled_back, run(3)), (StepState::Done, run(2))]);
    // The chain is still that of the runs that did something.
    let runs = [first.clone(), second.clone(), undo(3, 1)];
    let chain = Chain::of(runs.iter().map(Vec::as_slice)).unwrap();
    assert_eq!((chain.runs, chain.header.run_id), (vec![run(1), run(2)], run(2)));
    // What a later run did since stands.
    let again = vec![started(4, "x", Some(&["a"])), done("a")];
    let found = states(&[first, second, undo(3, 1), again]);
    assert_eq!(found[0], (StepState::Done, run(4)));
}

#[test]
fn whoever_left_a_step_out_first_answers_for_it() {
    let left = SkipReason::Selection { flag: "--skip".to_owned(), outstanding: false };
    let first = vec![started(1, "x", None), skipped("a", left.clone()), done("b")];
    let second = vec![started(2, "x", Some(&[])), skipped("a", left)];
    assert_eq!(states(&[first, second])[0], (StepState::LeftOut, run(1)));
}
