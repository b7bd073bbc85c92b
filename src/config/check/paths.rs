//! Inputs that name files: each file must be there before anything runs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Block, Environment, InputValue, KindCatalog, Link, ParamType, Placeholder, Scope, StepDecl,
    Task, Template, TemplateError,
};

/// The error for a text that is no template.
pub(super) fn template(input: &Spanned<InputValue>) -> Option<Diagnostic> {
    let error = Template::parse(input.value.text()?, Scope::Settings).err()?;
    let problem = Diagnostic::error("osem::placeholder", error.to_string()).label(input.span, "");
    Some(match error {
        TemplateError::Unknown(name) => problem.suggest(&name, Scope::Settings.known()),
        _ => problem,
    })
}

/// Every file that a step names and that is not there, in any environment that the task may run in.
/// What depends on the region, or on the full name of a table, shows only when a plan is made.
pub(in crate::config) fn check(config: &Config, catalog: &KindCatalog) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for task in &config.tasks {
        let all = steps(task).into_iter();
        let all =
            all.flat_map(|(of, tables)| of.with_rollback().map(move |step| (of, step, tables)));
        for (of, step, tables) in all {
            let kind = catalog.get(&step.kind.value);
            let params = kind.into_iter().flat_map(|kind| &kind.params);
            let paths = params.filter(|param| matches!(param.ty, ParamType::Path));
            for param in paths {
                let declared = kind.and_then(|kind| kind.declared.as_ref()?.param(&param.name));
                let default = declared.and_then(|param| param.default.as_ref());
                let input = step.inputs.get(&param.name).or(default);
                problems.extend(
                    input.and_then(|input| input_problem(config, task, (of, step), tables, input)),
                );
            }
        }
    }
    problems
}

/// Which tables a step is for.
#[derive(Clone, Copy)]
enum Tables<'a> {
    /// Those of its block; none means all.
    Block(&'a [Spanned<String>]),
    /// One, or none.
    Own(Option<&'a Spanned<String>>),
}

impl Tables<'_> {
    /// The declared names in an environment; one `None` for a step without a table.
    fn in_environment<'c>(self, config: &'c Config, name: &str) -> Vec<Option<&'c str>> {
        let here = config.tables.iter().filter(|table| table.environments.includes(name));
        let named = |table: &str| match self {
            Self::Block(names) => names.is_empty() || names.iter().any(|name| name.value == table),
            Self::Own(own) => own.is_some_and(|own| own.value == table),
        };
        match self {
            Self::Own(None) => vec![None],
            _ => here
                .map(|table| table.name.value.as_str())
                .filter(|table| named(table))
                .map(Some)
                .collect(),
        }
    }
}

fn steps(task: &Task) -> Vec<(&StepDecl, Tables<'_>)> {
    let mut found: Vec<(&StepDecl, Tables<'_>)> = Vec::new();
    for block in &task.body {
        match block {
            Block::Link(link) => found.extend(link.steps().iter().map(alone)),
            Block::ForEachTable(block) => {
                let steps = block.links.iter().flat_map(Link::steps);
                found.extend(steps.map(|step| (step, Tables::Block(&block.tables))));
            }
            Block::ForEachItem(block) => {
                found.extend(block.links.iter().flat_map(Link::steps).map(alone));
            }
        }
    }
    found.extend(task.finally.iter().map(alone));
    found
}

/// A step outside `for-each table`.
fn alone(step: &StepDecl) -> (&StepDecl, Tables<'_>) {
    (step, Tables::Own(step.table.as_ref()))
}

/// `of` is the step itself, or the one that it undoes.
fn input_problem(
    config: &Config,
    task: &Task,
    (of, step): (&StepDecl, &StepDecl),
    tables: Tables<'_>,
    input: &Spanned<InputValue>,
) -> Option<Diagnostic> {
    let template = Template::parse(input.value.text()?, Scope::Settings).ok()?;
    let is_later = |placeholder: &Placeholder| match placeholder {
        Placeholder::Region | Placeholder::TableName => true,
        Placeholder::Var(name) => config.variables.value(name).is_none(),
        _ => false,
    };
    if template.placeholders().any(is_later) {
        return None;
    }
    let homes = config.environments.iter().filter(|environment| {
        let name = &environment.name.value;
        let included = |step: &StepDecl| step.policy.environments.includes(name);
        config.allows(task, name) && included(of) && included(step)
    });
    // By path, so that each is told once, with what is wrong with it.
    let mut broken: BTreeMap<PathBuf, (String, String)> = BTreeMap::new();
    for environment in homes {
        for table in tables.in_environment(config, &environment.name.value) {
            let Some(filled) = fill(config, environment, table, &template) else {
                return Some(no_value(environment, table, input));
            };
            let path = config.path_in(input.span.file, &filled);
            if let Some(why) = unusable(&config.root.join(&path)) {
                broken.insert(path, (filled, why));
            }
        }
    }
    let problem = unreadable(&broken)?.label(input.span, "");
    let (path, (filled, _)) = broken.first_key_value()?;
    let relative = "a path is relative to the folder of the file that it is written in";
    // The commonest slip: a path that would be right in the root file.
    let meant = *path != *filled && config.root.join(filled).is_file();
    Some(problem.help(match tables {
        _ if meant => format!("{relative}: add `../`"),
        Tables::Block([]) => format!("{relative}; `for-each table` takes the names of some tables"),
        _ => relative.to_owned(),
    }))
}

/// The error for files that cannot be read.
fn unreadable(broken: &BTreeMap<PathBuf, (String, String)>) -> Option<Diagnostic> {
    let (path, (_, why)) = broken.first_key_value()?;
    let more = match broken.len() {
        1 => String::new(),
        count => format!("; and of {} more", count - 1),
    };
    let message = format!("cannot read {}: {why}{more}", path.display());
    Some(Diagnostic::error("osem::file", message))
}

fn fill(
    config: &Config,
    environment: &Environment,
    table: Option<&str>,
    template: &Template,
) -> Option<String> {
    template.fill(|placeholder| match placeholder {
        Placeholder::Env => Some(&environment.name.value),
        Placeholder::Project => Some(&config.project.name.value),
        Placeholder::Account => environment.account.as_ref().map(|account| account.value.as_str()),
        Placeholder::Table => table,
        Placeholder::Var(name) => config.variables.value(name),
        // The first two are known later, the others in commands alone.
        Placeholder::Region
        | Placeholder::TableName
        | Placeholder::Item
        | Placeholder::RunId
        | Placeholder::Out(_) => None,
    })
}

fn no_value(
    environment: &Environment,
    table: Option<&str>,
    input: &Spanned<InputValue>,
) -> Diagnostic {
    let name = &environment.name.value;
    let (what, help) = match table {
        None => ("{table}", "the step is about no table".to_owned()),
        Some(_) => ("{account}", format!("declare the account of `{name}`, or do without it")),
    };
    let message = format!("`{what}` has no value in `{name}`");
    Diagnostic::error("osem::placeholder", message).label(input.span, "").help(help)
}

/// Why a path is not one of a plain file.
fn unusable(path: &std::path::Path) -> Option<String> {
    match path.metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Some("there is no such file".to_owned())
        }
        Err(error) => Some(error.to_string()),
        Ok(metadata) if metadata.is_dir() => Some("it is a folder, not a file".to_owned()),
        // What cannot be read twice cannot be checked before it is used.
        Ok(metadata) if !metadata.is_file() => {
            Some("it is a pipe, a socket or a device, not a file".to_owned())
        }
        Ok(_) => None,
    }
}
