//! Who the credentials belong to, and why there are none.

use aws_sdk_sts::Client;

use crate::model::{AccountId, Environment, ErrorCode, Failure, FailureClass};

use super::error::{ErrorKind, ServiceError, quoted};

/// The answer of `GetCallerIdentity`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The account.
    pub account: String,
    /// The principal.
    pub arn: String,
}

/// Asks STS.
pub(super) async fn caller_identity(client: &Client) -> Result<Identity, ServiceError> {
    let answer = client
        .get_caller_identity()
        .send()
        .await
        .map_err(|error| ServiceError::new("GetCallerIdentity", None, &error))?;
    let identity = Identity {
        account: answer.account.unwrap_or_default(),
        arn: answer.arn.unwrap_or_default(),
    };
    if identity.account.is_empty() {
        return Err(ServiceError {
            operation: "GetCallerIdentity",
            resource: None,
            kind: ErrorKind::Garbled,
            code: None,
            message: "the answer names no account".to_owned(),
            request_id: None,
        });
    }
    Ok(identity)
}

/// Refuses credentials of another account than the environment's.
pub(super) fn check_account(
    environment: &str,
    declared: &AccountId,
    identity: &Identity,
) -> Result<(), Failure> {
    if identity.account == declared.as_str() {
        return Ok(());
    }
    let message = format!(
        "environment `{environment}` is account {declared}, but the credentials belong to {}",
        identity.account
    );
    Err(Failure::new(ErrorCode::AwsAccountMismatch, message)
        .said(format!("GetCallerIdentity: {}", identity.arn))
        .cause("another profile or another session is active in this shell")
        .fix(format!("use credentials of account {declared}, for example AWS_PROFILE=…"))
        .detail("expected", declared.as_str())
        .detail("found", &identity.account)
        .detail("principal", &identity.arn))
}

/// What STS answers to keys that are no good.
const REFUSALS: [&str; 5] = [
    "ExpiredTokenException",
    "ExpiredToken",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
];

/// What a provider says that found no keys anywhere. The metadata service of an instance is asked last:
/// where the machine is none, or may not ask it, there are no keys either.
const NOWHERE: [&str; 3] =
    ["no credentials found", "provider was not enabled", "failed to load IMDS session token"];

/// The code in the words of a provider. Without a declared role, an expired token may be that of
/// SSO, which the advice for profiles covers.
fn refusal(said: &str, role: bool) -> Option<&'static str> {
    let code = REFUSALS.into_iter().find(|code| said.contains(code))?;
    (role || !code.starts_with("Expired")).then_some(code)
}

/// The service's own message in the words of a provider.
fn message(said: &str) -> &str {
    let message = said.split("message: \"").nth(1).and_then(|rest| rest.split('"').next());
    message.unwrap_or(said)
}

/// Why the provider gave none, as far as its words tell: it was denied the role, its keys are no
/// good, nobody answered, or there are none.
pub(super) fn refused(environment: &Environment, said: &str) -> Failure {
    let role = environment.assume_role.as_ref().map(|role| role.arn.value.clone());
    let because = |kind| ServiceError {
        operation: "AssumeRole",
        resource: role.clone(),
        kind,
        code: None,
        message: said.to_owned(),
        request_id: None,
    };
    let is_said = |words: &[&str]| words.iter().any(|words| said.contains(words));
    if is_said(&NOWHERE) {
        missing(environment, said)
    } else if said.contains("is not authorized to perform") {
        let message = message(said).to_owned();
        ServiceError { message, ..because(ErrorKind::Denied) }.into_failure()
    } else if let Some(code) = refusal(said, role.is_some()) {
        let (code, message) = (Some(code.to_owned()), message(said).to_owned());
        ServiceError { code, message, ..because(ErrorKind::Credentials) }.into_failure()
    } else if role.is_some() && is_said(&["timeout", "timed out", "dispatch failure", "io error"]) {
        because(ErrorKind::Network).into_failure().class(FailureClass::Permanent)
    } else if environment.profile.is_some()
        && is_said(&["request has timed out", "dispatch failure"])
    {
        unanswered(environment, said)
    } else {
        missing(environment, said)
    }
}

/// The place that credentials come from keeps silent.
pub(super) fn unanswered(environment: &Environment, said: &str) -> Failure {
    let name = &environment.name.value;
    let (who, asked) = match (&environment.assume_role, &environment.profile) {
        (Some(role), _) => {
            (format!("role {}", role.arn.value), "STS, or what gives the keys that assume it,")
        }
        (None, Some(profile)) => {
            (format!("profile `{}`", profile.value), "the service or command that the profile asks")
        }
        (None, None) => ("the SDK's chain".to_owned(), "SSO, STS, or a container or instance role"),
    };
    Failure::new(
        ErrorCode::NetworkError,
        format!("no credentials for environment `{name}`: {who} gives no answer"),
    )
    .class(FailureClass::Permanent)
    .said(quoted(said))
    .cause(format!("{asked} does not answer"))
    .fix("check the network and what gives the credentials, then run again")
}

/// No credentials, and where they were looked for.
pub(super) fn missing(environment: &Environment, said: &str) -> Failure {
    let name = &environment.name.value;
    let (cause, fix) = if let Some(role) = &environment.assume_role {
        (
            format!("the role {} could not be assumed", role.arn.value),
            "check the credentials that assume it, and the role's trust policy".to_owned(),
        )
    } else if let Some(profile) = &environment.profile {
        let profile = &profile.value;
        (
            format!("the profile `{profile}` of environment `{name}` gives none"),
            format!("aws configure --profile {profile}, or aws sso login --profile {profile}"),
        )
    } else {
        (
            "none in variables, files, SSO, container or instance role".to_owned(),
            "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or: aws sso login"
                .to_owned(),
        )
    };
    Failure::new(
        ErrorCode::AwsCredentialsInvalid,
        format!("no credentials for environment `{name}`"),
    )
    .said(quoted(said))
    .cause(cause)
    .fix(fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_and_message_of_a_refused_role_are_found() {
        let said = "an error occurred while loading credentials: service error: unhandled error \
                    (InvalidClientTokenId): Error { code: \"InvalidClientTokenId\", message: \
                    \"The security token included in the request is invalid\" }";
        assert_eq!(refusal(said, true), Some("InvalidClientTokenId"));
        assert_eq!(message(said), "The security token included in the request is invalid");
        assert_eq!(refusal("(ExpiredToken)", true), Some("ExpiredToken"));
        assert_eq!(refusal("(ExpiredTokenException)", false), None);
        assert_eq!(message("no service spoke"), "no service spoke");
    }
}
