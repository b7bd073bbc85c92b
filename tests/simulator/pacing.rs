//! Many tables under the account's limit on changes: osem finds the rate that nobody tells it.

use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use crate::harness::{Project, Simulator, say};

/// The limits that are tried: changes a second, and how many at once. Those that are slow mostly
/// wait, so they are tried side by side.
const SLOW: [(u32, u32); 3] = [(2, 3), (5, 5), (10, 10)];
const FAST: [(u32, u32); 2] = [(20, 15), (50, 20)];

/// How many tables: as many as take ten seconds, so that the suite stays quick.
/// `OSEM_TEST_TABLES=1000` is what has to hold.
fn tables(rate: u32) -> u32 {
    std::env::var("OSEM_TEST_TABLES").map_or(rate * 10, |tables| tables.parse().unwrap())
}

#[test]
fn a_roll_out_takes_little_longer_than_the_account_s_limits_allow() {
    thread::scope(|scope| {
        for (rate, burst) in SLOW {
            scope.spawn(move || roll_out(rate, burst));
        }
        for (rate, burst) in FAST {
            roll_out(rate, burst);
        }
    });
}

fn roll_out(rate: u32, burst: u32) {
    let count = tables(rate);
    let simulator = Simulator::of(project(count, rate, burst), "--time-scale 100".to_owned(), &[]);
    let setup = project(count, rate, burst);
    let setup = setup.osem("setup --endpoint-url").args([&simulator.url]).args(["--json"]);
    let outcome = setup.patience(Duration::from_mins(20)).status(0);
    let document = outcome.json();
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["CreateTable"], count, "{statistics:#}");
    let quota = statistics["refused"]["CreateTable LimitExceededException"].as_u64();
    assert_eq!(quota, None, "the quota of operations at once was exceeded: {statistics:#}");
    let lower_bound = Duration::from_millis(statistics["lowerBoundMs"].as_u64().unwrap());
    let ratio = outcome.took.as_secs_f64() / lower_bound.as_secs_f64();
    say(&format!(
        "{count} tables at {rate}/s, burst {burst}: {:.1} s, lower bound {:.1} s, ratio {ratio:.2}; \
         at most {} at once; {} refused",
        outcome.took.as_secs_f64(),
        lower_bound.as_secs_f64(),
        statistics["peakOperations"],
        statistics["refused"]["CreateTable ThrottlingException"],
    ));
    assert_eq!(document["data"]["tablesCreated"].as_array().unwrap().len(), count as usize);
    // Time is a matter of what else the machine does: it counts only where it was asked for.
    if std::env::var_os("OSEM_TEST_TABLES").is_some() {
        assert!(ratio <= 1.25, "{ratio}");
    }
}

#[test]
fn an_account_that_takes_few_operations_at_once_gets_no_more_than_that() {
    thread::scope(|scope| {
        for steps in ["step create-table", "step create-table; step wait-active; step verify"] {
            scope.spawn(move || few_at_once(steps));
        }
    });
}

fn few_at_once(steps: &str) {
    let text = few(12, steps);
    let simulator = Simulator::of(Project::of(&text), "--time-scale 20".to_owned(), &[]);
    let project = Project::of(&text);
    let document = project.osem("setup --endpoint-url").args([&simulator.url]).json(0);
    assert_eq!(document["data"]["tablesCreated"].as_array().unwrap().len(), 12, "{document:#}");
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["CreateTable"], 12, "{statistics:#}");
    let peak = |name: &str| statistics[name].as_u64().unwrap();
    assert!((2..=4).contains(&peak("peakOperations")), "{statistics:#}");
    assert!((1..=2).contains(&peak("peakIndexedOperations")), "{statistics:#}");
    assert_eq!(simulator.dynamo().tables_of("few-dev-").len(), 12);
}

/// Every other table has an index; those take ten times as long.
fn few(tables: u32, steps: &str) -> String {
    let mut text = format!(
        "\
osem 1
project few {{ table-name \"few-{{env}}-{{table}}\"; jobs 8; }}
environment dev default=#true {{
    region us-east-1
    emulator memory {{
        control-plane realistic
        mutation-rate 50 burst=20
        max-operations 4 indexed=2
    }}
}}
task setup {{ for-each table {{ {steps}; }}; }}
"
    );
    for number in 0..tables {
        let index = if number % 2 == 0 { "" } else { " { gsi by-team hash=teamId; }" };
        writeln!(text, "table T{number:02} hash=id{index}").unwrap();
    }
    text
}

fn project(tables: u32, rate: u32, burst: u32) -> Project {
    let mut text = format!(
        "\
osem 1
project paced {{ table-name \"paced-{{env}}-{{table}}\"; jobs 64; }}
environment dev default=#true {{
    region us-east-1
    emulator memory {{ control-plane realistic; mutation-rate {rate} burst={burst}; }}
}}
task setup {{ for-each table {{ step create-table; step wait-active; step verify; }}; }}
"
    );
    for number in 0..tables {
        writeln!(text, "table T{number:04} hash=id").unwrap();
    }
    Project::of(text)
}
