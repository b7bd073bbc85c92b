//! A rollback that is killed, and then finished, or gone forward from.

use crate::harness::{Project, Run, Simulator, say};

use super::{AGAIN, WAYS, applied, each, kills, records_of_last, tables};

const FLAGS: &str = "--time-scale 500 --mutation-rate 1000 --seed";
/// The last table cannot be verified, so everything is undone; some answers get lost on the way.
const FAULTS: [&str; 3] = [
    "deny on=ListTagsOfResource table=\"*-ConfigVersions\"",
    "lose-response on=DeleteTable rate=0.2",
    "throttle rate=0.05",
];

/// The application, with the whole of `setup` as the scope of its rollback.
fn project() -> Project {
    let project = Project::new();
    let tasks = std::fs::read_to_string(project.path().join("tasks/tables.kdl")).unwrap();
    let chains = "on-failure rollback";
    assert!(tasks.contains(chains));
    let tasks = tasks.replacen(chains, "// each chain alone", 1);
    let tasks = tasks.replacen("task setup {", "task setup {\n    on-failure rollback", 1);
    project.file("tasks/tables.kdl", tasks)
}

fn place(seed: usize) -> (Project, Simulator) {
    (project(), Simulator::with_faults(&format!("{FLAGS} {seed}"), &FAULTS))
}

fn setup(project: &Project, simulator: &Simulator) -> Run {
    project.osem("setup --env dev --endpoint-url").args([&simulator.url])
}

#[test]
fn a_rollback_that_dies_at_any_record_is_finished_or_gone_forward_from() {
    let (project, simulator) = place(1);
    setup(&project, &simulator).status(1);
    let records = records_of_last(&project);
    let is_undo =
        |record: &serde_json::Value| record["event"]["type"].as_str().unwrap().starts_with("undo");
    let first = records.iter().position(is_undo).unwrap();
    let (_, stride) = kills();
    // How many records come before the first undo differs a little from run to run.
    let numbers: Vec<usize> = (first - 5..records.len() * 5 / 4).step_by(stride).collect();
    let made = each(numbers.len() * WAYS.len(), |work| {
        let (number, way) = (numbers[work / WAYS.len()], WAYS[work % WAYS.len()]);
        let (project, simulator) = place(work);
        let ended =
            setup(&project, &simulator).env("OSEM_CRASH", format!("{way}:{number}")).output();
        if ended.code().is_some() {
            return 0;
        }
        let killed = format!("{way} record {number}");
        if work % 2 == 0 {
            undo(&project, &simulator, &killed);
        } else {
            go_forward(&project, simulator, &killed);
        }
        1
    });
    assert!(made >= numbers.len(), "only {made} of the runs died");
    say(&format!("crashes: {made} kills during a rollback, each finished or gone forward from"));
}

/// Undoes what is left to undo: nothing of the run remains.
#[track_caller]
fn undo(project: &Project, simulator: &Simulator, killed: &str) {
    for again in 0.. {
        let undone = project.osem("rollback last --confirm dev").output();
        if undone.code() == Some(0) {
            break;
        }
        assert!(again < AGAIN, "{killed}: never undone\n{undone}");
    }
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new(), "{killed}");
    assert_eq!(applied(simulator, "CreateTable"), applied(simulator, "DeleteTable"), "{killed}");
}

/// The cause is gone: the run is taken up and comes to the end that it would have had.
#[track_caller]
fn go_forward(project: &Project, simulator: Simulator, killed: &str) {
    let simulator = simulator.healed();
    for again in 0.. {
        let resumed = project.osem("resume").output();
        if resumed.code() == Some(0) {
            break;
        }
        assert!(again < AGAIN, "{killed}: never done\n{resumed}");
    }
    let fresh = self::project();
    let undisturbed = Simulator::start(&format!("{FLAGS} 0"));
    setup(&fresh, &undisturbed).success();
    assert_eq!(tables(&simulator.dynamo()), tables(&undisturbed.dynamo()), "{killed}");
}
