//! What the endpoint turned out not to have, as far as a run has found it out.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// Settings of tables that an endpoint accepts and does not keep. Only who tried can know: the
/// description of such a table is that of one on which nothing was tried.
#[derive(Debug, Clone, Default)]
pub struct LeftOutSettings(Arc<Mutex<BTreeSet<(String, String)>>>);

impl LeftOutSettings {
    /// A setting, by the table's full name and by its node: `gsi by-team on-demand-max`.
    pub fn add(&self, table: &str, setting: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert((table.to_owned(), setting.to_owned()));
    }

    /// Whether it was left out.
    #[must_use]
    pub fn has(&self, table: &str, setting: &str) -> bool {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.contains(&(table.to_owned(), setting.to_owned()))
    }
}
