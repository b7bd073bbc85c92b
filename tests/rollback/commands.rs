//! `--no-rollback`, `osem rollback`, and what each refuses.

use crate::harness::{Project, Simulator};

use super::{all_but, entry, on, setup, simulator, undone, whole};

const FAILS: &str = "deny on=ListTagsOfResource table=osem-dev-Teams";

#[test]
fn what_was_kept_is_undone_later_and_only_once() {
    let (project, simulator) = (Project::new(), simulator(&[FAILS]));
    let outcome = setup(&project, &simulator).args(["--no-rollback"]).status(2);
    outcome.expect_stderr("create-table[Teams] not rolled back: kept by --no-rollback\n");
    outcome.expect_stderr("  then:  osem resume [RUN], or undo it: osem rollback [RUN]\n");
    assert_eq!(simulator.dynamo().tables().len(), 6);
    let outcome = project.osem("rollback last --confirm dev").success();
    outcome.expect_stderr("rollback of setup [RUN] in dev (us-east-1, http://127.0.0.1:[PORT]");
    outcome.expect_stderr("  create-table[Teams]: delete osem-dev-Teams, if it is empty\n");
    outcome.expect_stderr("✓ rollback in dev: of [RUN]: 6 steps rolled back in ");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
    for run in ["last", "20"] {
        let again = project.osem("rollback --confirm dev").args([run]).output();
        if run == "last" {
            again.expect_code(0);
            assert_eq!(again.conclusion(), "nothing of run [RUN] is left to undo");
        } else {
            again.expect_code(64);
            again.expect_stderr("2 runs start with `20`");
        }
    }
    let document = project.osem("rollback last").json(0);
    assert_eq!(document["command"], "rollback");
}

#[test]
fn the_whole_run_is_kept_too_and_stops_as_without_a_rollback() {
    let (project, simulator) = (whole(), simulator(&[FAILS]));
    let document = setup(&project, &simulator).args(["--no-rollback"]).json(2);
    let kept = undone(&document);
    assert!(!kept.is_empty() && kept.iter().all(|(_, status)| status == "kept"), "{document:#}");
    assert_eq!(simulator.statistics()["applied"].get("DeleteTable"), None);
}

#[test]
fn a_run_that_went_well_is_undone_but_for_what_was_there() {
    let (project, simulator) = (Project::new(), simulator(&[]));
    let half = "task half { for-each table Users { step create-table; step wait-active; }; }";
    let project = project.file("tasks/half.kdl", half);
    on(&project, &simulator, "half").success();
    setup(&project, &simulator).success();
    let document = project.osem("rollback last --confirm dev").json(0);
    assert_eq!(undone(&document).len(), 5, "{document:#}");
    assert_eq!(document["exitCode"], 0);
    assert_eq!(simulator.dynamo().tables(), ["osem-dev-Users"]);
    let shown = project.osem("runs show last").success().stdout();
    assert!(shown.contains("✓ rollback in dev: of [RUN]: 5 steps rolled back"), "{shown}");
    let listed = project.osem("runs").success().stdout();
    assert!(listed.contains("rollback  dev"), "{listed}");
}

#[test]
fn what_failed_to_be_undone_is_told_apart_and_finished_later() {
    let faults = [FAILS, "deny on=DeleteTable table=osem-dev-Teams"];
    let (project, simulator) = (whole(), simulator(&faults));
    let outcome = setup(&project, &simulator).status(3);
    outcome.expect_stderr("✗ create-table[Teams] failed to roll back: ");
    outcome.expect_stderr("  then:  osem rollback [RUN]   when you have looked at it\n");
    assert!(simulator.dynamo().tables().contains(&"osem-dev-Teams".to_owned()), "{outcome}");
    let document = project.osem("rollback last --confirm dev").json(3);
    assert_eq!(document["error"]["code"], "ROLLBACK_FAILED");
    assert_eq!(entry(&document, "create-table[Teams]")["status"], "failed");
    let simulator = simulator.healed();
    let document = project.osem("rollback last --confirm dev").json(0);
    assert_eq!(undone(&document).len(), 1, "only what is left: {document:#}");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn items_that_came_since_keep_a_table() {
    let (project, simulator) = (Project::new(), simulator(&[]));
    setup(&project, &simulator).success();
    simulator.dynamo().put("osem-dev-Users", "userId");
    let document = project.osem("rollback last --confirm dev").json(2);
    assert_eq!(document["error"]["code"], "ROLLBACK_FAILED");
    assert_eq!(entry(&document, "create-table[Users]")["status"], "stands");
    let mut left = all_but("");
    left.retain(|name| name == "osem-dev-Users");
    assert_eq!(simulator.dynamo().tables(), left);
}

#[test]
fn a_rollback_asks_for_the_name_of_the_environment() {
    let (project, simulator) = (Project::new(), simulator(&[]));
    setup(&project, &simulator).success();
    let outcome = project.osem("rollback last").status(77);
    outcome.expect_stderr("run again with --confirm dev");
    project.osem("rollback last --confirm prod").status(64);
    let elsewhere = project.osem("rollback last --env prod").status(65);
    elsewhere.expect_stderr("environment: dev in that run, prod now");
    assert_eq!(simulator.dynamo().tables().len(), 6);
}

#[test]
fn a_run_is_undone_only_where_it_was() {
    let (project, here, there) = (Project::new(), simulator(&[]), simulator(&[]));
    setup(&project, &here).success();
    setup(&Project::new(), &there).success();
    let run = project.osem("rollback last --confirm dev --endpoint-url").args([&there.url]);
    let outcome = run.status(65);
    outcome.expect_stderr("was bound to another endpoint");
    outcome.expect_stderr("endpoint: --endpoint-url http://127.0.0.1:[PORT] in that run, ");
    let region = project.osem("rollback last --confirm dev --force --region eu-west-1").status(65);
    region.expect_stderr("region: us-east-1 in that run, eu-west-1 now");
    let prefix = project.osem("rollback last --confirm dev").env("OSEM_DB_PREFIX", "x-").status(65);
    prefix.expect_stderr("prefix of table names: osem-dev- in that run, x- now");
    assert_eq!(there.dynamo().tables().len(), 6);
    assert_eq!(here.dynamo().tables().len(), 6);
}

#[test]
fn the_files_need_not_have_the_task_or_the_tables_any_more() {
    let (project, simulator) = (Project::new(), simulator(&[]));
    setup(&project, &simulator).success();
    let text = "osem 1\nproject p { table-name \"osem-{env}-{table}\"; }\n\
                environment dev { region us-east-1; account \"111111111111\"; allow-destroy; }\n";
    let project = project.file("osem.kdl", text).file("tasks/tables.kdl", "");
    let project = project.file("tasks/seed.kdl", "");
    project.osem("rollback last --confirm dev").success();
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn the_embedded_emulator_is_undone_too() {
    let project = Project::new();
    project.osem("setup").success();
    let outcome = project.osem("rollback last --confirm local").success();
    outcome.expect_stderr("6 steps rolled back");
    let tables = project.osem("list-tables").json(0);
    let tables = tables["data"]["tables"].as_array().unwrap();
    assert!(tables.iter().all(|table| table["status"].is_null()), "{tables:?}");
}

#[test]
fn a_run_that_goes_on_is_not_undone() {
    let project = Project::new();
    let simulator = Simulator::start("--time-scale 1 --mutation-rate 1000");
    let mut run = setup(&project, &simulator).start();
    run.wait_for_stderr("wait-active[Teams] started");
    project.osem("rollback last --confirm dev").status(75).expect_stderr("is going on");
    run.signal("TERM");
    run.finish().expect_code(143);
}
