//! Who the credentials belong to, and what they may not do.

use aws_sdk_sts::Client;

use crate::model::{AccountId, ErrorCode, Failure};

use super::error::{ErrorKind, ServiceError};

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

/// What a denial says, picked out of its text.
#[derive(Debug, Default, PartialEq, Eq)]
struct Denial {
    principal: Option<String>,
    action: Option<String>,
    resource: Option<String>,
    reason: Option<String>,
}

/// Reads `User: P is not authorized to perform: A on resource: R because …`; emulators leave the
/// resource out.
fn parse_denial(message: &str) -> Denial {
    let between = |start: &str, ends: &[&str]| {
        let rest = &message[message.find(start)? + start.len()..];
        let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
        let found = rest[..end].trim();
        (!found.is_empty()).then(|| found.to_owned())
    };
    let reason = ["because ", "with an explicit deny "].into_iter().find_map(|start| {
        message.find(start).map(|at| message[at..].trim_end_matches('.').to_owned())
    });
    Denial {
        principal: between("User: ", &[" is not authorized"]),
        action: between("to perform: ", &[" on resource", " because", " with an explicit", " "]),
        resource: between("on resource: ", &[" because", " with an explicit", " "]),
        reason,
    }
}

/// A denial as a failure with principal, action, resource and remedy.
pub(super) fn denied(error: &ServiceError, what: &str) -> Failure {
    let denial = parse_denial(&error.message);
    let service = if error.operation == "GetCallerIdentity" { "sts" } else { "dynamodb" };
    let action = denial.action.unwrap_or_else(|| format!("{service}:{}", error.operation));
    let resource = denial.resource.or_else(|| error.resource.clone());
    let on = resource.as_deref().map_or_else(String::new, |on| format!(" on {on}"));
    let cause = denial.reason.map_or_else(
        || format!("the principal's policies do not allow {action}"),
        |reason| format!("{action} is denied {reason}"),
    );
    let mut failure = Failure::new(ErrorCode::AwsPermissionsDenied, format!("{what}: not allowed"))
        .said(error.to_string())
        .cause(cause)
        .fix(format!("allow {action}{on} in the principal's policy, then run again"))
        .detail("operation", error.operation)
        .detail("action", action);
    if let Some(resource) = resource {
        failure = failure.detail("resource", resource);
    }
    if let Some(principal) = denial.principal {
        failure = failure.detail("principal", principal);
    }
    match &error.request_id {
        Some(id) => failure.detail("requestId", id),
        None => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_read_with_its_resource() {
        let denial = parse_denial(
            "User: arn:aws:sts::033333333333:assumed-role/ci/osem is not authorized to perform: \
             dynamodb:CreateTable on resource: arn:aws:dynamodb:us-east-1:033333333333:table/T \
             because no identity-based policy allows the dynamodb:CreateTable action",
        );
        let principal = denial.principal.as_deref();
        assert_eq!(principal, Some("arn:aws:sts::033333333333:assumed-role/ci/osem"));
        assert_eq!(denial.action.as_deref(), Some("dynamodb:CreateTable"));
        let resource = denial.resource.as_deref();
        assert_eq!(resource, Some("arn:aws:dynamodb:us-east-1:033333333333:table/T"));
        assert!(denial.reason.unwrap().starts_with("because no identity-based policy"));
    }

    #[test]
    fn a_denial_is_read_without_its_resource() {
        let denial = parse_denial(
            "User: arn:aws:iam::000000000000:user/limited is not authorized to perform: \
             dynamodb:CreateTable with an explicit deny in an identity-based policy",
        );
        assert_eq!(denial.action.as_deref(), Some("dynamodb:CreateTable"));
        assert_eq!(denial.resource, None);
    }

    #[test]
    fn a_text_that_is_no_denial_gives_nothing() {
        assert_eq!(parse_denial("Forbidden"), Denial::default());
    }
}
