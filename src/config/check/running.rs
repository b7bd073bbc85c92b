//! Steps that run a command: what they run is there, and its placeholders have values.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    Block, CommandForm, KindCatalog, KindDecl, ParamType, Placeholder, Scope, StepDecl, Task,
    Template, TemplateError, fill_params,
};

use super::kinds;

/// The block that a step stands in.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    /// A `for-each table`.
    pub(super) chain: Option<Span>,
    /// A `for-each item`.
    pub(super) item: Option<Span>,
}

pub(super) fn check(
    step: &StepDecl,
    place: Place,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(kind) = catalog.get(&step.kind.value) else { return };
    if let Some(kind) = &kind.declared {
        return declared(step, kind, place, problems);
    }
    let Some(form) = kind.command else {
        problems.extend(runs_nothing(step, place));
        return;
    };
    problems.extend(words(step, form));
    let words = step.command.words.iter().filter(|_| form == CommandForm::Words);
    for text in words.chain(step.command.env.iter().map(|(_, value)| value)) {
        problems.extend(template(text, step, place));
    }
    let all = step.command.words.iter().chain(step.command.env.iter().map(|(_, value)| value));
    for text in all.filter(|text| text.value.contains('\0')) {
        let message = "a command cannot be given the character U+0000";
        problems.push(Diagnostic::error("osem::type", message).label(text.span, ""));
    }
}

/// A step of a kind that the files declare.
fn declared(step: &StepDecl, kind: &KindDecl, place: Place, problems: &mut Vec<Diagnostic>) {
    let name = &step.kind.value;
    let mut refuse = |message: String, span: Span, help: &str| {
        problems.push(Diagnostic::error("osem::argument", message).label(span, "").help(help));
    };
    if let Some(word) = step.command.words.first() {
        let message = format!("step `{name}` takes no further argument");
        refuse(message, word.span, "parameters are written as properties: file=\"a.jsonl\"");
    }
    if let Some(credentials) = &step.command.credentials {
        let message = format!("step `{name}` takes no `credentials`: its kind says them");
        refuse(message, credentials.span, "write `credentials aws` into the step-kind");
    }
    let retries = step.policy.retry.is_some_and(|retry| retry.retries > 0);
    if let Some(span) = step.policy.retry_place.filter(|_| retries && !kind.idempotent) {
        problems.push(kinds::not_repeatable(kind, span));
    }
    let own = step.command.env.iter().map(|(_, value)| value.clone());
    let texts = kind.params.iter().filter(|param| matches!(param.ty, ParamType::Text));
    let given = texts.filter_map(|param| {
        let input = step.inputs.get(&param.name.value)?;
        Some(Spanned::new(input.value.text()?.to_owned(), input.span))
    });
    for text in own.chain(given) {
        problems.extend(template(&text, step, place));
    }
    let missing = kind.texts().find_map(|text| {
        let filled = fill_params(&text.value, |_| Some("x".to_owned()));
        let template = Template::parse(&filled, Scope::Command).ok()?;
        Some((without_value(&template, step, place)?.clone(), text.span))
    });
    if let Some((missing, span)) = missing {
        problems.push(no_value(&missing, step.kind.span).label(span, "used here"));
    }
}

/// The error for a text that is no template of a command, wherever it is used.
pub(super) fn well_formed(text: &Spanned<String>) -> Option<Diagnostic> {
    Template::parse(&text.value, Scope::Command).err().map(|error| malformed(text, &error))
}

/// Chains of `for-each item` are told apart by their values.
pub(super) fn items(task: &Task, problems: &mut Vec<Diagnostic>) {
    for block in &task.body {
        let Block::ForEachItem(block) = block else { continue };
        if block.items.is_empty() {
            let message = "`for-each item` needs values";
            let problem = Diagnostic::error("osem::missing", message).label(block.span, "");
            problems.push(problem.help("example: for-each item eu us { … }"));
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for item in &block.items {
            if let Some(first) = seen.insert(&item.value, item.span) {
                let message = format!("value `{}` is named twice", item.value);
                let problem = Diagnostic::error("osem::duplicate", message);
                problems.push(problem.label(item.span, "").label(first, "first here"));
            }
        }
    }
}

/// What only commands take, on a step of another kind.
fn runs_nothing(step: &StepDecl, place: Place) -> Vec<Diagnostic> {
    let kind = &step.kind.value;
    let mut found = Vec::new();
    let mut refuse = |message: String, span: Span| {
        let problem = Diagnostic::error("osem::argument", message).label(span, "");
        found.push(problem.help("steps that run a command are `exec` and `shell`"));
    };
    if let Some(word) = step.command.words.first() {
        refuse(format!("step `{kind}` takes no further argument"), word.span);
    }
    if let Some((name, _)) = step.command.env.first() {
        refuse(format!("step `{kind}` runs no command, so it takes no `env`"), name.span);
    }
    if let Some(credentials) = &step.command.credentials {
        let message = format!("step `{kind}` runs no command, so it takes no `credentials`");
        refuse(message, credentials.span);
    }
    if let Some(item) = place.item {
        let problem =
            Diagnostic::error("osem::scope", format!("step `{kind}` has no use for an item"))
                .label(step.kind.span, "")
                .label(item, "this runs it for each value");
        found.push(problem.help("put it before or after the block"));
    }
    found
}

fn words(step: &StepDecl, form: CommandForm) -> Option<Diagnostic> {
    let kind = &step.kind;
    match (form, &step.command.words[..]) {
        (CommandForm::Words, []) => {
            let problem = Diagnostic::error("osem::missing", "`exec` needs a program to run");
            let problem = problem.label(kind.span, "");
            Some(problem.help("example: step exec \"node\" \"scripts/seed.js\""))
        }
        (CommandForm::Words, [program, ..]) if program.value.is_empty() => {
            let message = "the program of `exec` has no name";
            Some(Diagnostic::error("osem::missing", message).label(program.span, ""))
        }
        (CommandForm::Text, []) => {
            let problem = Diagnostic::error("osem::missing", "`shell` needs a text to run");
            Some(problem.label(kind.span, "").help("example: step shell \"npm run seed\""))
        }
        (CommandForm::Text, [_, second, ..]) => {
            let problem = Diagnostic::error("osem::argument", "`shell` takes one text");
            let problem = problem.label(second.span, "");
            Some(problem.help("quote the whole, or use `exec`, which takes words"))
        }
        _ => None,
    }
}

fn template(text: &Spanned<String>, step: &StepDecl, place: Place) -> Option<Diagnostic> {
    let template = match Template::parse(&text.value, Scope::Command) {
        Ok(template) => template,
        Err(error) => return Some(malformed(text, &error)),
    };
    without_value(&template, step, place).map(|missing| no_value(missing, text.span))
}

fn without_value<'t>(
    template: &'t Template,
    step: &StepDecl,
    place: Place,
) -> Option<&'t Placeholder> {
    let near = place.chain.is_some() || step.table.is_some();
    template.placeholders().find(|placeholder| match placeholder {
        Placeholder::Table | Placeholder::TableName => !near,
        Placeholder::Item => place.item.is_none(),
        _ => false,
    })
}

fn no_value(missing: &Placeholder, span: Span) -> Diagnostic {
    let (what, help) = if *missing == Placeholder::Item {
        ("item", "put the step into: for-each item a b { … }")
    } else {
        ("table", "put the step into `for-each table { … }`, or add table=…")
    };
    let message = format!("`{{{missing}}}` has no value: the step is about no {what}");
    Diagnostic::error("osem::placeholder", message).label(span, "").help(help)
}

fn malformed(text: &Spanned<String>, error: &TemplateError) -> Diagnostic {
    if let TemplateError::OnlyInKinds(name) = error {
        let message = format!("`{{{name}}}` names a parameter, and only a step-kind has some");
        let problem = Diagnostic::error("osem::placeholder", message).label(text.span, "");
        return problem.help("write the value here, or declare a step-kind");
    }
    let problem = Diagnostic::error("osem::placeholder", error.to_string()).label(text.span, "");
    match error {
        TemplateError::Unknown(name) => problem.suggest(name, Scope::Command.known()),
        _ => problem,
    }
}
