//! Inputs of steps and defaults of parameters: each is known and has a value that fits its type.

use std::time::Duration;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{InputValue, KindSpec, ParamSpec, ParamType, StepDecl};

use super::paths;

/// `tables` are the declared ones.
pub(super) fn check(
    step: &StepDecl,
    kind: &KindSpec,
    tables: &[&str],
    problems: &mut Vec<Diagnostic>,
) {
    for (name, input) in &step.inputs {
        let Some(param) = kind.params.iter().find(|param| param.name == *name) else {
            let message = format!("unknown input `{name}` of step `{}`", kind.name);
            let own = ["id", "table"];
            let known: Vec<_> =
                kind.params.iter().map(|param| param.name.as_str()).chain(own).collect();
            let problem =
                Diagnostic::error("osem::unknown-property", message).label(input.span, "");
            problems.push(problem.suggest(name, known));
            continue;
        };
        problems.extend(value(&format!("input `{name}`"), &param.ty, input, tables));
    }
    let required = kind.params.iter().filter(|param| param.required);
    for param in required.filter(|param| !step.inputs.contains_key(&param.name)) {
        let message = format!("step `{}` needs the input `{}`", kind.name, param.name);
        let problem = Diagnostic::error("osem::missing", message).label(step.kind.span, "");
        problems.push(problem.help(how_to_write(param)));
    }
}

fn how_to_write(param: &ParamSpec) -> String {
    let doc = if param.doc.is_empty() { String::new() } else { format!(": {}", param.doc) };
    format!("add {}=…{doc}", param.name)
}

/// The error for a value that does not fit a type.
pub(super) fn value(
    what: &str,
    ty: &ParamType,
    input: &Spanned<InputValue>,
    tables: &[&str],
) -> Option<Diagnostic> {
    let type_error =
        |message: String| Diagnostic::error("osem::type", message).label(input.span, "");
    let must_be = |expected: &str| type_error(format!("{what} must be {expected}"));
    match (ty, &input.value) {
        (ParamType::Enum(words), InputValue::Text(text)) if words.contains(text) => None,
        (ParamType::Enum(words), InputValue::Text(text)) => Some(
            type_error(format!("{what} cannot be `{text}`"))
                .suggest(text, words.iter().map(String::as_str)),
        ),
        (ParamType::Path, InputValue::Text(_)) => paths::template(input),
        (ParamType::Table, InputValue::Text(name)) if tables.contains(&name.as_str()) => None,
        (ParamType::Table, InputValue::Text(name)) => {
            let message = format!("unknown table `{name}`");
            let problem = Diagnostic::error("osem::unknown-name", message).label(input.span, "");
            Some(problem.suggest(name, tables.iter().copied()))
        }
        (ParamType::Duration { min, max }, InputValue::Text(text)) => {
            duration(text, (*min, *max)).map(|(expected, help)| must_be(&expected).help(help))
        }
        (ParamType::Bool, InputValue::Bool(_)) => None,
        (ParamType::Bool, _) => Some(must_be("#true or #false")),
        (ParamType::Int { min, max }, InputValue::Int(number)) if (min..=max).contains(&number) => {
            None
        }
        (ParamType::Int { min, max }, found) => {
            let problem = must_be(&whole_number(*min, *max));
            Some(match found.text().filter(|text| text.parse::<i64>().is_ok()) {
                Some(text) => problem.help(format!("numbers are not quoted; write: {text}")),
                None => problem,
            })
        }
        (ParamType::Text, InputValue::Text(text)) => text
            .contains('\0')
            .then(|| type_error("a command cannot be given the character U+0000".to_owned())),
        (_, found) => Some(must_be("text").help(format!("write: \"{found}\""))),
    }
}

fn whole_number(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, i64::MAX) => "a whole number".to_owned(),
        (i64::MIN, max) => format!("a whole number, at most {max}"),
        (min, i64::MAX) => format!("a whole number, at least {min}"),
        (min, max) => format!("a whole number from {min} to {max}"),
    }
}

/// What a text should have been to be a span of time, and how one is written.
fn duration(text: &str, (min, max): (Duration, Duration)) -> Option<(String, &'static str)> {
    let example = "examples: \"500ms\", \"30s\", \"5m\", \"1h 30m\"";
    match humantime::parse_duration(text) {
        Err(_) => Some(("a duration with a unit".to_owned(), example)),
        Ok(found) if found < min || found > max => {
            Some((format!("{} to {}", shown(min), shown(max)), example))
        }
        Ok(_) => None,
    }
}

/// A span of time in days and less: the months of `humantime` are no whole days.
fn shown(time: Duration) -> String {
    const DAY: u64 = 24 * 3600;
    let days = time.as_secs() / DAY;
    let rest = humantime::format_duration(Duration::new(time.as_secs() % DAY, time.subsec_nanos()));
    match (days, time.as_secs().is_multiple_of(DAY)) {
        (0, _) => rest.to_string(),
        (_, true) => format!("{days}days"),
        (_, false) => format!("{days}days {rest}"),
    }
}
