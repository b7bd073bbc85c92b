//! Runs that delete a table and make it anew, killed after that: the new table is not deleted.

use serde_json::{Value, json};

use crate::harness::{Project, Simulator};

use super::ran;

const FULL: &str = "new-dev-Users";

/// A task that makes a table anew, with a step at the end that waits for a file.
fn project() -> Project {
    Project::of(
        "osem 1\nproject new { table-name \"new-{env}-{table}\"; }\n\
         environment dev default=#true { region us-east-1; allow-destroy; }\n\
         table Users hash=id { ttl expiresAt; }\n\
         task setup { for-each table { step create-table; step wait-active; }; }\n\
         task renew {\n    allow-in dev\n    for-each table {\n\
             step backup-table missing=ok\n step delete-table missing=ok nonempty=allow\n step wait-deleted\n\
             step create-table\n step wait-active\n step update-table\n }\n\
             step exec \"test\" \"-e\" \"go\" id=last { retry 0; }\n}\n",
    )
}

fn osem(project: &Project, line: &str, simulator: &Simulator) -> crate::harness::Run {
    project.osem(line).args(["--endpoint-url", &simulator.url])
}

fn id(simulator: &Simulator) -> Value {
    let table = simulator.dynamo().call("DescribeTable", &json!({ "TableName": FULL }));
    table["Table"]["TableId"].clone()
}

/// Resumes, and holds that the table which is there stays, and ends as declared.
#[track_caller]
fn goes_on_with_the_new_table(project: &Project, simulator: &Simulator, made: u64) -> Vec<String> {
    std::fs::write(project.path().join("go"), "").unwrap();
    let (steps, _) = ran(project.osem("resume --confirm dev"), 0);
    let applied = &simulator.statistics()["applied"];
    assert_eq!(applied["DeleteTable"].as_u64().unwrap_or_default(), 0, "{applied:#}");
    assert_eq!(applied["CreateTable"].as_u64().unwrap_or_default(), made, "{applied:#}");
    let ttl = simulator.dynamo().call("DescribeTimeToLive", &json!({ "TableName": FULL }));
    assert_eq!(ttl["TimeToLiveDescription"]["TimeToLiveStatus"], "ENABLED");
    steps
}

#[test]
fn a_new_table_is_not_deleted_by_the_resume_of_a_run_that_was_killed_after_making_it() {
    let simulator = Simulator::start("--time-scale 500");
    let project = project();
    osem(&project, "setup", &simulator).success();
    // The answer never comes, so the run is killed in the middle of its next call.
    let simulator = simulator.failing_there(&["hang on=UpdateTimeToLive count=1"]);
    let run = osem(&project, "renew --confirm dev", &simulator).start();
    run.kill_when(&project, 1, "\"mutation-intended\",\"step\":\"update-table[Users]\"");
    let simulator = simulator.healed();
    simulator.dynamo().put(FULL, "id");
    let made = id(&simulator);
    let steps = goes_on_with_the_new_table(&project, &simulator, 0);
    assert_eq!(steps, ["last", "update-table[Users]"]);
    assert_eq!(id(&simulator), made);
}

#[test]
fn nor_where_the_table_is_made_though_nobody_heard_of_it() {
    for missing_before in [false, true] {
        let simulator = Simulator::start("--time-scale 500");
        let project = project();
        if !missing_before {
            osem(&project, "setup", &simulator).success();
        }
        let runs = project.runs().len();
        let simulator = simulator.failing_there(&["hang on=CreateTable count=1"]);
        let run = osem(&project, "renew --confirm dev --yes", &simulator).start();
        run.kill_when(&project, runs, "\"mutation-intended\",\"step\":\"create-table[Users]\"");
        // Whether or not the call got so far: as if it had been carried out after all.
        let simulator = simulator.healed();
        simulator.dynamo().create(FULL, "id");
        let made = id(&simulator);
        let steps = goes_on_with_the_new_table(&project, &simulator, 1);
        assert_eq!(steps[0], "create-table[Users]", "{steps:?}");
        assert_eq!(id(&simulator), made);
    }
}

#[test]
fn nor_where_the_table_is_declared_otherwise_by_then() {
    let simulator = Simulator::start("--time-scale 500");
    let project = project();
    osem(&project, "setup", &simulator).success();
    osem(&project, "renew --confirm dev", &simulator).status(2);
    let simulator = simulator.healed();
    let made = id(&simulator);
    let other = project.edit("ttl expiresAt;", "ttl expiresAt; stream new-image;");
    goes_on_with_the_new_table(&other, &simulator, 0);
    assert_eq!(id(&simulator), made);
    let table = simulator.dynamo().call("DescribeTable", &json!({ "TableName": FULL }));
    assert_eq!(table["Table"]["StreamSpecification"]["StreamViewType"], "NEW_IMAGE");
}

#[test]
fn a_table_that_is_only_deleted_so_far_is_made_by_the_resume() {
    let simulator = Simulator::start("--time-scale 500");
    let project = project();
    osem(&project, "setup", &simulator).success();
    let simulator = simulator.failing_there(&["deny on=CreateTable"]);
    osem(&project, "renew --confirm dev", &simulator).status(2);
    let simulator = simulator.healed();
    let steps = goes_on_with_the_new_table(&project, &simulator, 1);
    let wanted = ["create-table[Users]", "last", "update-table[Users]", "wait-active[Users]"];
    assert_eq!(steps, wanted);
}

#[test]
fn nor_where_a_command_made_it() {
    let simulator = Simulator::start("--time-scale 500");
    let project = project()
        .edit("step create-table\n step wait-active\n", "step wait-active\n")
        .edit("step wait-deleted\n", "step wait-deleted\n step shell \"sh make.sh\" id=make\n")
        .file("make.sh", "touch begun; until test -e made; do sleep 0.05; done");
    osem(&project, "setup", &simulator).success();
    let run = osem(&project, "renew --confirm dev --yes", &simulator).start();
    while !project.path().join("begun").exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    simulator.dynamo().create(FULL, "id");
    std::fs::write(project.path().join("made"), "").unwrap();
    run.finish().expect_code(2);
    let made = id(&simulator);
    let simulator = simulator.healed();
    assert_eq!(goes_on_with_the_new_table(&project, &simulator, 0), ["last"]);
    assert_eq!(id(&simulator), made);
}
