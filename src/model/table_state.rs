//! A table as the service describes it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    Billing, Encryption, IndexKind, IndexSpec, InsightsMode, KeySchema, KinesisStream, Projection,
    Setting, StreamView, TableClass, TableName, TableSpec, Throughput, Units, VectorIndexState,
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
    /// Its vector indexes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vector_indexes: Vec<VectorIndexState>,
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
    /// How much it is ready for at once; `None` where the endpoint does not say.
    pub warm: Option<Units>,
    /// Whether the service refuses to part it from its replicas.
    pub disassociation_protection: bool,
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

    /// How many indexes of all kinds it has.
    #[must_use]
    pub fn index_count(&self) -> usize {
        self.indexes.len() + self.vector_indexes.len()
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
            indexes: spec
                .indexes
                .iter()
                .map(|index| IndexState::created(index, throughput))
                .collect(),
            vector_indexes: spec.vector_indexes.iter().map(VectorIndexState::created).collect(),
            pay_per_request: throughput.is_none(),
            throughput,
            deletion_protection: false,
            on_demand_max: Units::default(),
            stream: None,
            encryption: Encryption::default(),
            class: TableClass::default(),
            warm: Some(warm_at_first(throughput)),
            disassociation_protection: false,
            settling: None,
            approximate_items: None,
            replicas: Vec::new(),
            stream_arn: None,
        };
        // The others are not taken by `CreateTable`.
        let taken = |setting: &&Setting| !matches!(setting, Setting::DisassociationProtection(_));
        for setting in spec.settings.iter().filter(taken) {
            state.set(setting);
        }
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
            Setting::WarmThroughput(wanted) => self.warm = Some(raised(self.warm, *wanted)),
            Setting::DisassociationProtection(on) => self.disassociation_protection = *on,
            Setting::TimeToLive(_)
            | Setting::Recovery(_)
            | Setting::ContributorInsights(_)
            | Setting::KinesisStream(_)
            | Setting::ResourcePolicy(_) => {}
        }
    }
}

/// What the service is ready for without being asked.
#[must_use]
pub fn warm_at_first(throughput: Option<Throughput>) -> Units {
    let by_default = Throughput { read: 12_000, write: 4_000 };
    let throughput = throughput.unwrap_or(by_default);
    Units { read: Some(throughput.read), write: Some(throughput.write) }
}

/// A floor only ever raises what is there.
fn raised(live: Option<Units>, wanted: Units) -> Units {
    let live = live.unwrap_or_default();
    Units { read: live.read.max(wanted.read), write: live.write.max(wanted.write) }
}

/// Settings that have calls of their own, as far as they were read: `None` was not read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// The attribute with the time of expiry, where time to live is on.
    pub time_to_live: Option<Option<String>>,
    /// How many days point-in-time recovery reaches back, where it is on.
    pub recovery: Option<Option<u8>>,
    /// Whether and how contributor insights are on, by index; the empty name is the table itself.
    pub insights: BTreeMap<String, Option<InsightsMode>>,
    /// The Kinesis streams that get the changes.
    pub kinesis: Option<Vec<KinesisStream>>,
    /// The resource-based policy as canonical JSON, where there is one.
    pub policy: Option<Option<String>>,
    /// What is still changing, in the service's words.
    pub busy: Option<String>,
}

impl Features {
    /// Those of a table that was just created as declared: all off but the policy.
    #[must_use]
    pub fn of_new_table(spec: &TableSpec) -> Self {
        let own = spec.settings.iter().find_map(|setting| match setting {
            Setting::ResourcePolicy(policy) => policy.clone(),
            _ => None,
        });
        let indexes = spec.indexes.iter().map(|index| index.name.clone());
        Self {
            time_to_live: Some(None),
            recovery: Some(None),
            insights: indexes.chain([String::new()]).map(|name| (name, None)).collect(),
            kinesis: Some(Vec::new()),
            policy: Some(own),
            busy: None,
        }
    }

    /// Adds what was read besides. Of what is still changing the first stays.
    pub fn add(&mut self, read: Self) {
        let Self { time_to_live, recovery, insights, kinesis, policy, busy } = read;
        self.time_to_live = time_to_live.or(self.time_to_live.take());
        self.recovery = recovery.or(self.recovery);
        self.insights.extend(insights);
        self.kinesis = kinesis.or(self.kinesis.take());
        self.policy = policy.or(self.policy.take());
        self.busy = self.busy.take().or(busy);
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
            vector_indexes: Vec::new(),
            pay_per_request: true,
            throughput: None,
            deletion_protection: false,
            on_demand_max: Units::default(),
            stream: None,
            encryption: Encryption::default(),
            class: TableClass::default(),
            warm: None,
            disassociation_protection: false,
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
    /// The ceilings on demand.
    pub on_demand_max: Units,
    /// How much it is ready for at once; `None` where nothing says it.
    pub warm: Option<Units>,
}

impl IndexState {
    /// What the service describes once an index was created as declared, on a table with this
    /// provisioned capacity, or on demand.
    #[must_use]
    pub fn created(index: &IndexSpec, of_table: Option<Throughput>) -> Self {
        let mut state = Self {
            kind: index.kind,
            name: index.name.clone(),
            keys: index.keys.clone(),
            projection: index.projection.clone(),
            status: Some("ACTIVE".to_owned()),
            backfilling: false,
            throughput: index.throughput.filter(|_| of_table.is_some()),
            on_demand_max: Units::default(),
            warm: (index.kind == IndexKind::Global).then(|| warm_at_first(index.throughput)),
        };
        for setting in &index.settings {
            match setting {
                Setting::OnDemandMax(units) => state.on_demand_max = units.unwrap_or_default(),
                Setting::WarmThroughput(wanted) => state.warm = Some(raised(state.warm, *wanted)),
                _ => {}
            }
        }
        state
    }
}
