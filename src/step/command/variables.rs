//! The variables that a command is given.
//!
//! Those of osem itself, less every AWS setting that could lead to another account; then where the
//! tables are; then what the file says; osem's own last, so that nothing stands for them.

use std::collections::BTreeMap;
use std::ffi::OsString;

use crate::model::{Command, Failure, ParamDecl, ParamValue, Placeholder, Template};

use super::super::StepContext;

/// Settings of the surrounding shell that are not passed on.
const AMBIENT: &[&str] = &[
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];
/// As [`AMBIENT`], by how they start.
const AMBIENT_STARTS: &[&str] = &["AWS_CONTAINER_", "AWS_ENDPOINT_URL"];

fn is_ambient(name: &str) -> bool {
    // Those of a step in which osem itself runs.
    let outer = ["OSEM_TABLE", "OSEM_TABLE_NAME"].contains(&name);
    outer
        || name.starts_with("OSEM_PARAM_")
        || AMBIENT.contains(&name)
        || AMBIENT_STARTS.iter().any(|start| name.starts_with(start))
}

/// Whose credentials a program gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::step) enum Grant {
    /// The environment's.
    Environment,
    /// Those of a server that does not ask who calls, and no others.
    Dummies,
    /// None at all, and no address.
    Nothing,
}

impl Grant {
    /// What a kind or a step asks for.
    pub(in crate::step) const fn of(credentials: bool) -> Self {
        if credentials { Self::Environment } else { Self::Dummies }
    }

    const fn covers(self, dummy: bool) -> bool {
        matches!((self, dummy), (Self::Environment, _) | (Self::Dummies, true))
    }
}

pub(in crate::step) type Variables = BTreeMap<OsString, OsString>;

/// What is given and not to be shown.
const SECRET: [&str; 2] = ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];

/// All variables of a program of a step, and which of their values are not to be shown.
///
/// # Errors
/// When it is to be given credentials and there are none.
pub(in crate::step) async fn variables(
    cx: &StepContext,
    env: Vec<(String, String)>,
    grant: Grant,
) -> Result<(Variables, Vec<String>), Failure> {
    let mut secrets = Vec::new();
    let mut variables = inherited(std::env::vars_os());
    if let Some(access) = &cx.command.surroundings.access
        && grant.covers(access.is_dummy())
    {
        let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let proxies = set("NO_PROXY").or_else(|| set("no_proxy")).unwrap_or_default();
        for (name, value) in access.variables(&proxies).await? {
            if SECRET.contains(&name) && !access.is_dummy() {
                secrets.push(value.clone());
            }
            variables.insert(name.into(), value.into());
        }
    }
    for (name, value) in env {
        variables.insert(name.into(), value.into());
    }
    for (name, value) in own(cx) {
        variables.insert(name.into(), value.into());
    }
    Ok((variables, secrets))
}

/// The variables that a command says itself, and those of its parameters.
pub(in crate::step) fn environment(command: &Command, run: &str) -> Vec<(String, String)> {
    let own = command.env.iter().map(|(name, value)| (name.clone(), filled(value, run)));
    let params = command.params.iter().map(|(name, value)| {
        let text = match value {
            ParamValue::Text(text) => filled(text, run),
            ParamValue::Number(number) => number.to_string(),
            ParamValue::Bool(on) => on.to_string(),
        };
        (ParamDecl::variable(name), text)
    });
    own.chain(params).collect()
}

/// A word with its last placeholder filled.
pub(in crate::step) fn filled(template: &Template, run: &str) -> String {
    let value = |placeholder| (placeholder == Placeholder::RunId).then_some(run);
    template.fill(value).expect("planning filled all others")
}

/// The variables of a program that belongs to no run and is given nothing.
pub(in crate::step) fn unattached() -> Variables {
    let mut variables = inherited(std::env::vars_os());
    variables.insert("OSEM".into(), "1".into());
    variables
}

fn inherited(all: impl Iterator<Item = (OsString, OsString)>) -> Variables {
    all.filter(|(name, _)| !name.to_str().is_some_and(is_ambient)).collect()
}

fn own(cx: &StepContext) -> Vec<(&'static str, String)> {
    let surroundings = &cx.command.surroundings;
    let mut own = vec![
        ("OSEM", "1".to_owned()),
        ("OSEM_RUN_ID", surroundings.run.clone()),
        ("OSEM_TASK", surroundings.task.clone()),
        ("OSEM_STEP", cx.command.step.to_string()),
        ("OSEM_ENV", cx.facts.environment.clone()),
        ("OSEM_REGION", cx.facts.region.clone()),
        ("OSEM_ATTEMPT", cx.command.attempt.to_string()),
    ];
    if let Some(table) = &cx.table {
        own.push(("OSEM_TABLE", table.declared.clone()));
        own.push(("OSEM_TABLE_NAME", table.name.to_string()));
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_that_lead_to_another_account_are_not_passed_on() {
        let names = [
            "AWS_PROFILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_ENDPOINT_URL_S3",
            "AWS_SESSION_TOKEN",
            "AWS_PAGER",
            "PATH",
        ];
        let all = names.iter().map(|name| (OsString::from(name), OsString::from("x")));
        let kept: Vec<OsString> = inherited(all).into_keys().collect();
        assert_eq!(kept, ["AWS_PAGER", "PATH"]);
    }
}
