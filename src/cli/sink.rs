//! Where the events of a run go.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::journal::{FORMAT, Journal, Record, RunEvent};
use crate::model::{Failure, unix_millis};
use crate::report::{Events, Reporter, RunFold};

use super::terminal::Terminal;

/// To people, to the fold that the JSON document is made of, to `--events`, and to the journal.
#[derive(Clone)]
pub(super) struct Sink(Arc<Mutex<Sinks>>);

struct Sinks {
    reporter: Box<dyn Reporter>,
    fold: RunFold,
    events: Option<Events>,
    journal: Kept,
}

/// What becomes of records.
enum Kept {
    /// They are not kept.
    No,
    /// They are, once there is a journal: whether there will be one shows only after the preview.
    Later(Vec<Record>),
    /// They are kept.
    In(Arc<Journal>),
}

impl Sinks {
    fn show(&mut self, record: &Record) {
        self.reporter.record(record);
        self.fold.record(record);
        // A flood of output is for the eyes alone: a reader that is slow would keep it in memory.
        let wanted = !matches!(record.event, RunEvent::StepOutput { .. });
        if let Some(events) = self.events.as_mut().filter(|_| wanted) {
            events.record(record);
        }
    }

    fn keep(&mut self, record: Record) {
        match &mut self.journal {
            Kept::No => {}
            Kept::Later(records) => records.push(record),
            Kept::In(journal) => journal.append(&record),
        }
    }
}

fn record(event: RunEvent) -> Record {
    Record { v: FORMAT, at: unix_millis(SystemTime::now()), event }
}

impl Sink {
    /// For people alone.
    pub(super) fn new(terminal: &Terminal) -> Self {
        Self::of(terminal.reporter(true), None, Kept::No)
    }

    /// Of a run: with what `--events` names, and with a journal if it is recorded.
    pub(super) fn of_run(
        terminal: &Terminal,
        events: Option<Events>,
        on_stdout: bool,
        recorded: bool,
    ) -> Self {
        let kept = if recorded { Kept::Later(Vec::new()) } else { Kept::No };
        Self::of(terminal.reporter(!on_stdout), events, kept)
    }

    fn of(reporter: Box<dyn Reporter>, events: Option<Events>, journal: Kept) -> Self {
        let fold = RunFold::default();
        Self(Arc::new(Mutex::new(Sinks { reporter, fold, events, journal })))
    }

    fn lock(&self) -> MutexGuard<'_, Sinks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what was recorded so far to a journal, and what comes, too.
    pub(super) fn keep(&self, journal: &Arc<Journal>) {
        let mut sinks = self.lock();
        let kept = std::mem::replace(&mut sinks.journal, Kept::In(Arc::clone(journal)));
        if let Kept::Later(records) = kept {
            for record in &records {
                journal.append(record);
            }
        }
    }

    /// Hands an event to everybody.
    pub(super) fn emit(&self, event: RunEvent) {
        let record = record(event);
        let mut sinks = self.lock();
        sinks.show(&record);
        sinks.keep(record);
    }

    /// Hands an event to everybody once it is on disk.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`: then nobody has seen it.
    pub(super) async fn emit_on_disk(
        &self,
        event: RunEvent,
        journal: &Journal,
    ) -> Result<(), Failure> {
        let record = record(event);
        self.lock().keep(record.clone());
        journal.on_disk().await?;
        self.lock().show(&record);
        Ok(())
    }

    /// Looks at what all events came to.
    pub(super) fn fold<T>(&self, look: impl FnOnce(&RunFold) -> T) -> T {
        look(&self.lock().fold)
    }
}
