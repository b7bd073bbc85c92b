//! `osem`, `project`, `defaults` and `include`.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{Defaults, Placeholder, Project, Scope, Template};
use crate::syntax::{NodeReader, Value};

use super::{Include, settings, step};

/// How tables are named where the project does not say.
const TABLE_NAME: &str = "{project}-{env}-{table}";

pub(super) fn edition(reader: &mut NodeReader<'_>) -> Option<()> {
    reader.arg_as(|value| value.int("`osem`", 1, 1))?;
    if let Some(min) = reader.prop_as("min", |value| value.version("property `min`")) {
        let own = env!("CARGO_PKG_VERSION");
        if version(own).is_some_and(|own| own < min.value) {
            let message = format!("this file needs a newer osem than {own}");
            reader.sink().push(Diagnostic::error("osem::version", message).label(min.span, ""));
        }
    }
    Some(())
}

fn version(text: &str) -> Option<[u32; 3]> {
    let numbers: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
    numbers?.try_into().ok()
}

/// The folder of tasks where the project does not say.
pub(in crate::config) const TASKS_DIR: &str = "tasks";

/// The project, and where it says which folder its tasks are in.
pub(super) fn project(reader: &mut NodeReader<'_>) -> Option<(Project, Option<Span>)> {
    let name = reader.arg_as(|value| value.lower_name("the name of `project`"))?;
    let declared = reader.child("table-name");
    let declared = declared
        .and_then(|mut node| node.arg_as(|value| value.template("`table-name`")))
        .and_then(|template| checked(reader, template));
    let standard = || {
        let template = Template::parse(TABLE_NAME, Scope::Settings)
            .expect("the template above is well formed");
        Spanned::new(template, name.span)
    };
    let jobs =
        reader.child("jobs").and_then(|mut node| node.arg_as(|value| value.int("`jobs`", 1, 256)));
    let tasks_dir = reader
        .child("tasks-dir")
        .and_then(|mut node| node.arg_as(|value| value.path("`tasks-dir`")));
    let tasks_dir_span = tasks_dir.as_ref().map(|path| path.span);
    let project = Project {
        table_name: declared.unwrap_or_else(standard),
        jobs: jobs.and_then(|jobs| usize::try_from(jobs).ok()),
        tasks_dir: tasks_dir.map_or_else(|| PathBuf::from(TASKS_DIR), |path| path.value),
        name,
    };
    Some((project, tasks_dir_span))
}

fn checked(reader: &NodeReader<'_>, template: Spanned<Template>) -> Option<Spanned<Template>> {
    let uses = |wanted| template.value.placeholders().any(|placeholder| *placeholder == wanted);
    let (message, help) = if uses(Placeholder::TableName) {
        ("`table-name` cannot contain `{table.name}`", "that is what it makes; use {table}")
    } else if uses(Placeholder::Table) {
        return Some(template);
    } else {
        ("`table-name` must contain `{table}`", "else all tables would have one name")
    };
    let problem = Diagnostic::error("osem::placeholder", message).label(template.span, "");
    reader.sink().push(problem.help(help));
    None
}

pub(super) fn defaults(reader: &mut NodeReader<'_>) -> Defaults {
    let table = reader.child("table").map(|mut node| settings::settings(&mut node));
    let step = reader.child("step").map(|mut node| step::policy(&mut node));
    Defaults { table: table.unwrap_or_default(), step: step.unwrap_or_default() }
}

pub(super) fn include(reader: &mut NodeReader<'_>) -> Option<Include> {
    let text = |value: Value<'_>| {
        value.path("`include`")?;
        value.string("`include`").map(|text| text.map(str::to_owned))
    };
    let glob = reader.arg_as(text)?;
    let optional = reader.prop_as("optional", |value| value.bool("property `optional`"));
    Some(Include { glob, optional: optional.unwrap_or(false) })
}
