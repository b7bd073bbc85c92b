//! A table as it should be in one environment, everything resolved.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

use super::{Setting, TableName, VectorIndex};

/// The type of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum ScalarType {
    /// String.
    S,
    /// Number.
    N,
    /// Binary.
    B,
}

impl ScalarType {
    /// Reads `S`, `N` or `B`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "S" => Some(Self::S),
            "N" => Some(Self::N),
            "B" => Some(Self::B),
            _ => None,
        }
    }
}

impl fmt::Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// An attribute that is part of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct KeyAttribute {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: ScalarType,
}

impl fmt::Display for KeyAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.ty)
    }
}

/// The keys of a table or index. Order matters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct KeySchema {
    /// Partition key: one attribute, up to four in a global secondary index.
    pub hash: Vec<KeyAttribute>,
    /// Sort key: none or one, up to four in a global secondary index.
    pub range: Vec<KeyAttribute>,
}

impl KeySchema {
    /// All attributes, partition key first.
    pub fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        self.hash.iter().chain(&self.range)
    }
}

impl fmt::Display for KeySchema {
    /// `planId S` or `planId S + createdAt N`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |keys: &[KeyAttribute]| {
            keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        };
        f.write_str(&join(&self.hash))?;
        if self.range.is_empty() { Ok(()) } else { write!(f, " + {}", join(&self.range)) }
    }
}

/// Which attributes an index carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Projection {
    /// All.
    All,
    /// The keys of the index and of the table.
    KeysOnly,
    /// The keys and these, as a set.
    Include(BTreeSet<String>),
}

impl fmt::Display for Projection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("ALL"),
            Self::KeysOnly => f.write_str("KEYS_ONLY"),
            Self::Include(names) => {
                write!(f, "INCLUDE {}", names.iter().cloned().collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// Provisioned capacity units per second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Throughput {
    /// Read capacity units.
    pub read: u64,
    /// Write capacity units.
    pub write: u64,
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "read {}, write {}", self.read, self.write)
    }
}

/// How requests are paid for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Billing {
    /// On demand.
    PayPerRequest,
    /// Provisioned capacity.
    Provisioned {
        /// What is provisioned at creation.
        throughput: Throughput,
        /// Capacity is managed by autoscaling: set at creation, not compared afterwards.
        autoscaled: bool,
    },
}

/// Global or local.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IndexKind {
    /// A global secondary index.
    Global,
    /// A local secondary index: shares the table's partition key.
    Local,
}

/// A secondary index as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct IndexSpec {
    /// Global or local.
    pub kind: IndexKind,
    /// Its name.
    pub name: String,
    /// Its keys.
    pub keys: KeySchema,
    /// What it carries.
    pub projection: Projection,
    /// Capacity, where the table is provisioned and the index is global.
    pub throughput: Option<Throughput>,
    /// Everything else that is managed, in the order in which it is changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
}

/// A table as it should be in one environment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct TableSpec {
    /// The name in the file.
    pub declared: String,
    /// The name in the service.
    pub name: TableName,
    /// Its keys.
    pub keys: KeySchema,
    /// Its indexes, in declaration order.
    pub indexes: Vec<IndexSpec>,
    /// Its vector indexes, in declaration order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vector_indexes: Vec<VectorIndex>,
    /// How it is paid for; `None` means not managed (created on demand).
    pub billing: Option<Billing>,
    /// Tags that must be there; other tags are left alone.
    pub tags: BTreeMap<String, String>,
    /// Tags that must not be there (`tag K #false`).
    pub absent_tags: BTreeSet<String>,
    /// Everything else that is managed, in the order in which it is changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// What a person asked to be done to indexes of this table, in this run only.
    #[serde(skip)]
    pub asked: AskedOfIndexes,
}

/// What the command line asks to be done to one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexRequest {
    /// The declared table.
    pub table: String,
    /// The index.
    pub index: String,
    /// Whether it is made anew after it was deleted.
    pub replace: bool,
}

/// What the command line asks to be done to indexes of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct AskedOfIndexes {
    /// Live indexes to delete, which the file must not declare.
    pub prune: BTreeSet<String>,
    /// Declared indexes to delete and make anew where they differ.
    pub replace: BTreeSet<String>,
}

impl TableSpec {
    /// The exact set of key attributes of the table and its indexes, those that searches are
    /// narrowed by included, sorted by name: what `CreateTable` wants as `AttributeDefinitions`.
    #[must_use]
    pub fn attribute_definitions(&self) -> BTreeSet<&KeyAttribute> {
        let of_indexes = self.indexes.iter().flat_map(|index| index.keys.attributes());
        let of_searches = self.vector_indexes.iter().flat_map(VectorIndex::search_attributes);
        self.keys.attributes().chain(of_indexes).chain(of_searches).collect()
    }

    /// How many indexes of all kinds it has.
    #[must_use]
    pub fn index_count(&self) -> usize {
        self.indexes.len() + self.vector_indexes.len()
    }

    /// Whether it says anything of tags, be it that some must not be there.
    #[must_use]
    pub fn declares_tags(&self) -> bool {
        !self.tags.is_empty() || !self.absent_tags.is_empty()
    }

    /// How the table is paid for when it is created.
    #[must_use]
    pub fn billing_at_creation(&self) -> Billing {
        self.billing.unwrap_or(Billing::PayPerRequest)
    }

    /// The declaration without the settings and vector indexes of these nodes.
    #[must_use]
    pub fn without(&self, is_out: impl Fn(&str) -> bool) -> Self {
        let mut spec = self.clone();
        spec.settings.retain(|setting| !is_out(setting.node()));
        spec.vector_indexes.retain(|index| !is_out(&index.node()));
        for index in &mut spec.indexes {
            let name = &index.name;
            index.settings.retain(|setting| !is_out(&setting.node_of_index(name)));
        }
        spec
    }

    /// Takes over what is asked to be done to its indexes.
    pub fn ask(&mut self, requests: &[IndexRequest]) {
        for request in requests.iter().filter(|request| request.table == self.declared) {
            let asked = &mut self.asked;
            let indexes = if request.replace { &mut asked.replace } else { &mut asked.prune };
            indexes.insert(request.index.clone());
        }
    }

    /// The indexes of one kind.
    pub fn indexes_of(&self, kind: IndexKind) -> impl Iterator<Item = &IndexSpec> {
        self.indexes.iter().filter(move |index| index.kind == kind)
    }
}
