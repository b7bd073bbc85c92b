//! STS, as far as osem and the AWS SDKs need it.
//!
//! A session token names whom it was given to, as the service's do: so a session outlives the
//! process that opened it, and nothing need be remembered. Nothing is secret here: no signature is
//! verified anywhere in the emulator.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, SystemTime};

use hyper::{Response, StatusCode};

use super::super::control_plane::ApiError;
use super::answer::{self, Answer, Body};
use super::call::Call;
use super::{Setup, errors};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const TOKEN_PREFIX: &str = "osem-session/";

/// How long a session is said to last when the request does not say.
const SESSION: Duration = Duration::from_hours(1);

/// Who signs a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) arn: String,
    account: String,
    user_id: String,
}

/// The user of the simulated account, or the role whose session the credentials belong to.
pub(super) fn caller(call: &Call, account: &str) -> Caller {
    let token = call.session_token.as_deref().and_then(|token| token.strip_prefix(TOKEN_PREFIX));
    token.and_then(Caller::of_session).unwrap_or_else(|| Caller {
        arn: format!("arn:aws:iam::{account}:user/osem"),
        account: account.to_owned(),
        user_id: format!("AIDA{}", unique("user/osem")),
    })
}

impl Caller {
    /// From `arn:aws:sts::<account>:assumed-role/<role>/<session>`.
    fn of_session(arn: &str) -> Option<Self> {
        let [_, _, _, _, account, resource] =
            arn.splitn(6, ':').collect::<Vec<_>>().try_into().ok()?;
        let (role, session) = resource.strip_prefix("assumed-role/")?.rsplit_once('/')?;
        Some(Self {
            arn: arn.to_owned(),
            account: account.to_owned(),
            user_id: format!("AROA{}:{session}", unique(role)),
        })
    }

    /// The session of a role that may be assumed by anybody.
    fn assuming(role: &str, session: &str) -> Option<Self> {
        let ["arn", partition, "iam", "", account, resource]: [&str; 6] =
            role.splitn(6, ':').collect::<Vec<_>>().try_into().ok()?
        else {
            return None;
        };
        let (_, name) = resource.strip_prefix("role/").map(|path| ("", path))?;
        let name = name.rsplit('/').next().filter(|name| is_name(name))?;
        let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let known = partition.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let arn = format!("arn:{partition}:sts::{account}:assumed-role/{name}/{session}");
        Self::of_session(&arn).filter(|_| digits && known)
    }
}

/// Names of roles and sessions; none of their characters means anything in XML or in a header.
fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(allowed)
}

/// The part of an id that differs; the same name has the same one for ever.
fn unique(name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    format!("{:016X}", hasher.finish())
}

/// Answers an operation of STS.
pub(super) fn answer(call: &Call, parameters: &BTreeMap<String, String>, setup: &Setup) -> Answer {
    let result = match call.operation.as_str() {
        "GetCallerIdentity" => Ok(identity(&caller(call, setup.simulation.account.as_str()))),
        "AssumeRole" => assume_role(parameters),
        other => Err(errors::named(
            "InvalidAction",
            &format!("Could not find operation {other} for version 2011-06-15"),
        )),
    };
    match result {
        Ok(result) => Answer::applied(success(&call.operation, &result)),
        Err(refused) => Answer { response: error(&refused), outcome: refused.code().to_owned() },
    }
}

fn identity(caller: &Caller) -> String {
    let Caller { arn, account, user_id } = caller;
    format!("<Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{account}</Account>")
}

fn assume_role(parameters: &BTreeMap<String, String>) -> Result<String, ApiError> {
    let parameter = |name: &str, member: &str| {
        let missing = format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: \
             Member must not be null"
        );
        parameters.get(name).ok_or_else(|| errors::named("ValidationException", &missing))
    };
    let role = parameter("RoleArn", "roleArn")?;
    let session = parameter("RoleSessionName", "roleSessionName")?;
    let invalid = |what: &str| errors::named("ValidationException", &format!("{what} is invalid"));
    if !is_name(session) {
        return Err(invalid(session));
    }
    let caller = Caller::assuming(role, session).ok_or_else(|| invalid(role))?;
    let asked = parameters.get("DurationSeconds").and_then(|seconds| seconds.parse().ok());
    let lasts = asked.map_or(SESSION, Duration::from_secs).min(SESSION * 12);
    let expiration = humantime::format_rfc3339_seconds(SystemTime::now() + lasts);
    let Caller { arn, user_id, .. } = caller;
    Ok(format!(
        "<Credentials><AccessKeyId>ASIA{key}</AccessKeyId>\
         <SecretAccessKey>{secret}</SecretAccessKey>\
         <SessionToken>{TOKEN_PREFIX}{arn}</SessionToken>\
         <Expiration>{expiration}</Expiration></Credentials>\
         <AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{arn}</Arn>\
         </AssumedRoleUser><PackedPolicySize>0</PackedPolicySize>",
        key = &answer::request_id()[..16],
        secret = &answer::request_id()[..40],
    ))
}

fn success(operation: &str, result: &str) -> Response<Body> {
    let body = format!(
        "<{operation}Response xmlns=\"{NAMESPACE}\"><{operation}Result>{result}\
         </{operation}Result><ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\
         </{operation}Response>\n",
        answer::request_id(),
    );
    answer::xml(StatusCode::OK, body)
}

/// An error in the names and with the status that STS has for it.
pub(super) fn error(error: &ApiError) -> Response<Body> {
    let code = match error.code() {
        "ThrottlingException" => "Throttling",
        "ValidationException" => "ValidationError",
        code => code.strip_suffix("Exception").unwrap_or(code),
    };
    let status = match code {
        "AccessDenied"
        | "ExpiredToken"
        | "InvalidClientTokenId"
        | "MissingAuthenticationToken"
        | "SignatureDoesNotMatch" => 403,
        _ => error.status,
    };
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type><Code>{code}</Code>\
         <Message>{}</Message></Error><RequestId>{}</RequestId></ErrorResponse>\n",
        escaped(&error.message),
        answer::request_id(),
    );
    answer::xml(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), body)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_after_its_role_and_belongs_to_the_roles_account() {
        let role = "arn:aws:iam::111122223333:role/path/deploy";
        let caller = Caller::assuming(role, "osem-1").unwrap();
        assert_eq!(caller.arn, "arn:aws:sts::111122223333:assumed-role/deploy/osem-1");
        assert_eq!(caller.account, "111122223333");
        assert!(caller.user_id.ends_with(":osem-1"));
        assert_eq!(Caller::of_session(&caller.arn), Some(caller));
    }

    #[test]
    fn what_is_no_role_is_not_assumed() {
        for role in [
            "",
            "deploy",
            "arn:aws:iam::1:role/deploy",
            "arn:aws:iam::111122223333:user/deploy",
            "arn:aws:iam::111122223333:role/de<ploy",
            "arn:<aws>:iam::111122223333:role/deploy",
        ] {
            assert_eq!(Caller::assuming(role, "osem"), None, "{role}");
        }
    }
}
