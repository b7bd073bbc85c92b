use super::*;
use crate::journal::{FORMAT, Record, RunHeader, RunLock, StateDir};

/// A state directory with these runs: the day of each, and whether it ended.
fn state(runs: &[(u8, bool)]) -> (tempfile::TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let state = StateDir::of_project(folder.path());
    for (day, ended) in runs {
        let run = state.runs().join(id(*day).as_str());
        fs::create_dir_all(&run).unwrap();
        let event = if *ended {
            RunEvent::RunFinished { duration_ms: 1, exit_code: 0 }
        } else {
            RunEvent::Warning { message: "on its way".to_owned() }
        };
        write(&run, u64::from(*day) * DAY, [started(*day, |_| {}), event]);
    }
    let history = state.history();
    (folder, history)
}

/// The start of a run on this day.
fn started(day: u8, change: impl FnOnce(&mut RunHeader)) -> RunEvent {
    let mut header = RunHeader::for_tests(id(day), &[], "");
    change(&mut header);
    RunEvent::RunStarted(Box::new(header))
}

fn write(run: &Path, at: u64, events: impl IntoIterator<Item = RunEvent>) {
    let line = |event| serde_json::to_string(&Record { v: FORMAT, at, event }).unwrap() + "\n";
    fs::write(run.join(EVENTS), events.into_iter().map(line).collect::<String>()).unwrap();
}

const DAY: u64 = 24 * 3600 * 1000;

fn id(day: u8) -> RunId {
    RunId::parse(&format!("202611{day:02}T104107Z-k3f{}", day % 10)).unwrap()
}

fn days(history: &History) -> Vec<RunId> {
    history.runs().unwrap().into_iter().map(|run| run.id).collect()
}

#[test]
fn runs_come_newest_first_and_nothing_else_is_taken_for_one() {
    let (folder, history) = state(&[(3, true), (20, true), (7, true)]);
    let runs = folder.path().join(".osem/runs");
    fs::write(runs.join("dev.lock"), "").unwrap();
    fs::write(runs.join(id(9).as_str()), "a file").unwrap();
    fs::create_dir(runs.join("notes")).unwrap();
    assert_eq!(days(&history), [id(20), id(7), id(3)]);
    assert_eq!(days(&StateDir::of_project(&folder.path().join("no")).history()), []);
}

#[test]
fn a_run_is_found_by_its_id_by_the_start_of_it_and_as_the_last() {
    let (_folder, history) = state(&[(3, true), (20, true), (21, true)]);
    for (name, day) in [(id(3).as_str(), 3), ("20261103", 3), ("last", 21), ("20261120t1", 20)] {
        assert_eq!(history.find(name).unwrap().id, id(day), "{name}");
    }
    let several = history.find("2026112").unwrap_err();
    assert_eq!(several.message, "2 runs start with `2026112`");
    let ids = format!("write more of the id: {}, {}", id(21), id(20));
    assert_eq!(several.remediation.unwrap(), ids);
    let slip = history.find("20261103T104107Z-k3f4").unwrap_err();
    assert_eq!(slip.remediation.unwrap(), format!("did you mean `{}`?", id(3)));
    for name in ["", "x"] {
        assert_eq!(history.find(name).unwrap_err().message, format!("no run `{name}`"));
    }
    let (_folder, nothing) = state(&[]);
    assert!(nothing.find("last").unwrap_err().message.starts_with("no run is recorded in "));
}

#[test]
fn pruning_keeps_the_newest_and_what_never_ended() {
    let (_folder, history) = state(&[(1, false), (2, true), (3, true), (4, true), (5, false)]);
    assert_eq!(history.prune(Some(2), None, 0).unwrap(), [id(3), id(2)]);
    assert_eq!(days(&history), [id(5), id(4), id(1)]);
    assert_eq!(history.prune(Some(0), None, 0).unwrap(), [id(4)]);
}

#[test]
fn pruning_by_age_counts_from_the_end_of_a_run() {
    let (_folder, history) = state(&[(1, false), (2, true), (10, true)]);
    let week = Some(Duration::from_hours(7 * 24));
    assert_eq!(history.prune(None, week, 10 * DAY).unwrap(), [id(2)]);
    assert_eq!(days(&history), [id(10), id(1)]);
}

#[tokio::test]
async fn a_run_that_goes_on_is_told_from_one_that_was_killed_and_never_pruned() {
    let folder = tempfile::tempdir().unwrap();
    let state = StateDir::of_project(folder.path());
    let (_, lock) = RunLock::acquire(&state, "dev", Duration::ZERO, |_| {}).await.unwrap();
    let journal = state.start(&id(4), &lock).unwrap();
    let end = RunEvent::RunFinished { duration_ms: 1, exit_code: 0 };
    for event in [started(4, |_| {}), end] {
        journal.append(&Record { v: FORMAT, at: 0, event });
    }
    journal.on_disk().await.unwrap();
    let history = state.history();
    assert!(history.find("last").unwrap().read().running);
    assert_eq!(history.prune(Some(0), None, 0).unwrap(), []);
    drop(journal);
    // The file is closed by the thread that wrote it.
    while history.find("last").unwrap().read().running {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(history.prune(Some(0), None, 0).unwrap(), [id(4)]);
}

#[test]
fn pruning_keeps_what_an_unfinished_run_would_be_resumed_from() {
    let began = |history: &History, day: u8, resumes: Option<u8>, exit_code: u8| {
        let header = started(day, |header| {
            header.resumes = resumes.map(id);
            header.task = if day == 9 { "seed" } else { "setup" }.to_owned();
        });
        let end = RunEvent::RunFinished { duration_ms: 1, exit_code };
        write(&history.folder.join(id(day).as_str()), 0, [header, end]);
    };
    let (_folder, history) = state(&[(1, true), (2, true), (3, true), (9, true), (10, true)]);
    for (day, resumes, exit_code) in
        [(1, None, 2), (2, None, 2), (3, Some(2), 130), (9, None, 0), (10, Some(3), 1)]
    {
        began(&history, day, resumes, exit_code);
    }
    assert_eq!(history.prune(Some(0), None, 0).unwrap(), [id(9), id(1)]);
    assert_eq!(days(&history), [id(10), id(3), id(2)]);
    began(&history, 10, Some(3), 0);
    assert_eq!(history.prune(Some(1), None, 0).unwrap(), [id(3), id(2)]);
}

#[test]
fn pruning_keeps_what_took_back_a_run_for_as_long_as_that_run() {
    let ended = |exit_code| RunEvent::RunFinished { duration_ms: 1, exit_code };
    let (_folder, history) = state(&[(1, false), (2, true), (3, true), (4, true), (5, true)]);
    let folder = |day| history.folder.join(id(day).as_str());
    let undoes = |day: u8, of: u8| started(day, |header| header.undoes = Some(id(of)));
    // The first was killed and taken back; of the second something stands.
    write(&folder(2), 2 * DAY, [started(2, |_| {}), ended(2)]);
    write(&folder(3), 3 * DAY, [undoes(3, 1), ended(0)]);
    write(&folder(4), 4 * DAY, [undoes(4, 2), ended(2)]);
    write(&folder(5), 5 * DAY, [started(5, |header| header.task = "seed".to_owned()), ended(0)]);
    assert_eq!(history.prune(Some(0), None, 0).unwrap(), [id(5), id(3), id(1)]);
    assert_eq!(days(&history), [id(4), id(2)]);
    // When the run is gone, so may be what took it back.
    write(&folder(2), 2 * DAY, [started(2, |_| {}), ended(0)]);
    assert_eq!(history.prune(None, Some(Duration::from_hours(48)), 5 * DAY).unwrap(), [id(2)]);
    assert_eq!(history.prune(Some(0), None, 0).unwrap(), [id(4)]);
}
