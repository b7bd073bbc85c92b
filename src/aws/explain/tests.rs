use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::super::error::{Busy, Cooldown};
use super::*;
use crate::model::ErrorCode;

fn failure(operation: &'static str, kind: ErrorKind, code: &str, message: &str) -> Failure {
    ServiceError {
        operation,
        resource: Some("T".to_owned()),
        kind,
        code: Some(code.to_owned()),
        message: message.to_owned(),
        request_id: Some("R1".to_owned()),
    }
    .into_failure()
}

const BUSY: [Busy; 16] = [
    Busy::Creating,
    Busy::Deleting,
    Busy::Updating,
    Busy::Throughput,
    Busy::Billing,
    Busy::Stream,
    Busy::TableClass,
    Busy::Encryption,
    Busy::Index,
    Busy::Tags,
    Busy::Policy,
    Busy::Backups,
    Busy::Replica,
    Busy::Restore,
    Busy::NotActive,
    Busy::Unnamed,
];

const COOLDOWNS: [Cooldown; 8] = [
    Cooldown::DeletionProtection,
    Cooldown::Policy,
    Cooldown::TimeToLive,
    Cooldown::Decreases,
    Cooldown::Encryption,
    Cooldown::TableClass,
    Cooldown::Billing,
    Cooldown::ReplicaSource,
];

fn kinds() -> Vec<ErrorKind> {
    let plain = [
        ErrorKind::RateLimited,
        ErrorKind::Throttled,
        ErrorKind::Concurrency,
        ErrorKind::NoOp,
        ErrorKind::AlreadyExists,
        ErrorKind::NameTaken,
        ErrorKind::NotFound,
        ErrorKind::IndexNotFound,
        ErrorKind::Limit,
        ErrorKind::Denied,
        ErrorKind::Credentials,
        ErrorKind::Unsupported,
        ErrorKind::Validation,
        ErrorKind::Protected,
        ErrorKind::Server,
        ErrorKind::Unprocessable,
        ErrorKind::Network,
        ErrorKind::Garbled,
        ErrorKind::WrongAccount,
        ErrorKind::Other,
    ];
    let busy = BUSY.map(ErrorKind::Busy);
    plain.into_iter().chain(busy).chain(COOLDOWNS.map(ErrorKind::Cooldown)).collect()
}

#[test]
fn every_kind_says_what_happened_to_what_and_what_to_do() {
    for kind in kinds() {
        let failure = failure("CreateTable", kind, "C", "words");
        assert!(failure.message.starts_with("CreateTable T: "), "{kind:?}: {}", failure.message);
        assert!(failure.remediation.is_some_and(|fix| !fix.is_empty()), "{kind:?}");
        assert_eq!(failure.said.as_deref(), Some("C: words (request id R1)"), "{kind:?}");
        assert_eq!(failure.details["requestId"], "R1", "{kind:?}");
    }
}

#[test]
fn each_thing_to_wait_for_has_its_own_words_and_is_waited_for() {
    let mut causes = BTreeSet::new();
    for busy in BUSY {
        let failure = failure("DeleteTable", ErrorKind::Busy(busy), "C", "words");
        assert_eq!(failure.class, FailureClass::Wait, "{busy:?}");
        assert!(causes.insert(failure.cause), "{busy:?} says what another one says");
    }
}

#[test]
fn a_window_without_a_time_fails_at_once_and_says_when_to_come_back() {
    let mut causes = BTreeSet::new();
    for cooldown in COOLDOWNS {
        let failure = failure("UpdateTable", ErrorKind::Cooldown(cooldown), "C", "words");
        let (class, code) = match cooldown {
            Cooldown::DeletionProtection | Cooldown::Policy => {
                (FailureClass::Wait, ErrorCode::Throttled)
            }
            _ => (FailureClass::Permanent, ErrorCode::TableLimitExceeded),
        };
        assert_eq!((failure.class, failure.code), (class, code), "{cooldown:?}");
        assert_eq!(failure.not_before, None);
        assert!(failure.remediation.unwrap().starts_with("run again "), "{cooldown:?}");
        assert!(causes.insert(failure.cause), "{cooldown:?} says what another one says");
    }
}

#[test]
fn a_time_that_the_service_names_is_obeyed() {
    let message = "Encryption mode changes are limited. Next changes can be made at \
                   2026-10-09T12:00:00.500Z.";
    let kind = ErrorKind::Cooldown(Cooldown::Encryption);
    let failure = failure("UpdateTable", kind, "LimitExceededException", message);
    let noon = SystemTime::UNIX_EPOCH + Duration::from_millis(1_791_547_200_500);
    assert_eq!(failure.not_before, Some(noon));
    assert_eq!(failure.class, FailureClass::Wait);
    assert_eq!(failure.details["retryAt"], "2026-10-09T12:00:00.500Z");
    assert_eq!(failure.remediation.as_deref(), Some("run again after 2026-10-09T12:00:00.500Z"));
}

#[test]
fn a_time_is_obeyed_with_whatever_passes_and_with_nothing_else() {
    let message = "Slow down. Please try again after 2026-10-09T12:00:00Z";
    let named = |kind| failure("UpdateTable", kind, "C", message).details.get("retryAt").cloned();
    for kind in [ErrorKind::RateLimited, ErrorKind::Concurrency, ErrorKind::Busy(Busy::Unnamed)] {
        assert_eq!(named(kind).as_deref(), Some("2026-10-09T12:00:00.000Z"), "{kind:?}");
    }
    for kind in [ErrorKind::Validation, ErrorKind::Limit, ErrorKind::Denied, ErrorKind::Server] {
        assert_eq!(named(kind), None, "{kind:?}");
    }
}

#[test]
fn permanent_refusals_are_not_tried_again() {
    for (kind, code) in [
        (ErrorKind::Limit, ErrorCode::TableLimitExceeded),
        (ErrorKind::Validation, ErrorCode::SchemaValidationFailed),
        (ErrorKind::Denied, ErrorCode::AwsPermissionsDenied),
        (ErrorKind::Credentials, ErrorCode::AwsCredentialsInvalid),
        (ErrorKind::Unsupported, ErrorCode::UnsupportedByEndpoint),
        (ErrorKind::Protected, ErrorCode::StepFailed),
        (ErrorKind::NotFound, ErrorCode::TableNotFound),
        (ErrorKind::NameTaken, ErrorCode::StepFailed),
    ] {
        let failure = failure("UpdateTable", kind, "C", "words");
        assert_eq!((failure.class, failure.code), (FailureClass::Permanent, code), "{kind:?}");
    }
}

#[test]
fn rates_and_operations_at_once_use_no_retry_up() {
    for kind in [ErrorKind::RateLimited, ErrorKind::Throttled, ErrorKind::Concurrency] {
        let failure = failure("CreateTable", kind, "C", "words");
        let found = (failure.class, failure.code);
        assert_eq!(found, (FailureClass::Throttled, ErrorCode::Throttled), "{kind:?}");
    }
}

#[test]
fn a_part_of_a_table_that_is_not_there_may_be_there_later() {
    let class = |operation| failure(operation, ErrorKind::NotFound, "C", "words").class;
    assert_eq!(class("ListTagsOfResource"), FailureClass::Transient);
    assert_eq!(class("UpdateTimeToLive"), FailureClass::Transient);
    assert_eq!(class("DescribeTable"), FailureClass::Permanent);
    assert_eq!(class("Scan"), FailureClass::Permanent);
}

#[test]
fn each_way_in_which_credentials_are_no_good_has_its_own_remedy() {
    let mut fixes = BTreeSet::new();
    for (code, message) in [
        ("ExpiredTokenException", "The security token included in the request is expired"),
        ("UnrecognizedClientException", "The security token included in the request is invalid."),
        ("InvalidSignatureException", "The request signature we calculated does not match"),
        ("InvalidSignatureException", "Signature expired: a is now earlier than b"),
        ("MissingAuthenticationTokenException", "Request is missing Authentication Token"),
        ("OptInRequired", "The AWS Access Key Id needs a subscription for the service"),
    ] {
        let failure = failure("ListTables", ErrorKind::Credentials, code, message);
        assert_eq!(failure.code, ErrorCode::AwsCredentialsInvalid);
        assert!(fixes.insert(failure.remediation), "{code}: {message}");
    }
}

#[test]
fn texts_without_end_do_not_flood_the_screen() {
    let text = "User: u is not authorized to perform: ".to_owned() + &"x".repeat(1_000_000);
    for kind in kinds() {
        let error = ServiceError {
            operation: "CreateTable",
            resource: None,
            kind,
            code: None,
            message: text.clone(),
            request_id: None,
        };
        let failure = error.into_failure();
        let shown = serde_json::to_string(&failure).unwrap();
        assert!(shown.len() < 12_000, "{kind:?}: {} characters", shown.len());
    }
}
