//! The runs that left a journal.
//!
//! What is no folder of a run is not looked at. A run that goes on holds the lock of its file, so it
//! is told from one that was killed without asking any process.

use std::collections::HashSet;
use std::fs::{self, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::diagnostic::did_you_mean;
use crate::model::{ErrorCode, Failure, millis};

use super::file::EVENTS;
use super::read::open;
use super::{Outlines, ReadError, Reading, RunEvent, RunId, read};

/// The record of the end of a run is shorter.
const LONGEST_END: u64 = 4 << 10;

/// All runs of a state directory.
#[derive(Debug, Clone)]
pub struct History {
    folder: PathBuf,
}

/// A run that left a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRun {
    /// Its id.
    pub id: RunId,
    folder: PathBuf,
}

/// A journal as it was found.
#[derive(Debug)]
pub struct Found {
    /// Whether the run goes on.
    pub running: bool,
    /// Its records, or why they cannot be read.
    pub reading: Result<Reading, ReadError>,
}

impl PastRun {
    /// The file of its events.
    #[must_use]
    pub fn events(&self) -> PathBuf {
        self.folder.join(EVENTS)
    }

    /// Reads its journal.
    #[must_use]
    pub fn read(&self) -> Found {
        // Before the records: a run that ended in between has all of them.
        let running = is_running(&self.events());
        let path = self.events();
        Found { running, reading: read(&path).and_then(|reading| reading.with_start(&path)) }
    }

    /// Whether its last record says that it ended, by a look at nothing but the end of the file.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        let end = open(&self.events()).and_then(|mut file| {
            let start = file.metadata()?.len().saturating_sub(LONGEST_END);
            file.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map(|_| bytes)
        });
        // Inside a text its quotes would stand behind backslashes.
        let finished = |line: &str| line.contains(r#""type":"run-finished""#);
        let last = |bytes: &Vec<u8>| {
            String::from_utf8_lossy(bytes).trim_end().lines().next_back().is_some_and(finished)
        };
        end.is_ok_and(|bytes| last(&bytes))
    }

    /// When its last record was written, if that record is the end of the run.
    fn ended_at(&self) -> Option<u64> {
        let found = self.read();
        if found.running {
            return None;
        }
        let last = found.reading.ok()?.records.pop()?;
        matches!(last.event, RunEvent::RunFinished { .. }).then_some(last.at)
    }

    fn remove(&self) -> Result<(), Failure> {
        fs::remove_dir_all(&self.folder).map_err(|error| {
            let message = format!("failed to remove {}: {error}", self.folder.display());
            Failure::new(ErrorCode::StateUnwritable, message).fix("make the folder writable")
        })
    }
}

/// Whether a process has the journal open to write it.
pub(super) fn is_running(events: &Path) -> bool {
    let Ok(file) = open(events) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

impl History {
    pub(super) const fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// All runs, newest first; none where no run left anything.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn runs(&self) -> Result<Vec<PastRun>, Failure> {
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => {
                let message = format!("failed to read {}: {error}", self.folder.display());
                return Err(Failure::new(ErrorCode::StateUnwritable, message)
                    .fix("make it readable: the runs are recorded there"));
            }
        };
        let run = |entry: fs::DirEntry| {
            let id = RunId::parse(entry.file_name().to_str()?)?;
            // A link is no folder of ours.
            entry.file_type().ok()?.is_dir().then(|| PastRun { id, folder: entry.path() })
        };
        let mut runs: Vec<PastRun> = entries.filter_map(|entry| run(entry.ok()?)).collect();
        runs.sort_by(|one, other| other.id.cmp(&one.id));
        Ok(runs)
    }

    /// The id of a run that starts now: later than that of every run.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn next_run(&self, now: SystemTime) -> Result<RunId, Failure> {
        let runs = self.runs()?;
        Ok(runs.first().map_or_else(|| RunId::new(now), |newest| RunId::after(&newest.id, now)))
    }

    /// The run of an id, of the start of one if only one starts so, or the newest for `last`.
    ///
    /// # Errors
    /// `USAGE_INVALID` when there is none, or more than one.
    pub fn find(&self, name: &str) -> Result<PastRun, Failure> {
        let usage = |message: String| Failure::new(ErrorCode::UsageInvalid, message);
        let mut runs = self.runs()?;
        if runs.is_empty() {
            return Err(usage(format!("no run is recorded in {}", self.folder.display()))
                .fix("runs that may change something are recorded: osem run setup"));
        }
        if name == "last" {
            return Ok(runs.swap_remove(0));
        }
        let wanted = name.to_lowercase();
        let starts = |run: &PastRun| run.id.as_str().to_lowercase().starts_with(&wanted);
        let mut matching: Vec<PastRun> =
            runs.iter().filter(|run| !name.is_empty() && starts(run)).cloned().collect();
        match matching.len() {
            1 => Ok(matching.swap_remove(0)),
            0 => {
                let meant = did_you_mean(name, runs.iter().map(|run| run.id.as_str()));
                let fix = meant.map_or_else(
                    || "see: osem runs list".to_owned(),
                    |meant| format!("did you mean `{meant}`?"),
                );
                Err(usage(format!("no run `{name}`")).fix(fix))
            }
            count => {
                let shown: Vec<&str> = matching.iter().take(5).map(|run| run.id.as_str()).collect();
                let more = if count > shown.len() { ", …" } else { "" };
                Err(usage(format!("{count} runs start with `{name}`"))
                    .fix(format!("write more of the id: {}{more}", shown.join(", "))))
            }
        }
    }

    /// Removes the runs beyond the newest `keep`, and those that ended longer than `age` ago. Kept,
    /// whatever its age, is what goes on, what never ended and was not taken back either, what an
    /// unfinished run would be resumed from, and what took back a run that is kept. Gives the runs
    /// that were removed, newest first.
    ///
    /// # Errors
    /// A folder that cannot be read or removed.
    pub fn prune(
        &self,
        keep: Option<usize>,
        age: Option<Duration>,
        now: u64,
    ) -> Result<Vec<RunId>, Failure> {
        let runs = self.runs()?;
        if age.is_none() && keep.is_none_or(|keep| runs.len() <= keep) {
            return Ok(Vec::new());
        }
        let age = age.map(millis);
        let outlines = self.outlines()?;
        let needed = outlines.needed();
        let old = |(position, run): (usize, &PastRun)| {
            let beyond = keep.is_some_and(|keep| position >= keep);
            let ended =
                if beyond || age.is_some() { self.over_since(run, &outlines) } else { None };
            let expired = |ended| age.is_some_and(|age| now.saturating_sub(ended) > age);
            ended.is_some_and(|ended| beyond || expired(ended)) && !needed.contains(&run.id)
        };
        let old: HashSet<RunId> = runs
            .iter()
            .enumerate()
            .filter(|one| old(*one))
            .map(|(_, run)| run.id.clone())
            .collect();
        let mut removed = Vec::new();
        for run in runs.into_iter().filter(|run| old.contains(&run.id)) {
            let undoes = outlines.get(&run.id).and_then(|outline| outline.undoes.as_ref());
            if undoes.is_some_and(|of| outlines.is_recorded(of) && !old.contains(of)) {
                continue;
            }
            run.remove()?;
            removed.push(run.id);
        }
        Ok(removed)
    }

    /// When a run came to its end, be it that another one took back what it did.
    fn over_since(&self, run: &PastRun, outlines: &Outlines) -> Option<u64> {
        let taken_back = || {
            let undoing = outlines.taken_back_by(&run.id).filter(|_| !is_running(&run.events()))?;
            self.find(undoing.run.as_str()).ok()?.ended_at()
        };
        run.ended_at().or_else(taken_back)
    }
}

#[cfg(test)]
mod tests;
