//! `CreateTable`.

use serde_json::{Map, Value, json};

use super::describe::{INDEX_LISTS, describe};
use super::limits::Class;
use super::record::{Delayed, Kind, Policy, Table, has_indexes};
use super::update::{check, encryption};
use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, shape, text, times};

impl ControlPlane {
    pub(super) fn create_table(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, now } = call;
        let name = text(body, "TableName").to_owned();
        if is_empty_object(&body["WarmThroughput"]) {
            return Err(errors::internal_failure());
        }
        // The service looks at the request first, then at its tables.
        shape::check(body)?;
        shape::tags(&body["Tags"])?;
        engine.check_create(body)?;
        check::units(&body["ProvisionedThroughput"], &self.region)?;
        check::ceilings(&body["OnDemandThroughput"])?;
        if self.look_up(call, &name)?.is_some() {
            return Err(errors::already_exists(&name));
        }
        if self.names(engine)?.len() >= self.settings.max_tables {
            let limit = self.settings.max_tables;
            return Err(errors::limit(format!(
                "There is a limit of {limit} tables per subscriber"
            )));
        }
        self.check_operations(&name, has_indexes(body))?;
        self.limits.check(Class::Mutation, now)?;
        let mut answer = engine.call("CreateTable", body)?;
        self.limits.take(Class::Mutation);
        let description = answer["TableDescription"].take();
        self.created(&name, &description, body, now);
        let shown = describe(self.record(&name), &description, now);
        Ok(json!({ "TableDescription": shown }))
    }

    fn created(&mut self, name: &str, description: &Value, body: &Value, now: Millis) {
        let mut table = Table::new(name, description);
        let indexed = table.indexed;
        if let Some(warm) = warm(body) {
            table.fields.insert("WarmThroughput".to_owned(), warm);
        }
        if body["SSESpecification"]["Enabled"] == true {
            let encryption = encryption(&body["SSESpecification"], &self.home());
            table.fields.insert("SSEDescription".to_owned(), encryption);
        }
        for list in INDEX_LISTS {
            for index in body[list].as_array().into_iter().flatten() {
                table.index_fields.insert(text(index, "IndexName").to_owned(), index_fields(index));
            }
        }
        if let Some(policy) = body["ResourcePolicy"].as_str() {
            let policy = Some(Policy::new(policy, 0));
            table.policy =
                Some(Delayed { now: policy, before: None, visible_at: 0, locked_until: 0 });
        }
        self.tables.insert(name.to_owned(), table);
        if let Some(names) = &mut self.names {
            names.insert(name.to_owned());
        }
        let span = if indexed { times::CREATE_INDEXED } else { times::CREATE };
        let whole = self.pick(&span, name);
        self.begin(name, Kind::Creating, now, whole, whole);
        let ready = self.pick(&times::BACKUPS_READY, name);
        self.record(name).backups_at = now.saturating_add(whole + ready);
    }

    /// The account's quotas of operations under way at once; a table that has one already counts
    /// once. `indexed`: the creation of a table with indexes.
    pub(super) fn check_operations(&self, name: &str, indexed: bool) -> Result<(), ApiError> {
        if self.tables.get(name).is_some_and(|table| !table.pending.is_empty()) {
            return Ok(());
        }
        let (all, of_indexed) = self.operations();
        if all >= self.settings.max_operations {
            let limit = self.settings.max_operations;
            return Err(errors::limit(format!(
                "Only {limit} tables can be created, updated, or deleted simultaneously"
            )));
        }
        if indexed && of_indexed >= self.settings.max_indexed_operations {
            return Err(errors::limit(
                "You have exceeded the maximum number of indexed tables that can be created \
                 simultaneously",
            ));
        }
        Ok(())
    }
}

pub(super) fn is_empty_object(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}

/// The warm throughput that is asked for, as it is described once it is reached.
pub(super) fn warm(body: &Value) -> Option<Value> {
    let asked = body["WarmThroughput"].as_object()?;
    let units = |member: &str, least| asked.get(member).cloned().unwrap_or(json!(least));
    Some(json!({
        "ReadUnitsPerSecond": units("ReadUnitsPerSecond", 12_000),
        "WriteUnitsPerSecond": units("WriteUnitsPerSecond", 4_000),
        "Status": "ACTIVE",
    }))
}

/// What the engine does not keep of an index.
pub(super) fn index_fields(index: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Some(warm) = warm(index) {
        fields.insert("WarmThroughput".to_owned(), warm);
    }
    if let Some(most) = index["OnDemandThroughput"].as_object() {
        fields.insert("OnDemandThroughput".to_owned(), Value::Object(most.clone()));
    }
    fields
}
