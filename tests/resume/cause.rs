//! The cause is fixed, then the rest is done.

use serde_json::json;

use crate::harness::{Project, Simulator, full_names, serve};

use super::{at, chain, listed, ran, refuses_teams_once, runs};

#[test]
fn after_the_cause_is_fixed_only_outstanding_steps_run() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    let failed = at(&project, &simulator, "setup --env dev").status(2);
    failed.expect_stderr("\n  then:  osem resume [RUN]\n");
    let (steps, outcome) = ran(project.osem("resume"), 0);
    assert_eq!(steps, chain("Teams"));
    let failed = &runs(&project)[0];
    let said: Vec<String> = outcome.stderr().lines().take(4).map(str::to_owned).collect();
    insta::assert_snapshot!(said.join("\n"), @"
    [[TIME]] setup in dev: 31 steps, us-east-1, http://127.0.0.1:[PORT]
    [[TIME]] resumes [RUN]: 5 of 31 steps outstanding
    [[TIME]] outstanding: create-table[Teams]: failed in run [RUN]
    [[TIME]] outstanding: wait-active[Teams] and 3 more: not run yet
    ");
    insta::assert_snapshot!(outcome.conclusion(), @"✓ setup in dev: 1 table created, 1 index, 5 of 31 steps in [DURATION]");
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
    let (first, second) = (&listed(&project)[0], &listed(&project)[1]);
    assert_eq!(second["resumes"], json!(failed));
    assert_eq!(first["finishedBy"], second["runId"]);
    assert_eq!(
        second["steps"],
        json!({
            "total": 31, "succeeded": 5, "failed": 0, "skipped": 26, "alreadyDone": 26,
        })
    );
    outcome.refuse_stderr("osem resume");
}

#[test]
fn the_document_of_a_resumed_run_says_what_was_left_and_why_the_rest_did_not_run() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    let failed = at(&project, &simulator, "setup --env dev").json(2);
    let document = project.osem("resume").json(0);
    assert_eq!(document["command"], "setup");
    assert_eq!(document["resumes"], failed["runId"]);
    let outstanding = document["data"]["outstanding"].as_array().unwrap();
    assert_eq!(outstanding.len(), chain("Teams").len());
    assert_eq!(outstanding[0]["step"], "create-table[Teams]");
    let run = failed["runId"].as_str().unwrap();
    assert_eq!(outstanding[0]["why"], format!("failed in run {run}"));
    let steps = document["data"]["steps"].as_array().unwrap();
    assert_eq!(steps[0]["id"], "validate-credentials");
    assert_eq!(steps[0]["skipped"], json!({ "because": "already-done", "run": run }));
}

#[test]
fn a_done_table_that_was_deleted_meanwhile_is_created_again() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    simulator.dynamo().call("DeleteTable", &json!({ "TableName": "osem-dev-Users" }));
    simulator.advance("1m");
    let (steps, outcome) = ran(project.osem("resume"), 0);
    let mut wanted = chain("Teams");
    wanted.extend(chain("Users"));
    wanted.sort();
    assert_eq!(steps, wanted);
    outcome.expect_stderr("create-table[Users]: what run [RUN] did does not hold any more\n");
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
}

#[test]
fn a_tag_that_was_changed_meanwhile_is_written_again() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let dynamo = simulator.dynamo();
    let table = dynamo.call("DescribeTable", &json!({ "TableName": "osem-dev-Users" }));
    let arn = &table["Table"]["TableArn"];
    let tags = json!([{ "Key": "Application", "Value": "theirs" }]);
    dynamo.call("TagResource", &json!({ "ResourceArn": arn, "Tags": tags }));
    simulator.advance("1m");
    let (steps, _) = ran(project.osem("resume"), 0);
    let mut wanted = chain("Teams");
    wanted.push("tag[Users]".to_owned());
    wanted.sort();
    assert_eq!(steps, wanted);
}

#[test]
fn a_step_whose_definition_changed_is_named_and_runs_again() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let project = project.edit("table Users hash=userId", "table Users hash=userId { tag a b; }");
    let (steps, outcome) = ran(project.osem("resume"), 0);
    let mut wanted = chain("Teams");
    wanted.extend(chain("Users"));
    wanted.sort();
    assert_eq!(steps, wanted);
    outcome
        .expect_stderr("create-table[Users] and 4 more: its definition changed since run [RUN]\n");
}

#[test]
fn a_step_that_is_new_runs_and_patience_is_no_part_of_a_definition() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let task = std::fs::read_to_string(project.path().join("tasks/tables.kdl")).unwrap();
    let task = task.replace("timeout \"10m\"", "timeout \"11m\"");
    let task = task.replace("task setup {", "task setup {\n finally { step list-tables; }");
    let project = project.file("tasks/tables.kdl", task);
    let (steps, outcome) = ran(project.osem("resume"), 0);
    let mut wanted = chain("Teams");
    wanted.push("list-tables".to_owned());
    wanted.sort();
    assert_eq!(steps, wanted);
    outcome.expect_stderr("list-tables: new in this task\n");
}

#[test]
fn what_differs_from_the_file_is_refused_before_the_first_write() {
    let project = Project::new();
    let (_local, url) = serve(&project);
    let dynamo = crate::harness::Dynamo::new(&url);
    dynamo.create("osem-local-Teams", "other");
    let run = project.osem("setup --fail-fast").status(1);
    run.expect_stderr("found before the first write: nothing was changed");
    let outcome = project.osem("setup").status(2);
    outcome.expect_stderr("osem-local-Teams is there, but not as declared");
    dynamo.call("DeleteTable", &json!({ "TableName": "osem-local-Teams" }));
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps, chain("Teams"));
}

#[test]
fn a_run_that_went_on_after_a_failure_is_resumed_like_any_other() {
    let fault = "deny on=CreateTable count=2";
    let simulator = Simulator::with_faults("--time-scale 100", &[fault]);
    let project = Project::new();
    at(&project, &simulator, "setup --env dev -k -j 1").status(2);
    let (steps, _) = ran(project.osem("resume -k"), 0);
    let mut wanted = chain("Users");
    wanted.extend(chain("Teams"));
    wanted.sort();
    assert_eq!(steps, wanted);
    assert_eq!(simulator.dynamo().tables(), full_names("dev"));
}

#[test]
fn a_resume_that_fails_again_is_resumed_in_its_turn() {
    let fault = "deny on=CreateTable table=\"*-Teams\" count=2";
    let simulator = Simulator::with_faults("--time-scale 100", &[fault]);
    let project = Project::new();
    at(&project, &simulator, "setup --env dev").status(2);
    // What the run before it made stands.
    let again = project.osem("resume").status(2);
    again.expect_stderr("\n  then:  osem resume [RUN]\n");
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps, chain("Teams"));
    let runs = runs(&project);
    let listed = listed(&project);
    assert_eq!(listed[1]["resumes"], json!(runs[0]));
    assert_eq!(listed[2]["resumes"], json!(runs[1]));
    assert_eq!(listed[0]["finishedBy"], json!(runs[2]));
    let shown = project.osem("runs show").args([&runs[0]]).success();
    assert!(shown.raw_stdout.contains(&format!("\nfinished by {}\n", runs[2])), "{shown}");
    assert!(!shown.raw_stdout.contains("osem resume"), "{shown}");
    let text = project.osem("runs").success();
    assert!(text.raw_stdout.contains(&format!("resumes {}", runs[1])), "{text}");
}

#[test]
fn what_changed_before_counts_as_a_change_afterwards() {
    let text = "osem 1\nproject p { table-name \"p-{table}\"; }\n\
        environment dev default=#true { region us-east-1; }\n\
        table Users hash=id\ntable Teams hash=id\n\
        task setup {\n step create-table table=Users\n step create-table id=next table=Teams\n\
        step list-tables { only-if-changed create-table; }\n}\n";
    let project = Project::of(text);
    let simulator = refuses_teams_once();
    at(&project, &simulator, "setup").status(2);
    let (steps, _) = ran(project.osem("resume"), 0);
    assert_eq!(steps, ["list-tables", "next"]);
}
