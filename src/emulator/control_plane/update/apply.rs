//! What a change that was accepted does to the record.

use serde_json::{Map, Value, json};

use super::super::create::{index_fields, warm};
use super::super::describe::index_entry;
use super::super::record::Kind;
use super::super::{ControlPlane, Millis, text, times};
use super::budget::is_decrease;
use super::request::Change;

impl ControlPlane {
    /// Notes a change. `live` is the table before it, once everything else has ended.
    pub(super) fn apply(&mut self, name: &str, change: &Change, live: &Value, now: Millis) {
        match change {
            Change::Billing(mode) => self.billing(name, mode, live, now),
            Change::Throughput(asked) => self.throughput(name, asked, live, now),
            Change::IndexThroughput(index, asked) => {
                self.index_throughput(name, index, asked, live, now);
            }
            Change::OnDemand(_) => {}
            Change::IndexOnDemand(index, most) => {
                let live = index_entry(live, index).map(|entry| &entry["OnDemandThroughput"]);
                self.index_field(name, index, "OnDemandThroughput", ceilings(live, most));
            }
            Change::Stream(enabled) => {
                self.last_stream(name, *enabled, live);
                let shown = kept(Some(live), &["StreamSpecification"]);
                self.lasting(name, Kind::Stream, &times::STREAM, shown, now);
            }
            Change::Class(_) => {
                self.record(name).history.class.push(now);
                let shown = kept(Some(live), &["TableClassSummary"]);
                self.lasting(name, Kind::Class, &times::CLASS, shown, now);
            }
            Change::Encryption(asked) => self.encryption(name, asked, live, now),
            Change::Warm(asked) => self.warm(name, asked, live, now),
            Change::IndexWarm(index, asked) => self.index_warm(name, index, asked, live, now),
            Change::IndexCreate { name: index, vector, entry } => {
                self.index_create(name, index, *vector, entry, now);
            }
            Change::IndexDelete(index) => self.index_delete(name, index, live, now),
            Change::Protection(_) => self.record(name).history.deletion_protection = Some(now),
            Change::DisassociationProtection(on) => {
                let fields = &mut self.record(name).fields;
                fields.insert("DisassociationProtectionEnabled".to_owned(), (*on).into());
            }
        }
    }

    /// A change during which the table is UPDATING.
    fn lasting(
        &mut self,
        name: &str,
        kind: Kind,
        span: &std::ops::RangeInclusive<Millis>,
        shown: Value,
        now: Millis,
    ) {
        let takes = self.pick(span, name);
        self.begin(name, kind, now, takes, takes).shown = shown;
    }

    fn billing(&mut self, name: &str, mode: &str, live: &Value, now: Millis) {
        let table = self.record(name);
        let span = match (mode, table.was_on_demand) {
            ("PROVISIONED", _) if table.indexed => times::TO_PROVISIONED_INDEXED,
            ("PROVISIONED", _) => times::TO_PROVISIONED,
            (_, false) => times::TO_ON_DEMAND,
            (_, true) => times::BACK_TO_ON_DEMAND,
        };
        table.was_on_demand |= mode == "PAY_PER_REQUEST";
        if mode == "PROVISIONED" {
            // The switch drops the ceilings everywhere.
            table.fields.insert("OnDemandThroughput".to_owned(), Value::Null);
            for fields in table.index_fields.values_mut() {
                fields.remove("OnDemandThroughput");
            }
        } else {
            table.fields.remove("OnDemandThroughput");
            for fields in table.index_fields.values_mut() {
                fields.remove("ProvisionedThroughput");
            }
        }
        if mode == "PAY_PER_REQUEST" {
            let by_default = json!({ "ReadCapacityUnits": 12_000, "WriteCapacityUnits": 4_000 });
            self.stay_warm(name, None, live, &by_default);
            for index in live["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
                self.stay_warm(name, Some(text(index, "IndexName")), index, &by_default);
            }
        }
        let shown = kept(
            Some(live),
            &[
                "BillingModeSummary",
                "TableThroughputModeSummary",
                "ProvisionedThroughput",
                "OnDemandThroughput",
            ],
        );
        self.lasting(name, Kind::Billing, &span, shown, now);
    }

    /// What was warm stays so, and more capacity warms. `live` is the table, or its index.
    fn stay_warm(&mut self, name: &str, index: Option<&str>, live: &Value, capacity: &Value) {
        let warm = &live["WarmThroughput"];
        let most = |warm: &Value, capacity: &Value| json!(warm.as_u64().max(capacity.as_u64()));
        let warm = json!({
            "ReadUnitsPerSecond": most(&warm["ReadUnitsPerSecond"], &capacity["ReadCapacityUnits"]),
            "WriteUnitsPerSecond":
                most(&warm["WriteUnitsPerSecond"], &capacity["WriteCapacityUnits"]),
            "Status": "ACTIVE",
        });
        match index {
            Some(index) => self.index_field(name, index, "WarmThroughput", warm),
            None => drop(self.record(name).fields.insert("WarmThroughput".to_owned(), warm)),
        }
    }

    fn throughput(&mut self, name: &str, asked: &Value, live: &Value, now: Millis) {
        self.stay_warm(name, None, live, asked);
        // As a part of a switch of the billing mode, it ends with that.
        if self.record(name).under_way(Kind::Billing).is_some() {
            return;
        }
        if is_decrease(live, asked) {
            self.record(name).history.decreases.push(now);
        }
        let shown = kept(Some(live), &["ProvisionedThroughput"]);
        self.lasting(name, Kind::Throughput, &times::THROUGHPUT, shown, now);
    }

    fn encryption(&mut self, name: &str, asked: &Value, live: &Value, now: Millis) {
        let takes = self.pick(&times::ENCRYPTION, name);
        let home = self.home();
        let becomes = if asked["Enabled"] == true { encryption(asked, &home) } else { Value::Null };
        let mut shown = kept(Some(live), &["SSEDescription"]);
        let description =
            if shown["SSEDescription"].is_null() { &becomes } else { &shown["SSEDescription"] };
        let mut description = description.clone();
        description["Status"] = "UPDATING".into();
        shown["SSEDescription"] = description;
        let table = self.record(name);
        table.history.encryption.push(now);
        table.fields.insert("SSEDescription".to_owned(), becomes);
        self.begin(name, Kind::Encryption, now, 0, takes).shown = shown;
    }

    fn warm(&mut self, name: &str, asked: &Value, live: &Value, now: Millis) {
        let Some(warm) = warm(&json!({ "WarmThroughput": asked })) else { return };
        let takes = self.pick(&times::WARM_THROUGHPUT, name);
        let mut shown = kept(Some(live), &["WarmThroughput"]);
        if let Some(warm) = shown["WarmThroughput"].as_object_mut() {
            warm.insert("Status".to_owned(), "UPDATING".into());
        }
        self.record(name).fields.insert("WarmThroughput".to_owned(), warm);
        self.begin(name, Kind::WarmThroughput, now, 0, takes).shown = shown;
    }

    fn index_throughput(
        &mut self,
        name: &str,
        index: &str,
        asked: &Value,
        live: &Value,
        now: Millis,
    ) {
        let entry = index_entry(live, index);
        if let Some(entry) = entry {
            self.stay_warm(name, Some(index), entry, asked);
        }
        let history = &mut self.record(name).history;
        let decreases = history.index_decreases.entry(index.to_owned()).or_default();
        if entry.is_some_and(|entry| is_decrease(entry, asked)) {
            decreases.push(now);
        }
        let units = units(asked, decreases.len());
        self.index_field(name, index, "ProvisionedThroughput", units);
        let takes = self.pick(&times::INDEX_THROUGHPUT, name);
        let shown = kept(entry, &["ProvisionedThroughput"]);
        let pending = self.begin(name, Kind::IndexUpdating, now, takes, takes);
        (pending.index, pending.shown) = (Some(index.to_owned()), shown);
    }

    fn index_warm(&mut self, name: &str, index: &str, asked: &Value, live: &Value, now: Millis) {
        let Some(warm) = warm(&json!({ "WarmThroughput": asked })) else { return };
        let takes = self.pick(&times::WARM_THROUGHPUT, name);
        let mut shown = kept(index_entry(live, index), &["WarmThroughput"]);
        if let Some(warm) = shown["WarmThroughput"].as_object_mut() {
            warm.insert("Status".to_owned(), "UPDATING".into());
        }
        self.index_field(name, index, "WarmThroughput", warm);
        let pending = self.begin(name, Kind::WarmThroughput, now, 0, takes);
        (pending.index, pending.shown) = (Some(index.to_owned()), shown);
    }

    /// The last stream's name stays after it was disabled.
    fn last_stream(&mut self, name: &str, enabled: bool, live: &Value) {
        let fields = &mut self.record(name).fields;
        for field in ["LatestStreamArn", "LatestStreamLabel"] {
            match live.get(field).filter(|_| !enabled) {
                Some(last) => fields.insert(field.to_owned(), last.clone()),
                None => fields.remove(field),
            };
        }
    }

    fn index_field(&mut self, name: &str, index: &str, field: &str, value: Value) {
        let fields = self.record(name).index_fields.entry(index.to_owned()).or_default();
        fields.insert(field.to_owned(), value);
    }

    fn index_create(&mut self, name: &str, index: &str, vector: bool, entry: &Value, now: Millis) {
        let span = if vector { times::VECTOR_INDEX_CREATE } else { times::INDEX_CREATE };
        let allocation = self.pick(&times::INDEX_ALLOCATION, name);
        let whole = self.pick(&span, name);
        let table = self.record(name);
        table.indexed = true;
        table.index_fields.insert(index.to_owned(), index_fields(entry));
        let asked = &entry["ProvisionedThroughput"];
        if asked.is_object() {
            self.index_field(name, index, "ProvisionedThroughput", units(asked, 0));
        }
        let pending = self.begin(name, Kind::IndexCreating, now, allocation, whole);
        pending.index = Some(index.to_owned());
        if vector {
            pending.shown = json!({ "VectorAttribute": entry["VectorAttribute"] });
        }
    }

    fn index_delete(&mut self, name: &str, index: &str, live: &Value, now: Millis) {
        let takes = self.pick(&times::INDEX_DELETE, name);
        let entry = index_entry(live, index).cloned().unwrap_or_default();
        let table = self.record(name);
        table.index_fields.remove(index);
        table.insights.remove(index);
        // The deletion of an index that was being made ends its making.
        table.pending.retain(|pending| pending.index.as_deref() != Some(index));
        let pending = self.begin(name, Kind::IndexDeleting, now, takes, takes);
        (pending.index, pending.shown) = (Some(index.to_owned()), entry);
    }
}

/// Capacity as a description shows it. The engine keeps that of an index only from the table's
/// creation.
fn units(asked: &Value, decreases: usize) -> Value {
    json!({
        "ReadCapacityUnits": asked["ReadCapacityUnits"],
        "WriteCapacityUnits": asked["WriteCapacityUnits"],
        "NumberOfDecreasesToday": decreases,
    })
}

/// These fields as they are; absent ones as null, which takes them away.
fn kept(from: Option<&Value>, fields: &[&str]) -> Value {
    let of = |field: &&str| {
        let value = from.and_then(|from| from.get(*field)).cloned();
        ((*field).to_owned(), value.unwrap_or_default())
    };
    Value::Object(fields.iter().map(of).collect::<Map<_, _>>())
}

/// The ceilings of an index: what is not asked for stays.
fn ceilings(live: Option<&Value>, asked: &Value) -> Value {
    let mut ceilings = live.and_then(Value::as_object).cloned().unwrap_or_default();
    ceilings.extend(asked.as_object().cloned().unwrap_or_default());
    Value::Object(ceilings)
}

/// Encryption with a key, as it is described once it is in effect.
pub(in super::super) fn encryption(asked: &Value, home: &str) -> Value {
    json!({ "Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key_arn(asked, home) })
}

/// The ARN of the key that is asked for, in `region:account`: the service's own key where none is
/// named, an alias or id as a key of the account.
pub(super) fn key_arn(asked: &Value, home: &str) -> String {
    let key = text(asked, "KMSMasterKeyId");
    match key {
        "" => format!("arn:aws:kms:{home}:alias/aws/dynamodb"),
        arn if arn.starts_with("arn:") => arn.to_owned(),
        alias if alias.starts_with("alias/") => format!("arn:aws:kms:{home}:{alias}"),
        id => format!("arn:aws:kms:{home}:key/{id}"),
    }
}
