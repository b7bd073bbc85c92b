//! A service that fails: what is tried again, what is not, and that nothing is made twice.

use std::sync::atomic::{AtomicUsize, Ordering};

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
const INTERNAL: Fault = Fault::Error(500, "InternalServerError", "Internal server error");

fn setup(server: &Fake) -> Outcome {
    Project::of(ONE_TABLE).osem("setup --endpoint-url").args([server.url()]).output()
}

fn creates(server: &Fake) -> usize {
    server.seen().iter().filter(|operation| *operation == "CreateTable").count()
}

#[test]
fn a_create_whose_answer_was_lost_is_found_and_not_sent_again() {
    let server = dynamo_with(|operation, asked| {
        (operation == "CreateTable" && asked.times(operation) == 0).then_some(Fault::LoseAnswer)
    });
    let outcome = setup(&server);
    outcome.expect_code(0);
    assert_eq!(creates(&server), 1, "{outcome}");
}

#[test]
fn a_create_that_was_not_carried_out_is_sent_again() {
    for fault in [Fault::Hangup, INTERNAL, Fault::Html(502), THROTTLED] {
        let server = dynamo_with(move |operation, asked| {
            (operation == "CreateTable" && asked.times(operation) == 0).then_some(fault)
        });
        let outcome = setup(&server);
        outcome.expect_code(0);
        assert_eq!(creates(&server), 2, "{fault:?}\n{outcome}");
    }
}

#[test]
fn a_create_that_somebody_else_won_is_compared_and_adopted() {
    let server = dynamo_with(|operation, asked| match operation {
        "CreateTable" if asked.times(operation) == 0 => Some(Fault::LoseAnswer),
        // The description is older than the creation.
        "DescribeTable" if asked.times("CreateTable") == 1 => Some(UNKNOWN),
        _ => None,
    });
    let outcome = setup(&server);
    outcome.expect_code(0);
    assert_eq!(creates(&server), 2, "{outcome}");
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
fn a_list_that_never_ends_is_given_up() {
    let page = r#"{"TableNames":["a","tiny-dev-Users"],"LastEvaluatedTableName":"tiny-dev-Users"}"#;
    let server = Fake::start(move |_| Answer::Json(200, page.to_owned()));
    let run = Project::of(ONE_TABLE).osem("list-tables --endpoint-url").args([server.url()]);
    let outcome = run.output();
    outcome.refuse_stderr("panicked");
    assert!(server.seen().len() < 100, "{} pages", server.seen().len());
}
