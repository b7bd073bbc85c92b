//! Every setting: absent, set, changed, turned off; each planned, carried out, verified, and then
//! with nothing left to do.

use std::fmt::Write as _;

use crate::harness::{Simulator, say};

use super::{changes, issues, osem, planned, project, setup};

/// One setting, with its forms in a file.
struct Row {
    name: &'static str,
    /// How it is declared, what it is changed to, and how it is turned off.
    forms: [&'static str; 3],
    /// The calls that each of these takes on a table that is there.
    calls: [&'static [&'static str]; 3],
    /// What `verify` finds before each of them.
    issue: &'static str,
    /// How much simulated time must pass before it may be changed again.
    cooldown: &'static str,
}

const fn row(name: &'static str, forms: [&'static str; 3], issue: &'static str) -> Row {
    Row { name, forms, calls: [&["UpdateTable"]; 3], issue, cooldown: "1s" }
}

const KEY: &str = "encryption kms key=\"arn:aws:kms:us-east-1:000000000000:key/0a1b\"";

const ROWS: &[Row] = &[
    row(
        "on-demand-max",
        ["on-demand-max read=100 write=50", "on-demand-max read=200", "on-demand-max #false"],
        "ON_DEMAND_MAX",
    ),
    Row {
        calls: [&["UpdateTable"], &["UpdateTable", "UpdateTable"], &["UpdateTable"]],
        ..row("stream", ["stream new-image", "stream keys-only", "stream #false"], "STREAM")
    },
    row(
        "class",
        [
            "class standard-infrequent-access",
            "class standard",
            // A third change within 30 days would be refused.
            "class standard",
        ],
        "TABLE_CLASS",
    ),
    row("encryption", ["encryption aws-managed", KEY, "encryption aws-owned"], "ENCRYPTION"),
    Row {
        calls: [
            &["UpdateContinuousBackups"],
            &["UpdateContinuousBackups"],
            &["UpdateContinuousBackups"],
        ],
        ..row(
            "point-in-time-recovery",
            [
                "point-in-time-recovery days=7",
                "point-in-time-recovery days=14",
                "point-in-time-recovery #false",
            ],
            "POINT_IN_TIME_RECOVERY",
        )
    },
    Row {
        cooldown: "1m",
        ..row(
            "deletion-protection",
            ["deletion-protection", "deletion-protection #false", "deletion-protection #true"],
            "DELETION_PROTECTION",
        )
    },
    Row {
        calls: [&["UpdateTimeToLive"], &["UpdateTimeToLive"], &["UpdateTimeToLive"]],
        cooldown: "1h",
        ..row("ttl", ["ttl expiresAt", "ttl #false", "ttl deletedAt"], "TIME_TO_LIVE")
    },
    row(
        "billing",
        [
            "billing provisioned read=5 write=5",
            "billing provisioned read=9 write=7",
            "billing pay-per-request",
        ],
        "",
    ),
];

#[test]
fn every_setting_is_set_changed_and_turned_off_on_a_table_that_is_there() {
    let mut passed = String::from("setting                  set       changed   off\n");
    std::thread::scope(|scope| {
        let rows: Vec<_> =
            ROWS.iter().map(|row| (row, scope.spawn(|| on_an_old_table(row)))).collect();
        for (row, ran) in rows {
            let marks = ran.join().unwrap_or_else(|_| panic!("{} failed", row.name));
            let _ = writeln!(passed, "{:<24} {}", row.name, marks.join("  "));
        }
    });
    say(&passed);
}

/// A table without the setting, brought to each form in turn.
fn on_an_old_table(row: &Row) -> Vec<String> {
    let simulator = Simulator::start("--time-scale 500");
    let bare = project("hash=id", "");
    setup(&bare, &simulator, 0);
    let mut marks = Vec::new();
    let mut before = "";
    for (form, calls) in row.forms.iter().zip(row.calls) {
        let project = project("hash=id", form);
        let changes_nothing = *form == before;
        before = form;
        if !changes_nothing {
            simulator.advance(row.cooldown);
            let found = issues(&project, &simulator, 1);
            assert!(row.issue.is_empty() || found == [row.issue], "{form}: {found:?}");
            let document = osem(&project, "plan", &simulator).json(0);
            let planned: Vec<_> = changes(&document);
            let names: Vec<_> =
                planned.iter().map(|call| call.split(' ').next().unwrap()).collect();
            assert_eq!(names, calls, "{form}: {document:#}");
            let document = setup(&project, &simulator, 0);
            assert_eq!(
                document["data"]["tablesUpdated"].as_array().unwrap().len(),
                1,
                "{document:#}"
            );
        }
        assert_eq!(issues(&project, &simulator, 0), Vec::<String>::new(), "{form}");
        assert_eq!(planned(&project, &simulator), Vec::<String>::new(), "{form}");
        marks.push(format!("{} call(s)", if changes_nothing { 0 } else { calls.len() }));
    }
    marks
}

#[test]
fn a_new_table_is_created_with_every_setting_and_needs_only_what_createtable_does_not_take() {
    let simulator = Simulator::start("--time-scale 500");
    let all = "stream new-image; class standard-infrequent-access; encryption aws-managed\n\
               ttl expiresAt; point-in-time-recovery days=7; deletion-protection\n\
               on-demand-max read=100";
    let project = project("hash=id", all);
    let expected =
        ["CreateTable", "UpdateTimeToLive ttl", "UpdateContinuousBackups point-in-time-recovery"];
    assert_eq!(planned(&project, &simulator), expected);
    setup(&project, &simulator, 0);
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], serde_json::Value::Null, "{statistics:#}");
    assert_eq!(issues(&project, &simulator, 0), Vec::<String>::new());
    assert_eq!(planned(&project, &simulator), Vec::<String>::new());
}
