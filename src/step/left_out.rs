//! What the endpoint turned out not to have, as far as a run has found it out.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use crate::aws::ErrorKind;
use crate::model::{ErrorCode, Failure, FailureClass, TableSpec};

use super::{CallError, StepContext};

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

    /// A declaration without what was left out of it.
    #[must_use]
    pub fn kept(&self, spec: &TableSpec) -> TableSpec {
        spec.without(|node| self.has(spec.name.as_str(), node))
    }
}

/// The endpoint took a setting, and its table does not show it.
pub(super) fn accepted_but_not_so(cx: &StepContext, what: &str) -> CallError {
    let message = format!("{}: {what} was accepted, but is not so", cx.spec().name);
    let failure = Failure::new(ErrorCode::UnsupportedByEndpoint, message)
        .cause("the endpoint does not have this setting, or somebody else changes it back")
        .fix("compare with the live table: osem run verify");
    not_shown(cx, failure)
}

/// A failure about what an endpoint does not show: on the service it is no lack of the endpoint.
pub(super) fn not_shown(cx: &StepContext, failure: Failure) -> CallError {
    let kind = (!cx.facts.is_service).then_some(ErrorKind::Unsupported);
    CallError { kind, ..failure.class(FailureClass::Permanent).into() }
}
