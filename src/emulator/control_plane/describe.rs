//! What `DescribeTable` shows: what the engine keeps, with what is under way laid over it.

use serde_json::{Map, Value, json};

use super::Millis;
use super::record::{Kind, Pending, Table};

/// The lists of secondary indexes that have a status.
pub(super) const INDEX_LISTS: [&str; 2] = ["GlobalSecondaryIndexes", "VectorIndexes"];

/// The description of a table from the engine's own, at a moment.
pub(super) fn describe(table: &Table, engine: &Value, now: Millis) -> Value {
    let mut shown = settled(table, engine);
    let fields = shown.as_object_mut().expect("a description is an object");
    fields.insert("TableStatus".to_owned(), table.status(now).into());
    for pending in &table.pending {
        lay_over(fields, pending, now);
    }
    shown
}

/// The description once everything has ended.
pub(super) fn settled(table: &Table, engine: &Value) -> Value {
    let mut shown = table.last.as_ref().unwrap_or(engine).clone();
    let Some(fields) = shown.as_object_mut() else { return shown };
    overlay(fields, &table.fields);
    let billing = fields.get("BillingModeSummary");
    let on_demand = billing.is_some_and(|summary| summary["BillingMode"] == "PAY_PER_REQUEST");
    warm_by_default(fields, on_demand);
    if let Some(definitions) = fields.get_mut("AttributeDefinitions").and_then(Value::as_array_mut)
    {
        definitions.sort_by_key(|definition| definition["AttributeName"].to_string());
    }
    for list in INDEX_LISTS {
        for index in entries(fields, list) {
            // A vector index is not searched before the engine is ready, which takes it real time.
            if list == "GlobalSecondaryIndexes" {
                index.insert("IndexStatus".to_owned(), "ACTIVE".into());
            }
            let own = index.get("IndexName").and_then(Value::as_str);
            if let Some(own) = own.and_then(|name| table.index_fields.get(name)) {
                overlay(index, own);
            }
            if list == "GlobalSecondaryIndexes" {
                warm_by_default(index, on_demand);
            }
        }
    }
    shown
}

/// On demand, everything is warm for 12,000 reads and 4,000 writes without being asked; with
/// provisioned capacity, for that.
fn warm_by_default(fields: &mut Map<String, Value>, on_demand: bool) {
    let units = |member, by_default| {
        let own = fields.get("ProvisionedThroughput").filter(|_| !on_demand);
        own.and_then(|own| own.get(member)).cloned().unwrap_or(json!(by_default))
    };
    let warm = json!({
        "ReadUnitsPerSecond": units("ReadCapacityUnits", 12_000),
        "WriteUnitsPerSecond": units("WriteCapacityUnits", 4_000),
        "Status": "ACTIVE",
    });
    fields.entry("WarmThroughput").or_insert(warm);
}

/// Sets fields; null takes one away.
pub(super) fn overlay(fields: &mut Map<String, Value>, over: &Map<String, Value>) {
    for (name, value) in over {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
}

fn entries<'a>(
    fields: &'a mut Map<String, Value>,
    list: &str,
) -> impl Iterator<Item = &'a mut Map<String, Value>> {
    let list = fields.get_mut(list).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

fn lay_over(fields: &mut Map<String, Value>, pending: &Pending, now: Millis) {
    match (pending.kind, pending.index.as_deref()) {
        (Kind::Creating, _) => {
            for list in INDEX_LISTS {
                entries(fields, list).for_each(|index| set_status(index, "CREATING"));
            }
        }
        (Kind::IndexDeleting, _) => {
            let list = index_list(&pending.shown);
            let mut entry = pending.shown.clone();
            if let Some(index) = entry.as_object_mut() {
                set_status(index, "DELETING");
            }
            let indexes = fields.entry(list).or_insert_with(|| json!([]));
            indexes.as_array_mut().expect("a list of indexes").push(entry);
        }
        (Kind::IndexCreating, Some(name)) => {
            let backfilling = now >= pending.table_until;
            for_index(fields, name, |index| {
                set_status(index, "CREATING");
                index.insert("Backfilling".to_owned(), backfilling.into());
            });
        }
        (Kind::IndexUpdating | Kind::WarmThroughput, Some(name)) => {
            for_index(fields, name, |index| {
                if pending.kind == Kind::IndexUpdating {
                    set_status(index, "UPDATING");
                }
                if let Some(shown) = pending.shown.as_object() {
                    overlay(index, shown);
                }
            });
        }
        _ => {
            if let Some(shown) = pending.shown.as_object() {
                overlay(fields, shown);
            }
        }
    }
}

fn set_status(index: &mut Map<String, Value>, status: &str) {
    index.insert("IndexStatus".to_owned(), status.into());
}

fn for_index(
    fields: &mut Map<String, Value>,
    name: &str,
    mut change: impl FnMut(&mut Map<String, Value>),
) {
    for list in INDEX_LISTS {
        entries(fields, list)
            .filter(|index| index.get("IndexName").is_some_and(|own| own == name))
            .for_each(&mut change);
    }
}

/// Which list an entry belongs to: only vector indexes have a vector attribute.
fn index_list(entry: &Value) -> &'static str {
    INDEX_LISTS[usize::from(entry.get("VectorAttribute").is_some())]
}

/// The entry of an index in a description.
pub(super) fn index_entry<'a>(description: &'a Value, name: &str) -> Option<&'a Value> {
    INDEX_LISTS
        .iter()
        .filter_map(|list| description.get(list)?.as_array())
        .flatten()
        .find(|index| index["IndexName"] == name)
}
