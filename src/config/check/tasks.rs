//! Tasks: their steps are known, named apart, in the right place, and allowed to do what they do.

use std::collections::HashMap;

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    Block, Effect, InputValue, KindCatalog, KindScope, KindSpec, ParamType, StepDecl, Task,
};

use super::commands;

pub(super) fn check(
    declared: &Declared,
    task: &Task,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    if commands::is_command(&task.name.value) {
        let message = format!("`{}` is a command, so no task can have this name", task.name.value);
        problems.push(Diagnostic::error("osem::name", message).label(task.name.span, ""));
    }
    for block in &task.body {
        match block {
            Block::Step(step) => kind(step, None, catalog, problems),
            Block::ForEachTable(block) => {
                for step in &block.steps {
                    kind(step, Some(block.span), catalog, problems);
                }
            }
        }
    }
    repeated_tables(task, problems);
    ids(task, problems);
    destroying(declared, task, catalog, problems);
}

fn kind(
    step: &StepDecl,
    chain: Option<Span>,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    let name = &step.kind;
    let Some(kind) = catalog.get(&name.value) else {
        let message = format!("unknown step kind `{}`", name.value);
        let problem = Diagnostic::error("osem::unknown-kind", message).label(name.span, "");
        problems.push(problem.suggest(&name.value, catalog.names()));
        return;
    };
    inputs(step, kind, problems);
    scope(step, kind, chain, problems);
}

fn inputs(step: &StepDecl, kind: &KindSpec, problems: &mut Vec<Diagnostic>) {
    for (name, Spanned { value: InputValue::Text(text), span }) in &step.inputs {
        let Some(param) = kind.params.iter().find(|param| param.name == *name) else {
            let message = format!("unknown input `{name}` of step `{}`", kind.name);
            let own = ["id", "table"];
            let known: Vec<_> =
                kind.params.iter().map(|param| param.name.as_str()).chain(own).collect();
            let problem = Diagnostic::error("osem::unknown-property", message).label(*span, "");
            problems.push(problem.suggest(name, known));
            continue;
        };
        let ParamType::Enum(words) = &param.ty;
        if !words.contains(text) {
            let message = format!("input `{name}` cannot be `{text}`");
            let problem = Diagnostic::error("osem::type", message).label(*span, "");
            problems.push(problem.suggest(text, words.iter().map(String::as_str)));
        }
    }
}

fn scope(step: &StepDecl, kind: &KindSpec, chain: Option<Span>, problems: &mut Vec<Diagnostic>) {
    let place =
        |message: String| Diagnostic::error("osem::scope", message).label(step.kind.span, "");
    match (kind.scope, chain, &step.table) {
        (KindScope::Table, None, None) => problems.push(
            place(format!("step `{}` is about one table", kind.name))
                .help("put it into `for-each table { … }`, or add table=…"),
        ),
        (_, Some(chain), Some(table)) => problems.push(
            Diagnostic::error("osem::scope", "the table comes from `for-each` here")
                .label(table.span, "")
                .label(chain, "")
                .help("remove `table=`"),
        ),
        (KindScope::Environment, Some(chain), None) => problems.push(
            place(format!("step `{}` is about the whole environment", kind.name))
                .label(chain, "this runs it for each table")
                .help("put it before or after the block"),
        ),
        (KindScope::Environment, None, Some(table)) => problems.push(
            Diagnostic::error("osem::scope", format!("step `{}` takes no table", kind.name))
                .label(table.span, "")
                .help("remove `table=`"),
        ),
        _ => {}
    }
}

fn repeated_tables(task: &Task, problems: &mut Vec<Diagnostic>) {
    for block in &task.body {
        let Block::ForEachTable(block) = block else { continue };
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for table in &block.tables {
            if let Some(first) = seen.insert(&table.value, table.span) {
                let message = format!("table `{}` is named twice", table.value);
                let problem = Diagnostic::error("osem::duplicate", message);
                problems.push(problem.label(table.span, "").label(first, "first here"));
            }
        }
    }
}

/// Ids are unique in a task, not only in a chain: two blocks over the same table would make one
/// id of two steps.
fn ids(task: &Task, problems: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for step in task.steps() {
        let span = step.name_span();
        let Some(first) = seen.get(step.name()) else {
            seen.insert(step.name(), span);
            continue;
        };
        let message =
            format!("two steps of task `{}` are called `{}`", task.name.value, step.name());
        let problem = Diagnostic::error("osem::duplicate", message)
            .label(span, "again here")
            .label(*first, "first here");
        problems.push(problem.help(format!("give one a name: id={}-2", step.name())));
    }
    for step in task.steps() {
        for after in step.policy.after.iter().flatten() {
            let bare = after.value.split_once('[').map_or(after.value.as_str(), |(bare, _)| bare);
            if !seen.contains_key(bare) {
                let message = format!("task `{}` has no step `{}`", task.name.value, after.value);
                let mut known: Vec<_> = seen.keys().copied().collect();
                known.sort_unstable();
                let problem =
                    Diagnostic::error("osem::unknown-name", message).label(after.span, "");
                problems.push(problem.suggest(bare, known));
            }
        }
    }
}

/// A task that destroys names its environments, and each of them allows it.
fn destroying(
    declared: &Declared,
    task: &Task,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    let destroys = |step: &&StepDecl| {
        catalog.get(&step.kind.value).is_some_and(|kind| kind.effect == Effect::Destroy)
    };
    let Some(step) = task.steps().find(destroys) else { return };
    let willing = declared.environments.iter().filter(|environment| environment.allow_destroy);
    let willing: Vec<_> = willing.map(|environment| environment.name.value.as_str()).collect();
    let help = match willing[..] {
        [] => {
            "no environment says allow-destroy: add it to one, and name it in allow-in".to_owned()
        }
        _ => format!("limit the task: allow-in {}", willing.join(" ")),
    };
    let Some(allowed) = &task.allow_in else {
        let message = format!(
            "task `{}` deletes tables, so it must say in which environments",
            task.name.value
        );
        let problem = Diagnostic::error("osem::destroy", message);
        problems.push(problem.label(step.kind.span, "deletes tables").help(help));
        return;
    };
    for name in allowed {
        let environment =
            declared.environments.iter().find(|environment| environment.name.value == name.value);
        let Some(environment) = environment.filter(|environment| !environment.allow_destroy) else {
            continue;
        };
        let message = format!("task `{}` could delete tables in `{}`", task.name.value, name.value);
        let problem = Diagnostic::error("osem::destroy", message)
            .label(environment.name.span, "this environment does not say allow-destroy")
            .label(step.kind.span, "deletes tables");
        problems.push(problem.help(help.clone()));
    }
}
