//! Runs of some steps only.

use serde_json::json;

use crate::harness::{Project, TABLES};

use super::{CHAIN, STEPS, at, chain, ran, refuses_teams_once, runs};

/// The steps that ran of a `setup` on the embedded emulator with these flags.
#[track_caller]
fn setup(flags: &str, code: i32) -> Vec<String> {
    ran(Project::new().osem(&format!("setup {flags}")), code).0
}

#[test]
fn steps_are_chosen_by_id_by_name_by_glob_and_by_table() {
    let all_of = |step: &str| -> Vec<String> {
        let mut ids: Vec<String> = TABLES.iter().map(|table| format!("{step}[{table}]")).collect();
        ids.sort();
        ids
    };
    assert_eq!(setup("--only create-table[Users]", 2), ["create-table[Users]"]);
    assert_eq!(setup("--only create-table", 2), all_of("create-table"));
    assert_eq!(setup("--only create-*", 2), all_of("create-table"));
    assert_eq!(setup("--only *[Users]", 2), chain("Users"));
    assert_eq!(setup("--table User?", 2), chain("Users"));
    assert_eq!(
        setup("--table Users --only create-*,wait-*", 2),
        ["create-table[Users]", "wait-active[Users]",]
    );
    let two = setup("--table Users,Teams", 2);
    assert_eq!(two.len(), 2 * CHAIN.len());
    assert_eq!(setup("--table Users --table Teams", 2), two);
}

#[test]
fn what_was_chosen_can_be_widened() {
    assert_eq!(
        setup("--only create-table[Users] --with-dependencies", 2),
        ["create-table[Users]", "validate-credentials",]
    );
    assert_eq!(setup("--only create-table[Users] --with-dependents", 2), chain("Users"));
    let run = Project::new().osem("setup").env("OSEM_ONLY", "create-table[Users]");
    assert_eq!(ran(run.env("OSEM_WITH_DEPENDENTS", "1"), 2).0, chain("Users"));
}

#[test]
fn what_comes_before_from_is_taken_for_done() {
    let (steps, outcome) = ran(Project::new().osem("setup --from create-table"), 0);
    assert_eq!(steps.len(), STEPS - 1);
    outcome.expect_stderr("not run: validate-credentials: left out by --from\n");
    assert_eq!(setup("--from create-table[Users]", 2), chain("Users"));
}

#[test]
fn who_leaves_steps_out_by_name_answers_for_them() {
    let (steps, outcome) = ran(Project::new().osem("setup --skip tag --skip verify"), 0);
    assert_eq!(steps.len(), STEPS - 2 * TABLES.len());
    outcome.expect_stderr("not run: verify[Users] and 11 more: left out by --skip\n");
    assert!(outcome.conclusion().contains("19 of 31 steps"), "{outcome}");
}

#[test]
fn a_narrowed_run_that_leaves_work_says_so_and_is_gone_on_with() {
    let project = Project::new();
    let document = project.osem("setup --table Users").json(2);
    assert_eq!(document["success"], false);
    let steps = document["data"]["steps"].as_array().unwrap();
    let teams = steps.iter().find(|step| step["id"] == "create-table[Teams]").unwrap();
    let skipped = json!({ "because": "selection", "flag": "--table", "outstanding": true });
    assert_eq!(teams["skipped"], skipped);
    let (steps, _) = ran(project.osem("resume"), 0);
    // What the steps of Users need was taken for done.
    assert_eq!(steps.len(), STEPS - 1 - CHAIN.len());
    assert!(steps.iter().all(|step| !step.contains("Users")), "{steps:?}");
}

#[test]
fn a_run_that_only_reads_leaves_no_work() {
    let project = Project::new();
    project.osem("setup").success();
    let (steps, _) = ran(project.osem("verify --table Users"), 0);
    assert_eq!(steps, ["verify[Users]"]);
    assert_eq!(ran(project.osem("verify --only validate-credentials"), 0).0.len(), 1);
}

#[test]
fn a_resume_is_narrowed_and_knows_what_is_left() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let (steps, outcome) = ran(project.osem("resume --only *[Users]"), 2);
    assert_eq!(steps, Vec::<String>::new(), "they are done");
    assert!(outcome.conclusion().contains("5 left to do"), "{outcome}");
    let (steps, outcome) = ran(project.osem("resume --only create-table"), 2);
    assert_eq!(steps, ["create-table[Teams]"]);
    assert!(outcome.conclusion().contains("4 left to do"), "{outcome}");
    outcome.expect_stderr("then:  osem resume [RUN]\n");
    let (steps, _) = ran(project.osem("resume --skip tag"), 0);
    assert_eq!(steps, ["update-table[Teams]", "verify[Teams]", "wait-active[Teams]"]);
    assert_eq!(runs(&project).len(), 4);
    project.osem("resume").success().expect_stderr("nothing to resume");
}

#[test]
fn what_was_left_out_by_name_is_left_out_of_the_resume_too() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev --skip tag").status(2);
    let (steps, outcome) = ran(project.osem("resume"), 0);
    let mut wanted = chain("Teams");
    wanted.retain(|step| step != "tag[Teams]");
    assert_eq!(steps, wanted);
    outcome.expect_stderr("left out in run [RUN]\n");
}

#[test]
fn a_pattern_that_names_nothing_is_a_usage_error() {
    let project = Project::new();
    let said = |line: &str| project.osem(line).stdout("").status(64).stderr();
    insta::assert_snapshot!(said("setup --only create-table[User]"), @"
    ✗ --only create-table[User]: there is no such step
      fix:   did you mean `create-table[Users]`?
    ");
    insta::assert_snapshot!(said("setup --table usr"), @"
    ✗ --table usr: no step is about such a table
      fix:   there are: Users, Teams, AssessmentPlans, Assessments, AssessmentReports, ConfigVersions
    ");
    insta::assert_snapshot!(said("verify --skip nothing"), @"
    ✗ --skip nothing: there is no such step
      fix:   there are: validate-credentials, verify
    ");
    insta::assert_snapshot!(said("verify --only verify --skip verify"), @"
    ✗ the flags leave no step to run
      fix:   leave out --skip, or name more with --only
    ");
    insta::assert_snapshot!(said("plan --from nowhere"), @"
    ✗ --from nowhere: there is no such step
      fix:   there are: validate-credentials, create-table, wait-active, update-table, verify, tag
    ");
    assert!(!project.path().join(".osem").exists());
}

#[test]
fn a_plan_is_narrowed_as_the_run_is() {
    let project = Project::new();
    for line in ["plan --table Users", "setup -n --table Users"] {
        let document = project.osem(line).json(0);
        let changes = document["data"]["changes"].as_array().unwrap();
        assert_eq!(changes.len(), 1, "{line}");
        assert_eq!(document["data"]["steps"].as_array().unwrap().len(), CHAIN.len(), "{line}");
    }
    let refused = project.osem("plan --table Users --out plan.json").status(64);
    refused.expect_stderr("cannot be used with");
    let refused = project.osem("run --plan plan.json --only tag").status(64);
    refused.expect_stderr("cannot be used with");
}

#[test]
fn a_deletion_that_is_left_out_is_neither_shown_nor_done() {
    let project = Project::new();
    project.osem("setup").success();
    let outcome = project.osem("delete-tables --skip *[Users]").status(77);
    outcome.refuse_stderr("osem-local-Users");
    project.osem("delete-tables --skip *[Users] --confirm local").success();
    project.osem("verify --table Users").success();
    project.osem("verify --table Teams").status(1);
}
