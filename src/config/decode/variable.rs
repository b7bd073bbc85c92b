//! `var`.

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::VariableDecl;
use crate::syntax::{NodeReader, Value};

use super::excluded;

pub(super) fn variable(reader: &mut NodeReader<'_>) -> Option<VariableDecl> {
    let name = reader.arg_as(|value| value.name("the name of `var`"))?;
    let value = reader.arg_as(|value| text(value, "the value of `var`"));
    let default = reader.prop_as("default", |value| text(value, "property `default`"));
    let env = reader.prop_as("env", |value| shell_variable(value));
    let required = flag(reader, "required");
    let secret = flag(reader, "secret");
    let places: Places<'_> = [
        ("a value", value.as_ref().map(|value| value.span)),
        ("`default`", default.as_ref().map(|value| value.span)),
        ("`env`", env.as_ref().map(|value| value.span)),
        ("`required`", required),
        ("`secret`", secret),
    ];
    refuse(reader, places);
    Some(VariableDecl {
        name,
        value: value.or(default),
        env,
        required: required.is_some(),
        secret: secret.is_some(),
    })
}

/// What a variable is declared with, each with its place where it is there.
type Places<'a> = [(&'a str, Option<Span>); 5];

fn refuse(reader: &NodeReader<'_>, places: Places<'_>) {
    let [value, default, env, required, secret] = places;
    // A value that stands in the file needs no other source, and is always there.
    for (one, other) in [(value, default), (value, env), (value, required), (default, required)] {
        if let (Some(first), Some(second)) = (one.1, other.1) {
            reader.sink().push(excluded((one.0, first), (other.0, second)));
        }
    }
    let Some(secret) = secret.1 else { return };
    if let Some(written) = value.1.or(default.1) {
        let message = "a secret does not stand in a file that others read";
        let problem = Diagnostic::error("osem::secret", message).label(written, "");
        let problem = problem.label(secret, "it is secret");
        reader
            .sink()
            .push(problem.help("remove the value; name a variable of the shell: env=NAME"));
    } else if env.1.is_none() {
        let problem = Diagnostic::error("osem::missing", "a secret is read from a variable");
        let problem = problem.label(secret, "");
        reader.sink().push(problem.help("add the name of that variable of the shell: env=NAME"));
    }
}

/// Where a property is that is `#true`.
fn flag(reader: &mut NodeReader<'_>, name: &str) -> Option<Span> {
    let value = reader.prop(name)?;
    let is_set = reader.sink().take(value.bool(&format!("property `{name}`")))?;
    is_set.then(|| value.whole())
}

fn text(value: Value<'_>, what: &str) -> Result<Spanned<String>, Diagnostic> {
    let text = value.string(what)?;
    if text.value.contains('\0') {
        let message = format!("{what} cannot have the character U+0000");
        return Err(value.problem("osem::type", message));
    }
    Ok(text.map(str::to_owned))
}

fn shell_variable(value: Value<'_>) -> Result<Spanned<String>, Diagnostic> {
    let name = value.string("property `env`")?;
    if !super::step::is_variable_name(name.value) {
        let problem = value.problem("osem::type", "property `env` must name a variable");
        return Err(problem.help("it has letters, digits and `_`, none of the digits in front"));
    }
    Ok(name.map(str::to_owned))
}
