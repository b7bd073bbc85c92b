//! An edit of a table that takes many calls, killed and resumed.

use crate::harness::{Outcome, Project, Run, Simulator, say};
use crate::settings::{edit, osem, planned, setup};

use super::{AGAIN, WAYS, applied, each, kills, records_of_last};

const FLAGS: &str = "--time-scale 2000 --mutation-rate 1000 --seed";

/// The table as it was before the edit.
fn place(seed: usize) -> (Project, Simulator) {
    let simulator = Simulator::start(&format!("{FLAGS} {seed}"));
    setup(&edit::before(), &simulator, 0);
    (edit::after(), simulator)
}

fn edit(project: &Project, simulator: &Simulator) -> Run {
    osem(project, &format!("setup --confirm dev {}", edit::PRUNE), simulator)
}

/// Goes on with the run; with `--prune` until the index is gone, as a person would.
fn resume(project: &Project) -> Outcome {
    let resume = format!("resume --strict --confirm dev {}", edit::PRUNE);
    project.osem(&resume).output()
}

/// Takes the run up until it is done, and looks at what came of it.
#[track_caller]
fn finish(project: &Project, simulator: &Simulator, killed: &str) {
    for again in 0.. {
        let resumed = resume(project);
        let begun = !resumed.stderr().contains("nothing to resume");
        if resumed.code() == Some(0) && begun {
            break;
        }
        assert!(again < AGAIN, "{killed}: never done\n{resumed}");
        // Killed before its first record, or after its last one.
        if !begun && edit(project, simulator).output().code() == Some(0) {
            break;
        }
    }
    assert_eq!(planned(project, simulator), Vec::<String>::new(), "{killed}");
    assert_eq!(applied(simulator, "UpdateTable"), edit::UPDATES, "{killed}: no call twice");
    assert_eq!(applied(simulator, "UpdateTimeToLive"), 1, "{killed}");
    assert_eq!(applied(simulator, "UpdateContinuousBackups"), 1, "{killed}");
    assert_eq!(applied(simulator, "DeleteTable"), 0, "{killed}");
}

#[test]
fn an_edit_that_dies_at_any_record_is_resumed_to_the_same_end() {
    let (project, simulator) = place(0);
    edit(&project, &simulator).success();
    let records = records_of_last(&project).len();
    let undisturbed = edit::all_of(&simulator.dynamo());
    let (_, stride) = kills();
    let numbers: Vec<usize> = (1..=records).step_by(stride).collect();
    let made = each(numbers.len() * WAYS.len(), |work| {
        let (number, way) = (numbers[work / WAYS.len()], WAYS[work % WAYS.len()]);
        let (project, simulator) = place(work);
        let run = edit(&project, &simulator).env("OSEM_CRASH", format!("{way}:{number}"));
        let died = run.output().code().is_none();
        let killed = format!("{way} record {number}");
        if died {
            finish(&project, &simulator, &killed);
        }
        assert_eq!(edit::all_of(&simulator.dynamo()), undisturbed, "{killed}");
        usize::from(died)
    });
    // How often a state is polled differs, and with it how many records there are.
    assert!(made >= numbers.len(), "only {made} of the runs died");
    say(&format!("crashes: {made} kills during an edit of a table, each resumed to its end"));
}
