//! A table as the service describes it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Billing, Encryption, IndexKind, KeySchema, Projection, Setting, StreamView, TableClass,
    TableName, TableSpec, Throughput, Units,
};

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
    /// The ceilings on demand; an absent one means that there is none.
    pub on_demand_max: Units,
    /// The stream that is on; an absent description means none.
    pub stream: Option<StreamView>,
    /// The key of the data at rest; an absent description means one of the service's own.
    pub encryption: Encryption,
    /// The class of storage; an absent summary means the usual one.
    pub class: TableClass,
    /// A setting that is still changing while the table is `ACTIVE`, in the service's words.
    pub settling: Option<String>,
    /// The service's count of items: up to six hours old. It changes by itself, so it is no part of
    /// what a table is compared by.
    #[serde(skip)]
    pub approximate_items: Option<i64>,
}

impl TableState {
    /// What tells this table from another one that is made under its name later: its id, or its
    /// exact creation time where an emulator sends no id.
    #[must_use]
    pub fn identity(&self) -> Option<String> {
        let created = || self.created_at.map(|at| format!("created at {at} ms"));
        self.id.clone().or_else(created)
    }

    /// What the service describes once a table was created as declared.
    #[must_use]
    pub fn created(spec: &TableSpec) -> Self {
        let throughput = match spec.billing_at_creation() {
            Billing::PayPerRequest => None,
            Billing::Provisioned { throughput, .. } => Some(throughput),
        };
        let mut state = Self {
            name: spec.name.clone(),
            arn: None,
            id: None,
            status: "ACTIVE".to_owned(),
            created_at: None,
            keys: spec.keys.clone(),
            indexes: spec.indexes.iter().map(|index| created_index(spec, index)).collect(),
            pay_per_request: throughput.is_none(),
            throughput,
            deletion_protection: false,
            on_demand_max: Units::default(),
            stream: None,
            encryption: Encryption::default(),
            class: TableClass::default(),
            settling: None,
            approximate_items: None,
        };
        spec.settings.iter().for_each(|setting| state.set(setting));
        state
    }

    /// Takes over a setting that is part of a description.
    pub fn set(&mut self, setting: &Setting) {
        match setting {
            Setting::OnDemandMax(units) => self.on_demand_max = units.unwrap_or_default(),
            Setting::Stream(view) => self.stream = *view,
            Setting::Class(class) => self.class = *class,
            Setting::Encryption(encryption) => self.encryption = encryption.clone(),
            Setting::DeletionProtection(on) => self.deletion_protection = *on,
            Setting::TimeToLive(_) | Setting::Recovery(_) => {}
        }
    }
}

fn created_index(spec: &TableSpec, index: &super::IndexSpec) -> IndexState {
    let provisioned = matches!(spec.billing_at_creation(), Billing::Provisioned { .. });
    IndexState {
        kind: index.kind,
        name: index.name.clone(),
        keys: index.keys.clone(),
        projection: index.projection.clone(),
        status: Some("ACTIVE".to_owned()),
        backfilling: false,
        throughput: index.throughput.filter(|_| provisioned),
    }
}

/// Settings that have calls of their own, as far as they were read: `None` was not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// The attribute with the time of expiry, where time to live is on.
    pub time_to_live: Option<Option<String>>,
    /// How many days point-in-time recovery reaches back, where it is on.
    pub recovery: Option<Option<u8>>,
}

impl Features {
    /// Those of a table that was just created: all off.
    #[must_use]
    pub const fn of_new_table() -> Self {
        Self { time_to_live: Some(None), recovery: Some(None) }
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
            on_demand_max: Units::default(),
            stream: None,
            encryption: Encryption::default(),
            class: TableClass::default(),
            settling: None,
            approximate_items: None,
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
