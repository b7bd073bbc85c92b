//! `backup-table`, and what stays behind when a table is deleted.

use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{LONGEST, Project, Relay, Run, Simulator};

const ORDERS: &str = "shop-dev-Orders";

/// A project whose table is set up by one task, and saved and deleted by another.
fn project(settings: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project shop {{ table-name \"shop-{{env}}-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; allow-destroy; }}\n\
         table Orders hash=id {{\n{settings}\n}}\n\
         task setup {{ for-each table {{\n\
             step create-table\n\
             step wait-active\n\
             step update-table\n\
         }}; }}\n\
         task save {{ for-each table {{ step backup-table; }}; }}\n\
         task retire {{\n\
             allow-in dev\n\
             for-each table {{\n\
                 step backup-table missing=ok\n\
                 step delete-table missing=ok nonempty=allow\n\
                 step wait-deleted\n\
             }}\n\
         }}\n"
    ))
}

/// In front of a simulator that stands for the service as far as that can be.
fn osem(project: &Project, line: &str, simulator: &Simulator) -> Run {
    let run = project.osem(line).args(["--endpoint-url", &simulator.url, "--strict"]);
    run.args(["--confirm", "dev"])
}

/// The names of a table's backups, with their types and states.
fn backups(simulator: &Simulator) -> Vec<String> {
    let all = json!({ "TableName": ORDERS, "BackupType": "ALL" });
    let listed = simulator.dynamo().call("ListBackups", &all);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let one = |own: &Value| {
        ["BackupName", "BackupType", "BackupStatus"].map(|member| text(&own[member])).join(" ")
    };
    listed["BackupSummaries"].as_array().unwrap().iter().map(one).collect()
}

#[test]
fn a_table_is_saved_before_it_is_deleted_and_what_stays_behind_is_told() {
    let simulator = Simulator::start("--time-scale 2000");
    let saved = project("stream new-image; point-in-time-recovery days=7");
    osem(&saved, "setup", &simulator).success();
    simulator.dynamo().put(ORDERS, "id");
    let shown = saved.osem("plan retire").args(["--endpoint-url", &simulator.url]).success();
    for line in [
        "+ shop-dev-Orders: CreateBackup (the task backs it up; reversible: delete the backup)",
        "- shop-dev-Orders: DeleteTable (the task deletes it; irreversible)",
        "shop-dev-Orders leaves behind its stream, which can be read for 24 hours more",
    ] {
        assert!(shown.stdout().contains(line), "{line}\n{}", shown.stdout());
    }

    let document = osem(&saved, "retire", &simulator).json(0);
    let name = format!("osem-{}", document["runId"].as_str().unwrap());
    let backup = &document["data"]["backups"][0];
    assert_eq!(backup["tableName"], ORDERS);
    assert_eq!(backup["backupName"], *name);
    let arn = backup["backupArn"].as_str().unwrap();
    assert!(arn.contains(":table/shop-dev-Orders/backup/"), "{arn}");
    assert_eq!(
        document["data"]["remains"],
        json!([{ "tableName": ORDERS, "what": [
            "the backup shop-dev-Orders$DeletedTableBackup, for 35 days: point-in-time recovery is on",
            "its stream, which can be read for 24 hours more",
        ] }])
    );
    assert_eq!(
        backups(&simulator),
        [format!("{name} USER AVAILABLE"), format!("{ORDERS}$DeletedTableBackup SYSTEM AVAILABLE"),]
    );
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn the_report_for_people_names_the_backup() {
    let simulator = Simulator::start("--time-scale 2000");
    let saved = project("kinesis-stream \"arn:aws:kinesis:us-east-1:111111111111:stream/changes\"");
    osem(&saved, "setup", &simulator).success();
    let outcome = osem(&saved, "retire", &simulator).success();
    outcome.expect_stderr("ℹ shop-dev-Orders is backed up as osem-");
    outcome.expect_stderr(
        "ℹ shop-dev-Orders leaves behind the Kinesis stream \
         arn:aws:kinesis:us-east-1:111111111111:stream/changes",
    );
}

#[test]
fn a_backup_whose_answer_was_lost_is_found_and_not_made_again() {
    let faults = ["lose-response on=CreateBackup count=1"];
    let simulator = Simulator::with_faults("--time-scale 2000", &faults);
    let saved = project("");
    osem(&saved, "setup", &simulator).success();
    let document = osem(&saved, "save", &simulator).json(0);
    let name = format!("osem-{}", document["runId"].as_str().unwrap());
    assert_eq!(backups(&simulator), [format!("{name} USER AVAILABLE")]);
}

#[test]
fn without_its_backup_the_table_stays() {
    let simulator = Simulator::with_faults("--time-scale 2000", &["deny on=CreateBackup"]);
    let saved = project("");
    osem(&saved, "setup", &simulator).success();
    let outcome = osem(&saved, "retire", &simulator).status(1);
    outcome.expect_stderr("dynamodb:CreateBackup");
    assert_eq!(simulator.dynamo().tables(), [ORDERS]);
}

#[test]
fn the_emulator_has_no_backups_and_that_is_a_warning_or_under_strict_a_failure() {
    let saved = project("").edit("region us-east-1;", "region us-east-1; emulator;");
    saved.osem("setup").success();
    let outcome = saved.osem("save --strict").status(1);
    outcome.expect_stderr("CreateBackup");
    let document = saved.osem("save").json(0);
    let warnings = document["data"]["warnings"].to_string();
    assert!(warnings.contains("the backup left out: not supported by"), "{warnings}");
    assert_eq!(document["data"].get("backups"), None);
}

#[test]
fn a_rollback_leaves_the_backup_and_has_nothing_to_say_against_it() {
    let simulator = Simulator::start("--time-scale 2000");
    let saved = project("").edit(
        "step backup-table; };",
        "on-failure rollback; step backup-table; step shell \"exit 1\" effect=read; };",
    );
    osem(&saved, "setup", &simulator).success();
    let document = osem(&saved, "save", &simulator).json(2);
    assert_eq!(document["data"]["backups"].as_array().unwrap().len(), 1);
    assert_eq!(document["data"].get("rollback"), None);
    saved.osem("rollback last --confirm dev").success();
    assert_eq!(backups(&simulator).len(), 1);
    assert_eq!(simulator.dynamo().tables(), [ORDERS]);
}

#[test]
fn a_table_that_is_not_there_is_an_error_unless_that_is_fine() {
    let simulator = Simulator::start("--time-scale 2000");
    let saved = project("");
    let outcome = osem(&saved, "save", &simulator).status(1);
    outcome.expect_stderr("shop-dev-Orders is not there");
    outcome.expect_stderr("write missing=ok on the step if that is fine");
    osem(&saved, "retire", &simulator).success();
}

#[test]
fn two_steps_of_a_task_make_two_backups_also_when_both_answers_were_lost() {
    let faults = ["lose-response on=CreateBackup count=2"];
    let simulator = Simulator::with_faults("--time-scale 2000", &faults);
    let saved = project("")
        .edit("step backup-table; };", "step backup-table; step backup-table id=again; };");
    osem(&saved, "setup", &simulator).success();
    let document = osem(&saved, "save", &simulator).json(0);
    let name = format!("osem-{}", document["runId"].as_str().unwrap());
    let expected = [format!("{name} USER AVAILABLE"), format!("{name}-again USER AVAILABLE")];
    assert_eq!(backups(&simulator), expected);
    let told = document["data"]["backups"].as_array().unwrap().iter();
    let told: Vec<&Value> = told.map(|backup| &backup["backupName"]).collect();
    assert_eq!(told, [&json!(name), &json!(format!("{name}-again"))]);
}

#[test]
fn a_run_that_lost_sight_of_its_backup_is_resumed_with_a_warning() {
    let faults = ["lose-response on=CreateBackup", "deny on=ListBackups"];
    let simulator = Simulator::with_faults("--time-scale 2000", &faults);
    let saved = project("");
    osem(&saved, "setup", &simulator).success();
    assert_ne!(osem(&saved, "save", &simulator).output().code(), Some(0));
    let simulator = simulator.healed();
    let document = saved.osem("resume last --confirm dev").json(0);
    let warnings = document["data"]["warnings"].to_string();
    assert!(warnings.contains("may have made another backup of shop-dev-Orders"), "{warnings}");
    assert_eq!(backups(&simulator).len(), 2);
}

/// A project of two tables, neither of which may be missing when it is saved and deleted.
fn none_missing() -> Project {
    project("")
        .edit("delete-table missing=ok", "delete-table")
        .edit("step backup-table missing=ok", "step backup-table")
        .edit("task setup", "table Users hash=id\ntask setup")
}

#[test]
fn a_deletion_of_several_tables_is_resumed_past_those_that_are_gone() {
    let faults = ["deny on=DeleteTable table=\"*-Users\" count=1"];
    let simulator = Simulator::with_faults("--time-scale 2000", &faults);
    let saved = none_missing();
    osem(&saved, "setup", &simulator).success();
    osem(&saved, "retire", &simulator).status(2);
    assert_eq!(simulator.dynamo().tables(), ["shop-dev-Users"]);
    let document = saved.osem("resume last --confirm dev").json(0);
    let deleted = document["data"]["tablesDeleted"].as_array().unwrap();
    let deleted: Vec<&Value> = deleted.iter().map(|table| &table["tableName"]).collect();
    assert_eq!(deleted, ["shop-dev-Users"]);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    assert_eq!(backups(&simulator).len(), 1, "what was saved is not saved again");
}

/// In front of a simulator: the first answer to this operation never comes, which is told.
fn silent_once(simulator: &Simulator, operation: &'static str) -> (Relay, mpsc::Receiver<()>) {
    let (told, heard) = mpsc::channel();
    let told = Mutex::new(Some(told));
    let relay = Relay::to(&simulator.url, move |_, called| {
        let told = told.lock().unwrap().take_if(|_| called == operation);
        if let Some(told) = told {
            told.send(()).unwrap();
            thread::sleep(Duration::from_mins(2));
        }
    });
    (relay, heard)
}

/// Kills `retire` after this operation was carried out and before it was answered, and resumes it.
#[track_caller]
fn killed_in(operation: &'static str) -> (Simulator, Value) {
    let simulator = Simulator::start("--time-scale 2000");
    let saved = none_missing();
    osem(&saved, "setup", &simulator).success();
    let (relay, heard) = silent_once(&simulator, operation);
    let line = ["--endpoint-url", relay.url(), "--confirm", "dev", "--jobs", "1"];
    let run = saved.osem("retire").args(line).start();
    heard.recv_timeout(LONGEST).unwrap();
    run.signal("KILL");
    run.finish();
    let document = saved.osem("resume last --confirm dev").json(0);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    (simulator, document)
}

#[test]
fn a_deletion_that_was_killed_before_its_answer_is_resumed() {
    let (simulator, document) = killed_in("DeleteTable");
    let deleted = document["data"]["tablesDeleted"].as_array().unwrap();
    assert!(deleted.iter().any(|table| table["tableName"] == ORDERS), "{document:#}");
    assert_eq!(backups(&simulator).len(), 1, "what was saved is not saved again");
}

#[test]
fn a_backup_that_was_killed_before_its_answer_is_made_again_with_a_warning() {
    let (simulator, document) = killed_in("CreateBackup");
    let warnings = document["data"]["warnings"].to_string();
    assert!(warnings.contains("may have made another backup of shop-dev-Orders"), "{warnings}");
    assert_eq!(backups(&simulator).len(), 2);
}
