//! What an error of a service means.
//!
//! Codes alone say little: `LimitExceededException` is a tag lock of two seconds or a quota that
//! never goes away. What an error means is therefore found by operation, code and a stable part of
//! the message, in the one table of `rules`. Nothing here decides what to do about it; what people
//! are told stands in `explain`.

mod kind;
mod rules;
mod time;

use std::error::Error as StdError;
use std::fmt;
use std::time::SystemTime;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::diagnostic::shortened;

pub use kind::{Busy, Cooldown, ErrorKind};

use rules::RULES;

/// As much of a message as people are shown: a server may send any amount.
const LONGEST_MESSAGE: usize = 2_000;

/// What stands for the words of a server that has none: no code, no message.
pub const NO_MESSAGE: &str = "no message";

/// Codes and request ids are far shorter.
const LONGEST_WORD: usize = 200;

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
        let message = quoted(&self.message);
        f.write_str(if message.is_empty() { NO_MESSAGE } else { &message })?;
        self.request_id.as_ref().map_or(Ok(()), |id| write!(f, " (request id {id})"))
    }
}

/// What a code and message mean. `status` is the HTTP status, for answers without a code.
fn classify(operation: &str, code: Option<&str>, message: &str, status: u16) -> ErrorKind {
    let Some(code) = code else { return by_status(status).unwrap_or(ErrorKind::Garbled) };
    if status == 501 {
        // Emulators give any code with it.
        return ErrorKind::Unsupported;
    }
    match RULES.iter().find(|rule| rule.matches(operation, code, message)) {
        Some(rule) => rule.kind,
        None if status == 429 || status >= 500 => by_status(status).unwrap_or(ErrorKind::Other),
        // A server that answers in another protocol leaves only the status as the code.
        None => code.parse().ok().and_then(by_status).unwrap_or(ErrorKind::Other),
    }
}

/// What a status means by itself; nothing where the service gives it to all of its errors.
const fn by_status(status: u16) -> Option<ErrorKind> {
    match status {
        401 | 403 => Some(ErrorKind::Denied),
        404 | 501 => Some(ErrorKind::Unsupported),
        429 => Some(ErrorKind::Throttled),
        500.. => Some(ErrorKind::Server),
        _ => None,
    }
}

/// The words of somebody else, as much of them as people are shown.
pub(super) fn quoted(text: &str) -> String {
    shortened(text, LONGEST_MESSAGE)
}

impl ServiceError {
    /// Whether a mutating call with this error may have been applied all the same: the answer was
    /// lost, or says nothing about it. A connection that was never made carried no request.
    #[must_use]
    pub fn may_have_applied(&self) -> bool {
        match self.kind {
            ErrorKind::Server | ErrorKind::Unprocessable | ErrorKind::Garbled => true,
            ErrorKind::Network => !self.never_connected(),
            _ => false,
        }
    }

    /// Whether a call that changes nothing is worth repeating at once: somebody is there, and may
    /// answer next time.
    pub(super) fn may_pass(&self) -> bool {
        match self.kind {
            ErrorKind::Garbled
            | ErrorKind::Server
            | ErrorKind::Throttled
            | ErrorKind::RateLimited => true,
            ErrorKind::Network => !self.never_connected(),
            _ => false,
        }
    }

    /// Whether no connection was made. The HTTP client says so only in its texts.
    pub(super) fn never_connected(&self) -> bool {
        ["(Connect)", "connect timeout", "dns error"].iter().any(|text| self.message.contains(text))
    }

    /// When the service says that trying again can help, where its message names a time.
    pub(super) fn not_before(&self) -> Option<SystemTime> {
        time::named_time(&self.message)
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
        let request_id = error.request_id().map(|id| shortened(id, LONGEST_WORD));
        let (kind, code, message) = match error {
            SdkError::ServiceError(context) => {
                let code = context.err().code().map(str::to_owned);
                let message = context.err().message().unwrap_or_default().to_owned();
                let kind =
                    classify(operation, code.as_deref(), &message, context.raw().status().as_u16());
                (kind, code, message)
            }
            SdkError::ResponseError(context) => {
                let status = context.raw().status().as_u16();
                let kind = classify(operation, None, "", status);
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
        let code = code.map(|code| shortened(&code, LONGEST_WORD));
        let message = quoted(&message);
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
mod tests;
