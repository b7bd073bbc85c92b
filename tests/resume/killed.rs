//! Runs that were killed.

use crate::harness::{Project, Simulator, full_names};

use super::{CHAIN, STEPS, at, listed, ran, runs};

/// A simulator that never answers the first calls that create `Teams`.
fn stuck(calls: u32) -> Simulator {
    let fault = format!("hang on=CreateTable table=\"*-Teams\" count={calls}");
    Simulator::with_faults("--time-scale 100", &[&fault])
}

const CREATES_TEAMS: &str = "\"mutation-intended\",\"step\":\"create-table[Teams]\"";

#[test]
fn a_killed_run_is_resumed_and_so_is_a_killed_resume() {
    let (project, simulator) = (Project::new(), stuck(2));
    let run = at(&project, &simulator, "setup --env dev -j 1").start();
    run.kill_when(&project, 0, CREATES_TEAMS);
    project.osem("runs show last").success();
    let resume = project.osem("resume -j 1").start();
    resume.kill_when(&project, 1, CREATES_TEAMS);
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Users"]);
    // Whether or not the calls got as far as to be met by the fault.
    let simulator = simulator.healed();
    let (steps, outcome) = ran(project.osem("resume"), 0);
    assert_eq!(steps.len(), STEPS - 1 - CHAIN.len(), "all but the credentials and the first table");
    assert!(steps.iter().all(|step| !step.contains("Users")), "{steps:?}");
    outcome.expect_stderr("create-table[Teams]: what a call of run [RUN] came to is not known\n");
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
    let (listed, runs) = (listed(&project), runs(&project));
    assert_eq!(listed[0]["finishedBy"], runs[2].as_str());
    assert_eq!(listed[1]["resumes"], runs[0].as_str());
    project.osem("resume").success().expect_stderr("nothing to resume");
}

#[test]
fn a_table_that_a_killed_run_created_without_hearing_of_it_is_adopted() {
    let (project, simulator) = (Project::new(), stuck(1));
    let run = at(&project, &simulator, "setup --env dev -j 1").start();
    run.kill_when(&project, 0, CREATES_TEAMS);
    // Whether or not the call got so far: as if it had been carried out after all.
    let simulator = simulator.healed();
    simulator.dynamo().call(
        "CreateTable",
        &serde_json::json!({
            "TableName": "osem-dev-Teams", "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "teamId", "KeyType": "HASH" }],
            "AttributeDefinitions": [
                { "AttributeName": "teamId", "AttributeType": "S" },
                { "AttributeName": "managerId", "AttributeType": "S" },
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "managerId-index",
                "KeySchema": [{ "AttributeName": "managerId", "KeyType": "HASH" }],
                "Projection": { "ProjectionType": "ALL" },
            }],
        }),
    );
    let (_, outcome) = ran(project.osem("resume"), 0);
    outcome.expect_stderr("create-table[Teams] succeeded: is there");
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
}

#[test]
fn a_run_that_was_killed_before_it_began_leaves_nothing_to_resume() {
    let project = Project::new();
    let state = ".osem/runs/20261122T104107Z-k3f9/events.ndjson";
    let call = "{\"v\":1,\"at\":1,\"event\":{\"type\":\"api-called\",\"step\":null,\
        \"operation\":\"DescribeTable\",\"resource\":null,\"durationMs\":1,\"error\":null}}\n";
    for text in ["", call, &call[..30]] {
        let project = Project::new().file(state, text);
        for line in ["resume", "resume last"] {
            let outcome = project.osem(line).stdout("").success();
            assert_eq!(
                outcome.stderr(),
                "nothing to resume: run [RUN] was killed before it began, and changed nothing\n"
            );
        }
    }
    let project = project.file(state, "");
    let (steps, _) = ran(project.osem("setup --resume"), 0);
    assert_eq!(steps.len(), STEPS, "a task that is named starts afresh");
}

#[test]
fn an_interrupted_run_is_resumed() {
    let simulator = Simulator::start("--time-scale 4");
    let project = Project::new();
    let mut run = at(&project, &simulator, "setup --env dev -j 1 --no-rollback").start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    let outcome = run.finish();
    outcome.expect_code(130);
    outcome.expect_stderr("\n  then:  osem resume [RUN], or undo it: osem rollback [RUN]\n");
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps.len(), STEPS - 2);
    assert!(!steps.contains(&"create-table[Users]".to_owned()));
}

#[test]
fn a_run_that_is_over_but_for_its_last_line_is_closed_by_a_resume() {
    let project = Project::new();
    project.osem("setup").success();
    let file = project.path().join(".osem/runs").join(&runs(&project)[0]).join("events.ndjson");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, &whole[..whole.len() - 20]).unwrap();
    let (steps, outcome) = ran(project.osem("resume"), 0);
    assert_eq!(steps, Vec::<String>::new());
    outcome.expect_stderr("nothing is outstanding");
    project.osem("resume").success().expect_stderr("nothing to resume");
}

#[test]
fn what_an_interrupted_run_took_back_is_done_again() {
    let simulator = Simulator::start("--time-scale 4");
    let project = Project::new();
    let mut run = at(&project, &simulator, "setup --env dev -j 1").start();
    run.wait_for_stderr("wait-active[Users] started");
    run.signal("INT");
    run.finish().expect_code(130);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps.len(), STEPS - 1, "all but the credentials");
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
}
