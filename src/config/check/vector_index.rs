//! Vector indexes of one table: the rules of `CreateTable` for them.
//!
//! That the table must be on demand depends on the environment: see
//! [`resolve`](crate::config::resolve).

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::TableDecl;

use super::keys::all_attributes;

/// The quota of the service for one table.
const MOST: usize = 5;

pub(super) fn check(table: &TableDecl, problems: &mut Vec<Diagnostic>) {
    if let Some(surplus) = table.vector_indexes.get(MOST) {
        let message = format!("a table has at most {MOST} `vector-index`");
        problems.push(Diagnostic::error("osem::limit", message).label(surplus.name.span, ""));
    }
    for index in &table.vector_indexes {
        problems.extend(vector_in_a_key(table, &index.attribute));
    }
    lengths(table, problems);
}

/// The service is told the types of all attributes of keys and of search schemas, and refuses an
/// attribute among them that holds a vector.
fn vector_in_a_key(table: &TableDecl, vector: &Spanned<String>) -> Option<Diagnostic> {
    let key = all_attributes(table).find(|key| key.value.name == vector.value)?;
    let message = format!("`{}` cannot hold a vector: it is part of a key", vector.value);
    let problem = Diagnostic::error("osem::key", message)
        .label(vector.span, "a list of numbers")
        .label(key.span, "one text, number or binary value");
    Some(problem.help("keep the vector in an attribute of its own"))
}

/// Vectors in one attribute have one length.
fn lengths(table: &TableDecl, problems: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, &Spanned<u32>> = HashMap::new();
    for index in &table.vector_indexes {
        let dimensions = &index.dimensions;
        let first = *seen.entry(&index.attribute.value).or_insert(dimensions);
        if first.value != dimensions.value {
            let message = format!("vectors in `{}` have two lengths", index.attribute.value);
            let problem = Diagnostic::error("osem::dimensions", message)
                .label(dimensions.span, format!("{} here", dimensions.value))
                .label(first.span, format!("{} here", first.value));
            problems.push(problem.help("keep vectors of another length in another attribute"));
        }
    }
}
