//! `osem steps`: the step kinds, those of the files beside the built-in ones, each as it is written.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::cli::args::{GlobalArgs, StepsArgs};
use crate::cli::terminal::Terminal;
use crate::cli::{CommandResult, exit, project};
use crate::config::Config;
use crate::diagnostic::did_you_mean;
use crate::model::{
    CommandForm, ErrorCode, Failure, KindCatalog, KindDecl, KindProgram, KindScope, KindSpec,
    ParamDecl, ParamSpec, ParamType, millis,
};
use crate::report::{Outline, document};
use crate::step::{Registry, iam_actions, undo_of};

pub(super) fn execute(
    args: &GlobalArgs,
    steps: &StepsArgs,
    terminal: &Terminal,
    started: Instant,
) -> CommandResult {
    let registry = Registry::built_in();
    // The built-in kinds are the same everywhere.
    let config = match project::root(args) {
        Err(_) if args.config.is_none() => None,
        _ => Some(project::load(args, &registry)?),
    };
    let declared = config.as_ref().map_or(&[][..], |config| &config.kinds);
    let catalog = registry.with_declared(declared).catalog();
    let chosen: Vec<&KindSpec> = match &steps.kind {
        None => catalog.iter().collect(),
        Some(name) => vec![catalog.get(name).ok_or_else(|| unknown(name, &catalog))?],
    };
    if terminal.json {
        let duration = started.elapsed();
        let outline = Outline { command: "steps", duration, ..Outline::default() };
        let kinds: Vec<Value> = chosen.iter().map(|kind| data(kind, config.as_ref())).collect();
        terminal.result(&document(outline, json!({ "kinds": kinds })).to_text());
    } else if steps.kind.is_some() {
        terminal.page(&page(chosen[0], config.as_ref()));
    } else {
        terminal.page(&list(&chosen));
    }
    Ok(exit::SUCCESS)
}

fn unknown(name: &str, catalog: &KindCatalog) -> Failure {
    let fix = did_you_mean(name, catalog.names()).map_or_else(
        || format!("known: {}", catalog.names().collect::<Vec<_>>().join(", ")),
        |meant| format!("did you mean `{meant}`?"),
    );
    Failure::new(ErrorCode::UsageInvalid, format!("no step kind `{name}`")).fix(fix)
}

/// All kinds, one a line.
fn list(kinds: &[&KindSpec]) -> String {
    let width = kinds.iter().map(|kind| kind.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for (title, declared) in [("Built in", false), ("Of this project", true)] {
        let rows: Vec<_> =
            kinds.iter().filter(|kind| kind.declared.is_some() == declared).collect();
        if rows.is_empty() {
            continue;
        }
        let gap = if out.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{title}");
        for kind in rows {
            let line = format!("  {:width$}  {}", kind.name, kind.summary);
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}

/// One kind in full.
fn page(kind: &KindSpec, config: Option<&Config>) -> String {
    let mut out = kind.name.clone();
    if !kind.summary.is_empty() {
        let _ = write!(out, ": {}", kind.summary);
    }
    let _ = writeln!(out, "\n\n  {}\n", usage(kind));
    let facts = Facts::of(kind, config);
    for (name, text) in facts.rows() {
        let _ = writeln!(out, "{name:12}{text}");
    }
    let width = kind.params.iter().map(|param| param.name.len()).max().unwrap_or(0);
    if !kind.params.is_empty() {
        out.push_str("\nParameters\n");
    }
    for param in &kind.params {
        let secret = if is_secret(kind, param) { ", secret, on stdin alone" } else { "" };
        let text = format!("  {:width$}  {}{secret}", param.name, describe(param));
        let _ = writeln!(out, "{}", text.trim_end());
        if !param.doc.is_empty() {
            let _ = writeln!(out, "  {:width$}  {}", "", param.doc);
        }
    }
    out
}

fn is_secret(kind: &KindSpec, param: &ParamSpec) -> bool {
    let declared = kind.declared.as_ref().and_then(|kind| kind.param(&param.name));
    declared.is_some_and(|param| param.secret)
}

/// How a step of the kind is written.
fn usage(kind: &KindSpec) -> String {
    let mut words = vec![format!("step {}", kind.name)];
    words.extend(kind.command.map(|form| match form {
        CommandForm::Words => "\"program\" \"argument\"…".to_owned(),
        CommandForm::Text | CommandForm::Plugin => "\"text for sh\"".to_owned(),
    }));
    let table = kind.declared.as_ref().and_then(|kind| kind.param(ParamDecl::TABLE));
    if kind.scope == KindScope::Table || table.is_some() {
        words.push("[table=TABLE]".to_owned());
    }
    words.extend(kind.params.iter().map(|param| {
        if param.required { format!("{}=…", param.name) } else { format!("[{}=…]", param.name) }
    }));
    words.join(" ")
}

fn describe(param: &ParamSpec) -> String {
    let ty = match &param.ty {
        ParamType::Enum(words) => words.join(", "),
        ParamType::Text => "text".to_owned(),
        ParamType::Bool => "#true or #false".to_owned(),
        ParamType::Path => "file, relative to the one that names it".to_owned(),
        ParamType::Table => "table".to_owned(),
        ParamType::Int { min: i64::MIN, max: i64::MAX } => "whole number".to_owned(),
        ParamType::Int { min, max: i64::MAX } => format!("whole number, at least {min}"),
        ParamType::Int { min: i64::MIN, max } => format!("whole number, at most {max}"),
        ParamType::Int { min, max } => format!("whole number, {min} to {max}"),
        ParamType::Duration { .. } => "duration, such as \"30s\"".to_owned(),
    };
    match (&param.default, param.required) {
        (_, true) => format!("{ty} (required)"),
        (Some(default), false) => format!("{ty} (default: {default})"),
        (None, false) => format!("{ty} (optional)"),
    }
}

/// What is said of a kind, built in or not, in the words of people and of programs.
struct Facts<'a> {
    kind: &'a KindSpec,
    declared: Option<&'a KindDecl>,
    place: Option<String>,
}

impl<'a> Facts<'a> {
    fn of(kind: &'a KindSpec, config: Option<&Config>) -> Self {
        let declared = kind.declared.as_deref();
        let place = declared.zip(config).map(|(kind, config)| {
            let file = config.sources.file(kind.name.span.file);
            let line = file.text[..kind.name.span.start].matches('\n').count() + 1;
            format!("{}:{line}", file.name)
        });
        Self { kind, declared, place }
    }

    const fn about(&self) -> &'static str {
        match self.kind.scope {
            KindScope::Environment => "the environment",
            KindScope::Table => "one table",
            KindScope::Either => "one table, or the environment",
        }
    }

    fn runs(&self) -> Option<(&'static str, String)> {
        match &self.declared?.program {
            KindProgram::Exec(words) => Some(("exec", joined(words))),
            KindProgram::Plugin(program) => Some(("plugin", program.value.clone())),
        }
    }

    fn undo(&self) -> Option<String> {
        match self.declared {
            None => undo_of(&self.kind.name).map(str::to_owned),
            Some(kind) if kind.is_plugin() => None,
            Some(kind) => kind.undo.as_ref().map(|words| format!("exec {}", joined(words))),
        }
    }

    fn iam(&self) -> Vec<String> {
        match self.declared {
            None => {
                iam_actions(&self.kind.name).iter().map(|action| (*action).to_owned()).collect()
            }
            Some(kind) => kind.iam.iter().map(|action| action.value.clone()).collect(),
        }
    }

    /// Whether a step is tried again where nothing says so.
    fn is_idempotent(&self) -> bool {
        self.declared.map_or(self.kind.command.is_none(), |kind| kind.idempotent)
    }

    /// Whether a step is given credentials.
    fn credentials(&self) -> bool {
        self.declared.is_some_and(|kind| kind.credentials)
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = Vec::new();
        rows.extend(self.place.clone().map(|place| ("declared", place)));
        rows.extend(self.runs().map(|(how, what)| ("runs", format!("{how} {what}"))));
        let effect = json!(self.kind.effect);
        let of_commands = self.kind.command.map_or("", |_| ", or what effect= says");
        let words = effect.as_str().unwrap_or_default();
        rows.push(("effect", format!("{words}{of_commands}")));
        rows.push(("about", self.about().to_owned()));
        let repeatable = if self.is_idempotent() { "yes" } else { "no, unless `retry` says so" };
        let repeatable =
            if self.declared.is_some() && !self.is_idempotent() { "no" } else { repeatable };
        rows.push(("repeatable", repeatable.to_owned()));
        rows.push(("timeout", humantime::format_duration(self.kind.timeout).to_string()));
        if self.credentials() {
            rows.push(("credentials", "aws".to_owned()));
        }
        let by_verb = self.declared.is_some_and(KindDecl::is_plugin);
        let none = if by_verb { "by its verb undo, if it has that" } else { "none" };
        rows.push(("undo", self.undo().unwrap_or_else(|| none.to_owned())));
        if !self.iam().is_empty() {
            rows.push(("iam", self.iam().join(", ")));
        }
        rows
    }
}

fn joined(words: &[crate::diagnostic::Spanned<String>]) -> String {
    words.iter().map(|word| word.value.as_str()).collect::<Vec<_>>().join(" ")
}

fn data(kind: &KindSpec, config: Option<&Config>) -> Value {
    let facts = Facts::of(kind, config);
    let params = kind.params.iter().map(|param| {
        let (ty, values) = match &param.ty {
            ParamType::Enum(words) => ("enum", Some(words)),
            ParamType::Text => ("string", None),
            ParamType::Int { .. } => ("int", None),
            ParamType::Bool => ("bool", None),
            ParamType::Duration { .. } => ("duration", None),
            ParamType::Path => ("path", None),
            ParamType::Table => ("table", None),
        };
        let bounds = match param.ty {
            ParamType::Int { min, max } => {
                (Some(min).filter(|min| *min > i64::MIN), Some(max).filter(|max| *max < i64::MAX))
            }
            _ => (None, None),
        };
        json!({
            "name": param.name, "type": ty, "values": values, "required": param.required,
            "default": param.default, "doc": param.doc, "min": bounds.0, "max": bounds.1,
            "secret": is_secret(kind, param),
        })
    });
    json!({
        "name": kind.name,
        "summary": kind.summary,
        "builtIn": kind.declared.is_none(),
        "declaredAt": facts.place,
        "usage": usage(kind),
        "runs": facts.runs().map(|(how, what)| json!({ "form": how, "words": what })),
        "effect": kind.effect,
        "about": facts.about(),
        "idempotent": facts.is_idempotent(),
        "timeout": millis(kind.timeout),
        "credentials": facts.credentials(),
        "undo": facts.undo(),
        "iam": facts.iam(),
        "params": params.collect::<Vec<_>>(),
    })
}
