//! What a person should make of an error of a service: code, cause, remedy.

use crate::model::{ErrorCode, Failure, FailureClass};

use super::error::{ErrorKind, ServiceError};
use super::identity::denied;

/// What a kind of error means where the message adds nothing; empty texts are left out.
struct Meaning {
    code: ErrorCode,
    class: FailureClass,
    happened: &'static str,
    cause: &'static str,
    fix: &'static str,
}

const fn meaning(kind: ErrorKind) -> Meaning {
    use ErrorCode as Code;
    use FailureClass as Class;
    let (code, class, happened, cause, fix) = match kind {
        ErrorKind::Throttled => (
            Code::Throttled,
            Class::Throttled,
            "throttled",
            "the account's limit on control-plane calls, or on operations at once",
            "run again later, or with fewer steps at once: -j 2",
        ),
        ErrorKind::Busy => (
            Code::StepFailed,
            Class::Wait,
            "still in use",
            "another change of the table has not ended",
            "wait for it and run again",
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
        ErrorKind::Denied | ErrorKind::Credentials | ErrorKind::Other => {
            (Code::UnknownError, Class::Permanent, "failed", "", "")
        }
    };
    Meaning { code, class, happened, cause, fix }
}

impl ServiceError {
    /// The failure that people and the engine see.
    #[must_use]
    pub fn into_failure(self) -> Failure {
        let resource = self.resource.as_deref();
        let what = resource
            .map_or_else(|| self.operation.to_owned(), |on| format!("{} {on}", self.operation));
        let mut failure = match self.kind {
            ErrorKind::Denied => return denied(&self, &what),
            ErrorKind::Credentials => credentials(&self, &what),
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
        if let Some(id) = &self.request_id {
            failure = failure.detail("requestId", id);
        }
        failure.said(self.to_string()).detail("operation", self.operation)
    }
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn credentials(error: &ServiceError, what: &str) -> Failure {
    let code = error.code.as_deref().unwrap_or_default();
    let skewed = error.message.contains("Signature expired")
        || error.message.contains("Signature not yet current")
        || code == "RequestExpired";
    let (cause, fix) = if skewed {
        ("this machine's clock is wrong", "set the clock (NTP), then run again")
    } else if code.starts_with("ExpiredToken") {
        (
            "the session has expired",
            "sign in again (aws sso login, or renew the keys), then run again",
        )
    } else if code.contains("Signature") {
        (
            "the secret key does not belong to the access key",
            "check AWS_SECRET_ACCESS_KEY or the profile",
        )
    } else if code.starts_with("MissingAuthenticationToken") {
        (
            "no credentials were sent",
            "set AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in: aws sso login",
        )
    } else {
        (
            "the access key does not exist, is inactive, or needs its session token",
            "check AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN, or the profile",
        )
    };
    Failure::new(ErrorCode::AwsCredentialsInvalid, format!("{what}: the credentials are refused"))
        .cause(cause)
        .fix(fix)
}
