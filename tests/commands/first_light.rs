//! The main job, as a newcomer does it.

use std::path::Path;

use crate::harness::{Dynamo, Project, full_names, serve};
use crate::servers::expected;

const DONE: &str = "✓ setup in local: 6 tables created, 8 indexes, 31 steps in [DURATION]\n";

#[test]
fn setup_creates_six_tables_with_eight_indexes_and_says_so() {
    let outcome = Project::new().osem("run setup").stdout("").success();
    insta::assert_snapshot!(summary(&outcome.stderr()), @"

    ✓ osem-local-Users              created             [DURATION]
    ✓ osem-local-Teams              created  1 index    [DURATION]
    ✓ osem-local-AssessmentPlans    created  2 indexes  [DURATION]
    ✓ osem-local-Assessments        created  2 indexes  [DURATION]
    ✓ osem-local-AssessmentReports  created  2 indexes  [DURATION]
    ✓ osem-local-ConfigVersions     created  1 index    [DURATION]

    ✓ setup in local: 6 tables created, 8 indexes, 31 steps in [DURATION]
    ");
}

#[test]
fn quiet_setup_says_one_line() {
    Project::new().osem("setup -q").stdout("").stderr(DONE).success();
}

#[test]
fn setup_twice_changes_nothing() {
    let project = Project::new();
    project.osem("run setup -q").success();
    project
        .osem("run setup -q")
        .stdout("")
        .stderr("✓ setup in local: nothing to do: 6 tables as declared (31 steps in [DURATION])\n")
        .success();
}

#[test]
fn one_step_at_a_time_comes_to_the_same() {
    Project::new().osem("run setup -q -j 1").stdout("").stderr(DONE).success();
}

#[test]
fn verify_after_setup_finds_no_difference() {
    let project = Project::new();
    project.osem("setup").success();
    let outcome = project.osem("verify").stdout("").success();
    insta::assert_snapshot!(summary(&outcome.stderr()), @"

    ✓ osem-local-Users              as declared  [DURATION]
    ✓ osem-local-Teams              as declared  [DURATION]
    ✓ osem-local-AssessmentPlans    as declared  [DURATION]
    ✓ osem-local-Assessments        as declared  [DURATION]
    ✓ osem-local-AssessmentReports  as declared  [DURATION]
    ✓ osem-local-ConfigVersions     as declared  [DURATION]

    ✓ verify in local: 6 tables as declared (7 steps in [DURATION])
    ");
}

#[test]
fn verify_before_setup_names_every_missing_table() {
    let outcome = Project::new().osem("verify -q").stdout("").status(1);
    for table in full_names("local") {
        outcome.expect_stderr(&format!("{table} is not there"));
    }
    assert_eq!(
        outcome.conclusion(),
        "✗ verify in local: 6 of 6 tables missing, 6 of 7 steps failed in [DURATION] (exit 1)"
    );
}

#[test]
fn the_tables_are_still_there_in_the_next_process() {
    let project = Project::new();
    project.osem("setup").success();
    let outcome = project.osem("list-tables -q").success();
    insta::assert_snapshot!(outcome.stdout(), @"
    TABLE                         STATUS  DECLARED  INDEXES  ITEMS  KEYS
    osem-local-Users              ACTIVE  yes       0        ~0     userId S
    osem-local-Teams              ACTIVE  yes       1        ~0     teamId S
    osem-local-AssessmentPlans    ACTIVE  yes       2        ~0     planId S
    osem-local-Assessments        ACTIVE  yes       2        ~0     assessmentId S
    osem-local-AssessmentReports  ACTIVE  yes       2        ~0     reportId S
    osem-local-ConfigVersions     ACTIVE  yes       1        ~0     configId S
    ");
    assert!(project.path().join(".osem/local.db").is_file());
}

#[test]
fn the_tables_are_those_of_the_data_page() {
    let project = Project::new();
    project.osem("setup").success();
    let (_server, url) = serve(&project);
    let dynamo = Dynamo::new(&url);
    assert_eq!(dynamo.tables(), full_names("local"));
    for table in full_names("local") {
        let answer = dynamo.call("DescribeTable", &serde_json::json!({ "TableName": table }));
        expected::assert_as_declared(&table, &answer["Table"]);
    }
}

#[test]
fn a_folder_below_the_project_belongs_to_it() {
    let project = Project::new().file("app/src/main.rs", "");
    let below = project.path().join("app/src");
    project.osem("setup -q").current_dir(&below).stderr(DONE).success();
    assert!(project.path().join(".osem/local.db").is_file());
    assert!(!below.join(".osem").exists());
}

#[test]
fn the_folder_can_be_named() {
    let project = Project::new();
    project.osem("-C project setup -q").current_dir(parent(&project.path())).success();
    let outcome = project.osem("-C nowhere setup").stdout("").status(64);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ failed to enter nowhere: No such file or directory (os error 2)
      fix:   name a folder that is there
    ");
}

#[test]
fn the_file_can_be_named() {
    let project = Project::new();
    let outcome = project.osem("-c project/osem.kdl setup -q").current_dir(parent(&project.path()));
    outcome.stderr(DONE).success();
    assert!(project.path().join(".osem/local.db").is_file());
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap()
}

/// What stands after the lines of events.
fn summary(stderr: &str) -> String {
    let lines = stderr.lines().filter(|line| !line.starts_with("[[TIME]] "));
    lines.collect::<Vec<_>>().join("\n")
}
