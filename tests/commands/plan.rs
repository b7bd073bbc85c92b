//! `osem plan` and `--dry-run`: what would happen, and nothing that does.

use serde_json::json;

use crate::harness::{Project, full_names, serve};

#[test]
fn plan_shows_every_table_with_its_keys_and_indexes() {
    let outcome = Project::new().osem("plan").stderr("").success();
    insta::assert_snapshot!(outcome.stdout(), @"
    setup in local (us-east-1, embedded emulator (.osem/local.db, not there yet))
      + osem-local-Users: CreateTable (the table is not there; reversible while the table is empty)
          keys userId S
          billing PAY_PER_REQUEST
          tag Application = osem-ladders
          tag Environment = local
      + osem-local-Teams: CreateTable (the table is not there; reversible while the table is empty)
          keys teamId S
          gsi managerId-index: keys managerId S, projection ALL
          billing PAY_PER_REQUEST
          tag Application = osem-ladders
          tag Environment = local
      + osem-local-AssessmentPlans: CreateTable (the table is not there; reversible while the table is empty)
          keys planId S
          gsi teamId-index: keys teamId S, projection ALL
          gsi status-index: keys status S, projection ALL
          billing PAY_PER_REQUEST
          tag Application = osem-ladders
          tag Environment = local
      + osem-local-Assessments: CreateTable (the table is not there; reversible while the table is empty)
          keys assessmentId S
          gsi planId-teamMemberId-index: keys planId S + teamMemberId S, projection ALL
          gsi teamMemberId-index: keys teamMemberId S, projection ALL
          billing PAY_PER_REQUEST
          tag Application = osem-ladders
          tag Environment = local
      + osem-local-AssessmentReports: CreateTable (the table is not there; reversible while the table is empty)
          keys reportId S
          gsi planId-index: keys planId S, projection ALL
          gsi teamMemberId-index: keys teamMemberId S, projection ALL
          billing PAY_PER_REQUEST
          tag Application = osem-ladders
          tag Environment = local
      + osem-local-ConfigVersions: CreateTable (the table is not there; reversible while the table is empty)
          keys configId S
          gsi isActive-index: keys isActive N + createdAt N, projection ALL
          billing PAY_PER_REQUEST
          tag Application = osem-ladders
          tag Environment = local
    6 CreateTable for 6 tables
    takes less than a second
    ");
}

#[test]
fn a_dry_run_is_the_plan() {
    let project = Project::new();
    let plan = project.osem("plan").success();
    for line in ["run setup --dry-run", "setup -n", "plan setup --env local"] {
        project.osem(line).stdout(plan.stdout()).stderr("").success();
    }
    project.osem("setup").env("OSEM_DRY_RUN", "1").stdout(plan.stdout()).success();
}

#[test]
fn a_plan_creates_no_table() {
    let project = Project::new();
    project.osem("plan").success();
    project.osem("run setup --dry-run --yes").success();
    let listed = project.osem("list-tables").json(0);
    let tables = listed["data"]["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 6);
    assert!(tables.iter().all(|table| table["status"].is_null()), "{listed:#}");
}

#[test]
fn a_dry_run_of_delete_tables_deletes_nothing_and_asks_nothing() {
    let project = Project::new();
    project.osem("setup").success();
    let outcome = project.osem("delete-tables --dry-run").stderr("").success();
    insta::assert_snapshot!(outcome.stdout(), @"
    delete-tables in local (us-east-1, embedded emulator (.osem/local.db))
      - osem-local-ConfigVersions: DeleteTable (the task deletes it; irreversible)
          ~0 items, as counted by the service up to 6 h ago
      - osem-local-AssessmentReports: DeleteTable (the task deletes it; irreversible)
          ~0 items, as counted by the service up to 6 h ago
      - osem-local-Assessments: DeleteTable (the task deletes it; irreversible)
          ~0 items, as counted by the service up to 6 h ago
      - osem-local-AssessmentPlans: DeleteTable (the task deletes it; irreversible)
          ~0 items, as counted by the service up to 6 h ago
      - osem-local-Teams: DeleteTable (the task deletes it; irreversible)
          ~0 items, as counted by the service up to 6 h ago
      - osem-local-Users: DeleteTable (the task deletes it; irreversible)
          ~0 items, as counted by the service up to 6 h ago
    Cannot be taken back, or not at once:
      osem-local-ConfigVersions: DeleteTable: irreversible
      osem-local-AssessmentReports: DeleteTable: irreversible
      osem-local-Assessments: DeleteTable: irreversible
      osem-local-AssessmentPlans: DeleteTable: irreversible
      osem-local-Teams: DeleteTable: irreversible
      osem-local-Users: DeleteTable: irreversible
    6 DeleteTable for 6 tables
    takes less than a second
    asks first: the environment's name, typed (--confirm local)
    ");
    project.osem("verify").success();
}

#[test]
fn after_setup_there_is_nothing_to_change() {
    let project = Project::new();
    project.osem("setup").success();
    let nothing = "setup in local (us-east-1, embedded emulator (.osem/local.db))\n\
                   Not looked for where the file does not name it: contributor-insights, \
                   kinesis-stream, point-in-time-recovery, resource-policy, ttl. Where no file \
                   declares the table, osem import shows it.\n\
                   nothing to change in 6 tables\n";
    project.osem("plan").stdout(nothing).stderr("").success();
}

#[test]
fn the_plan_of_another_environment_needs_no_account_on_a_server_of_this_machine() {
    let project = Project::new();
    let (_local, url) = serve(&project);
    let outcome = project.osem("plan --env prod --endpoint-url").args([&url]).success();
    assert!(outcome.stdout().contains("+ osem-prod-Users: CreateTable"), "{outcome}");
    insta::assert_snapshot!(outcome.stderr(), @"! --endpoint-url http://127.0.0.1:[PORT] is on this machine: environment `prod` goes there with dummy credentials; not used: the credentials of this shell, its account, its role");
}

#[test]
fn the_document_of_a_plan_carries_the_requests() {
    let document = Project::new().osem("plan").json(0);
    assert_eq!(document["success"], true);
    assert_eq!(document["command"], "plan");
    assert_eq!(document["data"]["task"], "setup");
    assert_eq!(document["environment"], "local");
    assert_eq!(document["region"], "us-east-1");
    assert_eq!(document["exitCode"], 0);
    assert_eq!(document["data"]["totalTables"], 6);
    let changes = document["data"]["changes"].as_array().unwrap();
    let mut names: Vec<&str> =
        changes.iter().map(|change| change["tableName"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, full_names("local"));
    assert!(changes.iter().all(|change| change["call"] == "CreateTable"));
    let configurations =
        changes.iter().find(|change| change["tableName"] == "osem-local-ConfigVersions").unwrap();
    assert_eq!(
        configurations["request"],
        json!({
            "TableName": "osem-local-ConfigVersions",
            "BillingMode": "PAY_PER_REQUEST",
            "KeySchema": [{ "AttributeName": "configId", "KeyType": "HASH" }],
            "AttributeDefinitions": [
                { "AttributeName": "configId", "AttributeType": "S" },
                { "AttributeName": "createdAt", "AttributeType": "N" },
                { "AttributeName": "isActive", "AttributeType": "N" },
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "isActive-index",
                "KeySchema": [
                    { "AttributeName": "isActive", "KeyType": "HASH" },
                    { "AttributeName": "createdAt", "KeyType": "RANGE" },
                ],
                "Projection": { "ProjectionType": "ALL" },
            }],
            "Tags": [
                { "Key": "Application", "Value": "osem-ladders" },
                { "Key": "Environment", "Value": "local" },
            ],
        })
    );
}

#[test]
fn a_plan_leaves_no_file_behind() {
    let project = Project::new();
    project.osem("plan").success();
    project.osem("run setup --dry-run").success();
    assert!(!project.path().join(".osem").exists());
}
