//! Which table a name meant when a run first saw it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::{ErrorCode, Failure, TableState};

/// The identities that tables had when this run first saw them.
///
/// A table that is deleted and made anew under its name is another table; a step that was planned
/// for the first must not go on with the second.
#[derive(Debug, Clone, Default)]
pub struct Pins {
    by_name: Arc<Mutex<HashMap<String, String>>>,
    /// The identities that a description showed.
    shown: Arc<Mutex<HashSet<String>>>,
}

impl Pins {
    /// Remembers the identity of a table, or checks that it is still the same.
    ///
    /// # Errors
    /// `PLAN_CHANGED` when the name belongs to another table by now.
    pub fn check(&self, state: &TableState) -> Result<(), Failure> {
        let Some(id) = state.identity() else { return Ok(()) };
        let mut pins = self.by_name.lock().unwrap_or_else(PoisonError::into_inner);
        let pinned = pins.entry(state.name.to_string()).or_insert_with(|| id.clone());
        if *pinned == id {
            return Ok(());
        }
        Err(Failure::new(
            ErrorCode::PlanChanged,
            format!("{} is another table than when this run started", state.name),
        )
        .cause("somebody deleted it and created it anew meanwhile")
        .fix("look at it, then run again")
        .detail("expected", pinned.as_str())
        .detail("found", id))
    }

    /// Forgets a table that is gone, or that this run creates anew.
    pub fn forget(&self, name: &str) {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Notes that a description showed a table: one that is not shown afterwards is gone, while one
    /// that was just created may only not be shown yet.
    pub fn note_shown(&self, identity: String) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).insert(identity);
    }

    /// Whether a description showed it before.
    #[must_use]
    pub fn was_shown(&self, identity: &str) -> bool {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).contains(identity)
    }
}
