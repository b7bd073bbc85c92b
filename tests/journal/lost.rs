//! A state directory that cannot be written, from the start or from some moment on.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Project, Simulator};

use super::{killed::setup, runs};

#[test]
fn without_a_state_directory_nothing_is_begun() {
    let simulator = Simulator::start("--time-scale 100");
    for in_the_way in ["state", "state/runs"] {
        let project = Project::new().file(in_the_way, "a file where a folder should be");
        let outcome = setup(&project, &simulator, "--state-dir state").finish();
        outcome.expect_code(73);
        outcome.expect_stderr("failed to make the folder [DIR]/state/runs: ");
        outcome.expect_stderr("is a file where a folder is needed: move it away");
        let json = setup(&project, &simulator, "--state-dir state --json").finish().json();
        assert_eq!(json["error"]["code"], "STATE_UNWRITABLE");
    }
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn a_state_directory_that_is_full_is_found_before_anything_is_changed() {
    let (project, simulator) = (Project::new(), Simulator::start("--time-scale 100"));
    // Files of at most one block: room for the lock, and for no journal.
    let script = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let osem = env!("CARGO_BIN_EXE_osem");
    let ended = Command::new("sh")
        .args(["-c", script, "sh", osem, "setup", "--env", "dev", "--json", "--endpoint-url"])
        .arg(&simulator.url)
        .current_dir(project.path())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(73), "{stderr}");
    let document: Value = serde_json::from_slice(&ended.stdout).unwrap();
    assert_eq!(document["error"]["code"], "STATE_UNWRITABLE");
    assert!(!stderr.contains("create-table"), "{stderr}");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    assert_eq!(runs(&project), Vec::<PathBuf>::new());
}

#[test]
fn a_link_in_the_place_of_a_folder_is_refused() {
    for link in [".osem", ".osem/runs"] {
        let project = Project::new().file("elsewhere/notes", "precious");
        let place = project.path().join(link);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(project.path().join("elsewhere"), &place).unwrap();
        let outcome = project.osem("setup").stdout("").status(73);
        outcome.expect_stderr("it is a symbolic link");
        assert_eq!(fs::read_dir(project.path().join("elsewhere")).unwrap().count(), 1);
    }
}

#[test]
fn when_the_journal_is_lost_no_further_change_is_begun() {
    let project = Project::new();
    let simulator = Simulator::start("--time-scale 1");
    let mut run = setup(&project, &simulator, "-j 1 --keep-going");
    run.wait_for_stderr("wait-active[Users] started");
    fs::remove_dir_all(&runs(&project)[0]).unwrap();
    let outcome = run.finish();
    outcome.expect_code(2);
    // What was under way came to its end.
    outcome.expect_stderr("wait-active[Users] succeeded");
    // Said once, by the step that was to go on.
    let why =
        "failed to write the journal [DIR]/.osem/runs/[RUN]/events.ndjson: it was removed or moved";
    let stderr = outcome.stderr();
    let summary = stderr.split_once("\n\n").unwrap().1;
    assert_eq!(summary.matches(why).count(), 1, "{stderr}");
    assert!(summary.contains("no further change is made"), "{stderr}");
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Users"]);
}
