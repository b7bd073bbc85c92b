//! Step kinds of the files: their names are free, their texts name parameters that have values, and
//! what they say of themselves fits together.

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    Effect, KindCatalog, KindDecl, KindProgram, ParamDecl, ParamType, fill_params, param_names,
};
use crate::syntax::schema::{self, Context};

use super::{inputs, running};

/// Properties of `step` that are no inputs.
const RESERVED: [&str; 1] = ["id"];

pub(super) fn check(
    kind: &KindDecl,
    built_in: &KindCatalog,
    tables: &[&str],
    problems: &mut Vec<Diagnostic>,
) {
    let name = &kind.name;
    if built_in.get(&name.value).is_some() {
        let message = format!("step kind `{}` is built in, so none can have its name", name.value);
        let problem = Diagnostic::error("osem::name", message).label(name.span, "");
        problems.push(problem.help("give yours another name"));
    }
    for param in &kind.params {
        self::param(param, tables, problems);
        problems.extend(secret(kind, param));
    }
    for text in kind.texts() {
        problems.extend(self::text(kind, text));
    }
    problems.extend(program(kind));
    agreement(kind, problems);
}

fn param(param: &ParamDecl, tables: &[&str], problems: &mut Vec<Diagnostic>) {
    let name = &param.name.value;
    let mut refuse = |message: String, help: &str| {
        let problem = Diagnostic::error("osem::name", message).label(param.name.span, "");
        problems.push(problem.help(help));
    };
    if RESERVED.contains(&name.as_str()) {
        refuse(format!("`{name}` is a property of every step"), "give the parameter another name");
    }
    // A step would be told to write it in a block, where it is no input.
    if schema::node(Context::Step, name).is_some() {
        let help = "give the parameter another name";
        refuse(format!("`{name}` is a setting of every step, written in its block"), help);
    }
    if name == ParamDecl::TABLE && !matches!(param.ty, ParamType::Table) {
        refuse("`table` is the table of the step".to_owned(), "write: type=table");
    }
    let Some(default) = &param.default else { return };
    if param.required {
        let message = format!("parameter `{name}` is required, so nothing uses its default");
        let problem = Diagnostic::error("osem::excluded", message).label(default.span, "");
        problems.push(problem.help("remove `required` or `default`"));
    }
    if name == ParamDecl::TABLE {
        let message = "the table of a step has no default";
        problems.push(Diagnostic::error("osem::excluded", message).label(default.span, ""));
        return;
    }
    problems.extend(inputs::value("property `default`", &param.ty, default, tables));
    if let (ParamType::Text, Some(text)) = (&param.ty, default.value.text()) {
        problems.extend(running::well_formed(&Spanned::new(text.to_owned(), default.span)));
    }
}

/// The error for a secret parameter that would be seen.
fn secret(kind: &KindDecl, param: &ParamDecl) -> Option<Diagnostic> {
    let name = &param.name;
    if !param.secret {
        return None;
    }
    if !kind.is_plugin() {
        let message =
            format!("`{}` cannot be secret: a program with `exec` has no stdin", name.value);
        let problem = Diagnostic::error("osem::secret", message).label(name.span, "");
        return Some(
            problem.help("such a program is given a secret by env, in the kind or the step"),
        );
    }
    if matches!(param.ty, ParamType::Text) {
        return None;
    }
    let message = format!("`{}` is secret, so it is text", name.value);
    let problem = Diagnostic::error("osem::type", message).label(name.span, "");
    Some(problem.help("remove `type`, or `secret`"))
}

/// The error for a text that names no parameter, or one that may have no value, or that is no
/// template without them.
fn text(kind: &KindDecl, text: &Spanned<String>) -> Option<Diagnostic> {
    let place = |message: String| Diagnostic::error("osem::placeholder", message);
    for name in param_names(&text.value) {
        let of_table = name.strip_suffix(".name").and_then(|name| kind.param(name));
        let of_table = of_table.filter(|param| matches!(param.ty, ParamType::Table));
        let Some(param) = of_table.or_else(|| kind.param(name)) else {
            let known = kind.params.iter().map(|param| param.name.value.as_str());
            let message = format!("unknown parameter `{{param.{name}}}`");
            let bare = name.strip_suffix(".name").unwrap_or(name);
            return Some(place(message).label(text.span, "").suggest(bare, known));
        };
        if !param.required && param.default.is_none() {
            let message = format!("`{{param.{name}}}` may have no value");
            let problem = place(message).label(text.span, "used here");
            let problem = problem.label(param.name.span, "a step may leave it out");
            return Some(problem.help("add required=#true, or default=…"));
        }
    }
    let filled = fill_params(&text.value, |_| Some("x".to_owned()));
    if filled.contains('\0') {
        let message = "a command cannot be given the character U+0000";
        return Some(Diagnostic::error("osem::type", message).label(text.span, ""));
    }
    running::well_formed(&Spanned::new(filled, text.span))
}

fn program(kind: &KindDecl) -> Option<Diagnostic> {
    let words = match &kind.program {
        KindProgram::Exec(words) => words,
        KindProgram::Plugin(program) => std::slice::from_ref(program),
    };
    let mut firsts =
        words.first().into_iter().chain(kind.undo.iter().filter_map(|undo| undo.first()));
    let unnamed = firsts.find(|first| first.value.is_empty())?;
    let message = "the program has no name";
    Some(Diagnostic::error("osem::missing", message).label(unnamed.span, ""))
}

fn agreement(kind: &KindDecl, problems: &mut Vec<Diagnostic>) {
    let name = &kind.name;
    if let Some(retry) = kind.retry.as_ref().filter(|retry| retry.value.retries > 0)
        && !kind.idempotent
    {
        problems.push(not_repeatable(kind, retry.span));
    }
    let Some(undo) = kind.undo.as_ref().and_then(|undo| undo.first()) else { return };
    if kind.is_plugin() {
        let message = format!("step kind `{}` is a plugin, which has a verb `undo`", name.value);
        let problem = Diagnostic::error("osem::excluded", message).label(undo.span, "");
        problems.push(problem.help("remove `undo`; see docs/plugins.md"));
    } else if kind.effect == Effect::Read {
        let message = format!("step kind `{}` only reads, so nothing is to be undone", name.value);
        let problem = Diagnostic::error("osem::excluded", message).label(undo.span, "");
        problems.push(problem.help("remove `undo`, or correct `effect`"));
    }
}

/// The error for retries of a kind that may not be repeated.
pub(super) fn not_repeatable(kind: &KindDecl, retry: Span) -> Diagnostic {
    let name = &kind.name;
    let message = format!("step kind `{}` does not say that it may be repeated", name.value);
    Diagnostic::error("osem::retry", message)
        .label(retry, "tried again here")
        .label(name.span, "this kind")
        .help("add `idempotent` to the kind, if doing it twice is the same as doing it once")
}
