//! A failure that a person can act on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

/// The stable name of a class of failure, as it stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// Credentials are missing, expired, malformed or refused.
    AwsCredentialsInvalid,
    /// The principal may not do this.
    AwsPermissionsDenied,
    /// The resolved region is not the environment's.
    AwsRegionMismatch,
    /// The credentials belong to another account than the environment's.
    AwsAccountMismatch,
    /// The table is not there.
    TableNotFound,
    /// The table is there, but not as declared.
    SchemaValidationFailed,
    /// A quota of the account or the table is used up.
    TableLimitExceeded,
    /// The service asked to slow down until the step's time was over.
    Throttled,
    /// No answer from the endpoint.
    NetworkError,
    /// The live tables are no longer as the confirmed preview saw them.
    PlanChanged,
    /// A step failed for a reason of its own.
    StepFailed,
    /// What a run did could not be undone.
    RollbackFailed,
    /// The step did not end within its timeout.
    StepTimedOut,
    /// The run was cancelled by a signal.
    Cancelled,
    /// The configuration, or the settings around it, cannot be used.
    ConfigInvalid,
    /// The command line cannot be used.
    UsageInvalid,
    /// The state directory cannot be written.
    StateUnwritable,
    /// Another process holds what this one needs.
    Locked,
    /// A question was not answered with yes.
    NotConfirmed,
    /// The endpoint does not offer this operation.
    UnsupportedByEndpoint,
    /// A bug in osem.
    InternalError,
    /// Nothing more precise is known.
    UnknownError,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// What a failure means for trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// Trying again may help: network, time-out, 5xx. Uses a retry up.
    Transient,
    /// The service limits the rate. Repeats until the step's timeout without using retries up.
    Throttled,
    /// Something else must end first. Repeats like `Throttled`.
    Wait,
    /// The answer was lost: the call may have been applied. Describe before acting again.
    Ambiguous,
    /// Trying again gives the same answer.
    Permanent,
}

/// Why a step, or the run as a whole, failed, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The class of failure.
    pub code: ErrorCode,
    /// Whether trying again can help.
    #[serde(rename = "class")]
    pub class: FailureClass,
    /// What failed, one line.
    pub message: String,
    /// The words of the service, or of the operating system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// The likely cause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation: Option<String>,
    /// When the service says that trying again can help.
    #[serde(
        rename = "notBefore",
        with = "moment",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub not_before: Option<SystemTime>,
    /// Named facts: `principal`, `action`, `resource`, `requestId`, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<Cow<'static, str>, String>,
}

impl Failure {
    /// A permanent failure.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            class: FailureClass::Permanent,
            message: message.into(),
            said: None,
            cause: None,
            remediation: None,
            not_before: None,
            details: BTreeMap::new(),
        }
    }

    /// Sets what trying again can do.
    #[must_use]
    pub const fn class(mut self, class: FailureClass) -> Self {
        self.class = class;
        self
    }

    /// Quotes the service or the operating system.
    #[must_use]
    pub fn said(mut self, said: impl Into<String>) -> Self {
        self.said = Some(said.into());
        self
    }

    /// Names the likely cause.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.remediation = Some(fix.into());
        self
    }

    /// Adds a named fact.
    #[must_use]
    pub fn detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.insert(Cow::Borrowed(name), value.into());
        self
    }
}

/// A moment as milliseconds since 1970.
mod moment {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(
        moment: &Option<SystemTime>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let since = moment.and_then(|moment| moment.duration_since(UNIX_EPOCH).ok());
        since.and_then(|since| u64::try_from(since.as_millis()).ok()).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        let millis = Option::<u64>::deserialize(deserializer)?;
        Ok(millis.and_then(|millis| UNIX_EPOCH.checked_add(Duration::from_millis(millis))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_print_as_they_stand_in_json() {
        assert_eq!(ErrorCode::AwsPermissionsDenied.to_string(), "AWS_PERMISSIONS_DENIED");
    }
}
