//! `osem local` that is killed while a run goes on: nothing of its control plane is lost.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Dynamo, LONGEST, Project, Simulator, full_names};

/// States and windows last ten times as long as the service's: longer than the test.
const SLOW: &str = "--time-scale 0.1";

#[test]
fn what_a_killed_simulator_was_doing_goes_on_in_the_next_one() {
    // Three creates at once, then one a second: the others are still to come when it is killed.
    let declared = "emulator { control-plane realistic; mutation-rate 1 burst=4; } //";
    let served = Project::new().edit("emulator                       //", declared);
    let simulator = Simulator::of(served, SLOW.to_owned(), &[]);
    protect(&simulator);
    let project = Project::new();
    let run = project.osem("setup --env dev --retries 0 --no-rollback --json --endpoint-url");
    let run = run.args([&simulator.url]).start();
    wait_for_creates(&simulator, 3);
    let simulator = simulator.killed(SLOW);
    assert_eq!(run.finish().json()["success"], false);

    let dynamo = simulator.dynamo();
    let refused = refusal_of_unprotecting(&dynamo);
    assert!(refused.contains("within the previous 15000 milliseconds"), "{refused}");
    let made = dynamo.tables_of("osem-dev-");
    assert!(made.len() >= 2, "{made:?}");
    for name in &made {
        assert_eq!(described(&dynamo, name)["TableStatus"], "CREATING", "{name}");
    }

    simulator.advance("1h");
    assert_eq!(described(&dynamo, &made[0])["TableStatus"], "ACTIVE");
    let simulator = simulator.killed("--time-scale 200");
    let run = project.osem("setup --env dev --endpoint-url").args([&simulator.url]);
    let document = run.json(0);
    let tables = document["data"]["tablesCreated"].as_array().unwrap();
    let new = tables.iter().filter(|table| table["status"] == "created").count();
    assert_eq!(new, 6 - made.len(), "{document:#}");
    assert_eq!(simulator.dynamo().tables_of("osem-dev-"), full_names("dev"));
    project.osem("verify --env dev --endpoint-url").args([&simulator.url]).success();
    assert_eq!(refusal_of_unprotecting(&simulator.dynamo()), "", "an hour has passed");
}

/// A table whose deletion protection was changed a moment ago.
fn protect(simulator: &Simulator) {
    let dynamo = simulator.dynamo();
    dynamo.create("protected", "id");
    simulator.advance("1h");
    dynamo.call("UpdateTable", &protection(true));
}

fn protection(on: bool) -> Value {
    json!({ "TableName": "protected", "DeletionProtectionEnabled": on })
}

/// What lifting the protection is refused with; nothing when it is lifted.
fn refusal_of_unprotecting(dynamo: &Dynamo) -> String {
    let answer = dynamo.try_call("UpdateTable", &protection(false));
    answer.err().map_or_else(String::new, |(_, text)| text)
}

fn described(dynamo: &Dynamo, name: &str) -> Value {
    dynamo.call("DescribeTable", &json!({ "TableName": name }))["Table"].clone()
}

fn wait_for_creates(simulator: &Simulator, count: u64) {
    let started = Instant::now();
    loop {
        let statistics = simulator.statistics();
        if statistics["applied"]["CreateTable"].as_u64().unwrap_or_default() >= count {
            return;
        }
        assert!(started.elapsed() < LONGEST, "{statistics:#}");
        thread::sleep(Duration::from_millis(10));
    }
}
