use std::fs;

use super::*;
use crate::journal::{RunHeader, StateDir};

/// A run on this day: its task, its environment, the day of the run that it resumes, its exit code.
type Run = (u8, &'static str, &'static str, Option<u8>, Option<u8>);

fn id(day: u8) -> RunId {
    RunId::parse(&format!("202611{day:02}T104107Z-k3f9")).unwrap()
}

fn outlines(runs: &[Run]) -> Outlines {
    let outline = |(day, task, environment, resumes, exit_code): &Run| Outline {
        run: id(*day),
        task: (*task).to_owned(),
        environment: (*environment).to_owned(),
        rehearsal: false,
        resumes: resumes.map(id),
        undoes: None,
        running: false,
        exit_code: *exit_code,
    };
    Outlines::new(runs.iter().rev().map(outline).collect())
}

fn days(unfinished: &[&Outline]) -> Vec<RunId> {
    unfinished.iter().map(|outline| outline.run.clone()).collect()
}

#[test]
fn only_the_newest_run_of_a_task_in_an_environment_can_be_unfinished() {
    let outlines = outlines(&[
        (1, "setup", "dev", None, None),
        (2, "setup", "dev", None, Some(0)),
        (3, "setup", "prod", None, Some(2)),
        (4, "seed", "dev", None, Some(1)),
        (5, "setup", "prod", Some(3), Some(130)),
    ]);
    assert_eq!(days(&outlines.unfinished()), [id(5), id(4)]);
}

#[test]
fn chains_are_followed_in_both_directions() {
    let outlines = outlines(&[
        (1, "setup", "dev", None, Some(2)),
        (2, "setup", "dev", Some(1), None),
        (3, "setup", "prod", None, Some(2)),
        (4, "setup", "dev", Some(2), Some(2)),
    ]);
    let first = outlines.get(&id(1)).unwrap();
    assert_eq!(outlines.tip(first).run, id(4));
    assert_eq!(outlines.resumed_by(&id(2)).unwrap().run, id(4));
    assert_eq!(outlines.chain(&id(4)), [id(1), id(2), id(4)]);
    assert_eq!(outlines.chain(&id(2)), [id(1), id(2)]);
    let needed: HashSet<RunId> = [1, 2, 3, 4].map(id).into();
    assert_eq!(outlines.needed(), needed);
}

#[test]
fn a_chain_goes_as_far_as_it_is_recorded_and_never_round() {
    let outlines = outlines(&[
        (2, "setup", "dev", Some(1), Some(2)),
        (3, "setup", "dev", Some(2), Some(0)),
        (4, "setup", "prod", Some(4), Some(2)),
    ]);
    assert_eq!(outlines.chain(&id(3)), [id(2), id(3)]);
    assert_eq!(outlines.chain(&id(4)), [id(4)]);
    assert_eq!(outlines.tip(outlines.get(&id(4)).unwrap()).run, id(4));
    // What came to a good end needs nothing.
    assert_eq!(outlines.needed(), [id(4)].into());
}

#[test]
fn a_run_is_overtaken_by_a_later_one_of_another_task_in_its_environment() {
    let outlines = outlines(&[
        (1, "setup", "dev", None, Some(2)),
        (2, "delete-tables", "prod", None, Some(0)),
        (3, "setup", "prod", None, Some(2)),
        (4, "seed", "dev", None, Some(0)),
    ]);
    let overtaken = |day| outlines.overtaken_by(outlines.get(&id(day)).unwrap());
    assert_eq!(overtaken(1).unwrap().run, id(4));
    assert_eq!(overtaken(3), None);
}

/// A state directory with one journal of these lines.
fn recorded(text: &str) -> (tempfile::TempDir, History) {
    let folder = tempfile::tempdir().unwrap();
    let state = StateDir::of_project(folder.path());
    let run = folder.path().join(".osem/runs").join(id(7).as_str());
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("events.ndjson"), text).unwrap();
    let history = state.history();
    (folder, history)
}

const CALL: &str =
    "{\"v\":1,\"at\":1,\"event\":{\"type\":\"api-called\",\"operation\":\"DescribeTable\"}}\n";
const HEADER: &str = "{\"v\":1,\"at\":2,\"event\":{\"type\":\"run-started\",\"task\":\"setup\",\
    \"environment\":\"dev\",\"resumes\":\"20261106T104107Z-k3f9\",\"pinned\":{\"rehearsal\":true}}}\n";
const END: &str =
    "{\"v\":1,\"at\":3,\"event\":{\"type\":\"run-finished\",\"durationMs\":1,\"exitCode\":2}}\n";

#[test]
fn an_outline_is_read_from_the_header_and_the_last_line() {
    let (_folder, history) = recorded(&format!("{CALL}{HEADER}{}{END}", CALL.repeat(500)));
    let outlines = history.outlines().unwrap();
    let outline = outlines.get(&id(7)).unwrap();
    assert_eq!((outline.task.as_str(), outline.environment.as_str()), ("setup", "dev"));
    assert_eq!((outline.resumes.clone(), outline.exit_code), (Some(id(6)), Some(2)));
    assert!(outline.rehearsal && !outline.running);
    // Cut off within its last line, it did not end.
    for cut in [1, 20, END.len()] {
        let text = format!("{HEADER}{END}");
        let (_folder, history) = recorded(&text[..text.len() - cut]);
        assert_eq!(history.outlines().unwrap().get(&id(7)).unwrap().exit_code, None, "{cut}");
    }
}

#[test]
fn a_run_that_did_not_begin_has_no_outline() {
    for text in ["", CALL, &HEADER[..50], &HEADER[..HEADER.len() - 1].replace("task", "t")] {
        let (_folder, history) = recorded(text);
        let outlines = history.outlines().unwrap();
        assert_eq!(outlines.get(&id(7)), None, "{text}");
        assert!(!outlines.is_recorded(&id(7)), "{text}");
    }
}

#[test]
fn a_journal_that_does_not_tell_how_its_run_began_is_damaged() {
    let started = "{\"v\":1,\"at\":1,\"event\":{\"type\":\"step-started\",\"step\":\"a\"}}\n";
    for text in [END, started, &HEADER.replace("task", "t"), &format!("{}\n{END}", &HEADER[..50])] {
        let (_folder, history) = recorded(&format!("{CALL}{text}"));
        let outlines = history.outlines().unwrap();
        assert_eq!((outlines.get(&id(7)), outlines.damaged()), (None, &[id(7)][..]), "{text}");
    }
}

#[test]
fn a_run_that_was_taken_back_makes_room_for_the_one_before_it() {
    let mut outlines = outlines(&[
        (1, "setup", "dev", None, Some(2)),
        (2, "setup", "dev", Some(1), Some(2)),
        (3, "rollback", "dev", None, Some(2)),
        (4, "rollback", "dev", None, Some(0)),
    ]);
    for (run, of) in [(1, 1), (0, 2)] {
        outlines.runs[run].undoes = Some(id(of));
    }
    assert_eq!(days(&outlines.unfinished()), [id(1)], "the second was taken back");
    outlines.runs[0].exit_code = Some(3);
    assert_eq!(days(&outlines.unfinished()), [id(2)]);
}

#[test]
fn a_chain_begins_with_a_damaged_journal_that_it_names() {
    let mut outlines =
        outlines(&[(1, "setup", "dev", None, Some(2)), (3, "setup", "dev", Some(2), Some(2))]);
    assert_eq!(outlines.chain(&id(3)), [id(3)]);
    outlines.damaged.push(id(2));
    assert_eq!(outlines.chain(&id(3)), [id(2), id(3)]);
}

#[test]
fn what_an_outline_reads_of_a_header_is_what_a_header_has() {
    // The names of the fields are those of the real one.
    let header = serde_json::from_str::<serde_json::Value>(HEADER).unwrap()["event"].clone();
    let mut whole = serde_json::json!({
        "runId": id(7), "region": "us-east-1", "endpoint": "", "identity": null, "jobs": 1,
        "totalTables": 0, "steps": [],
    });
    for (name, value) in header.as_object().unwrap() {
        whole[name] = value.clone();
    }
    for (name, value) in [("osemVersion", "1"), ("endpoint", "service"), ("tablePrefix", "")] {
        whole["pinned"][name] = value.into();
    }
    let real: RunHeader = serde_json::from_value(whole).unwrap();
    assert_eq!((real.task.as_str(), real.resumes), ("setup", Some(id(6))));
    assert!(real.pinned.rehearsal);
}
