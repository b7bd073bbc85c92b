//! A failure at each step in turn: what the run created is gone, within its scope, and what was there
//! before is not touched.

use serde_json::json;

use crate::harness::{Dynamo, Project, Simulator};

use super::{all_but, entry, setup, simulator, table_id, table_ids, undone, whole};

/// What makes each step of `setup` fail for the table `Teams`, once: then it can be undone.
const FAULTS: [(&str, &str); 5] = [
    ("create-table", "deny on=CreateTable table=osem-dev-Teams"),
    ("wait-active", "deny on=DescribeTable table=osem-dev-Teams skip=1 count=1"),
    ("update-table", "deny on=DescribeTable table=osem-dev-Teams skip=2 count=1"),
    ("verify", "deny on=DescribeTable table=osem-dev-Teams skip=3 count=1"),
    ("tag", "deny on=ListTagsOfResource table=osem-dev-Teams"),
];

/// Where each step describes a table once: it is ready as soon as it was created.
fn instant(fault: &str) -> Simulator {
    Simulator::with_faults("--time-scale 100000 --mutation-rate 1000", &[fault])
}

#[test]
fn of_a_failing_chain_nothing_remains_and_the_others_stand() {
    for (step, fault) in FAULTS {
        let (project, simulator) = (Project::new(), instant(fault));
        let document = setup(&project, &simulator).json(2);
        assert_eq!(document["error"]["details"]["step"], format!("{step}[Teams]"), "{document:#}");
        assert_eq!(simulator.dynamo().tables(), all_but("Teams"), "{step}");
        let expected = match step {
            "create-table" => vec![],
            _ => vec![("create-table[Teams]".to_owned(), "rolled-back".to_owned())],
        };
        assert_eq!(undone(&document), expected, "{step}");
    }
}

#[test]
fn of_a_failing_run_nothing_remains() {
    for (step, fault) in FAULTS {
        let (project, simulator) = (whole(), instant(fault));
        let document = setup(&project, &simulator).json(1);
        assert_eq!(document["error"]["details"]["step"], format!("{step}[Teams]"), "{document:#}");
        assert_eq!(simulator.dynamo().tables(), Vec::<String>::new(), "{step}");
        assert!(undone(&document).iter().all(|(_, status)| status == "rolled-back"), "{step}");
    }
}

/// A table that cannot be described cannot be undone either: that is said, with exit code 3, and
/// finished later.
#[test]
fn a_table_that_cannot_be_looked_at_is_not_deleted() {
    let fault = |skip| format!("deny on=DescribeTable table=osem-dev-Teams skip={skip}");
    for (step, skip) in [("wait-active", 1), ("update-table", 2), ("verify", 3)] {
        let fault = fault(skip);
        let (project, simulator) = (Project::new(), instant(&fault));
        let document = setup(&project, &simulator).json(3);
        assert_eq!(document["error"]["code"], "ROLLBACK_FAILED", "{step}: {document:#}");
        let left = entry(&document, "create-table[Teams]");
        assert_eq!(left["status"], "failed", "{step}");
        assert_eq!(left["error"]["code"], "AWS_PERMISSIONS_DENIED", "{step}");
        let fix = document["error"]["remediation"].as_str().unwrap();
        assert!(fix.contains("osem rollback 20"), "{fix}");
        let simulator = simulator.healed();
        assert!(table_id(&simulator.dynamo(), "Teams").is_some(), "{step}");
        project.osem("rollback last --confirm dev").success();
        assert_eq!(simulator.dynamo().tables(), Vec::<String>::new(), "{step}: all of the run");
    }
}

#[test]
fn what_was_there_before_is_not_touched() {
    let fault = "deny on=ListTagsOfResource table=osem-dev-ConfigVersions";
    let (project, simulator) = (whole(), simulator(&[fault]));
    let half = "task half { for-each table Users Teams { step create-table; step wait-active; }; }";
    let project = project.file("tasks/half.kdl", half);
    super::on(&project, &simulator, "half").success();
    let before = table_ids(&simulator.dynamo());
    let document = setup(&project, &simulator).json(1);
    assert_eq!(table_ids(&simulator.dynamo()), before, "{document:#}");
    let steps: Vec<String> = undone(&document).into_iter().map(|(step, _)| step).collect();
    assert_eq!(steps.len(), 4, "{steps:?}");
    assert!(!steps.iter().any(|step| step.contains("Users") || step.contains("Teams")));
}

#[test]
fn the_end_of_a_run_says_what_is_gone_and_how_to_go_on() {
    let (project, simulator) = (Project::new(), simulator(&[FAULTS[4].1]));
    let outcome = setup(&project, &simulator).status(2);
    outcome.expect_stderr("create-table[Teams] is being rolled back");
    outcome.expect_stderr("✓ create-table[Teams] rolled back: osem-dev-Teams deleted\n");
    outcome.expect_stderr("  then:  osem resume [RUN]\n");
    let conclusion = outcome.conclusion();
    assert!(conclusion.contains("5 tables created"), "{conclusion}");
    assert!(conclusion.contains("1 table rolled back"), "{conclusion}");
    let shown = project.osem("runs show last").success().stdout();
    assert!(shown.contains("create-table[Teams] rolled back: osem-dev-Teams deleted"), "{shown}");
    assert!(shown.contains("osem-dev-Teams              rolled back"), "{shown}");
}

#[test]
fn a_step_alone_undoes_what_its_chain_did() {
    let tasks = "task setup { for-each table { on-failure keep-going; step create-table;
                   step wait-active; step verify; step tag { on-failure rollback; }; }; }";
    let project = Project::new().file("tasks/tables.kdl", tasks);
    let simulator = simulator(&[FAULTS[4].1, "deny on=CreateTable table=osem-dev-Users"]);
    let document = setup(&project, &simulator).json(2);
    assert_eq!(undone(&document).len(), 1, "{document:#}");
    assert_eq!(entry(&document, "create-table[Teams]")["status"], "rolled-back");
}

#[test]
fn to_keep_going_wins_over_undoing_the_whole_run() {
    let (project, simulator) = (whole(), simulator(&[FAULTS[4].1]));
    let document = setup(&project, &simulator).args(["-k"]).json(2);
    assert!(undone(&document).is_empty(), "{document:#}");
    assert_eq!(simulator.dynamo().tables().len(), 6);
}

#[test]
fn to_fail_fast_undoes_the_failing_chain_and_those_that_are_not_complete() {
    let (project, simulator) = (Project::new(), simulator(&[FAULTS[4].1]));
    let outcome = setup(&project, &simulator).args(["--fail-fast", "-j", "1", "--json"]).output();
    let document = outcome.json();
    let tables = simulator.dynamo().tables();
    assert!(!tables.contains(&"osem-dev-Teams".to_owned()), "{outcome}");
    let complete = document["data"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["kind"] == "tag" && step["status"] == "succeeded");
    assert_eq!(tables.len(), complete.count(), "{outcome}");
}

#[test]
fn tags_that_were_written_are_restored() {
    let simulator = simulator(&["deny on=TagResource table=osem-dev-ConfigVersions skip=1"]);
    let project = whole();
    setup(&project, &simulator).success();
    let before = tags(&simulator.dynamo(), "Users");
    let ids = table_ids(&simulator.dynamo());
    let project = project.edit("tag Application osem-ladders", "tag Application other; tag New x");
    let document = setup(&project, &simulator).json(1);
    assert_eq!(undone(&document).len(), 5, "{document:#}");
    let entry = entry(&document, "tag[Users]");
    assert_eq!(entry["status"], "rolled-back");
    assert_eq!(entry["message"], "2 tags of osem-dev-Users restored");
    assert_eq!(tags(&simulator.dynamo(), "Users"), before);
    assert_eq!(table_ids(&simulator.dynamo()), ids);
}

fn tags(dynamo: &Dynamo, table: &str) -> Vec<String> {
    let name = json!({ "TableName": format!("osem-dev-{table}") });
    let arn = dynamo.call("DescribeTable", &name)["Table"]["TableArn"].clone();
    let answer = dynamo.call("ListTagsOfResource", &json!({ "ResourceArn": arn }));
    let mut tags: Vec<String> =
        answer["Tags"].as_array().unwrap().iter().map(ToString::to_string).collect();
    tags.sort();
    tags
}
