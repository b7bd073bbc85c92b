//! `create-table` alone: what it makes of each setting, on a new table and on the one that it made.
//!
//! What an endpoint does not keep is left out with a warning on an emulator, each time, and an error
//! under `--strict`. What `CreateTable` does not take is named each time, and fails nowhere.

use std::time::Duration;

use serde_json::Value;

use crate::harness::{Project, Run, Simulator, serve};

/// What becomes of a setting that is declared.
#[derive(Clone, Copy, PartialEq)]
enum Fate {
    /// It is made, found again, and missed where it is not there.
    Kept,
    /// The endpoint takes it and does not keep it.
    Dropped,
    /// `CreateTable` does not take it, so that it is for `update-table`.
    Later,
    /// It is made, and `create-table` does not look at it again.
    Unseen,
}

use Fate::{Dropped, Kept, Later, Unseen};

/// A form, what it is called in messages, and its fate on the embedded engine and on the simulator.
type Row = (&'static str, &'static str, [Fate; 2]);

const ROWS: &[Row] = &[
    ("gsi by-team hash=team", "gsi", [Kept, Kept]),
    ("gsi by-team projection=include { hash team day; include title; }", "gsi", [Kept, Kept]),
    ("lsi by-day range=day", "lsi", [Kept, Kept]),
    ("vector-index near attribute=embedding dimensions=3", "vector-index near", [Kept, Kept]),
    ("billing pay-per-request", "billing", [Kept, Kept]),
    ("billing provisioned read=5 write=5", "billing", [Kept, Kept]),
    (
        "billing provisioned read=5 write=5; gsi by-team hash=team { provisioned read=3 write=4; }",
        "gsi",
        [Kept, Kept],
    ),
    ("tag Owner one", "tags", [Unseen, Unseen]),
    ("on-demand-max read=100 write=50", "on-demand-max", [Kept, Kept]),
    ("stream new-image", "stream", [Kept, Kept]),
    ("class standard-infrequent-access", "class", [Kept, Kept]),
    ("encryption aws-managed", "encryption", [Kept, Kept]),
    (
        "encryption kms key=\"arn:aws:kms:us-east-1:000000000000:key/0a1b\"",
        "encryption",
        [Kept, Kept],
    ),
    ("warm-throughput read=20000", "warm-throughput", [Dropped, Kept]),
    ("ttl expiresAt", "ttl", [Later, Later]),
    ("point-in-time-recovery days=14", "point-in-time-recovery", [Later, Later]),
    ("contributor-insights", "contributor-insights", [Later, Later]),
    (
        "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"",
        "kinesis-stream",
        [Later, Later],
    ),
    ("resource-policy file=\"one.json\"", "resource-policy", [Unseen, Unseen]),
    ("disassociation-protection", "disassociation-protection", [Later, Later]),
    ("deletion-protection", "deletion-protection", [Kept, Kept]),
    (
        "gsi by-team hash=team { on-demand-max read=100; }",
        "gsi by-team on-demand-max",
        [Dropped, Kept],
    ),
    (
        "gsi by-team hash=team { warm-throughput read=20000; }",
        "gsi by-team warm-throughput",
        [Dropped, Kept],
    ),
    (
        "gsi by-team hash=team { contributor-insights; }",
        "gsi by-team contributor-insights",
        [Later, Later],
    ),
    ("ttl #false; point-in-time-recovery #false", "ttl, point-in-time-recovery", [Unseen, Unseen]),
];

/// A table each, in its form or in none, and `create-table` alone; `place` is what the environment
/// holds.
fn project(place: &str, form: impl Fn(&Row) -> &'static str) -> Project {
    let table = |(number, row): (usize, &Row)| {
        let range = if row.1 == "lsi" { " range=at" } else { "" };
        format!("table T{number:02} hash=id{range} {{ {} }}\n", form(row))
    };
    let tables: String = ROWS.iter().enumerate().map(table).collect();
    let head = format!(
        "project alone {{ table-name \"alone-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; {place} }}\n\
         task make {{ for-each table {{\n\
             on-failure keep-going\n\
             step create-table; step wait-active {{ timeout \"10m\"; }}\n\
         }} }}\n"
    );
    Project::of_tables(&head, &tables)
}

fn osem(project: &Project, line: &str, url: &str) -> Run {
    project.osem(line).args(["--endpoint-url", url]).patience(Duration::from_mins(2))
}

/// What each `create-table` said, or why it failed.
fn said(document: &Value) -> Vec<String> {
    let steps = document["data"]["steps"].as_array().unwrap();
    let steps = steps.iter().filter(|step| step["kind"] == "create-table");
    let one = |step: &Value| match step["status"].as_str().unwrap() {
        "failed" => format!("{}: {}", step["error"]["code"].as_str().unwrap(), step["error"]),
        _ => step["message"].as_str().unwrap().to_owned(),
    };
    steps.map(one).collect()
}

/// Both runs of `create-table` alone on an endpoint, of which `column` says what it keeps.
fn twice(column: usize, place: &str, url: &str) {
    let declared = project(place, |row| row.0);
    for is_new in [true, false] {
        let outcome = osem(&declared, "make --json", url).output();
        outcome.expect_code(0);
        let document = outcome.json();
        for ((number, (form, name, fates)), said) in ROWS.iter().enumerate().zip(said(&document)) {
            let fate = fates[column];
            let place = format!("create-table[T{number:02}] warning: {name} left out");
            let warned = outcome.raw_stderr.lines().filter(|line| line.contains(&place)).count();
            assert_eq!(warned, usize::from(fate == Dropped), "{form}: {outcome}");
            let (end, named) = match (fate, is_new) {
                (Later, true) => (format!("; not set without update-table: {name}"), true),
                (Later | Unseen, false) => (format!("; not looked at: {name}"), true),
                (_, true) => ("not set".to_owned(), false),
                (_, false) => ("is there, as declared".to_owned(), true),
            };
            assert_eq!(said.ends_with(&end), named, "{form}: {said}");
        }
        strict(column, &declared, url);
    }
    // The same where `--strict` meets new tables.
    strict(column, &project(place, |row| row.0).edit("alone-{table}", "strict-{table}"), url);
}

/// `--strict` makes an error of what the endpoint does not keep, and of nothing else.
fn strict(column: usize, project: &Project, url: &str) {
    let keeps_all = ROWS.iter().all(|row| row.2[column] != Dropped);
    let outcome = osem(project, "make --strict --json", url).output();
    assert_eq!(outcome.code() == Some(0), keeps_all, "{outcome}");
    let document = outcome.json();
    for ((form, _, fates), said) in ROWS.iter().zip(said(&document)) {
        let refused = said.starts_with("UNSUPPORTED_BY_ENDPOINT: ");
        assert_eq!(refused, fates[column] == Dropped, "{form}: {said}");
    }
}

#[test]
fn each_setting_is_adopted_as_it_was_created_on_the_embedded_engine() {
    let (_local, url) = serve(&Project::of(
        "osem 1\n\
         project x { table-name \"{table}\"; }\n\
         environment local default=#true { emulator memory; }\n",
    ));
    twice(0, "emulator", &url);
}

#[test]
fn each_setting_is_adopted_as_it_was_created_on_the_simulator() {
    let simulator = Simulator::start("--time-scale 2000 --mutation-rate 1000");
    twice(1, "emulator", &simulator.url);
}

/// One table, and `create-table` alone.
fn one(place: &str, settings: &str) -> Project {
    Project::of(format!(
        "osem 1\n\
         project one {{ table-name \"one-{{table}}\"; }}\n\
         environment dev default=#true {{ region us-east-1; {place} }}\n\
         table T hash=id {{ {settings} }}\n\
         task make {{ for-each table {{ step create-table; step wait-active; }} }}\n"
    ))
}

#[test]
fn what_was_set_otherwise_is_a_difference_on_an_emulator_too() {
    let place = "emulator; allow-destroy;";
    let project = one(place, "on-demand-max read=100; gsi by-team hash=team");
    project.osem("make").success();
    let cases = [
        ("on-demand-max read=50; gsi by-team hash=team", "ON_DEMAND_MAX"),
        ("on-demand-max #false; gsi by-team hash=team", "ON_DEMAND_MAX"),
        ("on-demand-max read=100; gsi by-team hash=day", "GSI_MISMATCH"),
        ("on-demand-max read=100; gsi by-team hash=team; stream new-image", "STREAM"),
        (
            "on-demand-max read=100; gsi by-team hash=team; deletion-protection",
            "DELETION_PROTECTION",
        ),
        // What differs for sure comes before what the endpoint may not have.
        (
            "on-demand-max read=9; gsi by-team hash=team { on-demand-max read=5; }",
            "ON_DEMAND_MAX: on-demand-max differs",
        ),
    ];
    let mut project = project;
    for (settings, issue) in cases {
        let text = std::fs::read_to_string(one(place, settings).path().join("osem.kdl")).unwrap();
        project = project.file("osem.kdl", text);
        let document = project.osem("make").json(1);
        assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED", "{document:#}");
        let said = document["error"]["details"]["said"].as_str().unwrap();
        assert!(said.starts_with(issue) && !said.contains('\n'), "{settings}: {said}");
    }
}

#[test]
fn what_is_taken_for_aws_keeps_everything_so_what_is_not_there_is_a_difference() {
    let text = |project: Project| std::fs::read(project.path().join("osem.kdl")).unwrap();
    for (place, code) in [("", 1), ("emulator;", 0)] {
        let rehearsed = ["--rehearse", "--time-scale", "2000"];
        let project = one(place, "gsi by-team hash=team");
        project.osem("make").args(rehearsed).success();
        let later = text(one(place, "gsi by-team hash=team { on-demand-max read=100; }"));
        let project = project.file("osem.kdl", later);
        let document = project.osem("make").args(rehearsed).json(code);
        let plan = project.osem("plan make").args(rehearsed).json(code);
        if code == 0 {
            let warnings = document["data"]["warnings"].to_string();
            let wanted = "gsi by-team on-demand-max left out: not supported by ";
            assert!(warnings.contains(wanted), "{document:#}");
            assert!(warnings.contains("or declared after the table was created"), "{document:#}");
            let notes = plan["data"]["plan"]["steps"][0]["notes"].to_string();
            assert!(notes.contains(wanted), "{plan:#}");
            continue;
        }
        assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED", "{document:#}");
        assert!(plan["data"]["plan"]["steps"][0]["problem"].is_object(), "{plan:#}");
    }
}

#[test]
fn a_plan_that_creates_a_table_names_what_is_not_set_without_updates() {
    let project = one("emulator memory;", "ttl expiresAt");
    let plan = project.osem("plan make").json(0);
    let notes = &plan["data"]["plan"]["steps"][0]["notes"];
    assert_eq!(*notes, serde_json::json!(["not set without update-table: ttl"]), "{plan:#}");
    let project = project.edit("step wait-active;", "step wait-active; step update-table;");
    let plan = project.osem("plan make").json(0);
    assert_eq!(plan["data"]["plan"]["steps"][0]["notes"], serde_json::json!([]), "{plan:#}");
}
