//! What the control plane has done, for tests and for curious people.

use std::collections::BTreeMap;

use serde::Serialize;

use super::record::{Kind, Table};
use super::{ApiError, ControlPlane, Millis};

/// Counts since the process started.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::emulator) struct Statistics {
    /// Calls that were applied, by operation.
    pub(in crate::emulator) applied: BTreeMap<String, u64>,
    /// Calls that were refused, by operation and code: `CreateTable ThrottlingException`.
    pub(in crate::emulator) refused: BTreeMap<String, u64>,
    /// The most table operations that were ever under way at once.
    pub(in crate::emulator) peak_operations: usize,
    /// The same, of creations of tables with secondary indexes.
    pub(in crate::emulator) peak_indexed_operations: usize,
    /// The longest that a state lasted.
    pub(in crate::emulator) longest_state_ms: Millis,
    /// The least time in which a client could have had the applied calls applied: the account's
    /// limits from full buckets on, and the longest state.
    pub(in crate::emulator) lower_bound_ms: Millis,
}

impl Statistics {
    pub(super) fn count(&mut self, operation: &str, error: Option<&ApiError>) {
        let entry = match error {
            None => self.applied.entry(operation.to_owned()),
            Some(error) => self.refused.entry(format!("{operation} {}", error.code())),
        };
        *entry.or_default() += 1;
    }
}

impl ControlPlane {
    pub(super) fn lower_bound(&self) -> Millis {
        self.limits.lower_bound().max(self.statistics.longest_state_ms)
    }

    /// Notes how many operations are under way.
    pub(super) fn count_operations(&mut self) {
        let (all, indexed) = self.operations();
        let statistics = &mut self.statistics;
        statistics.peak_operations = statistics.peak_operations.max(all);
        statistics.peak_indexed_operations = statistics.peak_indexed_operations.max(indexed);
    }

    /// How many tables have an operation under way, and how many of those are tables with indexes
    /// that are being created: only these have a quota of their own.
    pub(super) fn operations(&self) -> (usize, usize) {
        let busy = self.tables.values().filter(|table| !table.pending.is_empty());
        let created = |table: &Table| table.indexed && table.under_way(Kind::Creating).is_some();
        busy.fold((0, 0), |(all, indexed), table| (all + 1, indexed + usize::from(created(table))))
    }
}
