//! The application's own tables and items.

use std::collections::BTreeSet;

use serde_json::Value;

use super::items;
use crate::harness::{Project, TABLES, has_python, serve};

#[test]
fn seed_on_a_bare_clone_makes_the_tables_and_fills_them_and_then_has_nothing_to_do() {
    if !has_python() {
        return;
    }
    let project = Project::new();
    let first = project.osem("run seed").success();
    assert_eq!(
        first.conclusion(),
        "✓ seed in local: 6 tables created, 8 indexes, 25 items put, 38 steps in [DURATION]"
    );
    first.expect_stderr("put-items[Users] succeeded: put 8 items ([DURATION])");
    first.expect_stderr("query-check succeeded: 8 access patterns answered (27 queries)");
    let again = project.osem("run seed").success();
    assert_eq!(
        again.conclusion(),
        "✓ seed in local: nothing to do: 6 tables as declared (38 steps in [DURATION])"
    );
    again.expect_stderr("put-items[Users] succeeded: 8 items were there ([DURATION])");
    let document = project.osem("run seed").json(0);
    let steps = document["data"]["steps"].as_array().unwrap();
    assert!(steps.iter().all(|step| step["changed"] == false), "{document:#}");
}

#[test]
fn what_is_seeded_is_what_the_files_hold() {
    let project = Project::new();
    let (_local, url) = serve(&project);
    project.osem("run seed --skip query-check").success();
    let dynamo = crate::harness::Dynamo::new(&url);
    for table in TABLES {
        let text = std::fs::read_to_string(project.path().join(format!("fixtures/{table}.jsonl")));
        let mut wanted: Vec<Value> =
            text.unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        wanted.sort_by_key(ToString::to_string);
        assert_eq!(items(&dynamo, &format!("osem-local-{table}")), wanted, "{table}");
    }
}

#[test]
fn seed_is_refused_outside_local_and_dev() {
    let refused = Project::new().osem("run seed --env staging").status(65);
    refused.expect_stderr("task `seed` is not allowed in environment `staging`");
}

/// The values of an attribute over all items of a file.
fn values(table: &str, attribute: &str) -> Vec<String> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let text = std::fs::read_to_string(folder.join(table).with_extension("jsonl")).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let texts = |value: &Value| -> Vec<String> {
        let one = value["S"].as_str().map(str::to_owned);
        let several = value["SS"].as_array().into_iter().flatten();
        one.into_iter().chain(several.map(|text| text.as_str().unwrap().to_owned())).collect()
    };
    rows.flat_map(|row| texts(&row[attribute])).collect()
}

#[test]
fn whatever_a_fixture_refers_to_is_there() {
    for (of, attribute, to, key) in [
        ("Users", "teamId", "Teams", "teamId"),
        ("Users", "createdBy", "Users", "userId"),
        ("Teams", "managerId", "Users", "userId"),
        ("Teams", "memberIds", "Users", "userId"),
        ("AssessmentPlans", "teamId", "Teams", "teamId"),
        ("AssessmentPlans", "configId", "ConfigVersions", "configId"),
        ("AssessmentPlans", "memberIds", "Users", "userId"),
        ("Assessments", "planId", "AssessmentPlans", "planId"),
        ("Assessments", "teamMemberId", "Users", "userId"),
        ("Assessments", "assessorId", "Users", "userId"),
        ("AssessmentReports", "planId", "AssessmentPlans", "planId"),
        ("AssessmentReports", "teamMemberId", "Users", "userId"),
        ("AssessmentReports", "assessmentIds", "Assessments", "assessmentId"),
    ] {
        let (named, there) = (values(of, attribute), values(to, key));
        assert!(!named.is_empty(), "{of}.{attribute}");
        let there: BTreeSet<String> = there.into_iter().collect();
        let missing: Vec<_> = named.iter().filter(|name| !there.contains(*name)).collect();
        assert!(missing.is_empty(), "{of}.{attribute} names no {to}: {missing:?}");
    }
}
