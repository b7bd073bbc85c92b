//! A rollback goes where the run went, and waits for it where that is asked for.

use crate::harness::{Project, Simulator};

use super::{on, setup, simulator, whole};

const TEAMS: &str = "deny on=CreateTable table=osem-dev-Teams";

#[test]
fn what_the_run_had_need_not_be_said_again() {
    let project = Project::of(
        "osem 1\nproject p { table-name \"p-{table}\"; }\n\
         environment dev default=#true { allow-destroy; }\ntable Users hash=id\n\
         task setup { for-each table { step create-table; }; }\n",
    );
    let simulator = simulator(&[]);
    let run = on(&project, &simulator, "setup").env("OSEM_DB_PREFIX", "me-");
    run.env("AWS_REGION", "eu-north-1").success();
    assert_eq!(simulator.dynamo().tables(), ["me-Users"]);
    project.osem("rollback last --confirm dev").success();
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn what_is_said_otherwise_is_refused_as_a_resume_refuses_it() {
    let (project, simulator) = (Project::new(), simulator(&[TEAMS]));
    setup(&project, &simulator).status(2);
    for (line, variable) in [
        ("rollback last --confirm dev --env staging", ""),
        ("rollback last --confirm dev", "staging"),
        ("resume --env staging last", ""),
        ("resume last", "staging"),
    ] {
        let outcome = project.osem(line).env("OSEM_ENV", variable).stdout("").status(65);
        outcome.expect_stderr("environment: dev in that run, staging now");
    }
    assert_eq!(simulator.dynamo().tables().len(), 5);
}

#[test]
fn a_password_in_an_endpoint_has_to_be_given_again() {
    let (project, simulator) = (Project::new(), simulator(&[TEAMS]));
    let secret = simulator.url.replace("http://", "http://me:secret@");
    project.osem("setup --env dev --endpoint-url").args([&secret]).status(2);
    let outcome = project.osem("rollback last --confirm dev").stdout("").status(64);
    outcome.expect_stderr("name it again with --endpoint-url");
    project.osem("rollback last --confirm dev --endpoint-url").args([&secret]).success();
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn a_rehearsal_is_rolled_back_as_a_rehearsal() {
    let project = Project::new();
    let flags = "--env dev --rehearse --time-scale 1000 --fault";
    project
        .osem(&format!("setup {flags}"))
        .args(["deny on=CreateTable table=osem-dev-Teams"])
        .status(2);
    let outcome = project.osem("rollback last --confirm dev --time-scale 1000").success();
    outcome.expect_stderr("a rehearsal: nothing in account ");
}

#[test]
fn a_rollback_waits_for_the_run_that_it_names() {
    // A table with an index: it is made for five seconds or more, in which the others are started.
    let (project, simulator) = (Project::new(), Simulator::start("--time-scale 2.8"));
    let mut run = on(&project, &simulator, "setup --table Teams").start();
    run.wait_for_stderr("wait-active[Teams] started");
    let refused = project.osem("rollback last --confirm dev").status(75);
    refused.expect_stderr("--lock-wait 10m");
    let mut patient = project.osem("rollback last --confirm dev --lock-wait 50s").start();
    patient.wait_for_stderr("waits for run ");
    run.signal("KILL");
    run.finish();
    patient.finish().expect_code(0);
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn each_end_names_one_way_to_go_on() {
    let faults = [
        "deny on=ListTagsOfResource table=osem-dev-Teams",
        "deny on=DeleteTable table=osem-dev-Teams",
    ];
    let (project, simulator) = (Project::new(), simulator(&faults));
    let then = |outcome: &crate::harness::Outcome| {
        let text = outcome.stderr() + &outcome.stdout();
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("then:"));
        lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let failed = ["osem rollback [RUN]   when you have looked at it"];
    assert_eq!(then(&setup(&project, &simulator).status(3)), failed);
    assert_eq!(then(&project.osem("runs show last").success()), failed);
    // What is being removed is not made again.
    simulator.dynamo().put("osem-dev-Users", "userId");
    assert_eq!(then(&project.osem("rollback last --confirm dev").status(3)), failed);
    let simulator = simulator.healed();
    assert_eq!(then(&project.osem("rollback last --confirm dev").status(2)), Vec::<String>::new());
    drop(simulator);
    let stuck = Simulator::with_faults("--time-scale 12 --mutation-rate 1000", &[TEAMS]);
    let undone = setup(&whole(), &stuck).status(1);
    assert_eq!(then(&undone), ["osem resume [RUN]"]);
}
