//! One API call that a step would make, with its reason.

use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnostic::shortened;
use crate::model::{
    Billing, IndexKind, IndexSpec, KeyAttribute, KeySchema, MillisRange, Projection, TableSpec,
    TableState, Tags, Throughput,
};

use super::call::Call;
use super::{Reversal, Reversibility, setting, vector_index};

/// How long the service takes in milliseconds, from and to, as measured by the ACK project's
/// `docs/api-quirks` in October 2026: `CreateTable` without indexes until ACTIVE, …
const CREATED: MillisRange = (1_000, 6_000);
/// … with indexes, …
const CREATED_INDEXED: MillisRange = (14_000, 22_000);
/// … `DeleteTable` until the table is gone, …
const DELETED: MillisRange = (4_000, 6_000);
/// … and a write of tags until they are read.
const TAGS_SHOWN: MillisRange = (1_300, 3_000);

/// How much of a value is shown, in characters: a policy is long, and its whole text stands in the
/// request.
const LONGEST_VALUE: usize = 200;

/// What a change may cost: decides how a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// Adds a table, or a backup of one.
    Create,
    /// Changes tags.
    Tag,
    /// Adds items; changes none that is there.
    Put,
    /// Changes a setting, or adds an index; it can be taken back.
    Update,
    /// Changes a setting so that something is lost, spent, or cannot be taken back for a while.
    Lossy,
    /// Removes an index.
    RemoveIndex,
    /// Removes or replaces data, maybe with its table.
    Destroy,
}

/// One API call.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TableChange {
    /// The operation: `CreateTable`, `TagResource`, ….
    pub call: &'static str,
    /// The table's full name.
    pub table_name: String,
    /// The identity of the table, where the call is meant for this one only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table_id: Option<String>,
    /// Why it is needed.
    pub reason: String,
    /// What it may cost.
    pub class: ChangeClass,
    /// Whether and how it can be taken back.
    pub reversibility: Reversal,
    /// What it changes, as the file names it: `ttl`, `gsi by-team`. Empty for the whole table.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub setting: String,
    /// How that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// How it is to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// How long it usually takes on the service, from and to, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usual_ms: Option<MillisRange>,
    /// What it takes of a number of changes that the service allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<&'static str>,
    /// What does not work any more, meanwhile or from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaks: Option<&'static str>,
    /// What it means, line by line, for people.
    pub details: Vec<String>,
    /// The request as the service's JSON.
    pub request: Value,
}

impl TableChange {
    /// A change of the whole table; what is not known of it is empty.
    fn whole(call: &'static str, table_name: String, class: ChangeClass) -> Self {
        Self {
            call,
            table_name,
            table_id: None,
            reason: String::new(),
            class,
            reversibility: Reversibility::Reversible.alone(),
            setting: String::new(),
            before: None,
            after: None,
            usual_ms: None,
            budget: None,
            breaks: None,
            details: Vec::new(),
            request: Value::Null,
        }
    }

    /// One change of a setting or an index.
    pub(super) fn update(spec: &TableSpec, setting: &str, reason: String, call: Call) -> Self {
        let Call { operation, mut request, before, after, facts } = call;
        if request.get("ResourceArn").is_none() {
            request["TableName"] = json!(spec.name);
        }
        let (from, to) = facts.usual_ms;
        let short = |value: &str| shortened(value, LONGEST_VALUE);
        let mut details = vec![format!("{setting}: {} -> {}", short(&before), short(&after))];
        details.extend(facts.breaks.map(|breaks| format!("meanwhile or from then on: {breaks}")));
        details.extend(facts.budget.map(|budget| format!("spends {budget}")));
        details.extend((to >= 10_000).then(|| usual_time(from, to)));
        Self {
            reason,
            reversibility: facts.reversibility,
            setting: setting.to_owned(),
            before: Some(before),
            after: Some(after),
            usual_ms: Some(facts.usual_ms),
            budget: facts.budget,
            breaks: facts.breaks,
            details,
            request,
            ..Self::whole(operation, spec.name.to_string(), facts.class)
        }
    }

    /// `CreateTable` with everything that it accepts.
    #[must_use]
    pub fn create(spec: &TableSpec) -> Self {
        Self {
            reason: "the table is not there".to_owned(),
            reversibility: Reversibility::Reversible.with(" while the table is empty"),
            usual_ms: Some(if spec.indexes.is_empty() && spec.vector_indexes.is_empty() {
                CREATED
            } else {
                CREATED_INDEXED
            }),
            details: create_details(spec),
            request: create_request(spec),
            ..Self::whole("CreateTable", spec.name.to_string(), ChangeClass::Create)
        }
    }

    /// `TagResource` with all tags that differ.
    #[must_use]
    pub fn tag(spec: &TableSpec, written: &Tags) -> Self {
        let tags: Vec<Value> = tag_list(written);
        Self {
            reason: "tags differ".to_owned(),
            usual_ms: Some(TAGS_SHOWN),
            details: written.iter().map(|(key, value)| format!("tag {key} = {value}")).collect(),
            request: json!({ "Tags": tags }),
            ..Self::whole("TagResource", spec.name.to_string(), ChangeClass::Tag)
        }
    }

    /// `UntagResource` with all tags that must not be there.
    #[must_use]
    pub fn untag(spec: &TableSpec, removed: &[String]) -> Self {
        Self {
            reason: "tags are declared absent".to_owned(),
            usual_ms: Some(TAGS_SHOWN),
            details: removed.iter().map(|key| format!("tag {key} removed")).collect(),
            request: json!({ "TagKeys": removed }),
            ..Self::whole("UntagResource", spec.name.to_string(), ChangeClass::Tag)
        }
    }

    /// `CreateBackup`. The backup's name holds the id of the run, which is not known beforehand.
    #[must_use]
    pub fn backup(state: &TableState) -> Self {
        Self {
            reason: "the task backs it up".to_owned(),
            reversibility: Reversibility::Reversible.with(": delete the backup"),
            request: json!({ "TableName": state.name }),
            ..Self::whole("CreateBackup", state.name.to_string(), ChangeClass::Create)
        }
    }

    /// Whether it adds a vector index to a table that is there.
    #[must_use]
    pub fn adds_vector_index(&self) -> bool {
        !self.request["VectorIndexUpdates"][0]["Create"].is_null()
    }

    /// `DeleteTable`.
    #[must_use]
    pub fn delete(state: &TableState) -> Self {
        let items = state.approximate_items.unwrap_or(0);
        Self {
            table_id: state.identity(),
            reason: "the task deletes it".to_owned(),
            reversibility: Reversibility::Irreversible.alone(),
            usual_ms: Some(DELETED),
            details: vec![format!("~{items} items, as counted by the service up to 6 h ago")],
            request: json!({ "TableName": state.name }),
            ..Self::whole("DeleteTable", state.name.to_string(), ChangeClass::Destroy)
        }
    }
}

/// Items that are to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemsOfFile {
    /// `PutItem` or `BatchWriteItem`.
    pub call: &'static str,
    /// [`ChangeClass::Put`] where items that are there stay, else [`ChangeClass::Destroy`].
    pub class: ChangeClass,
    /// The file, for people.
    pub file: String,
    /// How many items it holds.
    pub items: usize,
    /// The bytes that they count as.
    pub bytes: u64,
    /// A hash of the file.
    pub mark: String,
}

impl TableChange {
    /// The calls that put the items of a file, as one change. Which of them are there already is not
    /// looked at: that would read as much as is to be written.
    #[must_use]
    pub fn put_items(spec: &TableSpec, state: Option<&TableState>, of: ItemsOfFile) -> Self {
        let ItemsOfFile { call, class, file, items, bytes, mark } = of;
        let overwrites = class == ChangeClass::Destroy;
        let (rest, noun) = (bytes.div_ceil(1024), if items == 1 { "item" } else { "items" });
        let what = format!("up to {items} {noun} of {file}, {rest} KB in all");
        let existing = if overwrites {
            "an item of the same key is replaced, as a whole"
        } else {
            "an item whose key is there is left as it is"
        };
        Self {
            table_id: state.filter(|_| overwrites).and_then(TableState::identity),
            reason: "the task puts items".to_owned(),
            reversibility: if overwrites {
                Reversibility::Irreversible.alone()
            } else {
                Reversibility::Reversible.with(" while unchanged")
            },
            details: vec![what, existing.to_owned()],
            request: json!({
                "TableName": spec.name,
                "File": { "path": file, "items": items, "bytes": bytes, "fingerprint": mark },
            }),
            ..Self::whole(call, spec.name.to_string(), class)
        }
    }
}

fn usual_time(from: u64, to: u64) -> String {
    let (unit, word) = if to >= 180_000 { (60_000, "minutes") } else { (1_000, "seconds") };
    let (from, to) = (from / unit, to.div_ceil(unit));
    let span = if from == 0 { format!("up to {to}") } else { format!("{from} to {to}") };
    format!("usually takes {span} {word} on the service")
}

fn throughput_at_creation(spec: &TableSpec) -> Option<Throughput> {
    match spec.billing_at_creation() {
        Billing::PayPerRequest => None,
        Billing::Provisioned { throughput, .. } => Some(throughput),
    }
}

fn create_details(spec: &TableSpec) -> Vec<String> {
    let mut details = vec![format!("keys {}", spec.keys)];
    details.extend(spec.indexes.iter().map(|index| {
        let kind = match index.kind {
            IndexKind::Global => "gsi",
            IndexKind::Local => "lsi",
        };
        format!("{kind} {}: keys {}, projection {}", index.name, index.keys, index.projection)
    }));
    let vectors = spec.vector_indexes.iter();
    details.extend(vectors.map(|index| format!("{}: {index}", index.node())));
    details.push(match spec.billing_at_creation() {
        Billing::PayPerRequest => "billing PAY_PER_REQUEST".to_owned(),
        Billing::Provisioned { throughput, .. } => format!("billing PROVISIONED, {throughput}"),
    });
    let throughput = throughput_at_creation(spec);
    let at_creation = |own: &&_| setting::at_creation(own, throughput).is_some();
    details.extend(spec.settings.iter().filter(at_creation).map(setting::shown));
    details.extend(spec.tags.iter().map(|(key, value)| format!("tag {key} = {value}")));
    details
}

fn create_request(spec: &TableSpec) -> Value {
    let mut request = json!({
        "TableName": spec.name,
        "AttributeDefinitions": key_attributes(spec.attribute_definitions()),
        "KeySchema": key_schema(&spec.keys),
    });
    for (kind, field) in
        [(IndexKind::Global, "GlobalSecondaryIndexes"), (IndexKind::Local, "LocalSecondaryIndexes")]
    {
        let indexes: Vec<Value> = spec.indexes_of(kind).map(index).collect();
        if !indexes.is_empty() {
            request[field] = Value::Array(indexes);
        }
    }
    if !spec.vector_indexes.is_empty() {
        request["VectorIndexes"] = spec.vector_indexes.iter().map(vector_index::request).collect();
    }
    match spec.billing_at_creation() {
        Billing::PayPerRequest => request["BillingMode"] = json!("PAY_PER_REQUEST"),
        Billing::Provisioned { throughput, .. } => {
            request["BillingMode"] = json!("PROVISIONED");
            request["ProvisionedThroughput"] = capacity(throughput);
        }
    }
    let throughput = throughput_at_creation(spec);
    let taken = spec.settings.iter().filter_map(|own| setting::at_creation(own, throughput));
    for (member, value) in taken {
        request[member] = value;
    }
    if !spec.tags.is_empty() {
        request["Tags"] = Value::Array(tag_list(&spec.tags));
    }
    request
}

/// Key attributes with their types.
pub(super) fn key_attributes<'a>(keys: impl IntoIterator<Item = &'a KeyAttribute>) -> Vec<Value> {
    let one = |key: &KeyAttribute| json!({ "AttributeName": key.name, "AttributeType": key.ty });
    keys.into_iter().map(one).collect()
}

/// A projection as a request names it.
pub(super) fn projection(projection: &Projection) -> Value {
    match projection {
        Projection::All => json!({ "ProjectionType": "ALL" }),
        Projection::KeysOnly => json!({ "ProjectionType": "KEYS_ONLY" }),
        Projection::Include(names) => {
            json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names })
        }
    }
}

/// An index as a request names it.
pub(super) fn index(index: &IndexSpec) -> Value {
    let mut value = json!({
        "IndexName": index.name,
        "KeySchema": key_schema(&index.keys),
        "Projection": projection(&index.projection),
    });
    if let Some(throughput) = index.throughput {
        value["ProvisionedThroughput"] = capacity(throughput);
    }
    let taken = index.settings.iter().filter_map(|own| setting::at_creation(own, index.throughput));
    for (member, given) in taken {
        value[member] = given;
    }
    value
}

fn key_schema(keys: &KeySchema) -> Vec<Value> {
    let element = |name: &str, role: &str| json!({ "AttributeName": name, "KeyType": role });
    let hash = keys.hash.iter().map(|key| element(&key.name, "HASH"));
    hash.chain(keys.range.iter().map(|key| element(&key.name, "RANGE"))).collect()
}

/// Capacity as a request names it.
pub(super) fn capacity(throughput: Throughput) -> Value {
    json!({ "ReadCapacityUnits": throughput.read, "WriteCapacityUnits": throughput.write })
}

fn tag_list(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
