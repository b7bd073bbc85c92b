//! One API call that a step would make, with its reason.

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::{
    Billing, IndexKind, IndexSpec, KeySchema, Projection, TableSpec, TableState, Tags, Throughput,
};

/// What a change may cost: decides how a person is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeClass {
    /// Adds a table.
    Create,
    /// Changes tags.
    Tag,
    /// Adds items; changes none that is there.
    Put,
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
    pub reversibility: &'static str,
    /// What it means, line by line, for people.
    pub details: Vec<String>,
    /// The request as the service's JSON.
    pub request: Value,
}

impl TableChange {
    /// `CreateTable` with everything that it accepts.
    #[must_use]
    pub fn create(spec: &TableSpec) -> Self {
        Self {
            call: "CreateTable",
            table_name: spec.name.to_string(),
            table_id: None,
            reason: "the table is not there".to_owned(),
            class: ChangeClass::Create,
            reversibility: "reversible while the table is empty",
            details: create_details(spec),
            request: create_request(spec),
        }
    }

    /// `TagResource` with all tags that differ.
    #[must_use]
    pub fn tag(spec: &TableSpec, written: &Tags) -> Self {
        let tags: Vec<Value> = tag_list(written);
        Self {
            call: "TagResource",
            table_name: spec.name.to_string(),
            table_id: None,
            reason: "tags differ".to_owned(),
            class: ChangeClass::Tag,
            reversibility: "reversible",
            details: written.iter().map(|(key, value)| format!("tag {key} = {value}")).collect(),
            request: json!({ "Tags": tags }),
        }
    }

    /// `UntagResource` with all tags that must not be there.
    #[must_use]
    pub fn untag(spec: &TableSpec, removed: &[String]) -> Self {
        Self {
            call: "UntagResource",
            table_name: spec.name.to_string(),
            table_id: None,
            reason: "tags are declared absent".to_owned(),
            class: ChangeClass::Tag,
            reversibility: "reversible",
            details: removed.iter().map(|key| format!("tag {key} removed")).collect(),
            request: json!({ "TagKeys": removed }),
        }
    }

    /// `DeleteTable`.
    #[must_use]
    pub fn delete(state: &TableState) -> Self {
        let items = state.approximate_items.unwrap_or(0);
        Self {
            call: "DeleteTable",
            table_name: state.name.to_string(),
            table_id: state.identity(),
            reason: "the task deletes it".to_owned(),
            class: ChangeClass::Destroy,
            reversibility: "irreversible",
            details: vec![format!("~{items} items, as counted by the service up to 6 h ago")],
            request: json!({ "TableName": state.name }),
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
            call,
            table_name: spec.name.to_string(),
            table_id: state.filter(|_| overwrites).and_then(TableState::identity),
            reason: "the task puts items".to_owned(),
            class,
            reversibility: if overwrites { "irreversible" } else { "reversible while unchanged" },
            details: vec![what, existing.to_owned()],
            request: json!({
                "TableName": spec.name,
                "File": { "path": file, "items": items, "bytes": bytes, "fingerprint": mark },
            }),
        }
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
    details.push(match spec.billing_at_creation() {
        Billing::PayPerRequest => "billing PAY_PER_REQUEST".to_owned(),
        Billing::Provisioned { throughput, .. } => format!("billing PROVISIONED, {throughput}"),
    });
    details.extend(spec.tags.iter().map(|(key, value)| format!("tag {key} = {value}")));
    details
}

fn create_request(spec: &TableSpec) -> Value {
    let attributes: Vec<Value> = spec
        .attribute_definitions()
        .into_iter()
        .map(|key| json!({ "AttributeName": key.name, "AttributeType": key.ty }))
        .collect();
    let mut request = json!({
        "TableName": spec.name,
        "AttributeDefinitions": attributes,
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
    match spec.billing_at_creation() {
        Billing::PayPerRequest => request["BillingMode"] = json!("PAY_PER_REQUEST"),
        Billing::Provisioned { throughput, .. } => {
            request["BillingMode"] = json!("PROVISIONED");
            request["ProvisionedThroughput"] = capacity(throughput);
        }
    }
    if !spec.tags.is_empty() {
        request["Tags"] = Value::Array(tag_list(&spec.tags));
    }
    request
}

fn index(index: &IndexSpec) -> Value {
    let projection = match &index.projection {
        Projection::All => json!({ "ProjectionType": "ALL" }),
        Projection::KeysOnly => json!({ "ProjectionType": "KEYS_ONLY" }),
        Projection::Include(names) => {
            json!({ "ProjectionType": "INCLUDE", "NonKeyAttributes": names })
        }
    };
    let mut value = json!({
        "IndexName": index.name,
        "KeySchema": key_schema(&index.keys),
        "Projection": projection,
    });
    if let Some(throughput) = index.throughput {
        value["ProvisionedThroughput"] = capacity(throughput);
    }
    value
}

fn key_schema(keys: &KeySchema) -> Vec<Value> {
    let element = |name: &str, role: &str| json!({ "AttributeName": name, "KeyType": role });
    let hash = keys.hash.iter().map(|key| element(&key.name, "HASH"));
    hash.chain(keys.range.iter().map(|key| element(&key.name, "RANGE"))).collect()
}

fn capacity(throughput: Throughput) -> Value {
    json!({ "ReadCapacityUnits": throughput.read, "WriteCapacityUnits": throughput.write })
}

fn tag_list(tags: &Tags) -> Vec<Value> {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}
