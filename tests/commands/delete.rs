//! Deleting: what confirms it, and what is never deleted.

use crate::harness::{Dynamo, Process, Project, serve};

const REFUSED: &str = "\
✗ this needs a confirmation, and there is no terminal
  cause: nothing was changed
  fix:   look at the plan above, then run again with --confirm local
";

fn set_up() -> Project {
    let project = Project::new();
    project.osem("setup").success();
    project
}

/// `osem local` of the project, and a client.
fn served(project: &Project) -> (Process, Dynamo) {
    let (process, url) = serve(project);
    (process, Dynamo::new(&url))
}

#[test]
fn without_a_terminal_it_shows_the_plan_and_asks_for_the_flag() {
    let project = set_up();
    let outcome = project.osem("delete-tables").stdout("").status(77);
    insta::assert_snapshot!(outcome.stderr(), @"
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
    ✗ this needs a confirmation, and there is no terminal
      cause: nothing was changed
      fix:   look at the plan above, then run again with --confirm local
    ");
    project.osem("verify").success();
}

#[test]
fn yes_does_not_help() {
    let project = set_up();
    for line in ["delete-tables --yes", "delete-tables -y --force --strict"] {
        project.osem(line).stdout("").status(77).expect_stderr(REFUSED);
    }
    project.osem("delete-tables").env("OSEM_YES", "1").status(77).expect_stderr(REFUSED);
    project.osem("delete-tables").env("OSEM_CONFIRM", "local").status(77).expect_stderr(REFUSED);
    project.osem("delete-tables").stdin("local\n").status(77).expect_stderr(REFUSED);
    project.osem("verify").success();
}

#[test]
fn the_environments_name_confirms_it() {
    let project = set_up();
    let outcome = project.osem("delete-tables --confirm local").stdout("").success();
    assert_eq!(
        outcome.conclusion(),
        "✓ delete-tables in local: 6 tables deleted, 13 steps in [DURATION]"
    );
    project.osem("verify").status(1);
}

#[test]
fn deleting_what_is_not_there_asks_nothing() {
    let outcome = Project::new().osem("delete-tables -q").stdout("").success();
    assert_eq!(
        outcome.stderr(),
        "✓ delete-tables in local: nothing to do (13 steps in [DURATION])\n"
    );
}

#[test]
fn another_environments_name_is_a_usage_error() {
    let project = set_up();
    let wanted = "\
✗ --confirm dev, but the environment is `local`
  fix:   --env dev, or --confirm local, whichever is meant
";
    project.osem("delete-tables --confirm dev").stdout("").stderr(wanted).status(64);
    project.osem("verify").success();
}

#[test]
fn in_prod_the_task_is_refused_with_the_place_that_says_so() {
    for line in ["delete-tables --env prod", "delete-tables --env prod --confirm prod --yes"] {
        let outcome = Project::new().osem(line).stdout("").status(65);
        insta::allow_duplicates! { insta::assert_snapshot!(outcome.stderr(), @r#"
        osem::not-allowed-here

          × task `delete-tables` is not allowed in environment `prod`
            ╭─[tasks/tables.kdl:30:14]
         29 │     description "Delete every table that is empty and as declared"
         30 │     allow-in local dev
            ·              ──┬── ─┬─
            ·                │    ╰── allowed here
            ·                ╰── allowed here
         31 │     confirm type-environment
            ╰────
          help: run it in one of: local, dev
        1 error in the configuration
        "#); }
    }
}

#[test]
fn a_table_with_other_keys_is_not_deleted_and_neither_is_any_other() {
    let project = Project::new();
    let (_local, dynamo) = served(&project);
    dynamo.create("osem-local-Users", "somethingElse");
    project.osem("setup -q -k").status(2);
    let before = dynamo.tables();
    assert_eq!(before.len(), 6);
    let outcome = project.osem("delete-tables --confirm local").stdout("").status(1);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ osem-local-Users has other keys than declared, so it is not deleted
      said:  declared: userId S; live: somethingElse S
      cause: found before the first write: nothing was changed
      fix:   it is probably another table; delete it yourself if it is not
    ");
    assert_eq!(dynamo.tables(), before);
}

#[test]
fn a_table_with_items_is_not_deleted_and_neither_is_any_other() {
    let project = set_up();
    let (_local, dynamo) = served(&project);
    dynamo.put("osem-local-Teams", "teamId");
    let outcome = project.osem("delete-tables --confirm local").stdout("").status(1);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ osem-local-Teams is not empty
      cause: found before the first write: nothing was changed
      fix:   write nonempty=allow on the step to delete tables with their items
    ");
    assert_eq!(dynamo.tables().len(), 6);
}

#[test]
fn a_table_with_other_tags_is_not_deleted() {
    let project = Project::new();
    let (_local, dynamo) = served(&project);
    dynamo.create("osem-local-Users", "userId");
    let outcome = project.osem("delete-tables --confirm local").stdout("").status(1);
    outcome.expect_stderr("osem-local-Users has other tags than declared, so it is not deleted");
    assert_eq!(dynamo.tables(), ["osem-local-Users"]);
}

#[test]
fn tables_that_are_not_declared_stay() {
    let project = set_up();
    let (_local, dynamo) = served(&project);
    dynamo.create("osem-local-Sessions", "sessionId");
    dynamo.create("somebody-elses", "id");
    project.osem("delete-tables --confirm local").success();
    assert_eq!(dynamo.tables(), ["osem-local-Sessions", "somebody-elses"]);
}

/// The step before makes the guard of the deletion pass after the plan was made; what was not shown
/// is not done all the same.
#[test]
fn a_deletion_that_the_plan_did_not_show_is_not_made() {
    let wipe = "task wipe {\n    allow-in local\n    on-failure keep-going\n    for-each table { step tag; \
                step delete-table; }\n}\n";
    let project = set_up()
        .file("tasks/wipe.kdl", wipe)
        .edit("tag Application osem-ladders", "tag Application another");
    let outcome = project.osem("wipe --yes").stdout("").status(2);
    outcome.expect_stderr("DeleteTable osem-local-Users: not in the plan that was shown");
    let document = project.osem("list-tables").json(0);
    let tables = document["data"]["tables"].as_array().unwrap();
    assert_eq!(tables.iter().filter(|table| table["status"] == "ACTIVE").count(), 6);
}
