//! ARNs: the engine has an account and a region of its own.

use serde_json::Value;

use super::{ApiError, ControlPlane};

/// The members of requests that hold an ARN, or may hold one.
const REQUEST_MEMBERS: [&str; 3] = ["TableName", "ResourceArn", "BackupArn"];

/// The members of answers that hold one.
const ANSWER_MEMBERS: [&str; 4] = ["TableArn", "IndexArn", "LatestStreamArn", "BackupArn"];

/// How the ARNs of the engine's tables begin.
pub(in crate::emulator) const ENGINE_PREFIX: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// How the ARNs of an account's tables begin.
pub(in crate::emulator) fn arn_prefix(region: &str, account: &str) -> String {
    format!("arn:aws:dynamodb:{region}:{account}:")
}

impl ControlPlane {
    fn arn_prefix(&self) -> String {
        arn_prefix(&self.region, self.settings.account.as_str())
    }

    /// `region:account`, as ARNs have it.
    pub(super) fn home(&self) -> String {
        format!("{}:{}", self.region, self.settings.account)
    }

    /// A request in the engine's terms: its ARNs, and a table's name where an ARN stands for it.
    pub(super) fn to_engine(&self, body: &Value) -> Value {
        let mut body = body.clone();
        let prefix = self.arn_prefix();
        for member in REQUEST_MEMBERS {
            if let Some(value) = body.get_mut(member) {
                replace(value, &prefix, ENGINE_PREFIX);
            }
        }
        let name = body.get("TableName").and_then(Value::as_str).and_then(table_of_arn);
        if let Some(name) = name.map(str::to_owned) {
            body["TableName"] = name.into();
        }
        body
    }

    /// An answer in this account's terms.
    pub(super) fn localized(&self, mut answer: Value) -> Value {
        localize(&mut answer, &self.arn_prefix());
        answer
    }

    pub(super) fn localized_error(&self, error: ApiError) -> ApiError {
        let message = error.message.replace(ENGINE_PREFIX, &self.arn_prefix());
        ApiError { message, ..error }
    }
}

/// The table that an ARN of the engine names.
pub(super) fn table_of_arn(arn: &str) -> Option<&str> {
    let name = arn.strip_prefix(ENGINE_PREFIX)?.strip_prefix("table/")?;
    (!name.contains('/')).then_some(name)
}

/// Gives the members of an answer that hold ARNs the account's own, at any depth.
fn localize(value: &mut Value, prefix: &str) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|item| localize(item, prefix)),
        Value::Object(fields) => {
            for (name, field) in fields {
                if ANSWER_MEMBERS.contains(&name.as_str()) {
                    replace(field, ENGINE_PREFIX, prefix);
                } else {
                    localize(field, prefix);
                }
            }
        }
        _ => {}
    }
}

fn replace(value: &mut Value, from: &str, to: &str) {
    if let Value::String(text) = value
        && text.starts_with(from)
    {
        text.replace_range(..from.len(), to);
    }
}

#[cfg(test)]
mod tests {
    use dynoxide::streams::{LOCAL_ACCOUNT, LOCAL_REGION};

    use super::*;

    #[test]
    fn the_engine_s_prefix_is_the_engine_s() {
        assert_eq!(arn_prefix(LOCAL_REGION, LOCAL_ACCOUNT), ENGINE_PREFIX);
    }
}
