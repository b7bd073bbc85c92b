//! A roll-out that ends half way: what is told of it, and the commands to go on with.

use crate::harness::{Process, Project, Session};

/// A roll-out that waits for its tables, which take five times as long as the service takes: they are
/// still being created when the next commands look at them.
fn waiting(project: &Project) -> Process {
    let mut run = project.osem("setup --env dev --rehearse --time-scale 0.2 --no-rollback").start();
    for table in ["Teams", "AssessmentPlans", "Assessments", "AssessmentReports", "ConfigVersions"]
    {
        run.wait_for_stderr(&format!("wait-active[{table}] started"));
    }
    run
}

#[test]
fn a_table_that_is_being_created_is_told_as_what_it_is() {
    let project = Project::new();
    let run = waiting(&project);
    run.signal("KILL");
    assert_eq!(run.finish().code(), None);
    let shown = project.osem("runs show last").success();
    let line =
        shown.stdout().lines().find(|line| line.contains("osem-dev-Teams")).map(str::to_owned);
    assert!(line.is_some_and(|line| line.starts_with("· osem-dev-Teams ")), "{shown}");
    assert!(!shown.stdout().contains("\n\n\n"), "{shown}");
    let preview = project.osem("resume -n").success();
    assert!(preview.stdout().contains("osem-dev-Teams: its tags cannot be read yet"), "{preview}");
    let verified = project.osem("verify --env dev --rehearse --table Teams").status(1);
    verified.expect_stderr("TABLE_NOT_ACTIVE: the table is not ready");
    verified.expect_stderr("found:    CREATING");
    verified.refuse_stderr("ResourceNotFoundException");
}

#[test]
fn what_the_end_of_a_run_cancels_is_told_once() {
    let project = Project::new();
    let run = waiting(&project);
    run.signal("INT");
    let ended = run.finish();
    ended.expect_code(130);
    let told = ended.stderr().matches("go on when it suits").count();
    assert_eq!(told, 1, "{ended}");
    assert!(ended.stderr().contains(" more: the run was asked to end\n"), "{ended}");
}

#[test]
fn what_the_terminal_shows_of_ctrl_c_does_not_push_the_picture_away() {
    let project = Project::new();
    let setup = "setup --env dev --rehearse --no-rollback";
    let mut session = Session::osem_in_columns(&project, 80, setup);
    session.until_shown("wait-active  CREATING");
    session.type_in("\u{3}");
    let text = session.until_ended(130);
    let (before, _) = text.split_once("^C").unwrap();
    // At the end of the line before, what is shown would make a line of its own.
    assert!(before.ends_with('\r'), "{text:?}");
}

#[test]
fn a_plan_that_is_saved_says_how_it_is_carried_out_and_how_it_is_made_anew() {
    let project = Project::new();
    let saved = project.osem("plan --env dev --rehearse --out").args(["my plan.json"]).success();
    saved.expect_stderr(
        "saved in my plan.json; to carry out exactly this: osem run --plan 'my plan.json'\n",
    );
    let text = std::fs::read_to_string(project.path().join("osem.kdl")).unwrap();
    let project = project.file("osem.kdl", text + "// edited\n");
    let refused = project.osem("run --plan").args(["my plan.json"]).status(1);
    refused.expect_stderr(
        "  fix:   look at a new plan and save it: osem plan setup --env dev --rehearse \
         --out 'my plan.json'\n",
    );
}

#[test]
fn the_command_to_go_on_with_works_beside_another_unfinished_run() {
    let project = Project::new();
    for environment in ["dev", "staging"] {
        let setup = format!("setup --rehearse --time-scale 1000 --env {environment}");
        let failed = project.osem(&setup).args(["--fault", "deny on=CreateTable"]).status(1);
        let then = failed.raw_stderr.lines().find_map(|line| line.split_once("then:  osem "));
        let then = then.unwrap_or_else(|| panic!("{failed}")).1.to_owned();
        let previewed = project.osem(&then).args(["-n"]).success();
        assert!(previewed.stdout().starts_with(&format!("setup in {environment} ")), "{previewed}");
    }
}
