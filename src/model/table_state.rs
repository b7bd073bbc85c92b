//! A table as the service describes it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{IndexKind, KeySchema, Projection, TableName, Throughput};

/// Tags of a table, those of AWS itself (`aws:`) left out.
pub type Tags = BTreeMap<String, String>;

/// What `DescribeTable` answered, normalised: an absent field means the service's default, and
/// emulators that leave fields out are tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableState {
    /// Its name.
    pub name: TableName,
    /// Its ARN; some emulators send none.
    pub arn: Option<String>,
    /// The identity of this incarnation: a table made anew under the name has another one.
    /// Some emulators send none.
    pub id: Option<String>,
    /// `ACTIVE`, `CREATING`, … as the service wrote it.
    pub status: String,
    /// Creation time in milliseconds since 1970, where the service says it.
    pub created_at: Option<i64>,
    /// Its keys.
    pub keys: KeySchema,
    /// Its indexes.
    pub indexes: Vec<IndexState>,
    /// Whether it is on demand; an absent summary means provisioned.
    pub pay_per_request: bool,
    /// Provisioned capacity; `None` where it is on demand.
    pub throughput: Option<Throughput>,
    /// Whether deletion protection is on.
    pub deletion_protection: bool,
    /// A setting that is still changing while the table is `ACTIVE`, in the service's words.
    pub settling: Option<String>,
    /// The service's count of items: up to six hours old. It changes by itself, so it is no part of
    /// what a table is compared by.
    #[serde(skip)]
    pub approximate_items: Option<i64>,
    /// The regions of its replicas.
    pub replicas: Vec<String>,
    /// The ARN of its latest stream. Another one takes its place by itself when a stream is turned
    /// off and on, so it is no part of what a table is compared by.
    #[serde(skip)]
    pub stream_arn: Option<String>,
}

impl TableState {
    /// What tells this table from another one that is made under its name later: its id, or its
    /// exact creation time where an emulator sends no id.
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let created = || self.created_at.map(|at| format!("created at {at} ms"));
        self.id.clone().or_else(created)
    }
}

#[cfg(test)]
impl TableState {
    /// A table on demand with nothing but a name and a status.
    pub(crate) fn bare(name: &str, status: &str) -> Self {
        Self {
            name: TableName::parse(name).unwrap(),
            arn: None,
            id: None,
            status: status.to_owned(),
            created_at: None,
            keys: KeySchema { hash: Vec::new(), range: Vec::new() },
            indexes: Vec::new(),
            pay_per_request: true,
            throughput: None,
            deletion_protection: false,
            settling: None,
            approximate_items: None,
            replicas: Vec::new(),
            stream_arn: None,
        }
    }
}

/// One index as the service describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IndexState {
    /// Global or local.
    pub kind: IndexKind,
    /// Its name.
    pub name: String,
    /// Its keys.
    pub keys: KeySchema,
    /// What it carries.
    pub projection: Projection,
    /// `ACTIVE`, `CREATING`, …; local indexes and some emulators have none.
    pub status: Option<String>,
    /// Whether it is still being filled.
    pub backfilling: bool,
    /// Provisioned capacity; `None` where the table is on demand.
    pub throughput: Option<Throughput>,
}
