//! Keys and indexes of one table: the rules of `CreateTable`.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::{
    IndexDecl, IndexKind, KeyAttribute, Projection, ScalarType, TableDecl, VectorIndexDecl,
    check_resource_name,
};

use super::declared_twice;

/// Quotas of the service for one table.
const MOST_GLOBAL: usize = 20;
const MOST_LOCAL: usize = 5;
const MOST_INCLUDED: usize = 100;

pub(super) fn check(table: &TableDecl, problems: &mut Vec<Diagnostic>) {
    types(table, problems);
    let own = std::iter::once(&table.hash).chain(&table.range);
    distinct(own, problems);
    for index in &table.indexes {
        local(table, index, problems);
        let hash = if index.kind == IndexKind::Local {
            std::slice::from_ref(&table.hash)
        } else {
            &index.hash
        };
        distinct(hash.iter().chain(&index.range), problems);
    }
    for index in &table.vector_indexes {
        distinct(index.search_attributes(), problems);
    }
    index_names(table, problems);
    limits(table, problems);
}

/// All attributes that the service is told the types of.
pub(super) fn all_attributes(table: &TableDecl) -> impl Iterator<Item = &Spanned<KeyAttribute>> {
    let indexes = table.indexes.iter().flat_map(|index| index.hash.iter().chain(&index.range));
    let searches = table.vector_indexes.iter().flat_map(VectorIndexDecl::search_attributes);
    std::iter::once(&table.hash).chain(&table.range).chain(indexes).chain(searches)
}

/// One type per attribute, across the table and its indexes.
fn types(table: &TableDecl, problems: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, (ScalarType, Span)> = HashMap::new();
    for attribute in all_attributes(table) {
        let KeyAttribute { name, ty } = &attribute.value;
        let (first, place) = *seen.entry(name).or_insert((*ty, attribute.span));
        if first != *ty {
            let message = format!("attribute `{name}` has two types");
            let problem = Diagnostic::error("osem::key-type", message)
                .label(attribute.span, format!("{ty} here"))
                .label(place, format!("{first} here"));
            problems.push(problem.help("a name without (S), (N) or (B) is S"));
        }
    }
}

fn distinct<'a>(
    keys: impl Iterator<Item = &'a Spanned<KeyAttribute>>,
    problems: &mut Vec<Diagnostic>,
) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for key in keys {
        let Some(first) = seen.insert(&key.value.name, key.span) else { continue };
        let message = format!("`{}` stands twice in one key", key.value.name);
        let problem = Diagnostic::error("osem::key", message).label(key.span, "");
        problems.push(problem.label(first, "first here"));
    }
}

fn local(table: &TableDecl, index: &IndexDecl, problems: &mut Vec<Diagnostic>) {
    if index.kind == IndexKind::Local && table.range.is_none() {
        let message = format!("table `{}` needs a sort key to have an `lsi`", table.name.value);
        let problem = Diagnostic::error("osem::key", message)
            .label(index.name.span, "this local index")
            .label(table.name.span, "this table has only a partition key");
        problems.push(problem.help("add range=… to the table, or make it a `gsi`"));
    }
}

fn index_names(table: &TableDecl, problems: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for name in table.index_names() {
        if let Err(error) = check_resource_name(&name.value) {
            let message = format!("the index name `{}` {error}", name.value);
            problems.push(Diagnostic::error("osem::name", message).label(name.span, ""));
        }
        match seen.get(name.value.as_str()) {
            Some(first) => {
                let what = format!("index `{}`", name.value);
                problems.push(declared_twice(&what, *first, name.span));
            }
            None => drop(seen.insert(&name.value, name.span)),
        }
    }
}

fn limits(table: &TableDecl, problems: &mut Vec<Diagnostic>) {
    for (kind, word, most) in
        [(IndexKind::Global, "gsi", MOST_GLOBAL), (IndexKind::Local, "lsi", MOST_LOCAL)]
    {
        let mut of_kind = table.indexes.iter().filter(|index| index.kind == kind);
        if let Some(surplus) = of_kind.nth(most) {
            let message = format!("a table has at most {most} `{word}`");
            problems.push(Diagnostic::error("osem::limit", message).label(surplus.name.span, ""));
        }
    }
    let mut included = 0;
    for index in &table.indexes {
        let Some(Projection::Include(names)) = &index.projection else { continue };
        let before = included;
        included += names.len();
        if before <= MOST_INCLUDED && included > MOST_INCLUDED {
            let message =
                format!("the indexes of a table include at most {MOST_INCLUDED} attributes");
            problems.push(Diagnostic::error("osem::limit", message).label(index.name.span, ""));
        }
    }
}
