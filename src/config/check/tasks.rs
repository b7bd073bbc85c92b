//! Tasks: their steps are known, named apart, in the right place, and allowed to do what they do.

use std::collections::{BTreeSet, HashMap};

use crate::config::decode::Declared;
use crate::config::needs::with_needs;
use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{Block, Effect, KindCatalog, KindScope, KindSpec, Link, StepDecl, Task};

use super::{commands, inputs, rollback, running};

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
        let (links, chain, item) = match block {
            Block::Link(link) => (std::slice::from_ref(link), None, None),
            Block::ForEachTable(block) => (&block.links[..], Some(block.span), None),
            Block::ForEachItem(block) => (&block.links[..], None, Some(block.span)),
        };
        for step in links.iter().flat_map(Link::steps) {
            kind(declared, step, chain, catalog, problems);
            running::check(step, running::Place { chain, item }, catalog, problems);
            let place = running::Place { chain, item };
            rollback::check(declared, step, place, catalog, problems);
        }
    }
    for step in &task.finally {
        kind(declared, step, None, catalog, problems);
        running::check(step, running::Place::default(), catalog, problems);
        rollback::check(declared, step, running::Place::default(), catalog, problems);
    }
    running::items(task, problems);
    repeated_tables(task, problems);
    let known = ids(task, problems);
    after(task, &known, problems);
    changed(declared, task, &known, problems);
    destroying(declared, task, catalog, problems);
}

pub(super) fn kind(
    declared: &Declared,
    step: &StepDecl,
    chain: Option<Span>,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    let name = &step.kind;
    let Some(kind) = catalog.get(&name.value) else {
        let unusable =
            |(node, of): &(String, Spanned<String>)| node == "step-kind" && of.value == name.value;
        if declared.unusable.iter().any(unusable) {
            return;
        }
        let message = format!("unknown step kind `{}`", name.value);
        let problem = Diagnostic::error("osem::unknown-kind", message).label(name.span, "");
        problems.push(problem.suggest(&name.value, catalog.names()));
        return;
    };
    let tables: Vec<&str> = declared.tables.iter().map(|table| table.name.value.as_str()).collect();
    inputs::check(step, kind, &tables, problems);
    scope(step, kind, chain, problems);
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
fn ids<'t>(task: &'t Task, problems: &mut Vec<Diagnostic>) -> Vec<&'t str> {
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
    let mut known: Vec<&str> = seen.into_keys().collect();
    known.sort_unstable();
    known
}

/// `after` names steps of the task; what stands in `finally` comes after all of them as it is.
fn after(task: &Task, known: &[&str], problems: &mut Vec<Diagnostic>) {
    let last: Vec<&str> = task.finally.iter().map(StepDecl::name).collect();
    for step in &task.finally {
        for name in step.policy.after.iter().flatten().take(1) {
            let problem = Diagnostic::error("osem::scope", "`after` cannot stand in `finally`");
            let problem = problem.label(name.span, "").label(step.kind.span, "this step runs last");
            problems.push(problem.help("its steps run in the order written: remove `after`"));
        }
    }
    for step in task.steps() {
        let policy = &step.policy;
        for name in policy.after.iter().flatten().chain(&policy.only_if_changed) {
            let bare = bare(&name.value);
            if last.contains(&bare) {
                let message = format!("step `{bare}` stands in `finally`, so nothing waits for it");
                problems.push(Diagnostic::error("osem::scope", message).label(name.span, ""));
            } else if known.binary_search(&bare).is_err() && !policy.only_if_changed.contains(name)
            {
                problems.push(no_such_step(task, name, bare, known.to_vec()));
            }
        }
    }
}

/// `only-if-changed` names steps of the task, and of the tasks that it needs.
fn changed(declared: &Declared, task: &Task, own: &[&str], problems: &mut Vec<Diagnostic>) {
    let named = || task.steps().flat_map(|step| &step.policy.only_if_changed);
    if named().next().is_none() {
        return;
    }
    // A long line of tasks is walked only for names that its own steps do not have.
    let mut of_needed: Option<BTreeSet<String>> = None;
    for name in named() {
        let bare = bare(&name.value);
        if own.binary_search(&bare).is_ok() {
            continue;
        }
        let of_needed = of_needed.get_or_insert_with(|| steps_needed(declared, task));
        if !of_needed.contains(bare) {
            let known = own.iter().copied().chain(of_needed.iter().map(String::as_str));
            problems.push(no_such_step(task, name, bare, known.collect()));
        }
    }
}

/// The steps of the tasks that a task needs, with the names of these in front.
fn steps_needed(declared: &Declared, task: &Task) -> BTreeSet<String> {
    let needed = with_needs(&declared.tasks, task);
    let needed = needed.iter().filter(|needed| needed.name.value != task.name.value);
    let of_needed = needed.flat_map(|needed| {
        let qualified = |step: &StepDecl| format!("{}/{}", needed.name.value, step.name());
        needed.body_steps().map(qualified)
    });
    of_needed.collect()
}

/// A step's id without its table.
fn bare(id: &str) -> &str {
    id.split_once('[').map_or(id, |(bare, _)| bare)
}

fn no_such_step(task: &Task, name: &Spanned<String>, bare: &str, known: Vec<&str>) -> Diagnostic {
    let message = format!("task `{}` has no step `{}`", task.name.value, name.value);
    let problem = Diagnostic::error("osem::unknown-name", message).label(name.span, "");
    problem.suggest(bare, known)
}

/// A task that destroys names its environments, and each of them allows it.
fn destroying(
    declared: &Declared,
    task: &Task,
    catalog: &KindCatalog,
    problems: &mut Vec<Diagnostic>,
) {
    let destroys = |step: &&StepDecl| {
        let kind = catalog.get(&step.kind.value);
        kind.is_some_and(|kind| kind.effect_of(&step.inputs) == Effect::Destroy)
    };
    let mut steps = task.steps().flat_map(StepDecl::with_rollback);
    let Some(step) = steps.find(destroys) else { return };
    // A kind that destroys whatever its inputs are deletes tables.
    let deletes = |kind: &KindSpec| kind.effect == Effect::Destroy && kind.declared.is_none();
    let always = catalog.get(&step.kind.value).is_some_and(deletes);
    let (does, could) = if always {
        ("deletes tables", "delete tables")
    } else {
        ("overwrites or deletes data", "overwrite or delete data")
    };
    let willing = declared.environments.iter().filter(|environment| environment.allow_destroy);
    let willing: Vec<_> = willing.map(|environment| environment.name.value.as_str()).collect();
    let help = match willing[..] {
        [] => {
            "no environment says allow-destroy: add it to one, and name it in allow-in".to_owned()
        }
        _ => format!("limit the task: allow-in {}", willing.join(" ")),
    };
    let Some(allowed) = &task.allow_in else {
        let name = &task.name.value;
        let message = format!("task `{name}` {does}, so it must say in which environments");
        let problem = Diagnostic::error("osem::destroy", message);
        problems.push(problem.label(step.kind.span, does).help(help));
        return;
    };
    for name in allowed {
        let environment =
            declared.environments.iter().find(|environment| environment.name.value == name.value);
        let Some(environment) = environment.filter(|environment| !environment.allow_destroy) else {
            continue;
        };
        let message = format!("task `{}` could {could} in `{}`", task.name.value, name.value);
        let problem = Diagnostic::error("osem::destroy", message)
            .label(environment.name.span, "this environment does not say allow-destroy")
            .label(step.kind.span, does);
        problems.push(problem.help(help.clone()));
    }
}
