//! Where the state of a project is kept.

use std::io;
use std::path::{Path, PathBuf};

use crate::model::Failure;
use crate::state::{Key, create_folder, refuse_link, unwritable};

use super::{History, Journal, RunId, RunLock};

/// The state directory of a project: `.osem` beside its root file, or the one that was named.
#[derive(Debug, Clone)]
pub struct StateDir {
    path: PathBuf,
    /// Whether a person named it: then it may be a link.
    named: bool,
}

impl StateDir {
    /// The project's own.
    #[must_use]
    pub fn of_project(root: &Path) -> Self {
        Self { path: root.join(".osem"), named: false }
    }

    /// The one that a person named.
    #[must_use]
    pub fn named(path: &Path) -> Self {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        Self { path, named: true }
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of the runs.
    pub(super) fn runs(&self) -> PathBuf {
        self.path.join("runs")
    }

    /// Makes the folder of the runs.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub fn prepare(&self) -> Result<(), Failure> {
        let runs = self.runs();
        let made: io::Result<()> = if self.named { Ok(()) } else { refuse_link(&self.path) }
            .and_then(|()| create_folder(&runs));
        made.map_err(|error| {
            let place = if self.path.is_symlink() && !self.named { &self.path } else { &runs };
            let message = format!("failed to make the folder {}: {error}", place.display());
            unwritable(message, place, &error)
        })
    }

    /// Starts the journal of a run, which can be written for as long as the run has this lock.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub fn start(&self, run: &RunId, lock: &RunLock) -> Result<Journal, Failure> {
        self.prepare()?;
        Journal::create(&self.runs().join(run.as_str()), lock.place()?)
    }

    /// The key by which hashes are compared here, made where there is none.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub fn key(&self) -> Result<Key, Failure> {
        self.prepare()?;
        Key::of_folder(&self.path).map_err(|error| self.no_key(&error))
    }

    /// As [`StateDir::key`], writing nothing: where there is none, one that nothing was hashed by.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE` when it cannot be read.
    pub fn key_if_there(&self) -> Result<Key, Failure> {
        let key = Key::read(&self.path).and_then(|key| key.map_or_else(Key::random, Ok));
        key.map_err(|error| self.no_key(&error))
    }

    fn no_key(&self, error: &io::Error) -> Failure {
        let path = self.path.join("key");
        let message = format!("failed to use the key {}: {error}", path.display());
        unwritable(message, &path, error)
    }

    /// The folder of a run that the output of its steps is kept in.
    #[must_use]
    pub fn step_logs(&self, run: &RunId) -> PathBuf {
        self.runs().join(run.as_str()).join("steps")
    }

    /// The folder for what must not outlive the process that made it.
    #[must_use]
    pub fn scratch(&self) -> PathBuf {
        self.path.join("scratch")
    }

    /// The runs that left a journal here.
    #[must_use]
    pub fn history(&self) -> History {
        History::in_folder(self.runs())
    }
}
