//! A run that is killed with a call under way.

use serde_json::json;

use crate::harness::{Process, Project, Simulator};

use super::{records, shown};

/// A simulator that never answers the first `CreateTable` of one table.
pub(super) fn stuck() -> Simulator {
    Simulator::with_faults("--time-scale 100", &["hang on=CreateTable table=\"*-Teams\" count=1"])
}

pub(super) fn setup(project: &Project, simulator: &Simulator, flags: &str) -> Process {
    let run = project.osem("setup --env dev --endpoint-url").args([&simulator.url]);
    run.args(flags.split_whitespace()).start()
}

/// A run that made one table and waits for ever for the answer about the next one.
pub(super) fn stuck_run(project: &Project, simulator: &Simulator) -> Process {
    let mut run = setup(project, simulator, "-j 1");
    run.wait_for_stderr("create-table[Teams] started");
    loop {
        let found = records(project);
        if shown(&found).last().is_some_and(|last| last.contains("CreateTable osem-dev-Teams")) {
            return run;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn a_killed_run_leaves_what_was_under_way() {
    let (project, simulator) = (Project::new(), stuck());
    let run = stuck_run(&project, &simulator);
    let document = project.osem("runs").json(0);
    assert_eq!(document["data"]["runs"][0]["status"], "running");
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    let found = shown(&records(&project));
    assert_eq!(found.last().unwrap(), "mutation-intended CreateTable osem-dev-Teams");
    assert!(found.contains(&"mutation-ended CreateTable osem-dev-Users applied".to_owned()));
    let entry = &project.osem("runs").json(0)["data"]["runs"][0];
    assert_eq!(entry["status"], "unfinished");
    assert_eq!(entry["exitCode"], json!(null));
    let call = json!([{
        "step": "create-table[Teams]", "operation": "CreateTable", "resource": "osem-dev-Teams",
    }]);
    assert_eq!(entry["underWay"], call);
    let document = project.osem("runs show last").json(0);
    assert_eq!(document["success"], false);
    assert_eq!(document["exitCode"], 2);
    assert_eq!(document["error"]["details"]["underWay"], "CreateTable osem-dev-Teams");
    assert_eq!(document["data"]["tablesCreated"][0]["tableName"], "osem-dev-Users");
    project.osem("runs show last").success();
    // It is never removed, and holds no lock.
    project.osem("runs prune --keep 0").stdout("0 runs removed\n").success();
    setup(&project, &simulator, "").finish().expect_code(0);
}
