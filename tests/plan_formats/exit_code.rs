//! `--exit-code`.

use crate::harness::Project;

#[test]
fn changes_are_told_by_4_and_are_no_failure() {
    let project = Project::new();
    project.osem("plan").success();
    project.osem("plan --exit-code").stderr("").status(4);
    project.osem("plan --format markdown").env("OSEM_EXIT_CODE", "1").status(4);
    let document = project.osem("plan --exit-code").json(4);
    assert_eq!(document["success"], true);
    assert_eq!(document["exitCode"], 4);
    assert!(document.get("error").is_none(), "{document:#}");
    project.osem("setup").success();
    project.osem("plan --exit-code").status(0);
    assert_eq!(
        project.osem("plan --exit-code").json(0)["data"]["plan"]["summary"]["hasChanges"],
        false
    );
}

#[test]
fn a_step_that_is_certain_to_fail_goes_before_changes() {
    let project = Project::new();
    project.osem("setup").success();
    let broken = project
        .edit("table Users hash=userId", "table Users hash=otherId")
        .edit("table Teams hash=teamId {", "table Teams hash=teamId {\n    ttl expiresAt");
    let document = broken.osem("plan --exit-code").json(1);
    assert_eq!(document["success"], false);
    assert_eq!(document["data"]["plan"]["summary"]["hasChanges"], true);
    assert_eq!(document["data"]["plan"]["summary"]["problems"], 1);
    // What needs it is not reached, so it has no problem of its own.
    assert_eq!(document["data"]["plan"]["summary"]["notReached"], 4);
    let page = broken.osem("plan --exit-code --format markdown").status(1).stdout();
    assert!(page.contains("### Certain to fail\n\n`create-table[Users]`\n\n```text\n"), "{page}");
}

#[test]
fn a_command_that_may_write_counts_and_one_that_reads_does_not() {
    let with = |effect: &str| {
        Project::of(format!(
            "osem 1\nproject kids\n\
             environment local default=#true {{ region us-east-1; emulator memory; }}\n\
             task t {{ step exec \"touch\" \"ran\" {effect}; step exec \"true\" id=mourn {{ after exec when=failed; }}; }}"
        ))
    };
    let writes = with("");
    writes.osem("plan t --exit-code").status(4);
    with("effect=read").osem("plan t --exit-code").status(0);
    let document = writes.osem("plan t").json(0);
    assert_eq!(super::step(&document, "exec")["acts"], true);
    assert_eq!(super::step(&document, "mourn")["acts"], false);
    assert!(!writes.path().join("ran").exists());
}
