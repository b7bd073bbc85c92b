//! The variables that a command is given.
//!
//! Those of osem itself, less every AWS setting that could lead to another account; then where the
//! tables are; then what the file says; osem's own last, so that nothing stands for them.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;

use crate::model::{
    Command, ErrorCode, Failure, ParamDecl, ParamValue, Placeholder, Scope, Secret, StepId,
    Template,
};
use crate::step::StepOutputs;

use super::super::{StepContext, missing_output};
use super::CommandContext;

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
    let outer = ["OSEM_TABLE", "OSEM_TABLE_NAME", "OSEM_OUTPUT"].contains(&name);
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
    let mut variables = inherited(std::env::vars_os(), &cx.command.surroundings.secret_sources);
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

/// The variables that a command says itself, and those of its parameters but secret ones: whatever a
/// program starts inherits them.
///
/// # Errors
/// As [`filled`].
pub(in crate::step) fn environment(cx: &StepContext) -> Result<Vec<(String, String)>, Failure> {
    said(cx.command.command(), |text| filled(cx, text))
}

/// As [`environment`], to be written down: secrets are named in it, and are filled when it is used.
/// `own` is what the step put out so far.
///
/// # Errors
/// As [`filled`].
pub(in crate::step) fn recorded_environment(
    cx: &CommandContext,
    own: &StepOutputs,
) -> Result<BTreeMap<String, String>, Failure> {
    said(cx.command(), |text| Ok(known(cx, own, text)?.to_string()))
}

/// The variables that a command says itself, and those of its parameters but secret ones, with what
/// `fill` makes of their texts.
fn said<C: FromIterator<(String, String)>>(
    command: &Command,
    fill: impl Fn(&Template) -> Result<String, Failure>,
) -> Result<C, Failure> {
    let own = command.env.iter().map(|(name, value)| Ok((name.clone(), fill(value)?)));
    let params = command.params.iter().filter_map(|(name, value)| {
        let text = match value {
            ParamValue::Text(text) => fill(text),
            ParamValue::Secret(_) => return None,
            ParamValue::Number(number) => Ok(number.to_string()),
            ParamValue::Bool(on) => Ok(on.to_string()),
        };
        Some(text.map(|text| (ParamDecl::variable(name), text)))
    });
    own.chain(params).collect()
}

/// The secret parameters of a command, to be written down as [`recorded_environment`] is.
///
/// # Errors
/// As [`filled`].
pub(in crate::step) fn recorded_secrets(
    cx: &StepContext,
) -> Result<BTreeMap<String, String>, Failure> {
    let params = cx.command.command().params.iter();
    let secret = params.filter_map(|(name, value)| match value {
        ParamValue::Secret(text) => Some((name.clone(), text)),
        _ => None,
    });
    let nothing = StepOutputs::new();
    secret.map(|(name, text)| Ok((name, known(&cx.command, &nothing, text)?.to_string()))).collect()
}

/// What was written down by [`recorded_environment`] or [`recorded_secrets`], with the secrets in it.
///
/// # Errors
/// For a secret that has no value by now.
pub(in crate::step) fn filled_record(
    cx: &StepContext,
    env: &BTreeMap<String, String>,
) -> Result<Vec<(String, String)>, Failure> {
    let filled = env.iter().map(|(name, text)| {
        let as_it_was = |failure: Failure| match missing_output(text) {
            Some(_) => failure,
            None => Failure {
                message: format!("the variable {name} cannot be given as it was: {text}"),
                ..failure
            },
        };
        Ok((name.clone(), filled_text(cx, text).map_err(as_it_was)?))
    });
    filled.collect()
}

/// A text that was written down, with the secrets in it.
///
/// # Errors
/// For a secret that has no value by now, and for an output that never had one.
pub(in crate::step) fn filled_text(cx: &StepContext, text: &str) -> Result<String, Failure> {
    let secrets = &cx.command.surroundings.secrets;
    let value = |placeholder: &Placeholder| match placeholder {
        Placeholder::Var(name) => secrets.get(name).map(Secret::expose),
        _ => None,
    };
    let template = Template::parse(text, Scope::Command);
    let filled = template.ok().and_then(|template| template.fill(value));
    filled.ok_or_else(|| match missing_output(text) {
        Some(output) => Failure::new(ErrorCode::StepFailed, format!("{output} has no value"))
            .cause("the step ended before it put that out")
            .fix("look at what the step did, and take it back by hand"),
        None => Failure::new(ErrorCode::StepFailed, format!("cannot be given as it was: {text}"))
            .cause("a secret in it has no value now")
            .fix("set the variable that the secret is read from, then: osem rollback RUN"),
    })
}

/// A word with its last placeholders filled.
///
/// # Errors
/// For an output that its step did not put out.
pub(in crate::step) fn filled(cx: &StepContext, template: &Template) -> Result<String, Failure> {
    let secrets = &cx.command.surroundings.secrets;
    let value = |placeholder: &Placeholder| match placeholder {
        Placeholder::Var(name) => secrets.get(name).map(Secret::expose),
        _ => None,
    };
    let known = known(&cx.command, &StepOutputs::new(), template)?;
    Ok(known.fill(value).expect("planning filled all others"))
}

/// A word with the last placeholders filled but secrets, and but those that name what the step itself
/// did not put out: only its `rollback` can name that. `own` is what it put out so far.
///
/// # Errors
/// For an output that another step did not put out.
pub(in crate::step) fn known(
    cx: &CommandContext,
    own: &StepOutputs,
    template: &Template,
) -> Result<Template, Failure> {
    let surroundings = &cx.surroundings;
    let mut outputs = BTreeMap::new();
    for placeholder in template.placeholders() {
        let Placeholder::Out(name) = placeholder else { continue };
        let source = cx.command().reads.get(name).expect("planning found the step of each output");
        if *source == cx.step {
            outputs.extend(own.get(&name.key).map(|value| (name, value.clone())));
            continue;
        }
        let mut put_out = surroundings.outputs.of(source);
        let value = put_out.remove(&name.key);
        outputs.insert(name, value.ok_or_else(|| no_output(source, &name.key, &put_out))?);
    }
    Ok(template.fill_known(|placeholder| match placeholder {
        Placeholder::RunId => Some(surroundings.run.as_str()),
        Placeholder::Out(name) => outputs.get(name).map(String::as_str),
        _ => None,
    }))
}

fn no_output(source: &StepId, key: &str, others: &StepOutputs) -> Failure {
    let message = format!("step {source} put out no `{key}`");
    let failure = Failure::new(ErrorCode::StepFailed, message);
    let others: Vec<&str> = others.keys().map(String::as_str).collect();
    let failure = match others[..] {
        [] => failure.cause("it put out nothing"),
        _ => failure.cause(format!("it put out {}", others.join(", "))),
    };
    failure.fix(format!("a command puts it out by writing {key}=… to the file OSEM_OUTPUT"))
}

/// The variables of a program that belongs to no run and is given nothing.
pub(in crate::step) fn unattached(secret_sources: &BTreeSet<String>) -> Variables {
    let mut variables = inherited(std::env::vars_os(), secret_sources);
    variables.insert("OSEM".into(), "1".into());
    variables
}

/// A secret is for the commands that ask for it: what it is read from is not passed on.
fn inherited(
    all: impl Iterator<Item = (OsString, OsString)>,
    secret_sources: &BTreeSet<String>,
) -> Variables {
    let stays = |name: &str| is_ambient(name) || secret_sources.contains(name);
    all.filter(|(name, _)| !name.to_str().is_some_and(stays)).collect()
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
    fn what_leads_to_another_account_or_belongs_to_others_is_not_passed_on() {
        let names = [
            "AWS_PROFILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_ENDPOINT_URL_S3",
            "AWS_SESSION_TOKEN",
            "AWS_PAGER",
            "OSEM_OUTPUT",
            "PATH",
            "TOKEN",
        ];
        let all = names.iter().map(|name| (OsString::from(name), OsString::from("x")));
        let kept: Vec<OsString> =
            inherited(all, &BTreeSet::from(["TOKEN".to_owned()])).into_keys().collect();
        assert_eq!(kept, ["AWS_PAGER", "PATH"]);
    }
}
