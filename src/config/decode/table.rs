//! `table` and what is only there.

use crate::diagnostic::Spanned;
use crate::model::{EnvironmentFilter, TableDecl};
use crate::syntax::NodeReader;

use super::{index, settings, vector_index};

pub(super) fn table(reader: &mut NodeReader<'_>) -> Option<TableDecl> {
    let name = reader.arg_as(|value| value.name("the name of `table`"))?;
    let hash = reader.prop_as("hash", |value| value.key_attribute("property `hash`"));
    let range = reader.prop_as("range", |value| value.key_attribute("property `range`"));
    let indexes = reader.children(&["gsi", "lsi"]);
    let indexes = indexes.into_iter().filter_map(|mut node| index::index(&mut node)).collect();
    let vectors = reader.children(&["vector-index"]);
    let vector_indexes =
        vectors.into_iter().filter_map(|mut node| vector_index::index(&mut node)).collect();
    let environments = filter(reader);
    let mut overrides = Vec::new();
    for mut node in reader.children(&["in"]) {
        overrides.push((names(&mut node), settings::settings(&mut node)));
    }
    let settings = settings::settings(reader);
    Some(TableDecl {
        name,
        hash: hash?,
        range,
        indexes,
        vector_indexes,
        settings,
        environments,
        overrides,
    })
}

/// `only-in` and `except-in` among the children.
pub(super) fn filter(reader: &mut NodeReader<'_>) -> EnvironmentFilter {
    let mut listed =
        |name: &str| reader.child(name).map(|mut node| names(&mut node)).unwrap_or_default();
    EnvironmentFilter { only_in: listed("only-in"), except_in: listed("except-in") }
}

/// All arguments as names.
pub(super) fn names(node: &mut NodeReader<'_>) -> Vec<Spanned<String>> {
    let what = format!("`{}`", node.name());
    node.args_as(|value| value.name(&what))
}
