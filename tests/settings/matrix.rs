//! Every setting: absent, set, changed, turned off; each planned, carried out, verified, and then
//! with nothing left to do.

use std::fmt::Write as _;

use crate::harness::{Project, Simulator, say};

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
    /// What the command line must say for each of these forms.
    flags: [&'static str; 3],
}

const fn row(name: &'static str, forms: [&'static str; 3], issue: &'static str) -> Row {
    Row { name, forms, calls: [&["UpdateTable"]; 3], issue, cooldown: "1s", flags: [""; 3] }
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
    Row {
        calls: [&["UpdateTable"], &["UpdateTable"], &[]],
        ..row(
            "warm-throughput",
            [
                "warm-throughput read=20000",
                "warm-throughput read=30000 write=5000",
                // It is only ever raised.
                "warm-throughput read=100 write=100",
            ],
            "WARM_THROUGHPUT",
        )
    },
    Row {
        calls: [&["UpdateContributorInsights"]; 3],
        ..row(
            "contributor-insights",
            [
                "contributor-insights",
                "contributor-insights mode=throttled-keys",
                "contributor-insights #false",
            ],
            "CONTRIBUTOR_INSIGHTS",
        )
    },
    Row {
        calls: [
            &["EnableKinesisStreamingDestination"],
            &["DisableKinesisStreamingDestination", "EnableKinesisStreamingDestination"],
            &["DisableKinesisStreamingDestination"],
        ],
        ..row(
            "kinesis-stream",
            [
                "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"",
                "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/b\" \
                 precision=microsecond",
                "kinesis-stream #false",
            ],
            "KINESIS_STREAM",
        )
    },
    Row {
        calls: [
            &["EnableKinesisStreamingDestination"],
            &["UpdateKinesisStreamingDestination"],
            &["DisableKinesisStreamingDestination"],
        ],
        ..row(
            "kinesis-stream precision",
            [
                "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"",
                "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\" \
                 precision=microsecond",
                "kinesis-stream #false",
            ],
            "KINESIS_STREAM",
        )
    },
    Row {
        calls: [&["PutResourcePolicy"], &["PutResourcePolicy"], &["DeleteResourcePolicy"]],
        cooldown: "1m",
        ..row(
            "resource-policy",
            [
                "resource-policy file=\"one.json\"",
                "resource-policy file=\"two.json\"",
                "resource-policy #false",
            ],
            "RESOURCE_POLICY",
        )
    },
    row(
        "disassociation-protection",
        [
            "disassociation-protection",
            "disassociation-protection #false",
            "disassociation-protection #true",
        ],
        "DISASSOCIATION_PROTECTION",
    ),
    row(
        "gsi on-demand-max",
        [
            "gsi by-team hash=team { on-demand-max read=100; }",
            "gsi by-team hash=team { on-demand-max read=50 write=7; }",
            "gsi by-team hash=team { on-demand-max #false; }",
        ],
        "ON_DEMAND_MAX",
    ),
    Row {
        calls: [&["UpdateTable"], &["UpdateTable"], &[]],
        ..row(
            "gsi warm-throughput",
            [
                "gsi by-team hash=team { warm-throughput read=20000; }",
                "gsi by-team hash=team { warm-throughput write=9000; }",
                "gsi by-team hash=team { warm-throughput read=1; }",
            ],
            "WARM_THROUGHPUT",
        )
    },
    Row {
        calls: [&["UpdateContributorInsights"]; 3],
        ..row(
            "gsi contributor-insights",
            [
                "gsi by-team hash=team { contributor-insights; }",
                "gsi by-team hash=team { contributor-insights mode=throttled-keys; }",
                "gsi by-team hash=team { contributor-insights #false; }",
            ],
            "CONTRIBUTOR_INSIGHTS",
        )
    },
    Row {
        calls: [&["UpdateTable"], &["UpdateTable", "UpdateTable"], &["UpdateTable"]],
        flags: ["", "--replace Orders/near", "--prune Orders/near"],
        ..row(
            "vector-index",
            [
                "vector-index near attribute=embedding dimensions=3",
                "vector-index near attribute=embedding dimensions=4 distance=dot-product { \
                     hash tenant; filter word (N)price; \
                 }",
                "",
            ],
            "",
        )
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
    let index = if row.name.starts_with("gsi ") { "gsi by-team hash=team" } else { "" };
    let bare = project("hash=id", index);
    setup(&bare, &simulator, 0);
    let mut marks = Vec::new();
    let mut before = "";
    for ((form, calls), flags) in row.forms.iter().zip(row.calls).zip(row.flags) {
        let project = with_policies(project("hash=id", form));
        let changes_nothing = *form == before || calls.is_empty();
        before = form;
        if !changes_nothing {
            simulator.advance(row.cooldown);
            let found = issues(&project, &simulator, 1);
            assert!(row.issue.is_empty() || found == [row.issue], "{form}: {found:?}");
            let document = osem(&project, &format!("plan {flags}"), &simulator).json(0);
            let planned: Vec<_> = changes(&document);
            let names: Vec<_> =
                planned.iter().map(|call| call.split(' ').next().unwrap()).collect();
            assert_eq!(names, calls, "{form}: {document:#}");
            let line = format!("setup --confirm dev {flags}");
            let document = osem(&project, &line, &simulator).json(0);
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

fn with_policies(project: Project) -> Project {
    let policy = |effect: &str| {
        format!(
            "{{ \"Version\": \"2012-10-17\",\n  \"Statement\": [{{ \"Effect\": \"{effect}\", \
             \"Action\": \"dynamodb:GetItem\", \"Principal\": \"*\", \"Resource\": \"*\" }}] }}"
        )
    };
    project.file("one.json", policy("Allow")).file("two.json", policy("Deny"))
}

#[test]
fn a_new_table_is_created_with_every_setting_and_needs_only_what_createtable_does_not_take() {
    let simulator = Simulator::start("--time-scale 500");
    let all = "stream new-image; class standard-infrequent-access; encryption aws-managed\n\
               ttl expiresAt; point-in-time-recovery days=7; deletion-protection\n\
               on-demand-max read=100; warm-throughput read=20000; contributor-insights\n\
               resource-policy file=\"one.json\"; disassociation-protection\n\
               kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/a\"\n\
               gsi by-team hash=team { on-demand-max read=7; warm-throughput read=13000; }";
    let project = with_policies(project("hash=id", all));
    let expected = [
        "CreateTable",
        "UpdateTimeToLive ttl",
        "UpdateContinuousBackups point-in-time-recovery",
        "UpdateContributorInsights contributor-insights",
        "EnableKinesisStreamingDestination kinesis-stream",
        "UpdateTable disassociation-protection",
    ];
    assert_eq!(planned(&project, &simulator), expected);
    setup(&project, &simulator, 0);
    let statistics = simulator.statistics();
    assert_eq!(statistics["applied"]["UpdateTable"], 1, "{statistics:#}");
    let policies = &statistics["applied"]["PutResourcePolicy"];
    assert!(policies.is_null(), "it goes with CreateTable: {statistics:#}");
    assert_eq!(issues(&project, &simulator, 0), Vec::<String>::new());
    assert_eq!(planned(&project, &simulator), Vec::<String>::new());
}
