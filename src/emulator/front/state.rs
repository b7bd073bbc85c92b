//! What the front keeps between calls, behind one lock.

use std::time::Duration;

use serde_json::Value;

use super::super::clock::Clock;
use super::super::control_plane::{ApiError, ControlPlane, Engine, Row, Statistics};
use super::super::faults::{Faults, Target};
use super::super::store::Store;
use super::call::Call;
use super::calls::Calls;
use super::effects::Effects;
use super::{Setup, errors};

/// The control plane's rows and the front's own share the table under these.
const CONTROL_PLANE: &str = "control-plane/";
const FRONT: &str = "front/";

/// The state of a front.
#[derive(Debug)]
pub(super) struct State {
    control_plane: ControlPlane,
    faults: Faults,
    clock: Clock,
    calls: Calls,
    /// `None` in memory.
    store: Option<Store>,
    /// Rows that are not in the file yet.
    unwritten: Vec<Row>,
}

impl State {
    /// With what an earlier process stored.
    pub(super) fn open(setup: &Setup) -> rusqlite::Result<Self> {
        let store = setup.path.as_deref().map(Store::open).transpose()?;
        let stored = store.as_ref().map(Store::load).transpose()?.unwrap_or_default();
        let simulation = setup.simulation.clone();
        let faults = Faults::new(simulation.faults.clone(), simulation.seed);
        let rows = below(CONTROL_PLANE, &stored);
        let clock = Clock::load(&below(FRONT, &stored));
        Ok(Self {
            control_plane: ControlPlane::new(simulation, setup.region.clone(), rows, clock.now()),
            faults,
            clock,
            calls: Calls::default(),
            store,
            unwritten: Vec::new(),
        })
    }

    /// What the faults do to a call.
    pub(super) fn meet(&mut self, call: &Call) -> Effects {
        let target = Target {
            operation: &call.operation,
            tags: call.tags(),
            tables: &call.tables,
            access_key: call.access_key.as_deref(),
        };
        Effects::of(self.faults.meet(target, self.clock.now()))
    }

    /// Has the control plane answer, and stores what it changed: also by a call that it refused.
    pub(super) fn handle(
        &mut self,
        engine: &dyn Engine,
        operation: &str,
        request: &Value,
    ) -> Result<Value, ApiError> {
        let answer = self.control_plane.handle(engine, operation, request, self.clock.now());
        let rows = self.control_plane.take_rows();
        self.unwritten.extend(prefixed(CONTROL_PLANE, rows));
        self.write()?;
        answer
    }

    /// Whether a call may go to the engine.
    pub(super) fn admit(&self, call: &Call, request: &Value) -> Result<(), ApiError> {
        let index = request["IndexName"].as_str();
        self.control_plane.admit(&call.tables, index, self.clock.now())
    }

    /// Moves the clock forward; the offset that it has then, in milliseconds. `None` when that is
    /// too far.
    pub(super) fn advance(&mut self, by: Duration) -> Result<Option<u64>, ApiError> {
        let Some(clock) = self.clock.advanced(by) else { return Ok(None) };
        self.clock = clock;
        self.unwritten.extend(prefixed(FRONT, vec![self.clock.row()]));
        self.write()?;
        Ok(Some(self.clock.offset()))
    }

    pub(super) fn record(&mut self, call: &Call, outcome: &str, fault: Option<&'static str>) {
        let table = call.tables.first().map(String::as_str);
        self.calls.record(self.clock.now(), &call.operation, table, outcome, fault);
    }

    pub(super) fn calls(&self, after: u64) -> String {
        self.calls.lines(after)
    }

    pub(super) fn statistics(&self) -> Statistics {
        self.control_plane.statistics()
    }

    /// What cannot be written is not answered, and written with the next call.
    fn write(&mut self) -> Result<(), ApiError> {
        if let Some(store) = &mut self.store {
            let unwritten = |error| {
                let message = format!("the emulator failed to store its state: {error}");
                errors::named("InternalServerError", &message)
            };
            store.write(&self.unwritten).map_err(unwritten)?;
        }
        self.unwritten.clear();
        Ok(())
    }
}

fn below(prefix: &str, rows: &[Row]) -> Vec<Row> {
    let own = rows.iter().filter_map(|Row { key, text }| {
        let key = key.strip_prefix(prefix)?.to_owned();
        Some(Row { key, text: text.clone() })
    });
    own.collect()
}

fn prefixed(prefix: &str, rows: Vec<Row>) -> impl Iterator<Item = Row> {
    rows.into_iter().map(move |Row { key, text }| Row { key: format!("{prefix}{key}"), text })
}
