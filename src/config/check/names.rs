//! Names: none twice, and every name that is used is declared.

use std::collections::HashMap;

use crate::config::decode::Declared;
use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{Block, StepDecl};

use super::declared_twice;

/// Environments of one project. More than a person can keep apart, and few enough to compare each
/// with each.
const MOST_ENVIRONMENTS: usize = 100;

pub(super) fn check(declared: &Declared, problems: &mut Vec<Diagnostic>) {
    duplicates(declared, problems);
    defaults(declared, problems);
    if let Some(surplus) = declared.environments.get(MOST_ENVIRONMENTS) {
        let message = format!("more than {MOST_ENVIRONMENTS} environments");
        problems.push(Diagnostic::error("osem::limit", message).label(surplus.name.span, ""));
    }
    let environments = Names::new("environment", declared);
    if let (true, Some(project)) = (environments.known.is_empty(), &declared.project) {
        let problem = Diagnostic::warning("osem::missing", "no environment is declared");
        problems.push(problem.label(project.name.span, "").help("add: environment dev"));
    }
    for name in mentioned_environments(declared) {
        environments.expect(name, problems);
    }
    let tasks = Names::new("task", declared);
    for name in declared.tasks.iter().flat_map(|task| &task.needs) {
        tasks.expect(name, problems);
    }
    let tables = Names::new("table", declared);
    for name in mentioned_tables(declared) {
        tables.expect(name, problems);
    }
}

/// All names of things of one kind, things that could not be decoded included.
fn all_names<'a>(node: &'a str, declared: &'a Declared) -> Vec<&'a Spanned<String>> {
    let usable: Vec<_> = match node {
        "environment" => declared.environments.iter().map(|found| &found.name).collect(),
        "step-kind" => declared.kinds.iter().map(|found| &found.name).collect(),
        "table" => declared.tables.iter().map(|found| &found.name).collect(),
        "pool" => declared.pools.iter().map(|found| &found.name).collect(),
        "var" => declared.variables.iter().map(|found| &found.name).collect(),
        _ => declared.tasks.iter().map(|found| &found.name).collect(),
    };
    let unusable = declared.unusable.iter().filter(|(of, _)| of == node).map(|(_, name)| name);
    usable.into_iter().chain(unusable).collect()
}

fn duplicates(declared: &Declared, problems: &mut Vec<Diagnostic>) {
    for node in ["environment", "table", "task", "step-kind", "var", "pool"] {
        let mut names = all_names(node, declared);
        names.sort_by_key(|name| name.span);
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for name in names {
            match seen.get(name.value.as_str()) {
                Some(first) => {
                    let node = node.replace('-', " ");
                    let what = format!("{node} `{}`", name.value);
                    problems.push(declared_twice(&what, *first, name.span));
                }
                None => drop(seen.insert(&name.value, name.span)),
            }
        }
    }
}

fn defaults(declared: &Declared, problems: &mut Vec<Diagnostic>) {
    let mut defaults = declared.environments.iter().filter(|environment| environment.is_default);
    let Some(first) = defaults.next() else { return };
    for second in defaults {
        let problem = Diagnostic::error("osem::duplicate", "two environments are the default")
            .label(second.name.span, "this one")
            .label(first.name.span, "and this one");
        problems.push(problem.help("remove one `default=#true`"));
    }
    if first.protected {
        let message = "a protected environment cannot be the default";
        let problem = Diagnostic::error("osem::excluded", message).label(first.name.span, "");
        problems.push(problem.help("it is chosen by --env only: remove `default=#true`"));
    }
}

/// Names that may be mentioned.
pub(super) struct Names<'a> {
    what: &'static str,
    known: Vec<&'a str>,
}

impl<'a> Names<'a> {
    pub(super) fn new(what: &'static str, declared: &'a Declared) -> Self {
        let known = all_names(what, declared);
        Self { what, known: known.into_iter().map(|name| name.value.as_str()).collect() }
    }

    pub(super) fn expect(&self, name: &Spanned<String>, problems: &mut Vec<Diagnostic>) {
        if self.known.contains(&name.value.as_str()) {
            return;
        }
        let message = format!("unknown {} `{}`", self.what, name.value);
        let problem = Diagnostic::error("osem::unknown-name", message).label(name.span, "");
        problems.push(problem.suggest(&name.value, self.known.iter().copied()));
    }
}

fn mentioned_environments(declared: &Declared) -> impl Iterator<Item = &Spanned<String>> {
    let tables = declared.tables.iter().flat_map(|table| {
        let overrides = table.overrides.iter().flat_map(|(names, _)| names);
        table.environments.names().chain(overrides)
    });
    let tasks = declared.tasks.iter().flat_map(|task| {
        let steps = task.steps().flat_map(StepDecl::with_rollback);
        let steps = steps.flat_map(|step| step.policy.environments.names());
        task.allow_in.iter().flatten().chain(steps)
    });
    tables.chain(tasks)
}

fn mentioned_tables(declared: &Declared) -> impl Iterator<Item = &Spanned<String>> {
    declared.tasks.iter().flat_map(|task| {
        let blocks = task.body.iter().flat_map(|block| match block {
            Block::Link(_) | Block::ForEachItem(_) => &[][..],
            Block::ForEachTable(block) => &block.tables,
        });
        blocks.chain(task.steps().filter_map(|step| step.table.as_ref()))
    })
}
