//! A table as it is declared, and the settings that merge over it.

use std::collections::BTreeMap;

use crate::diagnostic::{Span, Spanned};

use super::{
    Billing, EnvironmentFilter, IndexKind, KeyAttribute, Projection, Setting, Template, Throughput,
    VectorIndexDecl,
};

/// The `table` node.
#[derive(Debug, Clone)]
pub struct TableDecl {
    /// The name after `table`.
    pub name: Spanned<String>,
    /// Partition key.
    pub hash: Spanned<KeyAttribute>,
    /// Sort key.
    pub range: Option<Spanned<KeyAttribute>>,
    /// Indexes, in declaration order.
    pub indexes: Vec<IndexDecl>,
    /// Vector indexes, in declaration order.
    pub vector_indexes: Vec<VectorIndexDecl>,
    /// Settings of the table itself.
    pub settings: TableSettings,
    /// Environments that have the table.
    pub environments: EnvironmentFilter,
    /// `in` blocks: settings for some environments only.
    pub overrides: Vec<(Vec<Spanned<String>>, TableSettings)>,
}

impl TableDecl {
    /// The names of its indexes of all kinds.
    pub fn index_names(&self) -> impl Iterator<Item = &Spanned<String>> {
        let vectors = self.vector_indexes.iter().map(|index| &index.name);
        self.indexes.iter().map(|index| &index.name).chain(vectors)
    }
}

/// A `gsi` or `lsi` node.
#[derive(Debug, Clone)]
pub struct IndexDecl {
    /// Global or local.
    pub kind: IndexKind,
    /// Its name.
    pub name: Spanned<String>,
    /// Partition key attributes; empty for a local index, which has the table's.
    pub hash: Vec<Spanned<KeyAttribute>>,
    /// Sort key attributes.
    pub range: Vec<Spanned<KeyAttribute>>,
    /// Its projection, where it does not follow the table's.
    pub projection: Option<Projection>,
    /// Its capacity, where the table is provisioned.
    pub throughput: Option<Throughput>,
    /// Its other settings by their nodes.
    pub settings: BTreeMap<&'static str, Spanned<Setting>>,
    /// The whole node.
    pub span: Span,
}

/// A `tag` node.
#[derive(Debug, Clone)]
pub enum TagDecl {
    /// The tag has this value.
    Value(Template),
    /// `#false`: the tag is not there.
    Absent,
}

/// What may stand under `defaults/table`, `table`, `environment/table` and `table/in`.
#[derive(Debug, Clone, Default)]
pub struct TableSettings {
    /// How the table is paid for.
    pub billing: Option<Spanned<Billing>>,
    /// The projection of indexes that name none.
    pub projection: Option<Projection>,
    /// Tags by key.
    pub tags: BTreeMap<String, Spanned<TagDecl>>,
    /// All others by their nodes.
    pub others: BTreeMap<&'static str, Spanned<Setting>>,
}

impl TableSettings {
    /// These settings with `later` laid over them: scalars replaced, tags merged by key.
    #[must_use]
    pub fn merged(&self, later: &Self) -> Self {
        let mut tags = self.tags.clone();
        tags.extend(later.tags.iter().map(|(key, tag)| (key.clone(), tag.clone())));
        let mut others = self.others.clone();
        others.extend(later.others.iter().map(|(node, setting)| (*node, setting.clone())));
        Self {
            others,
            billing: later.billing.clone().or_else(|| self.billing.clone()),
            projection: later.projection.clone().or_else(|| self.projection.clone()),
            tags,
        }
    }
}
