//! Every setting on every server: absent, set, changed, turned off, each planned, carried out,
//! verified, and then with nothing left to do. What a server does not have is left out with a
//! warning, and an error under `--strict`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::harness::{DYNAMODB_LOCAL, MINISTACK, MOTO, Project, Run, Server, serve};

/// A setting: how it is set, changed and turned off on a table that has it not.
struct Row {
    name: &'static str,
    absent: &'static str,
    forms: [&'static str; 3],
    /// What each server has of it.
    cells: [&'static str; SERVERS.len()],
}

const SERVERS: [&str; 4] = ["embedded engine", "ministack", "DynamoDB Local", "moto"];

const fn row(name: &'static str, forms: [&'static str; 3], cells: [&'static str; 4]) -> Row {
    Row { name, absent: "", forms, cells }
}

const BY_TEAM: &str = "gsi by-team hash=team";

const ROWS: &[Row] = &[
    row("gsi", [BY_TEAM, "gsi by-team hash=day", ""], ["yes", "yes", "yes", "yes"]),
    row(
        "billing",
        [
            "billing provisioned read=5 write=5",
            "billing provisioned read=9 write=7",
            "billing pay-per-request",
        ],
        ["yes", "yes", "yes", "yes"],
    ),
    row(
        "tag",
        ["tag Owner one", "tag Owner two", "tag Owner #false"],
        ["yes", "yes", "left out", "yes"],
    ),
    row(
        "on-demand-max",
        ["on-demand-max read=100 write=50", "on-demand-max read=200", "on-demand-max #false"],
        ["yes", "yes", "left out", "left out"],
    ),
    row(
        "stream",
        ["stream new-image", "stream keys-only", "stream #false"],
        ["yes", "yes", "yes", "set, not changed"],
    ),
    row(
        "class",
        ["class standard-infrequent-access", "class standard", "class standard"],
        ["yes", "yes", "left out", "left out"],
    ),
    row(
        "encryption",
        [
            "encryption aws-managed",
            "encryption kms key=\"arn:aws:kms:us-east-1:000000000000:key/0a1b\"",
            "encryption aws-owned",
        ],
        ["left out", "yes", "left out", "left out"],
    ),
    row(
        "warm-throughput",
        [
            "warm-throughput read=20000",
            "warm-throughput read=30000 write=5000",
            // It is only ever raised.
            "warm-throughput read=1",
        ],
        ["left out", "left out", "left out", "yes"],
    ),
    row("ttl", ["ttl expiresAt", "ttl deletedAt", "ttl #false"], ["yes", "yes", "yes", "yes"]),
    row(
        "point-in-time-recovery",
        [
            "point-in-time-recovery",
            "point-in-time-recovery days=14",
            "point-in-time-recovery #false",
        ],
        ["left out", "set, not changed", "left out", "yes"],
    ),
    row(
        "contributor-insights",
        [
            "contributor-insights",
            "contributor-insights mode=throttled-keys",
            "contributor-insights #false",
        ],
        ["left out", "set, not changed", "left out", "left out"],
    ),
    row(
        "kinesis-stream",
        [
            "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"",
            "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/b\"",
            "kinesis-stream #false",
        ],
        ["left out", "yes", "left out", "left out"],
    ),
    row(
        "resource-policy",
        [
            "resource-policy file=\"one.json\"",
            "resource-policy file=\"two.json\"",
            "resource-policy #false",
        ],
        ["left out", "yes", "left out", "yes"],
    ),
    row(
        "disassociation-protection",
        [
            "disassociation-protection",
            "disassociation-protection #false",
            "disassociation-protection #false",
        ],
        ["left out", "left out", "left out", "left out"],
    ),
    row(
        "deletion-protection",
        ["deletion-protection", "deletion-protection #false", "deletion-protection #false"],
        ["yes", "yes", "yes", "yes"],
    ),
    Row {
        absent: BY_TEAM,
        ..row(
            "gsi: on-demand-max",
            [
                "gsi by-team hash=team { on-demand-max read=100; }",
                "gsi by-team hash=team { on-demand-max read=50 write=7; }",
                "gsi by-team hash=team { on-demand-max #false; }",
            ],
            ["left out", "left out", "left out", "left out"],
        )
    },
    Row {
        absent: BY_TEAM,
        ..row(
            "gsi: warm-throughput",
            [
                "gsi by-team hash=team { warm-throughput read=20000; }",
                "gsi by-team hash=team { warm-throughput write=9000; }",
                "gsi by-team hash=team { warm-throughput read=1; }",
            ],
            ["left out", "left out", "left out", "yes"],
        )
    },
    Row {
        absent: BY_TEAM,
        ..row(
            "gsi: contributor-insights",
            [
                "gsi by-team hash=team { contributor-insights; }",
                "gsi by-team hash=team { contributor-insights mode=throttled-keys; }",
                "gsi by-team hash=team { contributor-insights #false; }",
            ],
            ["left out", "set, not changed", "left out", "left out"],
        )
    },
];

/// The table of a row.
fn declared(row: usize) -> String {
    format!("T{row:02}")
}

/// The table of a row, in a form of it.
fn table(row: usize, form: &str) -> String {
    format!("table {} hash=id {{ {form} }}\n", declared(row))
}

/// A project with one table a row, in a form of it.
fn project(form: impl Fn(&Row) -> &'static str) -> Project {
    let tables = ROWS.iter().enumerate().map(|(number, row)| table(number, form(row)));
    with_policies(&tables.collect::<String>())
}

fn with_policies(tables: &str) -> Project {
    Project::of_tables(HEAD, tables)
}

const HEAD: &str = "project cycle { table-name \"cycle-{table}\"; }\n\
    environment dev default=#true { emulator; region us-east-1; allow-destroy; }\n";

/// What a server does with a row: in these words in `docs/servers.md`.
type Cells = Vec<&'static str>;

#[test]
fn the_embedded_engine_has_what_is_written_of_it() {
    let text = "osem 1\n\
        project x { table-name \"{table}\"; }\n\
        environment local default=#true { emulator memory; }\n";
    let project = Project::of(text);
    let (_local, url) = serve(&project);
    expect_cells(0, &cycle(&url, &[]));
}

#[test]
fn ministack_has_what_is_written_of_it() {
    independent(1, &MINISTACK);
}

#[test]
fn dynamodb_local_has_what_is_written_of_it() {
    independent(2, &DYNAMODB_LOCAL);
}

#[test]
fn moto_has_what_is_written_of_it() {
    independent(3, &MOTO);
}

/// Rows whose calls moto breaks at, each time after many tries: once through is enough.
const BROKEN: [&str; 3] = ["contributor-insights", "kinesis-stream", "gsi: contributor-insights"];

#[test]
fn a_server_that_breaks_at_a_call_does_not_have_the_setting() {
    let Some(claim) = MOTO.claim("cycle-") else { return };
    let form = |of: fn(&Row) -> &'static str| {
        let rows = ROWS.iter().enumerate().filter(|(_, row)| BROKEN.contains(&row.name));
        with_policies(&rows.map(|(number, row)| table(number, of(row))).collect::<String>())
    };
    let document = osem(&form(|row| row.forms[0]), "setup --confirm dev", &claim.url).json(0);
    let warnings = document["data"]["warnings"].to_string();
    let left_out = warnings.matches(" left out: not supported by").count();
    assert_eq!(left_out, BROKEN.len(), "{document:#}");
    let number = ROWS.iter().position(|row| row.name == BROKEN[0]).unwrap();
    let left_out: Vec<bool> = (0..ROWS.len()).map(|row| row == number).collect();
    refused_under_strict(&left_out, &claim.url);
    claim.dynamo.wipe("cycle-");
}

fn independent(column: usize, server: &'static Server) {
    let Some(claim) = server.claim("cycle-") else { return };
    let mut cells = cycle(&claim.url, if column == 3 { &BROKEN } else { &[] });
    for (row, cell) in ROWS.iter().zip(&mut cells) {
        if column == 3 && BROKEN.contains(&row.name) {
            *cell = "left out";
        }
    }
    expect_cells(column, &cells);
    claim.dynamo.wipe("cycle-");
}

fn expect_cells(column: usize, found: &Cells) {
    let line = |row: &Row, cell: &str| format!("{}: {cell}", row.name);
    let wanted: Vec<_> = ROWS.iter().map(|row| line(row, row.cells[column])).collect();
    let found: Vec<_> = ROWS.iter().zip(found).map(|(row, cell)| line(row, cell)).collect();
    assert_eq!(found, wanted, "{}", SERVERS[column]);
}

fn osem(project: &Project, line: &str, url: &str) -> Run {
    project.osem(line).args(["--endpoint-url", url]).patience(Duration::from_mins(2))
}

/// Takes every row through its forms, but for some.
fn cycle(url: &str, without: &[&str]) -> Cells {
    osem(&project(|row| row.absent), "setup --confirm dev", url).success();
    let mut left_out = vec![[false; 3]; ROWS.len()];
    for form in 0..3 {
        let now = carry_out(form, url, without);
        for (left_out, now) in left_out.iter_mut().zip(&now) {
            left_out[form] = *now;
        }
        if form == 0 {
            refused_under_strict(&now, url);
        }
    }
    let cell = |left_out: &[bool; 3]| match left_out {
        [false, false, false] => "yes",
        [true, ..] => "left out",
        [false, true, _] => "set, not changed",
        [false, false, true] => "not turned off",
    };
    left_out.iter().map(cell).collect()
}

/// Brings the tables to a form; which of them the server does not have.
fn carry_out(form: usize, url: &str, without: &[&str]) -> Vec<bool> {
    let of = |row: &Row| if without.contains(&row.name) { row.absent } else { row.forms[form] };
    let project = project(of);
    let leave = ["", " --replace T00/by-team", " --prune T00/by-team"][form];
    let setup = osem(&project, &format!("setup --confirm dev{leave} --json"), url).output();
    let document = setup.json();
    let failed = document["data"]["steps"].as_array().unwrap().iter();
    let failed: Vec<_> = failed.filter(|step| step["status"] == "failed").collect();
    assert!(failed.is_empty(), "form {form}: {failed:#?}");
    setup.expect_code(0);
    // The document tells the same of many tables in one line; the lines of the run do not.
    let is_left_out = |row: usize| {
        let place = format!("[{}] warning: ", declared(row));
        let of = |line: &str| line.contains(&place) && line.contains(" left out: not supported by");
        setup.raw_stderr.lines().any(of)
    };
    let left_out: Vec<bool> = (0..ROWS.len()).map(is_left_out).collect();
    let is_there = |table: &Value| {
        let name = table["tableName"].as_str().unwrap();
        let row: usize = name.strip_prefix("cycle-T").unwrap().parse().unwrap();
        !left_out[row]
    };

    // By itself `verify` takes what a server drops without a word for what it is: a difference.
    let verified = osem(&project, "verify", url).args(["--json"]).output().json();
    let checks = verified["data"]["checks"].as_array().unwrap();
    assert_eq!(checks.len(), ROWS.len(), "{verified:#}");
    let mut wrong = checks.iter().filter(|check| is_there(check) && check["passed"] != true);
    assert_eq!(wrong.next(), None, "form {form}");
    let plan = osem(&project, "plan", url).args(leave.split_whitespace()).json(0);
    let mut left = plan["data"]["changes"].as_array().unwrap().iter().filter(|it| is_there(it));
    assert_eq!(left.next(), None, "form {form}");
    left_out
}

/// `--strict` makes an error of what is left out.
fn refused_under_strict(left_out: &[bool], url: &str) {
    thread::scope(|scope| {
        for (number, row) in ROWS.iter().enumerate().filter(|(number, _)| left_out[*number]) {
            scope.spawn(move || {
                let project = with_policies(&table(number, row.forms[0]));
                let document = osem(&project, "setup --confirm dev --strict", url).args(["--json"]);
                let document = document.output().json();
                assert_eq!(document["success"], false, "{}", row.name);
                let code = &document["error"]["code"];
                assert_eq!(code, "UNSUPPORTED_BY_ENDPOINT", "{}: {document:#}", row.name);
            });
        }
    });
}

#[test]
fn the_page_about_servers_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/servers.md");
    let text = page();
    if std::env::var_os("OSEM_WRITE_DOCS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    let how = "OSEM_WRITE_DOCS=1 cargo test --test main servers::settings::the_page";
    assert!(found == text, "docs/servers.md is not current: {how}");
}

fn page() -> String {
    let mut page = String::from(PAGE);
    let _ = writeln!(page, "| | {} |", SERVERS.join(" | "));
    let _ = writeln!(page, "|{}", "---|".repeat(SERVERS.len() + 1));
    for row in ROWS {
        let _ = writeln!(page, "| `{}` | {} |", row.name, row.cells.join(" | "));
    }
    page
}

/// What stands on the page before the table.
const PAGE: &str = "# Other servers than the service

Generated by the tests that hold it true (`tests/servers/settings.rs`); do not edit.

Each setting was taken through its life on each server: a table without it, then set, changed and
turned off, and after each step `verify` finds nothing and `plan` is empty. *Left out* means: the server
does not have it; the run says so in a warning and goes on, and `--strict` makes it the error
`UNSUPPORTED_BY_ENDPOINT`. On DynamoDB itself, and in a rehearsal that stands for it, that is always an
error.

The realistic control plane (docs/simulator.md) has all of it.

";

/// A call of each setting that a server may not know.
const CALLS: [(&str, &str); 6] = [
    ("ttl expiresAt", "UpdateTimeToLive"),
    ("point-in-time-recovery", "UpdateContinuousBackups"),
    ("contributor-insights", "UpdateContributorInsights"),
    (
        "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"",
        "EnableKinesisStreamingDestination",
    ),
    ("resource-policy file=\"one.json\"", "PutResourcePolicy"),
    ("tag Owner one", "TagResource"),
];

/// A rehearsal stands for what the environment is: the service, or an emulator.
#[test]
fn what_is_left_out_on_an_emulator_is_an_error_where_the_endpoint_is_taken_for_aws() {
    let rehearse = |project: &Project, faults: &[String]| {
        let quick = ["--rehearse", "--time-scale", "4000", "--mutation-rate", "1000 burst=1000"];
        let faults = faults.iter().flat_map(|fault| ["--fault", fault]);
        let run = project.osem("setup --json --confirm dev").args(quick).args(faults);
        run.patience(Duration::from_mins(2)).output()
    };
    let tables = |own: fn(&'static str) -> &'static str| {
        let tables = CALLS.iter().enumerate().map(|(row, (form, _))| table(row, own(form)));
        tables.collect::<String>()
    };
    let unknown: Vec<String> = CALLS
        .iter()
        .map(|(_, call)| format!("error on={call} code=UnknownOperationException"))
        .collect();
    for emulated in [true, false] {
        let place = |project: Project| {
            if emulated { project } else { project.edit("emulator; ", "") }
        };
        let project = place(with_policies(&tables(|_| "")));
        rehearse(&project, &[]).expect_code(0);
        let text =
            fs::read_to_string(place(with_policies(&tables(|form| form))).path().join("osem.kdl"));
        let outcome = rehearse(&project.file("osem.kdl", text.unwrap()), &unknown);
        let document = outcome.json();
        if emulated {
            outcome.expect_code(0);
            let warnings = document["data"]["warnings"].to_string();
            let left_out = warnings.matches(" left out: not supported by").count();
            assert_eq!(left_out, CALLS.len(), "{document:#}");
            continue;
        }
        let steps = document["data"]["steps"].as_array().unwrap();
        let failed = steps.iter().filter(|step| step["status"] == "failed");
        let codes: Vec<_> = failed.map(|step| step["error"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["UNSUPPORTED_BY_ENDPOINT"; CALLS.len()], "{document:#}");
    }
}
