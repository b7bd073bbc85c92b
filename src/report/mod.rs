//! Sinks of run events: what people and programs see of a run.
//!
//! Every report is a fold over the same [`Record`]s; nothing here asks a service, reads a file or
//! decides anything. Text that came from outside is made harmless (`sanitize`) before it is drawn.
//! All rendering gives strings or goes to writers that the caller chose; a sink that cannot write
//! stays quiet, because a closed pipe must not end a roll-out.
//!
//! | sink | for |
//! |---|---|
//! | [`Live`] | a terminal: one line per table, a total bar, the summary at the end |
//! | [`Plain`] | no terminal: one timestamped line per event, the summary at the end |
//! | [`RunFold`] + [`Document`] | `--json`: one document at the end |
//! | [`Events`] | `--events`: the records themselves, one a line |
//!
//! [`render_runs`] and [`render_run`] show runs that are over by the same folds.

mod board;
mod conclusion;
mod document;
mod events;
mod failure;
mod findings;
mod fold;
mod history;
mod listing;
mod live;
mod plain;
mod plan;
mod previews;
mod resumption;
mod retries;
mod rollback;
mod root_cause;
mod sanitize;
mod screen;
mod streams;
mod style;
mod summary;
mod table_row;
mod text;
mod wrap;

#[cfg(test)]
mod fixture;

pub use document::{
    Check, CheckSummary, Data, Document, ErrorObject, ItemsEntry, Outline, StepEntry, TableEntry,
    document,
};
pub use events::{Events, Lost};
pub use failure::render_failure;
pub use findings::{Finding, FindingStatus, render_findings};
pub use fold::{RunFold, UnderWay};
pub use history::{Links, RunEntry, RunStatus, StepCounts, render_run, render_runs};
pub use live::Live;
pub use plain::Plain;
pub use plan::{PlanData, PlanReport, plan_data, render_plan, render_plan_markdown};
pub use retries::Retries;
pub use rollback::RollbackEntry;
pub use streams::{Streams, Verbosity};
pub use style::Style;
pub use summary::render_summary;
pub use text::count;
pub use wrap::between_words;

use crate::journal::Record;

/// Takes in the events of a run, in order.
pub trait Reporter: Send {
    /// Takes in the next event.
    fn record(&mut self, record: &Record);
}

impl<R: Reporter + ?Sized> Reporter for &mut R {
    fn record(&mut self, record: &Record) {
        (**self).record(record);
    }
}

/// Hands every event to several sinks, in the order they were added.
#[derive(Default)]
pub struct Reporters<'a>(Vec<Box<dyn Reporter + 'a>>);

impl<'a> Reporters<'a> {
    /// No sinks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a sink; a `&mut` to one will do.
    #[must_use]
    pub fn with(mut self, reporter: impl Reporter + 'a) -> Self {
        self.0.push(Box::new(reporter));
        self
    }
}

impl Reporter for Reporters<'_> {
    fn record(&mut self, record: &Record) {
        for reporter in &mut self.0 {
            reporter.record(record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sink_gets_every_event() {
        let (mut first, mut second) = (RunFold::default(), RunFold::default());
        let mut reporters = Reporters::new().with(&mut first).with(&mut second);
        for record in fixture::created() {
            reporters.record(&record);
        }
        drop(reporters);
        assert!(first.is_finished() && second.is_finished());
    }
}
