//! The journal of one run: an append-only file of records, one a line.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use tokio::sync::oneshot;

use crate::model::{ErrorCode, Failure};
use crate::state::{Place, create_folder, private_file, unwritable};

use super::writer::{Broken, Medium, Request, Writer};
use super::{Record, RunEvent};

/// The name of the file in the folder of a run.
pub(super) const EVENTS: &str = "events.ndjson";

/// The journal of a run that is going on.
///
/// Its file is locked for as long as the process lives, so that others can tell a run that goes on
/// from one that was killed.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    requests: Sender<Request>,
    broken: Broken,
    /// Whether a step was told that nothing can be written any more.
    told: AtomicBool,
}

impl Journal {
    /// Makes the folder of a run, which must not be there, and the file in it.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE`.
    pub(super) fn create(folder: &Path, lock: Place) -> Result<Self, Failure> {
        let path = folder.join(EVENTS);
        let medium = open(folder, &path, lock).map_err(|error| {
            let message = format!("failed to create {}: {error}", path.display());
            unwritable(message, &path, &error)
        })?;
        Self::on(medium, path)
    }

    fn on(medium: impl Medium + 'static, path: PathBuf) -> Result<Self, Failure> {
        let (requests, receiver) = mpsc::channel();
        let broken = Broken::default();
        let writer = Writer::new(medium, Broken::clone(&broken));
        let thread = thread::Builder::new().name("journal".to_owned());
        thread.spawn(move || writer.serve(&receiver)).map_err(|error| {
            Failure::new(ErrorCode::UnknownError, format!("failed to start a thread: {error}"))
        })?;
        Ok(Self { path, requests, broken, told: AtomicBool::new(false) })
    }

    /// Appends a record, unless it only says what a step waits for or writes at the moment.
    ///
    /// # Panics
    /// Never: a record is plain data.
    pub fn append(&self, record: &Record) {
        if matches!(record.event, RunEvent::StepProgress { .. } | RunEvent::StepOutput { .. }) {
            return;
        }
        let soon = match &record.event {
            RunEvent::MutationEnded { .. }
            | RunEvent::UndoStepEnded { .. }
            | RunEvent::UndoFinished(_) => true,
            RunEvent::StepFinished(result) => result.changed,
            _ => false,
        };
        let text = serde_json::to_string(record).expect("a record is plain data");
        // The thread ends only after this journal is gone.
        let _ = self.requests.send(Request::Line { text, soon });
    }

    /// Resolves when everything appended so far is written: a kill does not lose it.
    ///
    /// # Errors
    /// As [`Journal::on_disk`].
    pub async fn written(&self) -> Result<(), Failure> {
        self.flush(false).await
    }

    /// Resolves when everything appended so far is on disk: a power cut does not lose it.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE` since the first time that something could not be written.
    pub async fn on_disk(&self) -> Result<(), Failure> {
        self.flush(true).await
    }

    /// As [`Journal::on_disk`], for a step that is about to send a call. Only the first one that
    /// cannot is told why; the others end with the run.
    ///
    /// # Errors
    /// `STATE_UNWRITABLE` once, then `CANCELLED`.
    pub async fn before_sending(&self) -> Result<(), Failure> {
        let Err(failure) = self.on_disk().await else { return Ok(()) };
        if !self.told.swap(true, Ordering::Relaxed) {
            return Err(failure);
        }
        Err(Failure::new(ErrorCode::Cancelled, "the run ends: its journal cannot be written"))
    }

    /// Whether something could not be written: then nothing more is.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.broken.get().is_some()
    }

    /// Whether a step was told so.
    #[must_use]
    pub fn was_told(&self) -> bool {
        self.told.load(Ordering::Relaxed)
    }

    /// Removes the folder of a run that is not begun after all, where it can be removed.
    pub fn discard(&self) {
        if let Some(folder) = self.path.parent() {
            // What cannot be removed shows as a run that never began, which it is.
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    async fn flush(&self, sync: bool) -> Result<(), Failure> {
        let (done, written) = oneshot::channel();
        let _ = self.requests.send(Request::Flush { sync, done });
        let answered = written.await;
        match self.broken.get() {
            Some(error) => Err(self.lost(error)),
            None if answered.is_err() => Err(self.lost(&io::Error::other("its thread ended"))),
            None => Ok(()),
        }
    }

    fn lost(&self, error: &io::Error) -> Failure {
        let message = format!("failed to write the journal {}: {error}", self.path.display());
        Failure::new(ErrorCode::StateUnwritable, message)
            .cause("what cannot be written down is not begun: no further change is made")
            .fix("make room, or name another folder with --state-dir; then run again")
    }
}

fn open(folder: &Path, path: &Path, lock: Place) -> io::Result<RunFile> {
    create_folder(folder)?;
    let mut options: OpenOptions = private_file();
    // A new file: never one that somebody else has put there, and never a link.
    let file = options.append(true).create_new(true).open(path)?;
    file.lock()?;
    let places = [Place::of(&file, path)?, lock];
    Ok(RunFile { file, places, folder: Some(folder.to_owned()) })
}

struct RunFile {
    file: File,
    /// Its own place, and that of the run's lock.
    places: [Place; 2],
    /// The folder, until it is known to be on disk.
    folder: Option<PathBuf>,
}

impl Write for RunFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Medium for RunFile {
    fn sync(&mut self) -> io::Result<()> {
        self.file.sync_data()?;
        let [own, lock] = &self.places;
        if !own.stands() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "it was removed or moved"));
        }
        if !lock.stands() {
            let why = format!("the lock {} was removed or moved", lock.path().display());
            return Err(io::Error::new(io::ErrorKind::NotFound, why));
        }
        #[cfg(unix)]
        {
            // A file is found after a power cut only when its folder's entries are on disk, too.
            if let Some(folder) = self.folder.take() {
                File::open(&folder)?.sync_all()?;
                folder.parent().map_or(Ok(()), |above| File::open(above)?.sync_all())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::FORMAT;

    fn warning(message: &str) -> Record {
        Record { v: FORMAT, at: 1, event: RunEvent::Warning { message: message.to_owned() } }
    }

    #[tokio::test]
    async fn what_was_appended_stands_in_a_file_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("runs/20261122T104107Z-k3f9");
        let journal = Journal::create(&run, lock(folder.path())).unwrap();
        journal.append(&warning("a\nb"));
        journal.on_disk().await.unwrap();
        let text = std::fs::read_to_string(run.join(EVENTS)).unwrap();
        assert_eq!(
            text,
            "{\"v\":1,\"at\":1,\"event\":{\"type\":\"warning\",\"message\":\"a\\nb\"}}\n"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(run.join(EVENTS)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    /// The place of a lock in a folder.
    fn lock(folder: &Path) -> Place {
        let path = folder.join("x.lock");
        Place::of(&File::create(&path).unwrap(), &path).unwrap()
    }

    #[tokio::test]
    async fn a_journal_that_was_moved_or_whose_lock_was_is_lost() {
        for (moved, why) in
            [("runs", "it was removed or moved"), ("x.lock", "x.lock was removed or moved")]
        {
            let folder = tempfile::tempdir().unwrap();
            let at = |name: &str| folder.path().join(name);
            let journal = Journal::create(&at("runs/run"), lock(folder.path())).unwrap();
            journal.on_disk().await.unwrap();
            std::fs::rename(at(moved), at("elsewhere")).unwrap();
            let failure = journal.on_disk().await.unwrap_err();
            assert!(failure.message.ends_with(why), "{}", failure.message);
        }
    }

    #[tokio::test]
    async fn a_journal_that_was_removed_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("run");
        let journal = Journal::create(&run, lock(folder.path())).unwrap();
        journal.on_disk().await.unwrap();
        std::fs::remove_dir_all(&run).unwrap();
        journal.append(&warning("nobody reads this"));
        let failure = journal.on_disk().await.unwrap_err();
        assert_eq!(failure.code, ErrorCode::StateUnwritable);
        assert!(failure.message.ends_with("it was removed or moved"), "{}", failure.message);
        assert!(journal.written().await.is_err() && journal.is_lost(), "once lost, always lost");
        assert!(!journal.was_told());
        let codes = [journal.before_sending().await, journal.before_sending().await];
        assert_eq!(
            codes.map(|told| told.unwrap_err().code),
            [ErrorCode::StateUnwritable, ErrorCode::Cancelled]
        );
        assert!(journal.was_told());
    }

    #[test]
    fn a_run_that_has_a_journal_is_not_begun_again() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(EVENTS), "mine").unwrap();
        let failure = Journal::create(folder.path(), lock(folder.path())).unwrap_err();
        assert_eq!(failure.code, ErrorCode::StateUnwritable);
        assert_eq!(std::fs::read_to_string(folder.path().join(EVENTS)).unwrap(), "mine");
    }
}
