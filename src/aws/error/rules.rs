//! The one table of what the service's errors mean, by operation, code and message.
//!
//! Texts are those that the service, or an emulator, was seen to send. Only the part that stays the
//! same is matched, wherever it stands: tables with replicas put words before it, SDKs behind it.
//! All of them hold a blank, so that no name of a table or an index can pass for one.

use super::{Busy, Cooldown, ErrorKind};

/// One row: any of these operations and codes, with this message, means this.
pub(super) struct Rule {
    /// Any operation when empty.
    operations: &'static [&'static str],
    codes: &'static [&'static str],
    message: Message,
    pub(super) kind: ErrorKind,
}

/// What the message must be like.
enum Message {
    Any,
    Empty,
    Has(&'static str),
}

impl Rule {
    pub(super) fn matches(&self, operation: &str, code: &str, message: &str) -> bool {
        (self.operations.is_empty() || self.operations.contains(&operation))
            && self.codes.contains(&code)
            && match self.message {
                Message::Any => true,
                Message::Empty => message.is_empty(),
                Message::Has(text) => message.contains(text),
            }
    }

    /// For these operations only.
    const fn of(self, operations: &'static [&'static str]) -> Self {
        Self { operations, ..self }
    }
}

const fn any(codes: &'static [&'static str], kind: ErrorKind) -> Rule {
    Rule { operations: &[], codes, message: Message::Any, kind }
}

const fn has(codes: &'static [&'static str], text: &'static str, kind: ErrorKind) -> Rule {
    Rule { operations: &[], codes, message: Message::Has(text), kind }
}

const fn in_use(text: &'static str, busy: Busy) -> Rule {
    has(&["ResourceInUseException"], text, ErrorKind::Busy(busy))
}

const fn limit(text: &'static str, kind: ErrorKind) -> Rule {
    has(&["LimitExceededException"], text, kind)
}

const fn invalid(text: &'static str, kind: ErrorKind) -> Rule {
    has(&["ValidationException"], text, kind)
}

const THROTTLING: &[&str] = &["Throttling", "ThrottlingException"];

/// First match wins.
pub(super) const RULES: &[Rule] = &[
    // Two tables under one name.
    has(&["ResourceInUseException"], "Global table with name", ErrorKind::NameTaken),
    has(&["ResourceInUseException"], "Table already exists", ErrorKind::AlreadyExists),
    has(&["ResourceInUseException"], "Cannot create preexisting table", ErrorKind::AlreadyExists),
    // Something must end first. Indexes stand before tables: their texts have the same words.
    in_use("while indexes are being", Busy::Index),
    in_use("Index creation is in resource allocation phase", Busy::Index),
    in_use("Index is being ", Busy::Index),
    in_use("when an index is being created", Busy::Index),
    in_use("when stream status is being updated", Busy::Stream),
    in_use("A stream status change is currently in progress", Busy::Stream),
    in_use("while stream is being", Busy::Stream),
    in_use("while BillingMode update is in progress", Busy::Billing),
    in_use("table class update is in progress", Busy::TableClass),
    in_use("Server-Side Encryption is still being updated", Busy::Encryption),
    in_use("Table IOPS are currently being updated", Busy::Throughput),
    in_use("while table IOPS are being updated", Busy::Throughput),
    in_use("Table tags are being updated", Busy::Tags),
    in_use("resource-based policy update", Busy::Policy),
    in_use("Table is being used", Busy::Restore),
    in_use("Table needs to be in ACTIVE status", Busy::NotActive),
    in_use(" is in the process of being updated", Busy::Updating),
    in_use(" is being created", Busy::Creating),
    in_use(" is being deleted", Busy::Deleting),
    // moto, for good, of a table that had a stream before.
    has(&["ResourceInUseException"], "Cannot enable stream", ErrorKind::Unsupported),
    any(&["ResourceInUseException"], ErrorKind::Busy(Busy::Unnamed)),
    // Limits: of a moment, of a window, and for good.
    limit("Table tags are being updated", ErrorKind::Busy(Busy::Tags)),
    limit("Only 1 online index can be", ErrorKind::Busy(Busy::Index)),
    limit("Provisioned throughput decreases are limited", ErrorKind::Cooldown(Cooldown::Decreases)),
    limit("Encryption mode changes are limited", ErrorKind::Cooldown(Cooldown::Encryption)),
    limit("Updates to TableClass are limited", ErrorKind::Cooldown(Cooldown::TableClass)),
    limit("Update to PayPerRequest mode are limited", ErrorKind::Cooldown(Cooldown::Billing)),
    limit(" simultaneously", ErrorKind::Concurrency),
    any(&["LimitExceededException"], ErrorKind::Limit),
    // Rates.
    has(
        THROTTLING,
        "Deletion protection setting for table",
        ErrorKind::Cooldown(Cooldown::DeletionProtection),
    ),
    has(THROTTLING, "Resource-based policy for", ErrorKind::Cooldown(Cooldown::Policy)),
    has(THROTTLING, "Rate exceeded", ErrorKind::Throttled),
    any(THROTTLING, ErrorKind::RateLimited),
    any(
        &[
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "TooManyRequestsException",
        ],
        ErrorKind::Throttled,
    ),
    // Validations that waiting ends.
    invalid(
        "Time to live has been modified multiple times",
        ErrorKind::Cooldown(Cooldown::TimeToLive),
    )
    .of(&["UpdateTimeToLive"]),
    invalid("Cannot describe time to live while table is", ErrorKind::Busy(Busy::NotActive)),
    invalid(
        "is not in a valid state to update Key Access Insights",
        ErrorKind::Busy(Busy::NotActive),
    ),
    invalid("Table is not in a valid state to", ErrorKind::Busy(Busy::NotActive)).of(&[
        "EnableKinesisStreamingDestination",
        "DisableKinesisStreamingDestination",
        "UpdateKinesisStreamingDestination",
    ]),
    invalid("replica server-side encryption status is in UPDATING", ErrorKind::Busy(Busy::Replica)),
    invalid("of replica is not allowed while the replica is", ErrorKind::Busy(Busy::Replica)),
    invalid("has acted as a source region", ErrorKind::Cooldown(Cooldown::ReplicaSource)),
    // Nothing to change. An emulator says the first of these where the attribute is another one.
    invalid("TimeToLive is already enabled with a different", ErrorKind::Validation),
    invalid("TimeToLive is already ", ErrorKind::NoOp).of(&["UpdateTimeToLive"]),
    invalid("The provisioned throughput for the table will not change", ErrorKind::NoOp),
    invalid("The provisioned throughput for the index", ErrorKind::NoOp),
    invalid("Table already has an enabled stream", ErrorKind::NoOp),
    invalid("Table has no stream to disable", ErrorKind::NoOp),
    invalid("Table is already encrypted", ErrorKind::NoOp),
    invalid("Attempting to create an index which already exists", ErrorKind::NoOp),
    invalid("At least one of ProvisionedThroughput, BillingMode", ErrorKind::NoOp)
        .of(&["UpdateTable"]),
    invalid("Precision is already set", ErrorKind::NoOp)
        .of(&["EnableKinesisStreamingDestination", "UpdateKinesisStreamingDestination"]),
    // An older model of an index's update, in which capacity had to stand: all else is unknown to it.
    invalid(
        "update.provisionedThroughput' failed to satisfy constraint: Member must not be null",
        ErrorKind::Unsupported,
    )
    .of(&["UpdateTable"]),
    // DynamoDB Local, of what it does not know.
    invalid("No provisioned throughput specified for the global", ErrorKind::Unsupported)
        .of(&["UpdateTable"]),
    invalid("Nothing to update", ErrorKind::Unsupported).of(&["UpdateTable"]),
    // All other validations.
    invalid("currently protected against deletion", ErrorKind::Protected),
    any(&["ValidationException"], ErrorKind::Validation),
    // What is not there, or not yet.
    has(&["ResourceNotFoundException"], "not found: Index ", ErrorKind::IndexNotFound),
    any(&["ResourceNotFoundException", "TableNotFoundException"], ErrorKind::NotFound),
    any(&["BackupNotFoundException"], ErrorKind::NotFound),
    any(
        &["BackupInUseException", "ContinuousBackupsUnavailableException"],
        ErrorKind::Busy(Busy::Backups),
    ),
    any(&["TableInUseException"], ErrorKind::Busy(Busy::NotActive)),
    // Who calls.
    any(
        &["AccessDeniedException", "AccessDenied", "NotAuthorized", "UnauthorizedOperation"],
        ErrorKind::Denied,
    ),
    any(
        &[
            "AuthFailure",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidAccessKeyId",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "OptInRequired",
            "RequestExpired",
            "SignatureDoesNotMatch",
            "UnrecognizedClientException",
        ],
        ErrorKind::Credentials,
    ),
    // Who answers.
    any(
        &[
            "InvalidAction",
            "NotImplemented",
            "NotImplementedException",
            "UnknownOperation",
            "UnknownOperationException",
            "UnsupportedOperation",
            "UnsupportedOperationException",
        ],
        ErrorKind::Unsupported,
    ),
    Rule {
        operations: &["CreateTable", "UpdateTable"],
        codes: &["InternalFailure"],
        message: Message::Empty,
        kind: ErrorKind::Unprocessable,
    },
    any(
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
        ],
        ErrorKind::Server,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_could_be_the_name_of_a_table() {
        for rule in RULES {
            if let Message::Has(text) = rule.message {
                assert!(text.contains(' '), "{text}");
            }
        }
    }
}
