//! What a person should make of an error of a service: code, cause, remedy.

mod credentials;
mod denial;
mod waiting;

use crate::model::{ErrorCode, Failure, FailureClass};

use super::error::{ErrorKind, ServiceError, quoted};
use credentials::credentials;
use denial::denied;
use waiting::cooldown;

/// What a kind of error means where the message adds nothing; empty texts are left out.
struct Meaning {
    code: ErrorCode,
    class: FailureClass,
    happened: &'static str,
    cause: &'static str,
    fix: &'static str,
}

/// Calls about a part of a table. While the table is being created, or was just now, the service
/// answers them as if it were not there.
const OF_PARTS: [&str; 16] = [
    "DeleteResourcePolicy",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeKinesisStreamingDestination",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "GetResourcePolicy",
    "ListTagsOfResource",
    "PutResourcePolicy",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateKinesisStreamingDestination",
    "UpdateTimeToLive",
];

const fn meaning(kind: ErrorKind) -> Meaning {
    use ErrorCode as Code;
    use FailureClass as Class;
    let (code, class, happened, cause, fix) = match kind {
        ErrorKind::RateLimited => (
            Code::Throttled,
            Class::Throttled,
            "throttled",
            "the account's limit on control-plane calls",
            "run again later, or with fewer steps at once: -j 2",
        ),
        ErrorKind::Throttled => (
            Code::Throttled,
            Class::Throttled,
            "throttled",
            "too many calls of this kind within a moment",
            "run again later, or with fewer steps at once: -j 2",
        ),
        ErrorKind::Concurrency => (
            Code::Throttled,
            Class::Throttled,
            "too many at once",
            "the account has as many table operations under way at once as it may",
            "run again when they have ended, or with fewer steps at once: -j 2; Service Quotas \
             raises the limit",
        ),
        ErrorKind::Busy(busy) => (
            Code::StepFailed,
            Class::Wait,
            "still in use",
            waiting::on(busy),
            "give the step more time (timeout), or run again when that is done",
        ),
        ErrorKind::NoOp => (
            Code::StepFailed,
            Class::Permanent,
            "nothing to change",
            "what was asked for is so already, as the service sees it",
            "compare with the live table: osem verify",
        ),
        ErrorKind::AlreadyExists => {
            (Code::StepFailed, Class::Ambiguous, "it exists already", "", "")
        }
        ErrorKind::NotFound => (
            Code::TableNotFound,
            Class::Permanent,
            "not found",
            "",
            "create the tables first: osem run setup",
        ),
        ErrorKind::IndexNotFound => (
            Code::SchemaValidationFailed,
            Class::Permanent,
            "the index is not there",
            "the table is there without this index: it was deleted, or never created",
            "compare with the live table: osem verify",
        ),
        ErrorKind::NameTaken => (
            Code::StepFailed,
            Class::Permanent,
            "the name is taken",
            "a global table of this name has replicas in other regions",
            "choose another name in the file, or add this region to the global table",
        ),
        ErrorKind::Limit => (
            Code::TableLimitExceeded,
            Class::Permanent,
            "over a quota",
            "a quota of the account or table is used up",
            "raise it in Service Quotas, or remove what is not needed",
        ),
        ErrorKind::Unsupported => (
            Code::UnsupportedByEndpoint,
            Class::Permanent,
            "not supported by this endpoint",
            "",
            "leave it out of the file for this environment, or use another endpoint",
        ),
        ErrorKind::Validation => (
            Code::SchemaValidationFailed,
            Class::Permanent,
            "the service refuses the request",
            "the file asks for something that the service, or this endpoint, does not accept",
            "change the file to what the service says",
        ),
        ErrorKind::Protected => (
            Code::StepFailed,
            Class::Permanent,
            "the table is protected against deletion",
            "",
            "osem never turns deletion protection off; do so yourself, then run again",
        ),
        ErrorKind::Network => (
            Code::NetworkError,
            Class::Transient,
            "no answer",
            "nothing listens at the endpoint, or the network does not reach it",
            "check the endpoint and the network, then run again",
        ),
        ErrorKind::Server => (
            Code::UnknownError,
            Class::Ambiguous,
            "the service failed",
            "a fault of the service",
            "run again; what is done is not done twice",
        ),
        ErrorKind::Indigestible => (
            Code::UnknownError,
            Class::Ambiguous,
            "the service failed",
            "a fault of the service, or a request that it answers so each time: throughput limits \
             without values, an index that is not there, a KMS key that cannot encrypt",
            "look at these settings, then run again; what is done is not done twice",
        ),
        ErrorKind::Garbled => (
            Code::UnknownError,
            Class::Ambiguous,
            "the answer is not that of DynamoDB",
            "another server, or a proxy, answers at this endpoint",
            "check the endpoint",
        ),
        ErrorKind::WrongAccount => (
            Code::AwsAccountMismatch,
            Class::Permanent,
            "a table of another account",
            "the endpoint answers for another account than the environment declares",
            "check the endpoint and the credentials",
        ),
        // The first three have causes of their own.
        ErrorKind::Denied | ErrorKind::Credentials | ErrorKind::Cooldown(_) | ErrorKind::Other => (
            Code::UnknownError,
            Class::Permanent,
            "failed",
            "",
            "look up what the service says; run again if it may pass",
        ),
    };
    Meaning { code, class, happened, cause, fix }
}

impl ServiceError {
    /// The failure that people and the engine see.
    #[must_use]
    pub fn into_failure(mut self) -> Failure {
        self.message = quoted(&self.message);
        let resource = self.resource.as_deref();
        let what = resource
            .map_or_else(|| self.operation.to_owned(), |on| format!("{} {on}", self.operation));
        let mut failure = match self.kind {
            ErrorKind::Denied => return denied(&self, &what),
            ErrorKind::Credentials => credentials(&self, &what),
            ErrorKind::Cooldown(of) => cooldown(&self, of, &what),
            kind => {
                let meaning = meaning(kind);
                let mut failure =
                    Failure::new(meaning.code, format!("{what}: {}", meaning.happened))
                        .class(meaning.class);
                failure.cause = text(meaning.cause);
                failure.remediation = text(meaning.fix);
                failure
            }
        };
        if self.kind == ErrorKind::Network && !self.never_connected() {
            failure.cause = text("the connection broke, or no answer came in time");
        }
        if self.kind == ErrorKind::NotFound && OF_PARTS.contains(&self.operation) {
            failure.class = FailureClass::Transient;
            failure.cause = text("the table is not there, or not yet: was it just created?");
        }
        if let Some(id) = &self.request_id {
            failure = failure.detail("requestId", id);
        }
        failure.said(self.to_string()).detail("operation", self.operation)
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
