//! A service that fails: what is tried again, what is not, and that nothing is made twice.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;

use crate::harness::{Answer, Fake, Fault, ONE_TABLE, Outcome, Project, dynamo_with};

const THROTTLED: Fault = Fault::Error(
    400,
    "ThrottlingException",
    "The rate of control plane requests made by this account is too high",
);
const UNKNOWN: Fault = Fault::Error(
    400,
    "ResourceNotFoundException",
    "Requested resource not found: Table: T not found",
);
const TAKEN: (&str, &str) = ("ResourceInUseException", "Table already exists: tiny-dev-Users");
const INTERNAL: Fault = Fault::Error(500, "InternalServerError", "Internal server error");

fn setup(server: &Fake) -> Outcome {
    Project::of(ONE_TABLE).osem("setup --endpoint-url").args([server.url()]).output()
}

fn creates(server: &Fake) -> usize {
    server.seen().iter().filter(|operation| *operation == "CreateTable").count()
}

fn document(server: &Fake, line: &str, code: i32) -> Value {
    Project::of(ONE_TABLE).osem(line).args(["--endpoint-url", server.url()]).json(code)
}

#[test]
fn a_create_whose_answer_was_lost_is_adopted_without_another_try() {
    let failed = Fault::ErrorAfter(500, "InternalServerError", "Internal server error");
    for fault in [Fault::LoseAnswer, failed] {
        let server = dynamo_with(move |operation, asked| {
            (operation == "CreateTable" && asked.times(operation) == 0).then_some(fault)
        });
        let document = document(&server, "setup", 0);
        assert_eq!(creates(&server), 1, "{fault:?}");
        let entry = &document["data"]["tablesCreated"][0];
        assert_eq!(entry["status"], "created", "{fault:?}");
        assert_eq!(entry["answer"], "lost", "{fault:?}");
        let step = &document["data"]["steps"][0];
        assert_eq!(step["attempts"], 1, "{fault:?}: no retry is used up");
        assert_eq!(step["message"], "created; the answer was lost, the table was found");
    }
}

#[test]
fn a_lost_answer_is_said_to_people_too() {
    let server = dynamo_with(|operation, asked| {
        (operation == "CreateTable" && asked.times(operation) == 0).then_some(Fault::LoseAnswer)
    });
    let outcome = setup(&server);
    outcome.expect_code(0);
    outcome.expect_stderr("tiny-dev-Users  created  answer lost");
    let plain = dynamo_with(|_, _| None);
    setup(&plain).refuse_stderr("answer lost");
}

#[test]
fn a_create_whose_answer_was_lost_is_looked_for_until_it_is_shown() {
    let server = dynamo_with(|operation, asked| match operation {
        "CreateTable" if asked.times(operation) == 0 => Some(Fault::LoseAnswer),
        "DescribeTable" => match asked.times(operation) {
            1 | 5 => Some(UNKNOWN),
            // The SDK gives such a read up after three tries.
            2..=4 => Some(INTERNAL),
            _ => None,
        },
        _ => None,
    });
    let document = document(&server, "setup", 0);
    assert_eq!(creates(&server), 1);
    assert_eq!(document["data"]["tablesCreated"][0]["answer"], "lost");
    assert_eq!(document["data"]["steps"][0]["attempts"], 1);
}

#[test]
fn a_table_with_other_keys_is_not_adopted_after_a_lost_answer() {
    let server = dynamo_with(|operation, asked| match operation {
        "CreateTable" if asked.times(operation) == 0 => Some(Fault::LoseAnswer),
        "DescribeTable" if asked.times("CreateTable") > 0 => Some(Fault::OtherKeys),
        _ => None,
    });
    let document = document(&server, "setup", 2);
    assert_eq!(creates(&server), 1);
    assert_eq!(document["error"]["code"], "SCHEMA_VALIDATION_FAILED");
    assert_eq!(document["data"]["steps"][0]["changed"], true, "a table may stand");
}

#[test]
fn a_create_that_was_not_carried_out_is_sent_again() {
    // Each waits until descriptions no longer lag, so they run side by side.
    thread::scope(|scope| {
        for fault in [Fault::Hangup, INTERNAL, Fault::Html(502), THROTTLED] {
            scope.spawn(move || {
                let server = dynamo_with(move |operation, asked| {
                    (operation == "CreateTable" && asked.times(operation) == 0).then_some(fault)
                });
                let document = document(&server, "setup", 0);
                assert_eq!(creates(&server), 2, "{fault:?}");
                assert_eq!(document["data"]["steps"][0]["attempts"], 2, "{fault:?}");
                let entry = &document["data"]["tablesCreated"][0];
                assert_eq!(entry["answer"], Value::Null, "{fault:?}: the second was answered");
            });
        }
    });
}

#[test]
fn a_create_that_the_service_says_has_failed_is_looked_for_only_briefly() {
    let unprocessable = Fault::ErrorAfter(500, "InternalFailure", "");
    let internal = Fault::ErrorAfter(500, "InternalServerError", "Internal server error");
    for fault in [internal, unprocessable] {
        let server = dynamo_with(move |operation, asked| match operation {
            "CreateTable" if asked.times(operation) == 0 => Some(fault),
            "DescribeTable" if asked.times("CreateTable") == 1 => Some(UNKNOWN),
            _ => None,
        });
        let document = document(&server, "setup", 0);
        assert_eq!(creates(&server), 2, "{fault:?}");
        // Five times a second at most: ten seconds of them would be about fifty.
        let second = server.seen().iter().rposition(|call| call == "CreateTable").unwrap();
        assert!(second < 25, "{fault:?}: {:?}", server.seen());
        assert_eq!(document["data"]["tablesCreated"][0]["answer"], "lost", "{fault:?}");
        assert_eq!(document["data"]["retries"]["serviceFailures"], 1, "{fault:?}");
        assert_eq!(document["data"]["retries"]["total"], 1, "{fault:?}");
    }
}

#[test]
fn a_table_that_is_shown_only_after_the_next_create_is_refused_is_adopted() {
    let server = dynamo_with(|operation, asked| match operation {
        "CreateTable" if asked.times(operation) == 0 => Some(Fault::LoseAnswer),
        // Descriptions are older than the creation, for longer than they ever should be.
        "DescribeTable" if asked.times("CreateTable") == 1 => Some(UNKNOWN),
        _ => None,
    });
    let document = document(&server, "setup", 0);
    assert_eq!(creates(&server), 2);
    assert_eq!(document["data"]["tablesCreated"][0]["answer"], "lost");
}

#[test]
fn a_create_that_somebody_else_won_is_compared_and_adopted_as_theirs() {
    let server = dynamo_with(|operation, asked| match operation {
        "CreateTable" => Some(Fault::ErrorAfter(400, TAKEN.0, TAKEN.1)),
        "DescribeTable" => (asked.times(operation) < 3).then_some(UNKNOWN),
        _ => None,
    });
    let document = document(&server, "setup", 0);
    assert_eq!(creates(&server), 1);
    let entry = &document["data"]["tablesCreated"][0];
    assert_eq!((entry["status"].as_str(), &entry["answer"]), (Some("unchanged"), &Value::Null));
    assert_eq!(document["data"]["steps"][0]["attempts"], 1);
}

#[test]
fn a_create_refused_for_a_table_that_is_gone_by_then_is_sent_again() {
    let server = dynamo_with(|operation, asked| {
        let first = operation == "CreateTable" && asked.times(operation) == 0;
        first.then_some(Fault::Error(400, TAKEN.0, TAKEN.1))
    });
    let document = document(&server, "setup", 0);
    assert_eq!(creates(&server), 2);
    assert_eq!(document["data"]["tablesCreated"][0]["status"], "created");
}

#[test]
fn a_description_that_is_older_than_the_creation_is_waited_out() {
    // The service answers it for a second or two after `CreateTable`.
    let (early, lagging) = (AtomicUsize::new(0), 2);
    let server = dynamo_with(move |operation, asked| {
        let after = operation == "DescribeTable" && asked.times("CreateTable") > 0;
        (after && early.fetch_add(1, Ordering::Relaxed) < lagging).then_some(UNKNOWN)
    });
    let outcome = setup(&server);
    outcome.expect_code(0);
    assert_eq!(creates(&server), 1, "{outcome}");
}

#[test]
fn reads_that_fail_are_repeated() {
    for fault in [Fault::Hangup, INTERNAL, THROTTLED] {
        let server = dynamo_with(move |operation, asked| {
            (operation == "DescribeTable" && asked.times(operation).is_multiple_of(2))
                .then_some(fault)
        });
        setup(&server).expect_code(0);
        assert_eq!(creates(&server), 1);
    }
}

#[test]
fn what_waiting_does_not_change_is_not_tried_again() {
    for (fault, code) in [
        (Fault::Error(400, "AccessDeniedException", "User: u is not authorized"), "PERMISSIONS"),
        (Fault::Error(400, "ValidationException", "One or more parameters"), "SCHEMA"),
        (Fault::Error(400, "LimitExceededException", "limit of 2500 tables"), "TABLE_LIMIT"),
        (Fault::Error(400, "ExpiredTokenException", "The token is expired"), "CREDENTIALS"),
    ] {
        let server = dynamo_with(move |operation, _| (operation == "CreateTable").then_some(fault));
        let run = Project::of(ONE_TABLE).osem("setup --endpoint-url").args([server.url()]);
        let document = run.json(1);
        let found = document["error"]["code"].as_str().unwrap();
        assert!(found.contains(code), "{fault:?}: {found}");
        assert_eq!(creates(&server), 1);
    }
}

#[test]
fn a_window_that_ends_after_this_run_says_when_to_come_back() {
    let message = "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 \
                   day(s).";
    let server = dynamo_with(move |operation, _| {
        (operation == "CreateTable").then_some(Fault::Error(400, "LimitExceededException", message))
    });
    let document = document(&server, "setup", 1);
    assert_eq!(creates(&server), 1);
    assert_eq!(document["error"]["code"], "TABLE_LIMIT_EXCEEDED");
    let fix = document["error"]["remediation"].as_str().unwrap();
    assert!(fix.contains("30 days"), "{fix}");
}

#[test]
fn a_table_that_is_being_deleted_already_counts_as_deleted() {
    let server = dynamo_with(|operation, _| {
        let deleting = "Attempt to change a resource which is still in use: Table is being \
                        deleted: tiny-dev-Users";
        let refused = Fault::ErrorAfter(400, "ResourceInUseException", deleting);
        (operation == "DeleteTable").then_some(refused)
    });
    setup(&server).expect_code(0);
    let document = document(&server, "delete-tables --confirm dev", 0);
    assert_eq!(document["data"]["steps"][0]["message"], "is deleted already");
    assert_eq!(document["data"]["tablesDeleted"], serde_json::json!([]), "by somebody else");
}

const TAGGED: &str = "\
osem 1
project tiny { table-name \"tiny-{env}-{table}\"; }
environment dev default=#true { region us-east-1; allow-destroy; }
defaults { table { tag Team platform; }; }
table Users hash=userId
task setup { for-each table { step create-table; step wait-active; }; }
task delete-tables { allow-in dev; for-each table { step delete-table { retry 1; }; }; }
";

fn deletes(server: &Fake) -> usize {
    server.seen().iter().filter(|operation| *operation == "DeleteTable").count()
}

#[test]
fn a_guard_that_finds_nothing_does_not_mean_that_the_table_is_gone() {
    for guarding in ["ListTagsOfResource", "Scan"] {
        // The preview's answer is the last good one.
        let server = dynamo_with(move |operation, asked| {
            (operation == guarding && asked.times(operation) > 0).then_some(UNKNOWN)
        });
        let project = Project::of(TAGGED);
        project.osem("setup --endpoint-url").args([server.url()]).success();
        let run = project.osem("delete-tables --confirm dev --endpoint-url");
        let document = run.args([server.url()]).json(1);
        assert_eq!(document["error"]["code"], "TABLE_NOT_FOUND", "{guarding}");
        assert_eq!(document["data"]["tablesDeleted"], serde_json::json!([]), "{guarding}");
        assert_eq!(deletes(&server), 0, "{guarding}");
    }
}

#[test]
fn a_table_that_vanishes_before_its_turn_is_not_deleted_unguarded() {
    for (missing, code) in [("error", 1), ("ok", 0)] {
        // Two descriptions of `setup`, one of the preview, one of the step, then that before the call.
        let server = dynamo_with(move |operation, asked| {
            let described = asked.times("DescribeTable");
            (operation == "DescribeTable" && asked.times("CreateTable") > 0 && described > 3)
                .then_some(UNKNOWN)
        });
        let step = format!("step delete-table missing={missing}");
        let project = Project::of(TAGGED.replace("step delete-table", &step));
        project.osem("setup --endpoint-url").args([server.url()]).success();
        let run = project.osem("delete-tables --confirm dev --endpoint-url");
        run.args([server.url()]).status(code);
        assert_eq!(deletes(&server), 0, "missing={missing}: {:?}", server.seen());
        let described = server.seen().iter().filter(|call| *call == "DescribeTable").count();
        assert_eq!(described, 5, "missing={missing}: {:?}", server.seen());
    }
}

#[test]
fn a_delete_whose_answer_was_lost_is_this_runs_own() {
    let server = dynamo_with(|operation, asked| {
        (operation == "DeleteTable" && asked.times(operation) == 0).then_some(Fault::LoseAnswer)
    });
    setup(&server).expect_code(0);
    let document = document(&server, "delete-tables --confirm dev", 0);
    assert_eq!(document["data"]["tablesDeleted"][0]["status"], "deleted");
}

#[test]
fn a_table_that_stands_while_a_later_step_fails_makes_it_a_two() {
    let server =
        dynamo_with(|operation, asked| {
            (operation == "DescribeTable" && asked.times("CreateTable") > 0)
                .then_some(Fault::Error(400, "AccessDeniedException", "User: u is not authorized"))
        });
    let outcome = setup(&server);
    outcome.expect_code(2);
    outcome.expect_stderr("1 table created");
}

#[test]
fn texts_of_the_service_cannot_drive_the_terminal() {
    let text = "\u{1b}[2J\u{9b}31m\u{202e}User: u\u{7} is not authorized";
    let server = dynamo_with(move |operation, _| {
        (operation == "CreateTable").then_some(Fault::Error(400, "AccessDeniedException", text))
    });
    let outcome = setup(&server);
    outcome.expect_code(1);
    for hostile in ['\u{1b}', '\u{9b}', '\u{202e}', '\u{7}'] {
        assert!(!outcome.raw_stderr.contains(hostile), "{hostile:?}\n{outcome}");
    }
}

#[test]
fn texts_of_the_service_cannot_flood_the_screen() {
    let text: &'static str = "User: u is not authorized. ".repeat(100_000).leak();
    let server = dynamo_with(move |operation, _| {
        (operation == "CreateTable").then_some(Fault::Error(400, "AccessDeniedException", text))
    });
    let outcome = setup(&server);
    outcome.expect_code(1);
    let length = outcome.raw_stderr.len();
    assert!(length < 20_000, "{length} bytes on stderr");
}

#[test]
fn a_list_that_never_ends_is_given_up() {
    let page = r#"{"TableNames":["a","tiny-dev-Users"],"LastEvaluatedTableName":"tiny-dev-Users"}"#;
    let server = Fake::start(move |_| Answer::Json(200, page.to_owned()));
    let run = Project::of(ONE_TABLE).osem("list-tables --endpoint-url").args([server.url()]);
    let outcome = run.output();
    outcome.refuse_stderr("panicked");
    assert!(server.seen().len() < 100, "{} pages", server.seen().len());
}
