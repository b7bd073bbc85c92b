//! What each kind of error means where the message adds nothing.

use ErrorCode as Code;
use FailureClass as Class;

use crate::model::{ErrorCode, Failure, FailureClass};

use super::super::error::ErrorKind;
use super::waiting;

/// Code, class and words; empty texts are left out.
pub(super) struct Meaning {
    code: ErrorCode,
    class: FailureClass,
    happened: &'static str,
    cause: &'static str,
    fix: &'static str,
}

impl Meaning {
    const fn new(
        code: ErrorCode,
        class: FailureClass,
        happened: &'static str,
        cause: &'static str,
        fix: &'static str,
    ) -> Self {
        Self { code, class, happened, cause, fix }
    }

    /// The failure of a call; `what` is the call and its resource.
    pub(super) fn failure(&self, what: &str) -> Failure {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let failure =
            Failure::new(self.code, format!("{what}: {}", self.happened)).class(self.class);
        Failure { cause: text(self.cause), remediation: text(self.fix), ..failure }
    }
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

const RATE_LIMITED: Meaning = Meaning::new(
    Code::Throttled,
    Class::Throttled,
    "throttled",
    "the account's limit on control-plane calls",
    "run again later, or give the step a longer `timeout`: osem finds the rate by itself",
);

const THROTTLED: Meaning = Meaning::new(
    Code::Throttled,
    Class::Throttled,
    "throttled",
    "too many calls of this kind within a moment",
    "run again later, or give the step a longer `timeout`: osem finds the rate by itself",
);

const CONCURRENCY: Meaning = Meaning::new(
    Code::Throttled,
    Class::Throttled,
    "too many at once",
    "the account has as many table operations under way at once as it may",
    "run again when they have ended, or give the step a longer `timeout`; Service Quotas \
     raises the limit",
);

const NO_OP: Meaning = Meaning::new(
    Code::StepFailed,
    Class::Permanent,
    "nothing to change",
    "what was asked for is so already, as the service sees it",
    "compare with the live table: osem run verify",
);

const ALREADY_EXISTS: Meaning = Meaning::new(
    Code::StepFailed,
    Class::Ambiguous,
    "it exists already",
    "a table of this name was made meanwhile, or is being deleted",
    "run again: a table that is as declared is left as it is",
);

const NOT_FOUND: Meaning = Meaning::new(
    Code::TableNotFound,
    Class::Permanent,
    "not found",
    "",
    "create the tables first: osem run setup",
);

const INDEX_NOT_FOUND: Meaning = Meaning::new(
    Code::SchemaValidationFailed,
    Class::Permanent,
    "the index is not there",
    "the table is there without this index: it was deleted, or never created",
    "compare with the live table: osem run verify",
);

const NAME_TAKEN: Meaning = Meaning::new(
    Code::StepFailed,
    Class::Permanent,
    "the name is taken",
    "a global table of this name has replicas in other regions",
    "choose another name in the file, or add this region to the global table",
);

const LIMIT: Meaning = Meaning::new(
    Code::TableLimitExceeded,
    Class::Permanent,
    "over a quota",
    "a quota of the account or table is used up",
    "raise it in Service Quotas, or remove what is not needed",
);

const UNSUPPORTED: Meaning = Meaning::new(
    Code::UnsupportedByEndpoint,
    Class::Permanent,
    "not supported by this endpoint",
    "",
    "leave it out of the file for this environment, or use another endpoint",
);

const VALIDATION: Meaning = Meaning::new(
    Code::SchemaValidationFailed,
    Class::Permanent,
    "the service refuses the request",
    "the file asks for something that the service, or this endpoint, does not accept",
    "change the file to what the service says",
);

const PROTECTED: Meaning = Meaning::new(
    Code::StepFailed,
    Class::Permanent,
    "the table is protected against deletion",
    "",
    "turn it off first: deletion-protection #false, and the task that updates tables",
);

const NETWORK: Meaning = Meaning::new(
    Code::NetworkError,
    Class::Transient,
    "no answer",
    "nothing listens at the endpoint, or the network does not reach it",
    "check the endpoint and the network, then run again",
);

const SERVER: Meaning = Meaning::new(
    Code::UnknownError,
    Class::Ambiguous,
    "the service failed",
    "a fault of the service",
    "run again; what is done is not done twice",
);

const UNPROCESSABLE: Meaning = Meaning::new(
    Code::UnknownError,
    Class::Ambiguous,
    "the service failed",
    "a fault of the service, or a request that it answers so each time: throughput limits \
     without values, an index that is not there, a KMS key that cannot encrypt",
    "look at these settings, then run again; what is done is not done twice",
);

const GARBLED: Meaning = Meaning::new(
    Code::UnknownError,
    Class::Ambiguous,
    "the answer is not that of DynamoDB",
    "another server, or a proxy, answers at this endpoint",
    "check the endpoint",
);

const WRONG_ACCOUNT: Meaning = Meaning::new(
    Code::AwsAccountMismatch,
    Class::Permanent,
    "a table of another account",
    "the endpoint answers for another account than the environment declares",
    "check the endpoint and the credentials",
);

const PART_NOT_FOUND: Meaning = Meaning::new(
    Code::TableNotFound,
    Class::Transient,
    "not found",
    "the table is not there, or not yet: was it just created?",
    "create the tables first: osem run setup",
);

const UNKNOWN: Meaning = Meaning::new(
    Code::UnknownError,
    Class::Permanent,
    "failed",
    "",
    "look up what the service says; run again if it may pass",
);

/// What an error of a call means, as far as its kind and the operation tell.
pub(super) fn meaning(kind: ErrorKind, operation: &str) -> Meaning {
    match kind {
        ErrorKind::Busy(busy) => Meaning::new(
            Code::StepFailed,
            Class::Wait,
            "still in use",
            waiting::on(busy),
            "give the step more time (timeout), or run again when that is done",
        ),
        ErrorKind::NotFound if OF_PARTS.contains(&operation) => PART_NOT_FOUND,
        ErrorKind::RateLimited => RATE_LIMITED,
        ErrorKind::Throttled => THROTTLED,
        ErrorKind::Concurrency => CONCURRENCY,
        ErrorKind::NoOp => NO_OP,
        ErrorKind::AlreadyExists => ALREADY_EXISTS,
        ErrorKind::NotFound => NOT_FOUND,
        ErrorKind::IndexNotFound => INDEX_NOT_FOUND,
        ErrorKind::NameTaken => NAME_TAKEN,
        ErrorKind::Limit => LIMIT,
        ErrorKind::Unsupported => UNSUPPORTED,
        ErrorKind::Validation => VALIDATION,
        ErrorKind::Protected => PROTECTED,
        ErrorKind::Network => NETWORK,
        ErrorKind::Server => SERVER,
        ErrorKind::Unprocessable => UNPROCESSABLE,
        ErrorKind::Garbled => GARBLED,
        ErrorKind::WrongAccount => WRONG_ACCOUNT,
        // The first three are explained in places of their own.
        ErrorKind::Denied | ErrorKind::Credentials | ErrorKind::Cooldown(_) | ErrorKind::Other => {
            UNKNOWN
        }
    }
}
