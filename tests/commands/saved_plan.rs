//! `osem plan --out` and `osem run --plan`: exactly what was saved, or nothing.

use std::fs;

use serde_json::{Value, json};

use crate::harness::{Project, Run, Simulator};

const QUICK: [&str; 4] = ["--time-scale", "1000", "--mutation-rate", "1000 burst=1000"];

fn saved(project: &Project) -> Value {
    let text = fs::read_to_string(project.path().join("setup.plan.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The plan, changed by hand as given.
fn rewrite(project: &Project, change: impl FnOnce(&mut Value)) {
    let mut plan = saved(project);
    change(&mut plan);
    fs::write(project.path().join("setup.plan.json"), plan.to_string()).unwrap();
}

fn planned() -> Project {
    let project = Project::new();
    project.osem("plan --out setup.plan.json").success();
    project
}

fn run(project: &Project) -> Run {
    project.osem("run --plan setup.plan.json")
}

/// What is named as different.
#[track_caller]
fn refused(run: Run) -> Vec<String> {
    let document = run.json(1);
    assert_eq!(document["error"]["code"], "PLAN_CHANGED", "{document:#}");
    let said = document["error"]["details"]["said"].as_str();
    let said = said.or(document["error"]["said"].as_str()).unwrap();
    said.lines().map(str::to_owned).collect()
}

#[test]
fn a_saved_plan_is_carried_out_without_naming_task_or_environment() {
    let project = planned();
    let plan = saved(&project);
    assert_eq!(plan["task"], "setup");
    assert_eq!(plan["tables"]["osem-local-Users"], json!(null));
    let calls: Vec<&str> = plan["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|saved| saved["change"]["call"].as_str().unwrap())
        .collect();
    assert_eq!(calls, ["CreateTable"; 6]);
    run(&project).success().expect_stderr("6 tables created");
    let again = refused(run(&project));
    assert!(again.contains(&"osem-local-Users is there by now".to_owned()), "{again:?}");
    let gone = "create-table[Users]: CreateTable osem-local-Users: not needed as planned any more";
    assert!(again.contains(&gone.to_owned()), "{again:?}");
    assert_eq!(again.len(), 12);
}

#[test]
fn an_edited_file_is_named() {
    let project = planned().edit("table Users hash=userId", "table Users hash=id");
    let found = refused(run(&project));
    assert_eq!(found[0], "osem.kdl was edited");
    assert!(found.contains(
        &"create-table[Users]: CreateTable osem-local-Users: not in the plan".to_owned()
    ));
    let project = planned().file("tasks/more.kdl", "task more { step list-tables; }\n");
    assert_eq!(refused(run(&project)), ["tasks/more.kdl is new"]);
}

#[test]
fn another_place_is_named() {
    let project = planned();
    rewrite(&project, |plan| plan["pinned"]["account"] = json!("111111111111"));
    assert_eq!(refused(run(&project)), ["account: 111111111111 then, none that answered now"]);
    let project = planned();
    let found = refused(run(&project).env("OSEM_DB_PREFIX", "other-"));
    assert!(
        found.contains(&"prefix of table names: osem-local- then, other- now".to_owned()),
        "{found:?}"
    );
    let found = refused(run(&planned()).args(["--region", "eu-west-1", "--force"]));
    assert_eq!(found[0], "region: us-east-1 then, eu-west-1 now");
}

#[test]
fn another_task_or_environment_is_refused() {
    let project = planned();
    let document = project.osem("run verify --plan setup.plan.json").json(64);
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!(message, "setup.plan.json is a plan for task `setup`, not `verify`");
    let document = run(&project).args(["--env", "dev"]).json(64);
    let message = document["error"]["message"].as_str().unwrap();
    assert_eq!(message, "setup.plan.json is a plan for environment `local`, not `dev`");
    run(&project).args(["--rehearse"]).status(64);
    run(&project).args(["--dry-run"]).status(64);
}

#[test]
fn what_is_no_plan_is_refused_and_never_overwritten() {
    let project = planned();
    for (text, why) in [
        ("{}", "it is no saved plan"),
        ("{\"osemPlan\":2}", "its format is 2; this osem reads 1"),
        ("{\"osemPlan\":1}", "missing field `task`"),
        ("notes", "expected ident at line 1 column 2"),
    ] {
        fs::write(project.path().join("setup.plan.json"), text).unwrap();
        let document = run(&project).json(65);
        let message = document["error"]["message"].as_str().unwrap();
        assert_eq!(message, format!("setup.plan.json cannot be used as a plan: {why}"));
        project.osem("plan --out setup.plan.json").status(64).expect_stderr("something else in it");
        assert_eq!(fs::read_to_string(project.path().join("setup.plan.json")).unwrap(), text);
    }
    fs::remove_file(project.path().join("setup.plan.json")).unwrap();
    run(&project).status(65).expect_stderr("No such file or directory");
    project.osem("plan --out osem.kdl").status(64);
    project.osem("plan --out nowhere/plan.json").status(64);
    assert!(!project.path().join(".osem/runs").exists());
}

#[test]
fn a_saved_plan_of_a_protected_environment_still_needs_its_name() {
    let project = Project::new();
    let plan = |line: &str| project.osem(line).args(["--rehearse"]).args(QUICK);
    plan("plan --env prod --out setup.plan.json").success();
    let run = |line: &str| {
        project.osem(line).args(["--plan", "setup.plan.json", "--rehearse"]).args(QUICK)
    };
    run("run").status(77);
    run("run --confirm prod").success().expect_stderr("6 tables created");
}

#[test]
fn a_table_made_meanwhile_is_another_table() {
    let simulator = Simulator::start("--time-scale 1000 --mutation-rate 1000");
    let project = Project::new();
    let osem = |line: &str| project.osem(line).args(["--endpoint-url", &simulator.url]);
    osem("setup --env dev").success();
    osem("plan --env dev --out setup.plan.json").success();
    osem("run --plan setup.plan.json").success().expect_stderr("nothing to do");
    let dynamo = simulator.dynamo();
    let users = json!({ "TableName": "osem-dev-Users" });
    dynamo.call("DeleteTable", &users);
    while dynamo.try_call("DescribeTable", &users).is_ok() {}
    dynamo.create("osem-dev-Users", "userId");
    let found = refused(osem("run --plan setup.plan.json"));
    assert_eq!(found[0], "osem-dev-Users is another table by now");
}

/// One table to create, and another one to tag after that.
const LATE: &str = "\
osem 1
project late { table-name \"late-{env}-{table}\"; }
environment prod { region us-east-1; account \"111111111111\"; protected; }
table Slow hash=id { gsi other hash=other; }
table Ready hash=id { tag Owner a; }
task setup {
    step create-table table=Slow
    step wait-active table=Slow
    step tag table=Ready
}
task ready { step create-table table=Ready; step wait-active table=Ready; }
";

#[test]
fn a_call_that_a_protected_environment_was_not_shown_is_not_made() {
    let simulator = Simulator::start("--time-scale 5 --account 111111111111");
    let project = Project::of(LATE);
    let osem = |line: &str| project.osem(line).args(["--endpoint-url", &simulator.url]);
    osem("ready --env prod --confirm prod").success();
    let mut run = osem("setup --env prod --confirm prod --json").start();
    run.wait_for_stderr("wait-active started");
    let dynamo = simulator.dynamo();
    let described = dynamo.call("DescribeTable", &json!({ "TableName": "late-prod-Ready" }));
    let arn = &described["Table"]["TableArn"];
    dynamo.call("UntagResource", &json!({ "ResourceArn": arn, "TagKeys": ["Owner"] }));
    let document = run.finish().json();
    assert_eq!(document["exitCode"], 2, "{document:#}");
    assert_eq!(document["error"]["code"], "PLAN_CHANGED");
    assert_eq!(simulator.statistics()["applied"]["TagResource"], json!(null));
}
