//! Vector indexes: how the live ones differ from those that are declared, and how a request names
//! one.
//!
//! Nothing of a vector index can be changed, so one that differs is another one. As with other
//! indexes, they are a closed set, and INCLUDE lists are compared less the attributes that an index
//! has anyway.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::model::{Projection, TableSpec, TableState, VectorIndex, VectorIndexState};

use super::change::projection;
use super::{Issue, IssueType};

/// Every difference, first those of declared indexes.
pub(super) fn compare(spec: &TableSpec, state: &TableState) -> Vec<Issue> {
    let declared = spec.vector_indexes.iter().filter_map(|index| one(spec, state, index));
    let extra = state.vector_indexes.iter().filter(|live| declaration(spec, live).is_none());
    declared.chain(extra.map(not_declared)).collect()
}

fn one(spec: &TableSpec, state: &TableState, index: &VectorIndex) -> Option<Issue> {
    let Some(live) = find(state, &index.name) else { return Some(missing(index)) };
    if !same(spec, index, &live.index) {
        return Some(other(index, &live.index));
    }
    let status = live.status.as_deref().filter(|status| *status != "ACTIVE")?;
    Some(Issue {
        ty: IssueType::VectorIndexMismatch,
        message: format!("vector index {} is not ready", index.name),
        expected: "ACTIVE".to_owned(),
        found: status.to_owned(),
    })
}

/// The live vector index of a name.
pub(super) fn find<'a>(state: &'a TableState, name: &str) -> Option<&'a VectorIndexState> {
    state.vector_indexes.iter().find(|live| live.index.name == name)
}

/// The declaration of a live vector index.
pub(super) fn declaration<'a>(
    spec: &'a TableSpec,
    live: &VectorIndexState,
) -> Option<&'a VectorIndex> {
    spec.vector_indexes.iter().find(|index| index.name == live.index.name)
}

/// Whether a live index is the declared one.
pub(super) fn same(spec: &TableSpec, index: &VectorIndex, live: &VectorIndex) -> bool {
    comparable(spec, index) == comparable(spec, live)
}

/// Keys of the table and of the search schema are in every index, named or not.
fn comparable(spec: &TableSpec, index: &VectorIndex) -> VectorIndex {
    let Projection::Include(names) = &index.projection else { return index.clone() };
    let carried = spec.keys.attributes().chain(index.search_attributes());
    let carried: BTreeSet<&str> = carried.map(|key| key.name.as_str()).collect();
    let others = names.iter().filter(|name| !carried.contains(name.as_str()));
    VectorIndex { projection: Projection::Include(others.cloned().collect()), ..index.clone() }
}

/// A declared index is not there.
pub(super) fn missing(index: &VectorIndex) -> Issue {
    Issue {
        ty: IssueType::MissingVectorIndex,
        message: format!("vector index {} is not there", index.name),
        expected: index.to_string(),
        found: "no such index".to_owned(),
    }
}

/// The live index is another one than declared.
pub(super) fn other(index: &VectorIndex, live: &VectorIndex) -> Issue {
    Issue {
        ty: IssueType::VectorIndexMismatch,
        message: format!("vector index {} is another one than declared", index.name),
        expected: index.to_string(),
        found: live.to_string(),
    }
}

/// A live index is not declared.
pub(super) fn not_declared(live: &VectorIndexState) -> Issue {
    Issue {
        ty: IssueType::ExtraVectorIndex,
        message: format!("vector index {} is not declared", live.index.name),
        expected: "no such index".to_owned(),
        found: live.index.to_string(),
    }
}

/// A vector index as a request names it.
pub(super) fn request(index: &VectorIndex) -> Value {
    let mut request = json!({
        "IndexName": index.name,
        "VectorAttribute": { "AttributeName": index.attribute },
        "Dimensions": index.dimensions,
        "DistanceFunction": index.distance,
        "Projection": projection(&index.projection),
    });
    let schema = search_schema(index);
    if !schema.is_empty() {
        request["SearchSchema"] = Value::Array(schema);
    }
    request
}

fn search_schema(index: &VectorIndex) -> Vec<Value> {
    let element =
        |name: &str, role: &str| json!({ "AttributeName": name, "SearchSchemaElementType": role });
    let hash = index.hash.iter().map(|key| element(&key.name, "HASH"));
    let filters = index.filters.iter().map(|key| element(&key.name, "INLINE_FILTER"));
    hash.chain(filters).collect()
}
