//! Which environment, and under which names.

use crate::harness::Project;

#[test]
fn the_variable_chooses_an_environment() {
    let outcome = Project::new().osem("setup").env("OSEM_ENV", "dev").stdout("").status(1);
    outcome.expect_stderr("no credentials for environment `dev`");
}

#[test]
fn the_flag_wins_over_the_variable() {
    Project::new().osem("setup --env local").env("OSEM_ENV", "prod").success();
}

#[test]
fn the_variable_cannot_choose_a_protected_environment() {
    let wanted = "\
✗ environment `prod` is protected, and OSEM_ENV names it
  cause: a protected environment is chosen only on the command line
  fix:   --env prod
";
    for line in ["setup", "plan", "verify", "list-tables"] {
        let run = Project::new().osem(line).env("OSEM_ENV", "prod");
        run.stdout("").stderr(wanted).status(64);
    }
}

#[test]
fn an_unknown_environment_in_the_variable_is_refused() {
    let wanted = "✗ no environment `lokal`\n  fix:   did you mean `local`?\n";
    Project::new().osem("setup").env("OSEM_ENV", "lokal").stderr(wanted).status(64);
}

#[test]
fn without_a_default_one_must_be_named() {
    let project = Project::new().edit("environment local default=#true", "environment local");
    let outcome = project.osem("setup").stdout("").status(64);
    insta::assert_snapshot!(outcome.stderr(), @"
    ✗ no environment named
      fix:   name one with --env: local, dev, staging, prod
    ");
}

#[test]
fn a_prefix_gives_other_tables() {
    let project = Project::new();
    project.osem("setup").success();
    let document = project.osem("setup").env("OSEM_DB_PREFIX", "try-").json(0);
    assert_eq!(document["data"]["tablesCreated"][0]["tableName"], "try-Users");
    assert_eq!(document["data"]["tablesCreated"][0]["status"], "created");
    let listed = project.osem("list-tables").env("OSEM_DB_PREFIX", "try-").json(0);
    let names = listed["data"]["tables"].as_array().unwrap();
    assert!(names.iter().all(|table| table["status"] == "ACTIVE"), "{listed:#}");
    assert_eq!(names.len(), 6);
}

#[test]
fn a_prefix_that_makes_bad_names_is_refused_before_anything() {
    let outcome = Project::new().osem("setup").env("OSEM_DB_PREFIX", "no spaces ").stdout("");
    let outcome = outcome.status(65);
    outcome.expect_stderr("osem::");
    outcome.refuse_stderr("panicked");
}

#[test]
fn a_prefix_is_refused_where_it_could_hide_what_is_deleted() {
    let project = Project::new();
    let run = project.osem("delete-tables --confirm local").env("OSEM_DB_PREFIX", "try-");
    let outcome = run.stdout("").status(65);
    insta::assert_snapshot!(outcome.stderr(), @r#"
    osem::prefix

      × OSEM_DB_PREFIX is `try-`, and task `delete-tables` deletes tables
       ╭─[osem.kdl:8:16]
     7 │ project osem-ladders {
     8 │     table-name "osem-{env}-{table}"
       ·                ──────────┬─────────
       ·                          ╰── the variable would replace the start of this
     9 │     jobs 8
       ╰────
      help: unset OSEM_DB_PREFIX
    1 error in the configuration
    "#);
}

#[test]
fn a_prefix_is_refused_for_a_protected_environment() {
    let project = Project::new();
    for line in ["setup --env prod", "verify --env prod", "plan --env prod"] {
        let outcome = project.osem(line).env("OSEM_DB_PREFIX", "try-").stdout("").status(65);
        outcome.expect_stderr("OSEM_DB_PREFIX is `try-`, and environment `prod` is protected");
    }
}
