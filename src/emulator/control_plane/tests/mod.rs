//! The control plane over the real engine, on a clock that only the test moves.

#![expect(clippy::needless_pass_by_value, reason = "requests are written where they are sent")]

mod busy;
mod limits;
mod settings;
mod states;
mod vectors;

use dynoxide::Database;
use serde_json::{Value, json};

use crate::model::{RateLimit, Simulation};

use super::super::front::TypedEngine;
use super::{ApiError, ControlPlane, Millis, Row};

pub(super) const SECOND: Millis = 1_000;
pub(super) const MINUTE: Millis = 60 * SECOND;

/// A control plane, its engine and its clock.
pub(super) struct World {
    pub(super) plane: ControlPlane,
    engine: TypedEngine,
    pub(super) now: Millis,
}

impl World {
    /// Times as the service has them, and no limit on mutating calls.
    pub(super) fn new() -> Self {
        let mutations = RateLimit { per_second: 1_000.0, burst: 1_000 };
        Self::with(Simulation { mutations, ..Simulation::default() })
    }

    pub(super) fn with(settings: Simulation) -> Self {
        // Some day at noon.
        let now = 1_800_014_400_000;
        Self {
            plane: ControlPlane::new(settings, "eu-west-1".to_owned(), Vec::new(), now),
            engine: TypedEngine::new(Database::memory().unwrap()),
            now,
        }
    }

    /// The same engine under a control plane that has only the rows that were stored.
    pub(super) fn restarted(self, rows: Vec<Row>) -> Self {
        let settings = self.plane.settings.clone();
        self.restarted_with(settings, rows)
    }

    /// The same with other settings.
    pub(super) fn restarted_with(self, settings: Simulation, rows: Vec<Row>) -> Self {
        let plane = ControlPlane::new(settings, self.plane.region, rows, self.now);
        Self { plane, ..self }
    }

    pub(super) fn call(&mut self, operation: &str, body: Value) -> Result<Value, ApiError> {
        self.plane.handle(&self.engine, operation, &body, self.now)
    }

    pub(super) fn ok(&mut self, operation: &str, body: Value) -> Value {
        self.call(operation, body).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    /// The code and message of a refusal.
    pub(super) fn refused(&mut self, operation: &str, body: Value) -> String {
        match self.call(operation, body) {
            Ok(answer) => panic!("{operation} is not refused: {answer}"),
            Err(error) => format!("{}: {}", error.code(), error.message),
        }
    }

    pub(super) fn update(&mut self, mut body: Value) -> Value {
        body["TableName"] = "T01".into();
        self.ok("UpdateTable", body)
    }

    pub(super) fn update_refused(&mut self, mut body: Value) -> String {
        body["TableName"] = "T01".into();
        self.refused("UpdateTable", body)
    }

    pub(super) fn describe(&mut self) -> Value {
        self.ok("DescribeTable", json!({ "TableName": "T01" }))["Table"].take()
    }

    pub(super) fn status(&mut self) -> String {
        self.describe()["TableStatus"].as_str().unwrap().to_owned()
    }

    pub(super) fn pass(&mut self, time: Millis) {
        self.now += time;
    }

    /// A table that has been there for an hour.
    pub(super) fn with_table(mut self, settings: Value) -> Self {
        self.ok("CreateTable", table(settings));
        self.pass(60 * MINUTE);
        assert_eq!(self.status(), "ACTIVE");
        self
    }
}

/// `CreateTable` for `T01` with these settings.
pub(super) fn table(settings: Value) -> Value {
    let mut body = json!({
        "TableName": "T01",
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    for (name, value) in settings.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// `CreateTable` with the index `by-email`.
pub(super) fn indexed_table(name: &str) -> Value {
    let added = add_index("by-email");
    let mut body = table(json!({
        "TableName": name,
        "GlobalSecondaryIndexes": [added["GlobalSecondaryIndexUpdates"][0]["Create"]],
    }));
    let definitions = body["AttributeDefinitions"].as_array_mut().unwrap();
    definitions.push(added["AttributeDefinitions"][0].clone());
    body
}

/// A request to add an index.
pub(super) fn add_index(name: &str) -> Value {
    json!({
        "AttributeDefinitions": [{ "AttributeName": "email", "AttributeType": "S" }],
        "GlobalSecondaryIndexUpdates": [{ "Create": {
            "IndexName": name,
            "KeySchema": [{ "AttributeName": "email", "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "ALL" },
        } }],
    })
}

pub(super) fn drop_index(name: &str) -> Value {
    json!({ "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": name } }] })
}
