//! Steps that are not in the file any more.

use crate::harness::{Project, Simulator};

use super::{at, refuses_teams_once};

#[test]
fn a_step_that_left_the_file_is_named_with_what_it_left() {
    let project = Project::of(
        "osem 1\nproject p { table-name \"p-{table}\"; }\n\
         environment dev default=#true { region us-east-1; }\n\
         table Users hash=id\ntable Teams hash=id\ntable Zones hash=id\ntable Roles hash=id\n\
         task setup {\n\
             for-each table {\n\
                 on-failure keep-going; step create-table; step wait-active; step verify\n\
             }\n\
         }\n",
    );
    let faults = ["Teams", "Zones"].map(|table| format!("deny on=CreateTable table=p-{table}"));
    let simulator = Simulator::with_faults("--time-scale 100", &[&faults[0], &faults[1]]);
    at(&project, &simulator, "setup").status(2);
    let gone = "table Users hash=id\ntable Teams hash=id\ntable Zones hash=id\n";
    let project = project.edit(gone, "");
    for line in ["resume -n", "resume"] {
        let outcome = project.osem(line).success();
        outcome.expect_stderr(
            "not in the file any more: create-table[Users]: done in run [RUN], and what it changed stands\n",
        );
        outcome.expect_stderr(
            "not in the file any more: create-table[Teams] and 1 more: failed in run [RUN]\n",
        );
        // What only read, and was done, left nothing.
        outcome.refuse_stderr("verify[Users]");
    }
    let document = project.osem("resume last").json(0);
    let warnings = document["data"]["warnings"].to_string();
    assert!(warnings.contains("create-table[Users]"), "{warnings}");
}

#[test]
fn a_step_that_was_left_out_runs_when_it_is_named() {
    let (project, simulator) = (Project::new(), Simulator::start("--time-scale 100"));
    at(&project, &simulator, "setup --env dev --skip verify[Users]").success();
    let outcome = project.osem("resume last").args(["--only", "verify[Users]"]).success();
    outcome.expect_stderr("verify[Users] succeeded");
    let all = project.osem("resume last").success();
    all.refuse_stderr("verify[Teams] started");
}

#[test]
fn a_task_that_left_the_file_is_named_with_its_run() {
    let (project, simulator) = (Project::new(), refuses_teams_once());
    at(&project, &simulator, "setup --env dev").status(2);
    let tasks = std::fs::read_to_string(project.path().join("tasks/tables.kdl")).unwrap();
    let project =
        project.file("tasks/tables.kdl", tasks.replacen("task setup {", "task make {", 1));
    let project = project.file("tasks/seed.kdl", "");
    let outcome = project.osem("resume").stdout("").status(65);
    outcome.expect_stderr("run [RUN] is a run of task `setup`, which is not in the file any more");
    outcome.expect_stderr("osem rollback [RUN]");
}
