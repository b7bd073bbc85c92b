//! Calls on items while their table or index is being made.

use super::record::Kind;
use super::{ApiError, ControlPlane, Millis, errors};

impl ControlPlane {
    /// Whether a call on items of these tables, and of this index, may go to the engine now: not
    /// while a table is being made or deleted, nor an index that is being filled.
    pub(in crate::emulator) fn admit(
        &self,
        tables: &[String],
        index: Option<&str>,
        now: Millis,
    ) -> Result<(), ApiError> {
        for table in tables.iter().filter_map(|name| self.tables.get(name)) {
            let busy = |kind| table.under_way(kind).is_some_and(|pending| now < pending.until);
            if busy(Kind::Creating) || busy(Kind::Deleting) {
                return Err(errors::resource_not_found());
            }
            let Some(index) = index else { continue };
            let pending = table.index_change(index).filter(|pending| now < pending.until);
            let Some(pending) = pending.filter(|own| own.kind == Kind::IndexCreating) else {
                continue;
            };
            // The service's words, as far as other clients quote them.
            return Err(errors::validation(if pending.shown["VectorAttribute"].is_null() {
                format!("Cannot read from backfilling global secondary index: {index}")
            } else {
                format!("Cannot search backfilling vector index: {index}")
            }));
        }
        Ok(())
    }
}
