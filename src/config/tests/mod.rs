//! The configuration layer on whole files.

mod corpus;
mod emulator;
mod example;
mod files;
mod folders;
mod mutations;
mod prefix;
mod rollback;
mod rules;

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use crate::diagnostic::Diagnostics;
use crate::model::{CommandForm, Effect, KindCatalog, KindScope, KindSpec, ParamSpec, ParamType};

use super::{Config, load};

/// The complete example of the language's description, less what this version does not carry out.
const EXAMPLE: &str = include_str!("example.kdl");

fn catalog() -> KindCatalog {
    use Effect::{Destroy, Read, Write};
    use KindScope::{Environment, Table};
    let kinds = [
        ("validate-credentials", Environment, Read),
        ("list-tables", Environment, Read),
        ("create-table", Table, Write),
        ("wait-active", Table, Read),
        ("verify", Table, Read),
        ("tag", Table, Write),
        ("delete-table", Table, Destroy),
        ("wait-deleted", Table, Read),
    ];
    let commands = [("exec", CommandForm::Words), ("shell", CommandForm::Text)];
    let commands = commands.into_iter().map(|(name, form)| {
        let effects = ["write", "read", "destroy"].map(str::to_owned);
        let (ty, default) = (ParamType::Enum(effects.to_vec()), Some(effects[0].clone()));
        let (effect, doc) = ("effect".to_owned(), String::new());
        let effect = ParamSpec { name: effect, doc, required: false, default, ty };
        let plain = kind(name, KindScope::Either, Write);
        KindSpec { params: vec![effect], command: Some(form), ..plain }
    });
    let kinds = kinds.into_iter().map(|(name, scope, effect)| kind(name, scope, effect));
    kinds.chain(commands).collect()
}

fn kind(name: &str, scope: KindScope, effect: Effect) -> KindSpec {
    let param = |name: &str, words: [&str; 2]| ParamSpec {
        name: name.to_owned(),
        doc: String::new(),
        ty: ParamType::Enum(words.map(str::to_owned).to_vec()),
        required: false,
        default: Some(words[0].to_owned()),
    };
    let deletes = name == "delete-table";
    let params = [param("missing", ["error", "ok"]), param("nonempty", ["refuse", "allow"])];
    KindSpec {
        name: name.to_owned(),
        summary: String::new(),
        effect,
        scope,
        params: params.into_iter().filter(|_| deletes).collect(),
        command: None,
        outputs: Vec::new(),
        declared: None,
        effect_by: Vec::new(),
        timeout: Duration::from_mins(1),
        usual: Duration::from_secs(1),
    }
}

/// Loads one root file from a folder of its own.
fn load_text(text: &str) -> Result<Config, Diagnostics> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "osem.kdl", text);
    load(&folder.path().join("osem.kdl"), &catalog())
}

fn write(folder: &Path, name: &str, text: impl AsRef<[u8]>) {
    let file = folder.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, text).unwrap();
}

/// All problems of a root file: message, places with their text and label, help.
fn told(text: &str) -> String {
    match load_text(text) {
        Ok(config) => {
            assert_eq!(config.warnings, [], "warnings");
            String::new()
        }
        Err(diagnostics) => shown(&diagnostics),
    }
}

fn shown(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for problem in &diagnostics.list {
        out += &problem.message;
        for label in &problem.labels {
            let (row, column) = diagnostics.sources.line_column(label.span);
            write!(out, " @{row}:{column} `{}`", diagnostics.sources.text(label.span)).unwrap();
            if !label.text.is_empty() {
                write!(out, " ({})", label.text).unwrap();
            }
        }
        if let Some(help) = &problem.help {
            write!(out, " -> {help}").unwrap();
        }
        out.push('\n');
    }
    out
}
