//! What is live and not declared: left as it is, but worth knowing before a table is changed.

use serde::Serialize;

use crate::model::{IndexKind, Setting, TableSpec, TableState, Tags};

use super::compare::describe;
use super::undeclared;

/// One thing of a live table that the file does not declare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unmanaged {
    /// The declared name of the table.
    pub table: String,
    /// Its full name.
    pub table_name: String,
    /// What sort of thing it is.
    pub kind: UnmanagedKind,
    /// What it is and how it is, for people: `stream KEYS_ONLY`, `tag owner = team-a`.
    pub what: String,
}

/// A sort of thing that can be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UnmanagedKind {
    /// The billing mode and the capacity.
    Billing,
    /// An index: it stops `update-table` unless `--prune` names it.
    Index,
    /// A copy of the table in another region.
    Replica,
    /// A setting that `DescribeTable` shows.
    Setting,
    /// A tag.
    Tag,
}

/// Everything of a live table that its declaration does not name, as far as a description and its
/// tags show it; without the indexes that `--prune` names, which do not stay. Settings that only
/// calls of their own show are not asked for.
#[must_use]
pub fn unmanaged(spec: &TableSpec, state: &TableState, tags: &Tags) -> Vec<Unmanaged> {
    let billing = state.throughput.filter(|_| spec.billing.is_none());
    let billing = billing.map(|throughput| format!("billing PROVISIONED, {throughput}"));
    let goes = |name: &str| spec.asked.prune.contains(name);
    let is_declared = |name: &str| spec.indexes.iter().any(|index| index.name == name);
    let indexes = state.indexes.iter().filter(|live| !is_declared(&live.name) && !goes(&live.name));
    let indexes = indexes.map(|live| {
        let shape = describe(&live.keys, &live.projection);
        format!("index {}: {shape}", live.name)
    });
    let is_declared = |name: &str| spec.vector_indexes.iter().any(|index| index.name == name);
    let vectors = state.vector_indexes.iter().map(|live| &live.index);
    let vectors = vectors.filter(|live| !is_declared(&live.name) && !goes(&live.name));
    let vectors = vectors.map(|live| format!("vector index {}: {live}", live.name));
    let is_declared = |key: &String| spec.tags.contains_key(key) || spec.absent_tags.contains(key);
    let tags = tags.iter().filter(|(key, _)| !is_declared(key));
    let billing = billing.into_iter().map(|what| (UnmanagedKind::Billing, what));
    billing
        .chain(undeclared(spec, state).into_iter().map(|what| (UnmanagedKind::Setting, what)))
        .chain(indexes.chain(vectors).map(|what| (UnmanagedKind::Index, what)))
        .chain(state.replicas.iter().map(|to| (UnmanagedKind::Replica, format!("replica {to}"))))
        .chain(tags.map(|(key, value)| (UnmanagedKind::Tag, format!("tag {key} = {value}"))))
        .map(|(kind, what)| Unmanaged {
            table: spec.declared.clone(),
            table_name: spec.name.to_string(),
            kind,
            what,
        })
        .collect()
}

/// The settings, by their nodes, that only calls of their own show and that the declaration of a table,
/// or of one of its global indexes, does not name: whether they are live is not looked for.
pub fn not_looked_for(spec: &TableSpec) -> impl Iterator<Item = &'static str> {
    let all = [
        Setting::TimeToLive(None),
        Setting::Recovery(None),
        Setting::ContributorInsights(None),
        Setting::KinesisStream(None),
        Setting::ResourcePolicy(None),
    ];
    all.into_iter().map(|setting| setting.node()).filter(|node| {
        let names = |own: &[Setting]| own.iter().any(|own| own.node() == *node);
        let of_indexes = Setting::ContributorInsights(None).node() == *node;
        let mut indexes = spec.indexes_of(IndexKind::Global).filter(|_| of_indexes);
        !names(&spec.settings) || !indexes.all(|index| names(&index.settings))
    })
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::{live, users};
    use super::*;
    use crate::model::{StreamView, Throughput};

    #[test]
    fn a_table_as_declared_has_nothing_unmanaged() {
        let spec = users();
        assert_eq!(unmanaged(&spec, &live(&spec), &spec.tags), []);
    }

    #[test]
    fn what_the_file_does_not_name_is_named_with_its_sort() {
        let mut spec = users();
        spec.billing = None;
        spec.absent_tags.insert("old".to_owned());
        let mut state = live(&spec);
        let mut extra = state.indexes[0].clone();
        extra.name = "by-day".to_owned();
        state.indexes.push(extra);
        state.stream = Some(StreamView::KeysOnly);
        state.throughput = Some(Throughput { read: 5, write: 6 });
        state.replicas.push("eu-west-1".to_owned());
        let mut tags = spec.tags.clone();
        tags.insert("old".to_owned(), "to be removed".to_owned());
        tags.insert("owner".to_owned(), "team-a".to_owned());
        let found = unmanaged(&spec, &state, &tags);
        let found: Vec<_> = found.iter().map(|found| (found.kind, found.what.as_str())).collect();
        assert_eq!(
            found,
            [
                (UnmanagedKind::Billing, "billing PROVISIONED, read 5, write 6"),
                (UnmanagedKind::Setting, "stream KEYS_ONLY"),
                (UnmanagedKind::Index, "index by-day: keys teamId S, projection ALL"),
                (UnmanagedKind::Replica, "replica eu-west-1"),
                (UnmanagedKind::Tag, "tag owner = team-a"),
            ]
        );
        spec.asked.prune.insert("by-day".to_owned());
        let left = unmanaged(&spec, &state, &tags);
        assert!(left.iter().all(|left| left.kind != UnmanagedKind::Index), "--prune deletes it");
    }
}
