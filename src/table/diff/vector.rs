//! Vector indexes: removed and created one at a time, never changed.
//!
//! Their names are those of all indexes: one that is live as a `gsi` is made a vector index only
//! where the command line replaces it, and the other way round.

use serde_json::{Value, json};

use crate::model::{Billing, IndexKind, IndexState, MillisRange, VectorIndex, VectorIndexState};

use super::super::call::{Call, CallFacts};
use super::super::change::key_attributes;
use super::super::vector_index::{declaration, find, missing, not_declared, other, request, same};
use super::super::{Issue, IssueType};
use super::{Differ, REMOVAL};

/// Eight and a half minutes on a table of six items, seventeen on one of 25, each measured once.
const CREATION_MS: MillisRange = (513_000, 1_020_000);

/// The live indexes to remove and the declared ones to create.
#[derive(Default)]
pub(super) struct VectorIndexes<'a> {
    pub(super) removed: Vec<&'a VectorIndexState>,
    pub(super) created: Vec<&'a VectorIndex>,
}

impl<'a> Differ<'a> {
    /// What is done to vector indexes; `removed` takes other indexes that one takes the place of.
    pub(super) fn vector_indexes(
        &mut self,
        removed: &mut Vec<&'a IndexState>,
    ) -> VectorIndexes<'a> {
        let (spec, state) = (self.spec, self.state);
        let mut vectors = VectorIndexes::default();
        for index in &spec.vector_indexes {
            if let Some(live) = find(state, &index.name) {
                if same(spec, index, &live.index) {
                    continue;
                }
                if !self.may_replace(index, other(index, &live.index)) {
                    continue;
                }
                vectors.removed.push(live);
            } else if self.stays_provisioned() {
                self.needs_on_demand(index);
                continue;
            } else if let Some(live) = state.indexes.iter().find(|live| live.name == index.name) {
                if !self.takes_place(index, live) {
                    continue;
                }
                removed.push(live);
            }
            vectors.created.push(index);
        }
        let undeclared =
            state.vector_indexes.iter().filter(|live| declaration(spec, live).is_none());
        vectors.removed.extend(undeclared.filter(|live| self.may_remove(live)));
        vectors
    }

    /// Whether a vector index of the name of a declared `gsi` stays.
    pub(super) fn keeps_vector_index(&self, name: &str) -> bool {
        find(self.state, name).is_some() && !self.spec.asked.replace.contains(name)
    }

    fn may_replace(&mut self, index: &VectorIndex, issue: Issue) -> bool {
        if self.spec.asked.replace.contains(&index.name) {
            return true;
        }
        let target = format!("{}/{}", self.spec.declared, index.name);
        let way_out = format!(
            "declare it under a new name and let readers change over, or run with --replace \
             {target}: searches in the index fail until it is built anew"
        );
        self.obstacle(issue, way_out);
        false
    }

    /// Whether a vector index may take the place of another index of its name.
    fn takes_place(&mut self, index: &VectorIndex, live: &IndexState) -> bool {
        let (kind, removable) = match live.kind {
            IndexKind::Global => ("gsi", true),
            IndexKind::Local => ("lsi", false),
        };
        let issue = Issue {
            ty: IssueType::VectorIndexMismatch,
            message: format!("index {} is no vector index", index.name),
            expected: format!("vector-index: {index}"),
            found: format!("{kind}: {}", super::describe(&live.keys, &live.projection)),
        };
        if removable {
            return self.may_replace(index, issue);
        }
        let way_out = "a local index goes only with its table: declare the vector index under \
                       another name"
            .to_owned();
        self.obstacle(issue, way_out);
        false
    }

    /// Whether a live vector index that is not declared as one goes.
    fn may_remove(&mut self, live: &VectorIndexState) -> bool {
        let name = &live.index.name;
        let namesake = self.spec.indexes.iter().find(|index| index.name == *name);
        let asked = &self.spec.asked;
        if namesake.map_or_else(|| asked.prune.contains(name), |_| asked.replace.contains(name)) {
            return true;
        }
        let target = format!("{}/{name}", self.spec.declared);
        let (issue, way_out) = match namesake {
            None => {
                (not_declared(live), format!("declare it, or delete it: run with --prune {target}"))
            }
            Some(index) => (
                Issue {
                    ty: IssueType::GsiMismatch,
                    message: format!("index {name} is a vector index"),
                    expected: super::describe(&index.keys, &index.projection),
                    found: format!("vector-index: {}", live.index),
                },
                format!("declare the gsi under another name, or run with --replace {target}"),
            ),
        };
        self.obstacle(issue, way_out);
        false
    }

    /// Whether the table is provisioned and the file does not say that it is to be on demand.
    fn stays_provisioned(&self) -> bool {
        !self.state.pay_per_request && self.spec.billing != Some(Billing::PayPerRequest)
    }

    fn needs_on_demand(&mut self, index: &VectorIndex) {
        let issue = Issue { found: "the table is provisioned".to_owned(), ..missing(index) };
        let way_out = "a vector index needs a table on demand: declare billing pay-per-request";
        self.obstacle(issue, way_out);
    }

    pub(super) fn remove_vector_index(&mut self, live: &VectorIndexState) {
        let name = &live.index.name;
        let call = Call {
            operation: "UpdateTable",
            request: json!({ "VectorIndexUpdates": [{ "Delete": { "IndexName": name } }] }),
            before: live.index.to_string(),
            after: "no such index".to_owned(),
            facts: CallFacts { breaks: Some("searches in the index fail"), ..REMOVAL },
        };
        self.push(&live.index.node(), self.why_removed(name), call);
    }

    /// The attributes of its search schema must be defined in the same request, whatever the table
    /// has; the one that holds the vector must not.
    pub(super) fn create_vector_index(&mut self, created: &VectorIndex) {
        let mut body = json!({ "VectorIndexUpdates": [{ "Create": request(created) }] });
        let attributes = key_attributes(created.search_attributes());
        if !attributes.is_empty() {
            body["AttributeDefinitions"] = Value::Array(attributes);
        }
        let call = Call {
            operation: "UpdateTable",
            request: body,
            before: "no such index".to_owned(),
            after: created.to_string(),
            facts: CallFacts::reversible(CREATION_MS),
        };
        self.push(&created.node(), "the index is not there".to_owned(), call);
    }
}
