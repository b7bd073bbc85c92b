//! Vector indexes: as declared, as they should be, and as the service describes them.
//!
//! They are unlike the other indexes: no key schema but one attribute that holds the vector, and a
//! search schema beside it; no capacity and no settings of their own; and nothing of them can be
//! changed (Amazon DynamoDB Developer Guide, "Vector search: requirements and limitations").

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use crate::diagnostic::Spanned;

use super::{KeyAttribute, Projection};

/// The most numbers that a vector has.
pub const MOST_DIMENSIONS: u32 = 4096;
/// The most attributes by which a search in one index is narrowed.
pub const MOST_FILTERS: usize = 18;

/// A `vector-index` node.
#[derive(Debug, Clone)]
pub struct VectorIndexDecl {
    /// Its name.
    pub name: Spanned<String>,
    /// The attribute that holds the vector: a list of numbers.
    pub attribute: Spanned<String>,
    /// How many numbers a vector has.
    pub dimensions: Spanned<u32>,
    /// How vectors are compared.
    pub distance: DistanceFunction,
    /// The attribute that every search names a value of.
    pub hash: Option<Spanned<KeyAttribute>>,
    /// Attributes that a search may be narrowed by.
    pub filters: Vec<Spanned<KeyAttribute>>,
    /// Its projection, where it does not follow the table's.
    pub projection: Option<Projection>,
}

impl VectorIndexDecl {
    /// The attributes of its search schema.
    pub fn search_attributes(&self) -> impl Iterator<Item = &Spanned<KeyAttribute>> {
        self.hash.iter().chain(&self.filters)
    }
}

/// How vectors are compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DistanceFunction {
    /// By the angle between them.
    Cosine,
    /// By the distance between their ends.
    Euclidean,
    /// By their dot product.
    DotProduct,
    /// One that this version does not know; it is only ever read.
    #[serde(untagged)]
    Other(String),
}

impl DistanceFunction {
    /// All that can be declared, with their words in a file and in the service.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Cosine, "cosine", "COSINE"),
        (Self::Euclidean, "euclidean", "EUCLIDEAN"),
        (Self::DotProduct, "dot-product", "DOT_PRODUCT"),
    ];

    /// The one that the service calls so.
    #[must_use]
    pub fn of_service(name: &str) -> Self {
        let known = Self::ALL.into_iter().find(|(_, _, own)| *own == name);
        known.map_or_else(|| Self::Other(name.to_owned()), |(known, ..)| known)
    }
}

impl fmt::Display for DistanceFunction {
    /// As the service writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Other(name) = self {
            return f.write_str(name);
        }
        let known = Self::ALL.iter().find(|(own, ..)| own == self);
        known.map_or(Ok(()), |(_, _, name)| f.write_str(name))
    }
}

/// What a vector index is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct VectorIndex {
    /// Its name.
    pub name: String,
    /// The attribute that holds the vector: a list of numbers. It is never the attribute of a key.
    pub attribute: String,
    /// How many numbers a vector has.
    pub dimensions: u32,
    /// How vectors are compared.
    pub distance: DistanceFunction,
    /// The attribute that every search names a value of.
    pub hash: Option<KeyAttribute>,
    /// Attributes that a search may be narrowed by, as a set.
    pub filters: BTreeSet<KeyAttribute>,
    /// What it carries.
    pub projection: Projection,
}

impl VectorIndex {
    /// The node that declares it, with its name: what messages, JSON and records know it by.
    #[must_use]
    pub fn node(&self) -> String {
        format!("vector-index {}", self.name)
    }

    /// The attributes of its search schema, the partition key first.
    pub fn search_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        self.hash.iter().chain(&self.filters)
    }
}

impl fmt::Display for VectorIndex {
    /// Without its name: `embedding, 1024 dimensions, COSINE, hash tenant S, projection ALL`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = if self.dimensions == 1 { "dimension" } else { "dimensions" };
        write!(f, "{}, {} {noun}, {}", self.attribute, self.dimensions, self.distance)?;
        if let Some(hash) = &self.hash {
            write!(f, ", hash {hash}")?;
        }
        for (position, filter) in self.filters.iter().enumerate() {
            write!(f, "{}{filter}", if position == 0 { ", filter " } else { ", " })?;
        }
        write!(f, ", projection {}", self.projection)
    }
}

/// A vector index as the service describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VectorIndexState {
    /// What it is.
    #[serde(flatten)]
    pub index: VectorIndex,
    /// `ACTIVE`, `CREATING`, …; some emulators say none.
    pub status: Option<String>,
    /// Whether it is still being filled.
    pub backfilling: bool,
}

impl VectorIndexState {
    /// What the service describes once an index was created as declared.
    #[must_use]
    pub fn created(index: &VectorIndex) -> Self {
        Self { index: index.clone(), status: Some("ACTIVE".to_owned()), backfilling: false }
    }
}
