//! `osem list`: what the configuration declares.

use std::fmt::Write as _;
use std::time::Instant;

use serde_json::{Value, json};

use crate::cli::args::GlobalArgs;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandResult, exit, project};
use crate::config::Config;
use crate::model::{Environment, KindCatalog, TableDecl};
use crate::report::{Outline, count, document};
use crate::step::Registry;

pub(super) fn execute(args: &GlobalArgs, terminal: &Terminal, started: Instant) -> CommandResult {
    let registry = Registry::built_in();
    let config = project::load(args, &registry)?;
    let kinds = registry.with_declared(&config.kinds).catalog();
    if terminal.json {
        let duration = started.elapsed();
        let outline = Outline { command: "list", duration, ..Outline::default() };
        terminal.result(&document(outline, data(&config, &kinds)).to_text());
    } else {
        terminal.page(&text(&config, &kinds));
    }
    Ok(exit::SUCCESS)
}

fn text(config: &Config, kinds: &KindCatalog) -> String {
    let mut out = String::new();
    let tasks = config
        .tasks
        .iter()
        .map(|task| (task.name.value.as_str(), task.description.clone().unwrap_or_default()));
    section(&mut out, "Tasks", tasks);
    let environments = config.environments.iter();
    section(&mut out, "Environments", environments.map(|e| (e.name.value.as_str(), describe(e))));
    let tables = config.tables.iter();
    section(&mut out, "Tables", tables.map(|table| (table.name.value.as_str(), keys(table))));
    let kinds = kinds.iter().map(|kind| (kind.name.as_str(), kind.summary.clone()));
    section(&mut out, "Step kinds", kinds);
    out
}

fn section<'a>(out: &mut String, title: &str, rows: impl Iterator<Item = (&'a str, String)>) {
    let rows: Vec<(&str, String)> = rows.collect();
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let gap = if out.is_empty() { "" } else { "\n" };
    let _ = writeln!(out, "{gap}{title}");
    for (name, text) in rows {
        let _ = writeln!(out, "{}", format!("  {name:width$}  {text}").trim_end());
    }
}

fn describe(environment: &Environment) -> String {
    let mut words = Vec::new();
    words.extend(environment.is_default.then(|| "default".to_owned()));
    words.extend(environment.region.as_ref().map(|region| region.value.clone()));
    words.extend(environment.account.as_ref().map(|account| format!("account {}", account.value)));
    words.extend(environment.profile.as_ref().map(|profile| format!("profile {}", profile.value)));
    words.extend(environment.endpoint.as_ref().map(|endpoint| endpoint.url.value.clone()));
    words.extend(environment.emulator.as_ref().map(|_| "emulator".to_owned()));
    words.extend(environment.allow_destroy.then(|| "allow-destroy".to_owned()));
    words.extend(environment.protected.then(|| "protected".to_owned()));
    words.join(", ")
}

fn keys(table: &TableDecl) -> String {
    let range = table.range.as_ref().map_or_else(String::new, |key| format!(" + {}", key.value));
    let indexes = table.index_names().count();
    let indexes = match indexes {
        0 => String::new(),
        some => format!(", {}", count(some, "index")),
    };
    format!("{}{range}{indexes}", table.hash.value)
}

fn data(config: &Config, kinds: &KindCatalog) -> Value {
    let tasks = config
        .tasks
        .iter()
        .map(|task| json!({ "name": task.name.value, "description": task.description }));
    let environments = config.environments.iter().map(|environment| {
        json!({
            "name": environment.name.value,
            "default": environment.is_default,
            "region": environment.region.as_ref().map(|region| &region.value),
            "account": environment.account.as_ref().map(|account| &account.value),
            "emulator": environment.emulator.is_some(),
            "protected": environment.protected,
            "allowDestroy": environment.allow_destroy,
        })
    });
    let tables = config.tables.iter().map(|table| {
        json!({
            "name": table.name.value, "hash": table.hash.value,
            "range": table.range.as_ref().map(|key| &key.value),
            "indexes": table.index_names().map(|name| &name.value).collect::<Vec<_>>(),
        })
    });
    let kinds = kinds
        .iter()
        .map(|kind| json!({ "name": kind.name, "summary": kind.summary, "effect": kind.effect }));
    json!({
        "project": config.project.name.value,
        "tasks": tasks.collect::<Vec<_>>(),
        "environments": environments.collect::<Vec<_>>(),
        "tables": tables.collect::<Vec<_>>(),
        "stepKinds": kinds.collect::<Vec<_>>(),
    })
}
