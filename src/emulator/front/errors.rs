//! Errors of the service that the front itself makes.

use super::super::control_plane::{ApiError, account_throttled, arn_prefix, rate_exceeded};
use super::call::{Call, Payload};

/// Codes that come from the frame around the service, not from the service's own model.
const FRAME_CODES: [&str; 13] = [
    "AccessDeniedException",
    "ExpiredTokenException",
    "IncompleteSignatureException",
    "InternalFailure",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "OptInRequired",
    "RequestExpired",
    "SerializationException",
    "ServiceUnavailable",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
];

/// An error with the namespace and the status that belong to its code.
pub(super) fn named(code: &str, message: &str) -> ApiError {
    let namespace = match code {
        "ValidationException" => "com.amazon.coral.validate",
        code if FRAME_CODES.contains(&code) => "com.amazon.coral.service",
        _ => "com.amazonaws.dynamodb.v20120810",
    };
    let status = match code {
        "InternalServerError" | "InternalFailure" => 500,
        "ServiceUnavailable" | "ServiceUnavailableException" => 503,
        _ => 400,
    };
    ApiError { status, kind: format!("{namespace}#{code}"), message: message.to_owned() }
}

/// What the service usually says with a code.
pub(super) fn usual_message(code: &str) -> &'static str {
    match code {
        "ExpiredTokenException" => "The security token included in the request is expired",
        "InternalServerError" => "Internal server error",
        "MissingAuthenticationTokenException" => "Request is missing Authentication Token",
        "ProvisionedThroughputExceededException" => {
            "The level of configured provisioned throughput for the table was exceeded. Consider \
             increasing your provisioning level with the UpdateTable API."
        }
        "ResourceNotFoundException" => "Requested resource not found",
        "ServiceUnavailable" => "Service is unavailable, please try again",
        "ThrottlingException" => "Rate exceeded",
        "UnrecognizedClientException" => "The security token included in the request is invalid.",
        _ => "",
    }
}

/// An error with the words that the service usually has for it.
pub(super) fn usual(code: &str) -> ApiError {
    named(code, usual_message(code))
}

pub(super) fn missing_token() -> ApiError {
    usual("MissingAuthenticationTokenException")
}

pub(super) fn throttled(call: &Call) -> ApiError {
    match call.operation.as_str() {
        "CreateTable" | "UpdateTable" | "DeleteTable" => account_throttled(),
        _ => rate_exceeded(),
    }
}

/// A denial in the words in which every policy's silence is told.
pub(super) fn denied(
    call: &Call,
    action: &str,
    caller: &str,
    region: &str,
    account: &str,
) -> ApiError {
    let service = if matches!(call.payload, Payload::Sts(_)) { "sts" } else { "dynamodb" };
    let action = format!("{service}:{action}");
    let resource = match &call.payload {
        Payload::Sts(parameters) => parameters.get("RoleArn").cloned(),
        Payload::Table(_) | Payload::Item { .. } => {
            let table = call.tables.first().map_or("*", String::as_str);
            Some(format!("{}table/{table}", arn_prefix(region, account)))
        }
    };
    let on = resource.map(|resource| format!(" on resource: {resource}")).unwrap_or_default();
    let message = format!(
        "User: {caller} is not authorized to perform: {action}{on} because no identity-based \
         policy allows the {action} action"
    );
    named("AccessDeniedException", &message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespace_and_status_follow_the_code() {
        let error = named("InternalServerError", "");
        assert_eq!(error.kind, "com.amazonaws.dynamodb.v20120810#InternalServerError");
        assert_eq!(error.status, 500);
        let error = usual("ServiceUnavailable");
        assert_eq!(error.kind, "com.amazon.coral.service#ServiceUnavailable");
        assert_eq!(error.status, 503);
        let error = named("ValidationException", "no");
        assert_eq!(error.kind, "com.amazon.coral.validate#ValidationException");
        assert_eq!(error.status, 400);
        assert_eq!(error.code(), "ValidationException");
    }
}
