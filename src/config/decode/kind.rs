//! `step-kind`.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{Effect, KindDecl, KindProgram, ParamDecl, ParamType};
use crate::syntax::{NodeReader, Value};

use super::{excluded, step};

/// The longest span of time that a parameter takes where it has no `max`.
const LONGEST: Duration = Duration::from_hours(365 * 24);

pub(super) fn kind(reader: &mut NodeReader<'_>) -> Option<KindDecl> {
    let name = reader.arg_as(|value| value.lower_name("the name of `step-kind`"))?;
    let effect = reader.child("effect").and_then(|mut node| {
        node.arg_as(|value| value.word("`effect`", &["read", "write", "destroy"], &[]))
    });
    let idempotent = reader.flag("idempotent").is_some_and(|flag| flag.value);
    let (timeout, attempt_timeout) = step::timeouts(reader);
    let program = program(reader, &name);
    let retry = step::retry_node(reader);
    let undo = reader.child("undo").map(|mut node| {
        node.arg_as(|value| value.word("`undo`", &["exec"], &[]));
        words(&mut node, "`undo`")
    });
    let iam = reader.children(&["iam"]);
    let kind = KindDecl {
        description: description(reader),
        params: reader
            .children(&["param"])
            .into_iter()
            .filter_map(|mut node| param(&mut node))
            .collect(),
        effect: match effect {
            Some("read") => Effect::Read,
            Some("destroy") => Effect::Destroy,
            _ => Effect::Write,
        },
        idempotent,
        credentials: step::credentials(reader).is_some(),
        env: step::env(reader),
        timeout,
        attempt_timeout,
        retry: retry.policy,
        retry_on: retry.on,
        undo,
        iam: iam.into_iter().flat_map(|mut node| node.args_as(action)).collect(),
        program: program?,
        name,
    };
    Some(kind)
}

fn description(reader: &mut NodeReader<'_>) -> Option<String> {
    let text = reader
        .child("description")
        .and_then(|mut node| node.arg_as(|value| value.string("`description`")));
    text.map(|text| text.value.to_owned())
}

fn words(node: &mut NodeReader<'_>, what: &str) -> Vec<Spanned<String>> {
    node.args_as(|value| value.string(what).map(|text| text.map(str::to_owned)))
}

/// What it runs: one of the two.
fn program(reader: &mut NodeReader<'_>, name: &Spanned<String>) -> Option<KindProgram> {
    let exec = reader.child("exec").map(|mut node| (node.head(), words(&mut node, "`exec`")));
    let plugin = reader.child("plugin").map(|mut node| {
        let text = node.arg_as(|value| value.string("`plugin`"));
        (node.head(), text.map(|text| text.map(str::to_owned)))
    });
    match (exec, plugin) {
        (Some((_, words)), None) => Some(KindProgram::Exec(words)),
        (None, Some((_, program))) => program.map(KindProgram::Plugin),
        (Some((exec, _)), Some((plugin, _))) => {
            reader.sink().push(excluded(("`exec`", exec), ("`plugin`", plugin)));
            None
        }
        (None, None) => {
            let message = format!("step kind `{}` runs nothing", name.value);
            let problem = Diagnostic::error("osem::missing", message).label(name.span, "");
            reader.sink().push(problem.help("add `exec` with a program, or `plugin`"));
            None
        }
    }
}

fn param(node: &mut NodeReader<'_>) -> Option<ParamDecl> {
    let name = node.arg_as(|value| value.lower_name("the name of `param`"))?;
    let types = ["string", "int", "bool", "duration", "path", "table", "enum"];
    let ty = node.prop_as("type", |value| value.word("property `type`", &types, &[]));
    let required = node.prop_as("required", |value| value.bool("property `required`"));
    let secret = node.prop_as("secret", |value| value.bool("property `secret`"));
    let default = node.prop_as("default", |value| value.input("property `default`"));
    Some(ParamDecl {
        description: description(node),
        ty: param_type(node, ty.unwrap_or("string"), &name),
        required: required.unwrap_or(false),
        default,
        secret: secret.unwrap_or(false),
        name,
    })
}

fn param_type(node: &mut NodeReader<'_>, ty: &str, name: &Spanned<String>) -> ParamType {
    let found = match ty {
        "int" => {
            bounded(node, (i64::MIN, i64::MAX), |value| value.whole_number("a bound of `int`"))
                .map(|(min, max)| ParamType::Int { min, max })
        }
        "duration" => bounded(node, (Duration::ZERO, LONGEST), |value| {
            value.duration("a bound of `duration`", Duration::ZERO, LONGEST)
        })
        .map(|(min, max)| ParamType::Duration { min, max }),
        "bool" => Some(ParamType::Bool),
        "path" => Some(ParamType::Path),
        "table" => Some(ParamType::Table),
        "enum" => values(node, name).map(ParamType::Enum),
        _ => Some(ParamType::Text),
    };
    let bounds = ["min", "max"].into_iter().filter(|_| !matches!(ty, "int" | "duration"));
    for bound in bounds {
        if let Some(value) = node.prop(bound) {
            let message = format!("a parameter of type `{ty}` has no `{bound}`");
            let problem = Diagnostic::error("osem::type", message).label(value.whole(), "");
            node.sink().push(problem.help("`int` and `duration` have bounds"));
        }
    }
    if let Some(mut values) = node.child("values").filter(|_| ty != "enum") {
        let message = format!("a parameter of type `{ty}` has no `values`");
        let problem = Diagnostic::error("osem::type", message).label(values.span(), "");
        node.sink().push(problem.help("write: type=enum"));
        values.args();
    }
    found.unwrap_or(ParamType::Text)
}

/// The bounds of a type, each of which may be left out.
fn bounded<T: PartialOrd + Copy>(
    node: &mut NodeReader<'_>,
    (least, greatest): (T, T),
    read: impl Fn(Value<'_>) -> Result<T, Diagnostic>,
) -> Option<(T, T)> {
    let min = node.prop_as("min", &read).unwrap_or(least);
    let max = node.prop_as("max", &read).unwrap_or(greatest);
    if min > max {
        let problem = Diagnostic::error("osem::type", "`min` is more than `max`");
        node.sink().push(problem.label(node.head(), ""));
        return None;
    }
    Some((min, max))
}

/// The words of an `enum`.
fn values(node: &mut NodeReader<'_>, name: &Spanned<String>) -> Option<Vec<String>> {
    let Some(mut values) = node.child("values") else {
        let message = format!("parameter `{}` lists no values", name.value);
        let problem = Diagnostic::error("osem::missing", message).label(name.span, "");
        node.sink().push(problem.help("add a block: { values a b; }"));
        return None;
    };
    Some(words(&mut values, "`values`").into_iter().map(|word| word.value).collect())
}

/// An action of IAM: `dynamodb:PutItem`.
fn action(value: Value<'_>) -> Result<Spanned<String>, Diagnostic> {
    let text = value.string("`iam`")?;
    let shaped = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-*?".contains(c))
    };
    if text.value.split_once(':').is_some_and(|(service, what)| shaped(service) && shaped(what)) {
        return Ok(text.map(str::to_owned));
    }
    let problem = value.problem("osem::type", "`iam` must be an action of IAM");
    Err(problem.help("example: \"dynamodb:BatchWriteItem\""))
}
