//! Credentials that the service refuses.

use crate::model::{ErrorCode, Failure};

use super::super::error::ServiceError;

/// Which of the ways in which credentials can be no good this is.
pub(super) fn credentials(error: &ServiceError, what: &str) -> Failure {
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
    } else if code == "OptInRequired" {
        (
            "the account is not signed up for the service, or the region is not enabled for it",
            "enable the region for the account, then run again",
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
