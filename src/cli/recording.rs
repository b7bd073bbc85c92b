//! The record that a run leaves: its lock, its journal, its place in the history.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::journal::{Journal, RunEvent, RunId, RunLock, StateDir};
use crate::model::Failure;
use crate::report::render_failure;
use crate::state::{Key, Scratch};

use super::args::RunArgs;
use super::exit;
use super::orphans::{clear_left_over, end_orphans};
use super::session::Planned;
use super::sink::Sink;
use super::terminal::Terminal;

/// Runs that are kept when nobody says how many.
pub(super) const KEPT: usize = 100;

/// The record of one run. The lock is held for as long as this is there.
pub(super) struct Recording {
    pub(super) run: RunId,
    state: StateDir,
    lock: RunLock,
    journal: Option<Arc<Journal>>,
    /// Whether it was said that the journal is not whole.
    told: bool,
}

impl Recording {
    /// Takes the lock, for a run that may write; `None` for one that leaves nothing behind.
    ///
    /// # Errors
    /// `LOCKED`, `STATE_UNWRITABLE`: before anything was read or written anywhere else.
    pub(super) async fn begin(
        planned: &Planned,
        args: &RunArgs,
        terminal: &Terminal,
    ) -> Result<Option<Self>, Failure> {
        if !planned.plan.writes() || planned.is_ephemeral() {
            return Ok(None);
        }
        let state = args.state.dir(&planned.root);
        let longest = args.lock_wait.unwrap_or_default();
        let environment = &planned.environment.name.value;
        Self::take(state, environment, args.place.rehearse, longest, terminal).await.map(Some)
    }

    /// Takes the lock of an environment, waiting for at most `longest`.
    ///
    /// # Errors
    /// As [`Recording::begin`].
    pub(super) async fn take(
        state: StateDir,
        environment: &str,
        rehearsal: bool,
        longest: Duration,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let mut name = environment.to_owned();
        if rehearsal {
            // A rehearsal touches nothing of the environment; environments have no dot in their names.
            name.push_str(".rehearsal");
        }
        let on_wait = |holder: &str| terminal.remark(&format!("waits for {holder}, to end\n"));
        let (run, lock) = RunLock::acquire(&state, &name, longest, on_wait).await?;
        end_orphans(&state, environment, rehearsal, terminal).await?;
        clear_left_over(Some(&state.scratch()), terminal).await;
        Ok(Self { run, state, lock, journal: None, told: false })
    }

    /// The key by which the hashes of what is recorded are compared.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub(super) fn key(&self) -> Result<Key, Failure> {
        self.state.key()
    }

    /// The folder that the output of its steps is kept in.
    pub(super) fn logs(&self) -> PathBuf {
        let logs = self.state.step_logs(&self.run);
        std::path::absolute(&logs).unwrap_or(logs)
    }

    /// The folder that keeps what plugins said that they are.
    pub(super) fn descriptions(&self) -> PathBuf {
        let folder = self.state.path().join("plugins");
        std::path::absolute(&folder).unwrap_or(folder)
    }

    /// The folder for what must not outlive this process.
    pub(super) fn scratch(&self) -> Scratch {
        let folder = self.state.scratch();
        Scratch::in_folder(&std::path::absolute(&folder).unwrap_or(folder))
    }

    /// Starts the journal; the events so far are written to it.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub(super) fn start(&mut self, sink: &Sink) -> Result<Arc<Journal>, Failure> {
        let journal = Arc::new(self.state.start(&self.run, &self.lock)?);
        sink.keep(&journal);
        Ok(Arc::clone(self.journal.insert(journal)))
    }

    /// Brings the start of the run to the disk, then shows it. Where that fails, the run leaves
    /// nothing.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`: before anything was changed.
    pub(super) async fn started(&self, sink: &Sink, started: RunEvent) -> Result<(), Failure> {
        let Some(journal) = &self.journal else {
            sink.emit(started);
            return Ok(());
        };
        let begun = sink.emit_on_disk(started, journal).await;
        if begun.is_err() {
            journal.discard();
        }
        begun.map_err(|failure| failure.cause("found before the first write: nothing was changed"))
    }

    /// Why not everything so far was written, and whether a step has said so.
    pub(super) async fn lost(&mut self) -> Option<(Failure, bool)> {
        let journal = self.journal.as_ref()?;
        let failure = journal.written().await.err()?;
        self.told = true;
        Some((failure, journal.was_told()))
    }

    /// Brings the last events to the disk, then removes the oldest runs. Gives the exit code.
    pub(super) async fn end(self, exit_code: u8, changed: bool, terminal: &Terminal) -> u8 {
        let Some(journal) = &self.journal else { return exit_code };
        let lost = journal.on_disk().await.err().filter(|_| !self.told);
        if let Some(failure) = &lost {
            terminal.error(&render_failure(failure, terminal.style));
        }
        let now = crate::model::unix_millis(SystemTime::now());
        if let Err(failure) = self.state.history().prune(Some(KEPT), None, now) {
            terminal.remark(&render_failure(&failure, terminal.style));
        }
        if lost.is_some() { incomplete(exit_code, changed) } else { exit_code }
    }
}

/// The exit code of a run whose record is not whole: that is a failure, beside which stands what it
/// changed.
pub(super) const fn incomplete(exit_code: u8, changed: bool) -> u8 {
    match exit_code {
        exit::SUCCESS | exit::FAILED if changed => exit::PARTIAL,
        exit::SUCCESS => exit::FAILED,
        worse => worse,
    }
}
