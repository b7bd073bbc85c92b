mod texts;

use super::*;
use texts::{IN_USE, seen};

#[test]
fn seen_texts_are_classified() {
    for (operation, code, message, kind) in seen() {
        let found = classify(operation, Some(code), &message, 400);
        assert_eq!(found, kind, "{operation}, {code}: {message}");
    }
}

#[test]
fn every_row_of_the_table_has_a_text_that_meets_it_first() {
    let mut met = vec![false; RULES.len()];
    for (operation, code, message, _) in seen() {
        let first = RULES.iter().position(|rule| rule.matches(operation, code, &message));
        if let Some(row) = first {
            met[row] = true;
        }
    }
    let idle: Vec<usize> = (0..met.len()).filter(|row| !met[*row]).collect();
    assert!(idle.is_empty(), "rows without a text: {idle:?} of {}", met.len());
}

#[test]
fn words_around_a_text_change_nothing() {
    let suffix = " (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: SomeException; \
                  Request ID: E2GS9JLCCLIUH8BNIPQN32UEDBVV4KQNSO5AEMVJF66Q9ASUAAJG; Proxy: null)";
    for (operation, code, message, kind) in seen().into_iter().filter(|seen| !seen.2.is_empty()) {
        for message in [
            format!("{message}{suffix}"),
            format!("Limit exceeded for replica in eu-west-1. {message}"),
            format!("Failed in replica eu-west-1: {message}{suffix}"),
        ] {
            assert_eq!(classify(operation, Some(code), &message, 400), kind, "{code}: {message}");
        }
    }
}

#[test]
fn the_name_of_a_table_is_not_taken_for_a_text() {
    for name in ["simultaneously", "Rate", "Index", "is-being-deleted", "Table-already-exists"] {
        let busy = format!("{IN_USE}Table is being created: {name}");
        let kind = classify("DeleteTable", Some("ResourceInUseException"), &busy, 400);
        assert_eq!(kind, ErrorKind::Busy(Busy::Creating), "{name}");
        let tags = format!("Subscriber limit exceeded: Table tags are being updated: {name}");
        let kind = classify("TagResource", Some("LimitExceededException"), &tags, 400);
        assert_eq!(kind, ErrorKind::Busy(Busy::Tags), "{name}");
    }
}

#[test]
fn all_codes_of_bad_credentials_are_known() {
    for code in [
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignatureException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    ] {
        assert_eq!(
            classify("DescribeTable", Some(code), "", 400),
            ErrorKind::Credentials,
            "{code}"
        );
    }
}

#[test]
fn answers_without_a_code_are_judged_by_their_status() {
    for (status, kind) in [
        (200, ErrorKind::Garbled),
        (302, ErrorKind::Garbled),
        (401, ErrorKind::Denied),
        (403, ErrorKind::Denied),
        (404, ErrorKind::Unsupported),
        (429, ErrorKind::Throttled),
        (501, ErrorKind::Unsupported),
        (503, ErrorKind::Server),
    ] {
        assert_eq!(classify("CreateTable", None, "", status), kind, "{status}");
    }
}

#[test]
fn an_unknown_code_is_judged_by_its_status_where_that_says_something() {
    let kind = |code, status| classify("CreateTable", Some(code), "", status);
    assert_eq!(kind("SomethingNew", 500), ErrorKind::Server);
    assert_eq!(kind("SomethingNew", 429), ErrorKind::Throttled);
    assert_eq!(kind("SomethingNew", 403), ErrorKind::Other);
    // An emulator that answers denials in XML leaves the SDK only the status.
    assert_eq!(kind("403", 403), ErrorKind::Denied);
    // Another one says "not implemented" with any code.
    assert_eq!(kind("InternalFailure", 501), ErrorKind::Unsupported);
}

fn error(kind: ErrorKind, message: &str) -> ServiceError {
    ServiceError {
        operation: "CreateTable",
        resource: Some("T".to_owned()),
        kind,
        code: None,
        message: message.to_owned(),
        request_id: None,
    }
}

#[test]
fn only_lost_answers_may_have_been_applied() {
    for kind in
        [ErrorKind::Server, ErrorKind::Unprocessable, ErrorKind::Garbled, ErrorKind::Network]
    {
        assert!(error(kind, "").may_have_applied(), "{kind:?}");
    }
    for kind in [
        ErrorKind::RateLimited,
        ErrorKind::Concurrency,
        ErrorKind::Busy(Busy::Index),
        ErrorKind::Cooldown(Cooldown::Encryption),
        ErrorKind::AlreadyExists,
        ErrorKind::Denied,
        ErrorKind::NoOp,
    ] {
        assert!(!error(kind, "").may_have_applied(), "{kind:?}");
    }
    assert!(!error(ErrorKind::Network, "io error: (Connect)").may_have_applied());
}

#[test]
fn a_message_without_end_is_cut() {
    let shown = error(ErrorKind::Other, &"ä".repeat(100_000)).to_string();
    assert_eq!(shown.chars().count(), LONGEST_MESSAGE + 1);
    assert!(shown.ends_with("ä…"));
    assert_eq!(shortened("short", 5), "short");
}
