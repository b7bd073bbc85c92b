//! When the service is done with a table.
//!
//! `TableStatus` alone does not say it: indexes, encryption and warm throughput go on changing
//! while the table is `ACTIVE`.

use crate::model::TableState;

/// Whether a table is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Nothing is changing any more.
    Settled,
    /// Something is; the text says what, in the service's words.
    Busy(String),
    /// It never will be by waiting; the text is the status.
    Stuck(String),
}

/// Table statuses that waiting does not end.
const STUCK: [&str; 5] = [
    "DELETING",
    "ARCHIVING",
    "ARCHIVED",
    "INACCESSIBLE_ENCRYPTION_CREDENTIALS",
    "REPLICATION_NOT_AUTHORIZED",
];

/// The settled predicate: table `ACTIVE`, every index `ACTIVE` and not backfilling, no setting
/// still changing. A status that is not known keeps the table busy.
#[must_use]
pub fn settled(state: &TableState) -> Readiness {
    if STUCK.contains(&state.status.as_str()) {
        return Readiness::Stuck(state.status.clone());
    }
    if state.status != "ACTIVE" {
        return Readiness::Busy(state.status.clone());
    }
    let others =
        state.indexes.iter().map(|own| (&own.name, own.status.as_deref(), own.backfilling));
    let vectors = state
        .vector_indexes
        .iter()
        .map(|own| (&own.index.name, own.status.as_deref(), own.backfilling));
    let busy_index = others.chain(vectors).find_map(|(name, status, backfilling)| {
        let status = status.unwrap_or("ACTIVE");
        if backfilling {
            Some(format!("index {name} {status}, backfilling"))
        } else {
            (status != "ACTIVE").then(|| format!("index {name} {status}"))
        }
    });
    busy_index.or_else(|| state.settling.clone()).map_or(Readiness::Settled, Readiness::Busy)
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::{live, users};
    use super::super::diff::tests::vectors::near;
    use super::*;
    use crate::model::TableSpec;

    #[test]
    fn active_with_active_indexes_is_settled() {
        assert_eq!(settled(&live(&users())), Readiness::Settled);
    }

    #[test]
    fn an_active_table_with_a_backfilling_index_is_busy() {
        let mut state = live(&users());
        state.indexes[0].backfilling = true;
        assert_eq!(
            settled(&state),
            Readiness::Busy("index by-team ACTIVE, backfilling".to_owned())
        );
    }

    #[test]
    fn an_active_table_with_a_vector_index_that_is_being_made_is_busy() {
        let index = near("near");
        let mut state = live(&TableSpec { vector_indexes: vec![index], ..users() });
        assert_eq!(settled(&state), Readiness::Settled);
        state.vector_indexes[0].status = Some("CREATING".to_owned());
        assert_eq!(settled(&state), Readiness::Busy("index near CREATING".to_owned()));
        state.vector_indexes[0].backfilling = true;
        let busy = Readiness::Busy("index near CREATING, backfilling".to_owned());
        assert_eq!(settled(&state), busy);
    }

    #[test]
    fn unknown_statuses_keep_polling_and_dead_ones_do_not() {
        let mut state = live(&users());
        "SOMETHING_NEW".clone_into(&mut state.status);
        assert_eq!(settled(&state), Readiness::Busy("SOMETHING_NEW".to_owned()));
        "ARCHIVED".clone_into(&mut state.status);
        assert_eq!(settled(&state), Readiness::Stuck("ARCHIVED".to_owned()));
    }
}
