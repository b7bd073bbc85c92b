//! What an error of a service means.
//!
//! Codes alone say little: `LimitExceededException` is a tag lock of two seconds or a quota that
//! never goes away. [`classify`] therefore looks at the code and at a stable part of the message.
//! Texts are those that the service was seen to send; matching is by substring, because tables with
//! replicas and emulators add to them.

use std::error::Error as StdError;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

/// What an error means for what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// Slow down and send it again.
    Throttled,
    /// Something must end first: an index, a tag write, another operation.
    Busy,
    /// `CreateTable` for a table that is there.
    AlreadyExists,
    /// The table or resource is not there.
    NotFound,
    /// A quota.
    Limit,
    /// The principal may not.
    Denied,
    /// The credentials are no good.
    Credentials,
    /// The endpoint does not know the operation.
    Unsupported,
    /// The request breaks a rule of the service.
    Validation,
    /// The table is protected against deletion.
    Protected,
    /// The service failed: the call may or may not have been applied.
    Server,
    /// No answer: the call may or may not have been applied.
    Network,
    /// An answer that is not the protocol.
    Garbled,
    /// A table of another account than the declared one.
    WrongAccount,
    /// Anything else.
    Other,
}

/// An error of a call, without the SDK's types.
#[derive(Debug, Clone)]
pub struct ServiceError {
    /// `CreateTable`, ….
    pub operation: &'static str,
    /// The table or other resource.
    pub resource: Option<String>,
    /// What it means.
    pub kind: ErrorKind,
    /// The service's code, where it sent one.
    pub code: Option<String>,
    /// The service's message, or that of the network.
    pub message: String,
    /// The service's name for the request.
    pub request_id: Option<String>,
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(if self.message.is_empty() { "no message" } else { &self.message })?;
        self.request_id.as_ref().map_or(Ok(()), |id| write!(f, " (request id {id})"))
    }
}

/// One row: any of these codes, with this text in the message, means this.
struct Rule {
    codes: &'static [&'static str],
    text: &'static str,
    kind: ErrorKind,
}

const fn rule(codes: &'static [&'static str], text: &'static str, kind: ErrorKind) -> Rule {
    Rule { codes, text, kind }
}

/// First match wins; an empty text matches every message.
const RULES: &[Rule] = &[
    rule(&["ResourceInUseException"], "Table already exists", ErrorKind::AlreadyExists),
    rule(&["ResourceInUseException"], "Cannot create preexisting table", ErrorKind::AlreadyExists),
    rule(&["ResourceInUseException"], "", ErrorKind::Busy),
    rule(&["LimitExceededException"], "Table tags are being updated", ErrorKind::Busy),
    rule(&["LimitExceededException"], "Only 1 online index", ErrorKind::Busy),
    rule(&["LimitExceededException"], "simultaneously", ErrorKind::Throttled),
    rule(&["LimitExceededException"], "", ErrorKind::Limit),
    rule(
        &[
            "ThrottlingException",
            "Throttling",
            "RequestLimitExceeded",
            "ProvisionedThroughputExceededException",
            "TooManyRequestsException",
            "SlowDown",
        ],
        "",
        ErrorKind::Throttled,
    ),
    rule(&["ResourceNotFoundException", "TableNotFoundException"], "", ErrorKind::NotFound),
    rule(
        &["AccessDeniedException", "AccessDenied", "NotAuthorized", "UnauthorizedOperation"],
        "",
        ErrorKind::Denied,
    ),
    rule(
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
        "",
        ErrorKind::Credentials,
    ),
    rule(
        &["UnknownOperationException", "UnsupportedOperationException"],
        "",
        ErrorKind::Unsupported,
    ),
    rule(&["ValidationException"], "protected against deletion", ErrorKind::Protected),
    rule(&["ValidationException"], "", ErrorKind::Validation),
    rule(
        &[
            "InternalServerError",
            "InternalFailure",
            "ServiceUnavailable",
            "ServiceUnavailableException",
        ],
        "",
        ErrorKind::Server,
    ),
];

/// What a code and message mean. `status` is the HTTP status, for answers without a code.
fn classify(code: Option<&str>, message: &str, status: u16) -> ErrorKind {
    let Some(code) = code else {
        return match status {
            401 | 403 => ErrorKind::Denied,
            404 | 501 => ErrorKind::Unsupported,
            500.. => ErrorKind::Server,
            _ => ErrorKind::Garbled,
        };
    };
    let matches = |rule: &&Rule| rule.codes.contains(&code) && message.contains(rule.text);
    match RULES.iter().find(matches) {
        Some(rule) => rule.kind,
        None if status >= 500 => ErrorKind::Server,
        // A server that answers denials in another protocol leaves only the status as the code.
        None if code == "403" => ErrorKind::Denied,
        None => ErrorKind::Other,
    }
}

impl ServiceError {
    /// Whether a mutating call with this error may have been applied all the same: the answer was
    /// lost, or says nothing about it. A connection that was never made carried no request.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        match self.kind {
            ErrorKind::Server | ErrorKind::Garbled => true,
            ErrorKind::Network => !self.never_connected(),
            _ => false,
        }
    }

    /// Whether no connection was made. The HTTP client says so only in its texts.
    pub(super) fn never_connected(&self) -> bool {
        ["(Connect)", "connect timeout", "dns error"].iter().any(|text| self.message.contains(text))
    }

    /// Reads what the SDK gives.
    pub(super) fn new<E>(
        operation: &'static str,
        resource: Option<&str>,
        error: &SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
        SdkError<E, HttpResponse>: RequestId,
    {
        let resource = resource.map(str::to_owned);
        let request_id = error.request_id().map(str::to_owned);
        let (kind, code, message) = match error {
            SdkError::ServiceError(context) => {
                let code = context.err().code().map(str::to_owned);
                let message = context.err().message().unwrap_or_default().to_owned();
                let kind = classify(code.as_deref(), &message, context.raw().status().as_u16());
                (kind, code, message)
            }
            SdkError::ResponseError(context) => {
                let status = context.raw().status().as_u16();
                let kind = classify(None, "", status);
                let kind = if status == 200 { ErrorKind::Garbled } else { kind };
                (kind, None, format!("HTTP {status}: {}", chain(error)))
            }
            SdkError::TimeoutError(_) => (ErrorKind::Network, None, chain(error)),
            SdkError::DispatchFailure(failure) if !failure.is_other() => {
                (ErrorKind::Network, None, chain(error))
            }
            // What goes wrong before a request is sent is nearly always the credentials.
            _ => (before_sending(error), None, chain(error)),
        };
        Self { operation, resource, kind, code, message, request_id }
    }
}

fn before_sending<E>(error: &SdkError<E, HttpResponse>) -> ErrorKind
where
    E: StdError + Send + Sync + 'static,
{
    let text = chain(error).to_lowercase();
    if text.contains("credential") || text.contains("token") || text.contains("identity") {
        ErrorKind::Credentials
    } else {
        ErrorKind::Network
    }
}

/// The messages of an error and its causes, without repetition.
pub(super) fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.contains(&message) {
            text.push_str(": ");
            text.push_str(&message);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as the service and the emulators were seen to send them.
    const SEEN: &[(&str, &str, ErrorKind)] = &[
        ("ResourceInUseException", "Table already exists: T", ErrorKind::AlreadyExists),
        ("ResourceInUseException", "Cannot create preexisting table", ErrorKind::AlreadyExists),
        (
            "ResourceInUseException",
            "Attempt to change a resource which is still in use: Table is being created: T",
            ErrorKind::Busy,
        ),
        (
            "LimitExceededException",
            "Subscriber limit exceeded: Table tags are being updated: T",
            ErrorKind::Busy,
        ),
        (
            "LimitExceededException",
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
            ErrorKind::Busy,
        ),
        (
            "LimitExceededException",
            "Subscriber limit exceeded: Only 10 tables can be created, updated, or deleted simultaneously",
            ErrorKind::Throttled,
        ),
        (
            "LimitExceededException",
            "Subscriber limit exceeded: There is a limit of 256 tables per subscriber",
            ErrorKind::Limit,
        ),
        (
            "ThrottlingException",
            "The rate of control plane requests made by this account is too high",
            ErrorKind::Throttled,
        ),
        (
            "ResourceNotFoundException",
            "Requested resource not found: Table: T not found",
            ErrorKind::NotFound,
        ),
        (
            "ValidationException",
            "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.",
            ErrorKind::Protected,
        ),
        ("ValidationException", "One or more parameter values were invalid", ErrorKind::Validation),
        (
            "UnknownOperationException",
            "Tagging is not currently supported in DynamoDB Local.",
            ErrorKind::Unsupported,
        ),
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            ErrorKind::Credentials,
        ),
        (
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            ErrorKind::Credentials,
        ),
        ("InternalServerError", "", ErrorKind::Server),
        ("SomethingNew", "", ErrorKind::Other),
    ];

    #[test]
    fn seen_texts_are_classified() {
        for (code, message, kind) in SEEN {
            assert_eq!(classify(Some(code), message, 400), *kind, "{code}: {message}");
        }
    }

    #[test]
    fn answers_without_a_code_are_judged_by_their_status() {
        assert_eq!(classify(None, "", 403), ErrorKind::Denied);
        assert_eq!(classify(None, "", 503), ErrorKind::Server);
        assert_eq!(classify(None, "", 200), ErrorKind::Garbled);
    }
}
