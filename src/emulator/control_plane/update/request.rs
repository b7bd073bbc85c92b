//! What an `UpdateTable` request asks for, and what may stand together in one.

use serde_json::{Map, Value, json};

use super::super::create::is_empty_object;
use super::super::record::{Kind, Table};
use super::super::{ApiError, errors, shape, text};

/// One change of a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Change {
    Billing(String),
    Throughput(Value),
    /// Capacity of an index.
    IndexThroughput(String, Value),
    OnDemand(Value),
    IndexOnDemand(String, Value),
    /// Enabled, and with which view.
    Stream(bool),
    Class(String),
    Encryption(Value),
    Warm(Value),
    IndexWarm(String, Value),
    IndexCreate {
        name: String,
        vector: bool,
        entry: Value,
    },
    IndexDelete(String),
    Protection(bool),
    DisassociationProtection(bool),
}

/// The fields of a request that are one change each, with the name that refusals use.
const FIELDS: [&str; 11] = [
    "BillingMode",
    "ProvisionedThroughput",
    "GlobalSecondaryIndexUpdates",
    "VectorIndexUpdates",
    "StreamSpecification",
    "SSESpecification",
    "TableClass",
    "DeletionProtectionEnabled",
    "DisassociationProtectionEnabled",
    "OnDemandThroughput",
    "WarmThroughput",
];

/// Fields that the engine knows.
const ENGINE_FIELDS: [&str; 9] = [
    "TableName",
    "AttributeDefinitions",
    "BillingMode",
    "ProvisionedThroughput",
    "VectorIndexUpdates",
    "StreamSpecification",
    "TableClass",
    "DeletionProtectionEnabled",
    "OnDemandThroughput",
];

impl Change {
    /// Whether the account's limit on mutating calls counts it, and the table is busy with it.
    pub(super) const fn is_limited(&self) -> bool {
        !matches!(self, Self::Protection(_) | Self::DisassociationProtection(_))
    }
}

/// The changes of a request; none where it asks for nothing.
pub(super) fn changes(body: &Value) -> Result<Vec<Change>, ApiError> {
    shape::check(body)?;
    if is_empty_object(&body["WarmThroughput"]) || is_empty_object(&body["OnDemandThroughput"]) {
        return Err(errors::internal_failure());
    }
    for field in ["ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates"] {
        if !body[field].is_null() {
            return Err(errors::validation("the simulated control plane has no replicas"));
        }
    }
    let present: Vec<&str> = FIELDS.into_iter().filter(|field| !body[*field].is_null()).collect();
    let mut changes = Vec::new();
    for field in &present {
        of_field(field, &body[*field], &mut changes)?;
    }
    alone(&present, &changes, body)?;
    Ok(changes)
}

fn of_field(field: &str, value: &Value, changes: &mut Vec<Change>) -> Result<(), ApiError> {
    let word = || value.as_str().unwrap_or_default().to_owned();
    let flag = || value.as_bool().unwrap_or_default();
    match field {
        "BillingMode" => changes.push(Change::Billing(word())),
        "ProvisionedThroughput" => changes.push(Change::Throughput(value.clone())),
        "GlobalSecondaryIndexUpdates" | "VectorIndexUpdates" => {
            for update in value.as_array().into_iter().flatten() {
                of_index(field, update, changes);
            }
        }
        "StreamSpecification" => stream(value, changes)?,
        "SSESpecification" => changes.push(Change::Encryption(value.clone())),
        "TableClass" => changes.push(Change::Class(word())),
        "DeletionProtectionEnabled" => changes.push(Change::Protection(flag())),
        "DisassociationProtectionEnabled" => changes.push(Change::DisassociationProtection(flag())),
        "OnDemandThroughput" => changes.push(Change::OnDemand(value.clone())),
        _ => changes.push(Change::Warm(value.clone())),
    }
    Ok(())
}

fn stream(value: &Value, changes: &mut Vec<Change>) -> Result<(), ApiError> {
    let enabled = value["StreamEnabled"].as_bool().unwrap_or_default();
    let view = !value["StreamViewType"].is_null();
    // The service's words are not known.
    if enabled != view {
        let text = if enabled { "is required" } else { "must not be specified" };
        return Err(errors::validation(format!(
            "One or more parameter values were invalid: StreamViewType {text} when StreamEnabled \
             is {enabled}"
        )));
    }
    changes.push(Change::Stream(enabled));
    Ok(())
}

fn of_index(field: &str, update: &Value, changes: &mut Vec<Change>) {
    if let Some(entry) = update.get("Create").filter(|entry| entry.is_object()) {
        changes.push(Change::IndexCreate {
            name: text(entry, "IndexName").to_owned(),
            vector: field == "VectorIndexUpdates",
            entry: entry.clone(),
        });
    }
    if let Some(entry) = update.get("Delete").filter(|entry| entry.is_object()) {
        changes.push(Change::IndexDelete(text(entry, "IndexName").to_owned()));
    }
    let Some(entry) = update.get("Update").filter(|entry| entry.is_object()) else { return };
    let name = text(entry, "IndexName").to_owned();
    if !entry["OnDemandThroughput"].is_null() {
        changes.push(Change::IndexOnDemand(name.clone(), entry["OnDemandThroughput"].clone()));
    }
    if !entry["WarmThroughput"].is_null() {
        changes.push(Change::IndexWarm(name.clone(), entry["WarmThroughput"].clone()));
    }
    if !entry["ProvisionedThroughput"].is_null() {
        changes.push(Change::IndexThroughput(name, entry["ProvisionedThroughput"].clone()));
    }
}

/// Only capacity may stand together, and a switch to on demand with a stream or its ceilings.
fn alone(present: &[&str], changes: &[Change], body: &Value) -> Result<(), ApiError> {
    let on_line =
        |change: &&Change| matches!(change, Change::IndexCreate { .. } | Change::IndexDelete(_));
    if changes.iter().filter(on_line).count() > 1 {
        return Err(errors::one_online_index());
    }
    let to_on_demand = body["BillingMode"] == "PAY_PER_REQUEST";
    let capacity = |change: &Change| {
        matches!(change, Change::Billing(_) | Change::Throughput(_) | Change::IndexThroughput(..))
    };
    let index_updates =
        |change: &Change| matches!(change, Change::IndexOnDemand(..) | Change::IndexWarm(..));
    let with_on_demand = |change: &Change| matches!(change, Change::Billing(_) | Change::Stream(_));
    let with_ceilings =
        |change: &Change| matches!(change, Change::Billing(_) | Change::OnDemand(_));
    let together = changes.len() <= 1
        || changes.iter().all(capacity)
        || changes.iter().all(index_updates)
        || (to_on_demand
            && (changes.iter().all(with_on_demand) || changes.iter().all(with_ceilings)));
    if together {
        return Ok(());
    }
    // Of the service's text only its end is quoted anywhere.
    let lonely = present.iter().find(|field| **field != "BillingMode").unwrap_or(&"BillingMode");
    Err(errors::validation(format!(
        "One or more parameter values were invalid: {lonely} must be the only operation in the \
         request"
    )))
}

/// A switch back to on demand while the switch to provisioned runs: the service answers 200 and
/// does nothing.
pub(super) fn is_dropped_reversal(table: &Table, changes: &[Change]) -> bool {
    let to_on_demand = changes
        .iter()
        .all(|change| matches!(change, Change::Billing(mode) if mode == "PAY_PER_REQUEST"));
    let to_provisioned = table.under_way(Kind::Billing).is_some_and(|pending| {
        pending.shown["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    });
    to_on_demand && to_provisioned
}

/// The part of a request that the engine has to know of.
pub(super) fn for_engine(body: &Value) -> Option<Value> {
    let fields = body.as_object()?;
    let known = |(name, _): &(&String, &Value)| ENGINE_FIELDS.contains(&name.as_str());
    let mut forwarded: Map<String, Value> =
        fields.iter().filter(known).map(|(name, value)| (name.clone(), value.clone())).collect();
    let updates = body["GlobalSecondaryIndexUpdates"].as_array().into_iter().flatten();
    let updates: Vec<Value> = updates.filter_map(index_for_engine).collect();
    if !updates.is_empty() {
        forwarded.insert("GlobalSecondaryIndexUpdates".to_owned(), updates.into());
    }
    let idle = ["TableName", "AttributeDefinitions"];
    let changes = forwarded.keys().any(|name| !idle.contains(&name.as_str()));
    changes.then_some(Value::Object(forwarded))
}

fn index_for_engine(update: &Value) -> Option<Value> {
    let Some(entry) = update.get("Update").filter(|entry| entry.is_object()) else {
        return Some(update.clone());
    };
    let throughput = entry.get("ProvisionedThroughput")?;
    Some(json!({ "Update": {
        "IndexName": entry["IndexName"],
        "ProvisionedThroughput": throughput,
    } }))
}
