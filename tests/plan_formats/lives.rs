//! Tables that are deleted and made anew, indexes that go, and what the emulator takes its time for.

use crate::harness::Project;

use super::step;

/// A project with the emulator, and the tasks `setup` and `renew`.
fn project(table: &str) -> Project {
    Project::of(format!(
        "osem 1\nproject lives\n\
         environment local default=#true {{ region us-east-1; emulator; allow-destroy; }}\n\
         environment prod {{ account \"033333333333\"; region us-east-1; protected; }}\n\
         table Users hash=id {{ {table} }}\n\
         task setup {{ for-each table {{ step create-table; step wait-active; step update-table; }}; }}\n\
         task renew {{\n    allow-in local\n    for-each table {{\n\
             step delete-table missing=ok\n step wait-deleted\n step create-table\n\
             step wait-active\n step update-table\n step backup-table\n }}\n}}\n\
         task begin {{ for-each table {{ step create-table; step wait-active; step backup-table; }}; }}\n"
    ))
}

fn calls(project: &Project, line: &str) -> Vec<String> {
    let document = project.osem(line).json(0);
    let changes = document["data"]["changes"].as_array().unwrap();
    changes.iter().map(|change| change["call"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_table_that_is_deleted_and_made_anew_is_shown_so_and_a_saved_plan_holds() {
    let project = project("ttl expiresAt; gsi by-a hash=a");
    project.osem("run setup").success();
    let all = ["DeleteTable", "CreateTable", "UpdateTimeToLive", "CreateBackup"];
    assert_eq!(calls(&project, "plan renew --out renew.json"), all);
    let document = project.osem("run --plan renew.json --confirm local").json(0);
    assert_eq!(document["data"]["tablesDeleted"].as_array().unwrap().len(), 1);
    assert_eq!(document["data"]["tablesCreated"].as_array().unwrap().len(), 1);
    // The index differs by now, which hinders nobody who makes the table anew.
    let other = project.edit("by-a hash=a", "by-a hash=b");
    assert_eq!(calls(&other, "plan renew"), all);
    other.osem("run renew --confirm local").success();
    // Without the deletion, what is there stays.
    assert_eq!(calls(&other, "plan renew --from create-table"), ["CreateBackup"]);
}

#[test]
fn a_backup_of_a_table_that_the_run_makes_is_not_certain_to_fail() {
    let project = project("");
    assert_eq!(calls(&project, "plan begin"), ["CreateTable", "CreateBackup"]);
    project.osem("run begin").success();
}

#[test]
fn an_index_that_is_removed_is_not_left_as_it_is() {
    let project =
        project("gsi by-a hash=a; gsi by-b hash=b; vector-index near attribute=v dimensions=3");
    project.osem("run setup").success();
    let other = project
        .edit("gsi by-b hash=b; ", "")
        .edit("; vector-index near attribute=v dimensions=3", "");
    let unmanaged = |line: &str, code: i32| {
        let document = other.osem(line).json(code);
        let found = document["data"]["plan"]["unmanaged"].as_array().unwrap().clone();
        found.iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let by_b = "index by-b: keys b S, projection ALL";
    let near = "vector index near: v, 3 dimensions, COSINE, projection ALL";
    assert_eq!(unmanaged("plan setup", 1), [by_b, near]);
    let prune = "plan setup --prune Users/by-b --prune Users/near";
    assert_eq!(unmanaged(prune, 0), Vec::<String>::new());
}

#[test]
fn what_the_emulator_does_at_once_and_what_takes_it_a_while() {
    let project = project("ttl expiresAt");
    project.osem("run setup").success();
    let other = project.edit("ttl expiresAt", "ttl deletedAt");
    let text = other.osem("plan setup").success().stdout();
    assert!(!text.contains("the run may end there"), "{text}");
    assert!(text.ends_with("\ntakes less than a second\n"), "{text}");
    other.osem("run setup").success();
    let more =
        other.edit("ttl deletedAt", "ttl deletedAt; vector-index near attribute=v dimensions=3");
    let document = more.osem("plan setup").json(0);
    let expected = &step(&document, "update-table[Users]")["expectedMs"];
    assert!(expected[0].as_u64().unwrap() >= 15_000, "{expected}");
}
