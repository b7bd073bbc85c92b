//! Rules that look at more than one node: names that must exist, things that must agree.

mod commands;
mod inputs;
mod interactive;
mod keys;
mod kinds;
mod names;
mod needs;
mod paths;
mod pools;
mod retry_on;
mod rollback;
mod running;
mod tasks;
mod variables;
mod vector_index;

use crate::diagnostic::{Diagnostic, Span};
use crate::model::KindCatalog;

use super::decode::Declared;

pub use commands::COMMANDS;
pub(super) use paths::check as check_paths;

/// Every broken rule but those that depend on an environment's full table names. `catalog` has the
/// declared kinds beside the built-in ones.
pub(super) fn check(
    declared: &Declared,
    built_in: &KindCatalog,
    catalog: &KindCatalog,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    names::check(declared, &mut problems);
    for table in &declared.tables {
        keys::check(table, &mut problems);
        vector_index::check(table, &mut problems);
    }
    needs::check(declared, &mut problems);
    pools::check(declared, &mut problems);
    let tables: Vec<&str> = declared.tables.iter().map(|table| table.name.value.as_str()).collect();
    for kind in &declared.kinds {
        kinds::check(kind, built_in, &tables, &mut problems);
    }
    for task in &declared.tasks {
        tasks::check(declared, task, catalog, &mut problems);
    }
    variables::check(declared, catalog, &mut problems);
    retry_on::check(declared, catalog, &mut problems);
    interactive::check(declared, catalog, &mut problems);
    problems
}

/// The error for a second thing of one name.
fn declared_twice(what: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error("osem::duplicate", format!("{what} is declared twice"))
        .label(second, "declared again here")
        .label(first, "first declared here")
        .help("rename one of the two, or remove it")
}
