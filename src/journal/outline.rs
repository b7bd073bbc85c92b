//! All runs at a glance: which chain each belongs to, and whether that came to a good end.
//!
//! Of each journal only the header and the last record are read, so that this costs little however
//! long the runs were. A run that was killed before it began changed nothing and belongs to no chain.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use serde::Deserialize;

use super::history::is_running;
use super::read::open;
use super::{History, PastRun, Record, RunEvent, RunId};
use crate::model::Failure;

/// The header stands within so many records: calls of the preview come before it.
const BEFORE_HEADER: u64 = 256 << 20;
/// The last record, which says only how long the run took, is shorter.
const TAIL: u64 = 4096;

/// A run at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// The run.
    pub run: RunId,
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// Whether it was a rehearsal.
    pub rehearsal: bool,
    /// The run that it goes on with.
    pub resumes: Option<RunId>,
    /// The run whose changes it takes back.
    pub undoes: Option<RunId>,
    /// Whether it goes on.
    pub running: bool,
    /// The exit code; `None` for one that did not end.
    pub exit_code: Option<u8>,
}

/// What is read of a header.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Header {
    task: String,
    environment: String,
    #[serde(default)]
    resumes: Option<RunId>,
    #[serde(default)]
    undoes: Option<RunId>,
    pinned: Pinned,
}

#[derive(Deserialize)]
struct Pinned {
    rehearsal: bool,
}

#[derive(Deserialize)]
struct Line {
    event: Header,
}

impl Outline {
    /// Whether there is something left to do, as far as its end tells.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.exit_code != Some(0)
    }

    /// Runs of one of these take each other's place.
    fn purpose(&self) -> (&str, &str, bool) {
        (&self.task, &self.environment, self.rehearsal)
    }

    /// Reads it; `None` for a run that did not begin, or whose journal cannot be read so far.
    pub(super) fn of(run: &PastRun) -> Option<Self> {
        let running = is_running(&run.events());
        let mut file = open(&run.events()).ok()?;
        let header = header(&file)?;
        let exit_code = exit_code(&mut file);
        Some(Self {
            run: run.id.clone(),
            task: header.task,
            environment: header.environment,
            rehearsal: header.pinned.rehearsal,
            resumes: header.resumes,
            undoes: header.undoes,
            running,
            exit_code,
        })
    }
}

fn header(file: &File) -> Option<Header> {
    let lines = BufReader::new(file.take(BEFORE_HEADER)).split(b'\n');
    for line in lines {
        let line = line.ok()?;
        // Cheaper than to read what is not looked for.
        if !line.windows(13).take(80).any(|text| text == b"\"run-started\"") {
            continue;
        }
        return serde_json::from_slice::<Line>(&line).ok().map(|line| line.event);
    }
    None
}

/// The exit code in the last line.
fn exit_code(file: &mut File) -> Option<u8> {
    let length = file.metadata().ok()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL))).ok()?;
    let mut tail = Vec::new();
    file.take(TAIL).read_to_end(&mut tail).ok()?;
    let last = tail.strip_suffix(b"\n")?.rsplit(|byte| *byte == b'\n').next()?;
    match serde_json::from_slice::<Record>(last).ok()?.event {
        RunEvent::RunFinished { exit_code, .. } => Some(exit_code),
        _ => None,
    }
}

/// The runs that began, newest first.
#[derive(Debug, Clone, Default)]
pub struct Outlines(Vec<Outline>);

impl History {
    /// All runs at a glance.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn outlines(&self) -> Result<Outlines, Failure> {
        Ok(Outlines(self.runs()?.iter().filter_map(Outline::of).collect()))
    }
}

impl Outlines {
    /// These runs, newest first.
    #[must_use]
    pub const fn new(newest_first: Vec<Outline>) -> Self {
        Self(newest_first)
    }

    /// A run.
    #[must_use]
    pub fn get(&self, run: &RunId) -> Option<&Outline> {
        self.0.iter().find(|outline| outline.run == *run)
    }

    /// The newest run of each task in each environment, where that neither came to a good end nor
    /// was taken back.
    #[must_use]
    pub fn unfinished(&self) -> Vec<&Outline> {
        let mut known = HashSet::new();
        let newest = self
            .0
            .iter()
            .filter(|outline| outline.undoes.is_none() && known.insert(outline.purpose()));
        let taken_back =
            |run: &Outline| self.undone_by(&run.run).any(|one| one.exit_code == Some(0));
        newest.filter(|run| run.is_unfinished() && !taken_back(run)).collect()
    }

    /// The runs that took back what this one did, or tried to, newest first.
    pub fn undone_by(&self, run: &RunId) -> impl Iterator<Item = &Outline> {
        self.0.iter().filter(move |other| other.undoes.as_ref() == Some(run))
    }

    /// The run of another task that began in the same environment later, and the newest of them.
    #[must_use]
    pub fn overtaken_by(&self, run: &Outline) -> Option<&Outline> {
        self.0.iter().find(|other| {
            other.run > run.run
                && other.undoes.is_none()
                && other.environment == run.environment
                && other.rehearsal == run.rehearsal
                && other.task != run.task
        })
    }

    /// The run that goes on with this one.
    #[must_use]
    pub fn resumed_by(&self, run: &RunId) -> Option<&Outline> {
        self.0.iter().find(|other| other.resumes.as_ref() == Some(run) && other.run > *run)
    }

    /// The last run of the chain of this one.
    #[must_use]
    pub fn tip<'o>(&'o self, run: &'o Outline) -> &'o Outline {
        let mut tip = run;
        while let Some(next) = self.resumed_by(&tip.run) {
            tip = next;
        }
        tip
    }

    /// A run and those that it goes on with, as far as they are still recorded, oldest first.
    #[must_use]
    pub fn chain(&self, run: &RunId) -> Vec<RunId> {
        let before: HashMap<&RunId, &RunId> =
            self.0.iter().filter_map(|one| Some((&one.run, one.resumes.as_ref()?))).collect();
        let mut chain = vec![run.clone()];
        let mut first = run;
        // A run goes on with an older one, so this ends.
        while let Some(next) = before.get(first).filter(|next| **next < first) {
            if self.get(next).is_none() {
                break;
            }
            chain.push((*next).clone());
            first = next;
        }
        chain.reverse();
        chain
    }

    /// The runs from which one that is unfinished would be resumed.
    #[must_use]
    pub fn needed(&self) -> HashSet<RunId> {
        self.unfinished().into_iter().flat_map(|outline| self.chain(&outline.run)).collect()
    }
}

#[cfg(test)]
#[path = "outline_tests.rs"]
mod tests;
