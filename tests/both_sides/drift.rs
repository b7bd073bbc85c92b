//! What `verify` finds: nothing on a table as declared, and exactly the one thing that somebody else
//! changed.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::harness::{Project, Run, Simulator, python, say, say_skipped};

use super::mutations::{Drift, MUTATIONS};
use super::spec::Table;
use super::{project, seeds, simulator};

#[test]
fn verify_finds_nothing_on_a_table_as_declared_and_exactly_what_somebody_else_changed() {
    if python("print('[]')", &[]).is_none() {
        say_skipped("verify from both sides", "it takes boto3");
        return;
    }
    let groups = seeds(MUTATIONS.len() as u64);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let found: BTreeSet<String> = thread::scope(|scope| {
        let one = || {
            let mut found = BTreeSet::new();
            while let Some(seeds) =
                groups.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
            {
                found.extend(group(seeds));
            }
            found
        };
        let workers: Vec<_> = (0..2).map(|_| scope.spawn(one)).collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|_| panic!("see above")))
            .collect()
    });
    let tables: usize = groups.iter().map(Vec::len).sum();
    say(&format!("{tables} random tables verified, mutated, verified: {found:?}"));
    if std::env::var_os("OSEM_TEST_SEED").is_none() {
        assert_eq!(found.into_iter().collect::<Vec<_>>(), PROVOKED);
    }
}

/// Every type of issue but `TABLE_NOT_ACTIVE` and `UNCHECKED`, which have tests of their own here.
const PROVOKED: [&str; 23] = [
    "BILLING_MODE",
    "CONTRIBUTOR_INSIGHTS",
    "DELETION_PROTECTION",
    "DISASSOCIATION_PROTECTION",
    "ENCRYPTION",
    "EXTRA_GSI",
    "EXTRA_LSI",
    "GSI_MISMATCH",
    "KEY_MISMATCH",
    "KINESIS_STREAM",
    "LSI_MISMATCH",
    "MISSING_GSI",
    "MISSING_LSI",
    "ON_DEMAND_MAX",
    "POINT_IN_TIME_RECOVERY",
    "PROVISIONED_THROUGHPUT",
    "RESOURCE_POLICY",
    "STREAM",
    "TABLE_CLASS",
    "TABLE_NOT_FOUND",
    "TAG_MISMATCH",
    "TIME_TO_LIVE",
    "WARM_THROUGHPUT",
];

/// A table, and what becomes of it.
struct Case {
    seed: u64,
    table: Table,
    mutation: &'static str,
    drift: Drift,
}

impl Case {
    /// Each mutation in turn, each on a random table.
    fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut table = Table::random(seed, &mut rng);
        let kinds = MUTATIONS.len() as u64;
        let (mutation, make) = MUTATIONS[usize::try_from((seed - 1) % kinds).unwrap()];
        let drift = make(&mut table, &mut rng);
        Self { seed, table, mutation, drift }
    }

    fn told(&self) -> String {
        format!("OSEM_TEST_SEED={}: {}\n{}", self.seed, self.mutation, self.table.text())
    }
}

/// Tables that share a server; the types of issues that were found.
fn group(seeds: &[u64]) -> BTreeSet<String> {
    let mut cases: Vec<Case> = seeds.iter().map(|seed| Case::random(*seed)).collect();
    let simulator = simulator();
    let project = project(cases.iter().map(|case| &case.table));
    create(&project, &simulator, &mut cases);
    assert_eq!(verify(&project, &simulator, 0), BTreeMap::new());

    for round in 0..2 {
        simulator.advance("2h");
        mutate(&simulator, &cases, round);
    }
    let expected: BTreeMap<String, Vec<[String; 3]>> = cases
        .iter()
        .filter_map(|case| Some((case.table.full_name(), vec![case.drift.issue.clone()?])))
        .collect();
    let found = verify(&project, &simulator, i32::from(!expected.is_empty()));
    let of = |issues: &BTreeMap<String, Vec<[String; 3]>>, case: &Case| {
        issues.get(&case.table.full_name()).cloned().unwrap_or_default()
    };
    let wrong = cases.iter().filter(|case| of(&found, case) != of(&expected, case)).map(|case| {
        let (found, expected) = (of(&found, case), of(&expected, case));
        format!("{}expected: {expected:#?}\nfound: {found:#?}\n", case.told())
    });
    let wrong: String = wrong.collect();
    assert!(wrong.is_empty(), "{wrong}");
    found.into_values().flatten().map(|[ty, ..]| ty).collect()
}

fn osem(project: &Project, line: &str, simulator: &Simulator) -> Run {
    let run = project.osem(line).args(["--strict", "--endpoint-url", &simulator.url]);
    run.patience(Duration::from_mins(5))
}

/// Rolls the tables out, and fills in the calls that make some of them anew.
fn create(project: &Project, simulator: &Simulator, cases: &mut [Case]) {
    let plan = osem(project, "plan", simulator).json(0);
    for case in cases.iter_mut() {
        let Some(change) = case.drift.anew else { continue };
        let changes = plan["data"]["changes"].as_array().unwrap();
        let is_own = |change: &&Value| {
            change["tableName"] == case.table.full_name() && change["call"] == "CreateTable"
        };
        let mut request = changes.iter().find(is_own).unwrap()["request"].clone();
        change(&mut request);
        case.drift.rounds =
            vec![vec![json!(["delete_table", {}]), json!(["create_table", request])]];
    }
    osem(project, "setup --confirm dev", simulator).success();
}

/// The issues of each table that has any: type, what is declared and what is found. Each says what
/// to do.
fn verify(
    project: &Project,
    simulator: &Simulator,
    code: i32,
) -> BTreeMap<String, Vec<[String; 3]>> {
    let document = osem(project, "verify", simulator).json(code);
    let checks = document["data"]["checks"].as_array().unwrap();
    let mut found = BTreeMap::new();
    for check in checks {
        let issues = check["issues"].as_array().unwrap();
        assert_eq!(check["passed"], issues.is_empty(), "{check:#}");
        let text = |issue: &Value, member: &str| issue[member].as_str().unwrap().to_owned();
        for issue in issues {
            assert!(!text(issue, "message").is_empty() && !text(issue, "remediation").is_empty());
            let sides = ["type", "expected", "found"].map(|member| text(issue, member));
            let table = text(check, "tableName");
            found.entry(table).or_insert_with(Vec::new).push(sides);
        }
    }
    found
}

/// Has boto3 carry out what is to be done in a round.
fn mutate(simulator: &Simulator, cases: &[Case], round: usize) {
    let of = |case: &Case| {
        let calls = case.drift.rounds.get(round).filter(|calls| !calls.is_empty())?;
        Some(json!([case.table.full_name(), calls]))
    };
    let mutations: Vec<Value> = cases.iter().filter_map(of).collect();
    let literal = Value::String(json!(mutations).to_string());
    let script =
        format!("import json\nMUTATIONS = json.loads({literal})\n{}", include_str!("mutate.py"));
    let made = python(&script, &[&simulator.url]).unwrap();
    let count = |case: &Case| case.drift.rounds.get(round).map_or(0, Vec::len);
    assert_eq!(made, cases.iter().map(count).sum::<usize>());
}
