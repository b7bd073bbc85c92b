//! A service that never answers, or answers nonsense: a run always comes to an end.

use serde_json::Value;

use crate::harness::{Project, Simulator};

/// `setup` of one table, whose attempts end after two seconds, in front of these faults: the document.
/// Whatever hangs longer than the harness waits fails the test.
fn setup(faults: &[&str], code: i32) -> (Simulator, Value) {
    let text = "\
osem 1
project quiet { table-name \"quiet-{env}-{table}\"; }
environment dev default=#true { region us-east-1; }
defaults { step { timeout \"20s\" attempt=\"2s\"; retry 2 delay=\"100ms\"; }; }
table Users hash=userId
task setup { for-each table { step create-table; step wait-active; step verify; }; }
";
    let simulator = Simulator::with_faults("--time-scale 100", faults);
    let project = Project::of(text);
    let document = project.osem("setup --endpoint-url").args([&simulator.url]).json(code);
    (simulator, document)
}

#[test]
fn a_create_that_is_never_answered_ends_with_an_unknown_outcome() {
    let (simulator, document) = setup(&["hang on=CreateTable"], 2);
    assert_eq!(document["success"], false);
    assert_eq!(document["error"]["code"], "STEP_TIMED_OUT", "{document:#}");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn a_create_that_is_not_answered_once_is_tried_again() {
    let (simulator, document) = setup(&["hang on=CreateTable count=1"], 0);
    assert_eq!(document["data"]["retries"]["timedOut"], 1, "{document:#}");
    assert_eq!(simulator.statistics()["applied"]["CreateTable"], 1);
}

#[test]
fn descriptions_that_are_never_answered_end_the_run_before_anything_is_made() {
    let (simulator, document) = setup(&["hang on=DescribeTable"], 1);
    assert_eq!(document["success"], false, "{document:#}");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}

#[test]
fn a_create_that_is_answered_with_nonsense_is_looked_for() {
    let (simulator, document) = setup(&["garbage on=CreateTable"], 0);
    assert_eq!(document["data"]["tablesCreated"][0]["answer"], "lost", "{document:#}");
    assert_eq!(simulator.statistics()["applied"]["CreateTable"], 1);
}

#[test]
fn nonsense_in_the_place_of_descriptions_ends_the_run_before_anything_is_made() {
    let (simulator, document) = setup(&["garbage on=DescribeTable"], 1);
    assert_eq!(document["success"], false, "{document:#}");
    assert_eq!(simulator.dynamo().tables(), Vec::<String>::new());
}
