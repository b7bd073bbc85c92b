//! All runs at a glance: which chain each belongs to, and whether that came to a good end.
//!
//! A run that was killed before it began changed nothing and belongs to no chain. Which one a run
//! with a damaged journal belongs to is not known: it is never passed over as though it were not there.

use std::collections::{HashMap, HashSet};

use super::glance::{Glance, glance};
use super::{History, RunId};
use crate::model::Failure;

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
}

/// The runs that began.
#[derive(Debug, Clone, Default)]
pub struct Outlines {
    /// Newest first.
    runs: Vec<Outline>,
    /// Those whose journal does not tell how they began.
    damaged: Vec<RunId>,
}

impl History {
    /// All runs at a glance.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn outlines(&self) -> Result<Outlines, Failure> {
        let mut outlines = Outlines::default();
        for run in self.runs()? {
            match glance(&run) {
                Glance::Began(outline) => outlines.runs.push(outline),
                Glance::Damaged => outlines.damaged.push(run.id),
                Glance::DidNotBegin => {}
            }
        }
        Ok(outlines)
    }
}

impl Outlines {
    /// These runs, newest first.
    #[must_use]
    pub const fn new(newest_first: Vec<Outline>) -> Self {
        Self { runs: newest_first, damaged: Vec::new() }
    }

    /// The runs of which nothing is known, because their journals do not tell how they began.
    #[must_use]
    pub fn damaged(&self) -> &[RunId] {
        &self.damaged
    }

    /// Whether there is a journal of this run, readable or not.
    #[must_use]
    pub fn is_recorded(&self, run: &RunId) -> bool {
        self.get(run).is_some() || self.damaged.contains(run)
    }

    /// A run.
    #[must_use]
    pub fn get(&self, run: &RunId) -> Option<&Outline> {
        self.runs.iter().find(|outline| outline.run == *run)
    }

    /// The newest run of each task in each environment that was not taken back, where that came to no
    /// good end.
    #[must_use]
    pub fn unfinished(&self) -> Vec<&Outline> {
        let mut known = HashSet::new();
        let newest = self.runs.iter().filter(|outline| {
            outline.undoes.is_none()
                && self.taken_back_by(&outline.run).is_none()
                && known.insert(outline.purpose())
        });
        newest.filter(|run| run.is_unfinished()).collect()
    }

    /// The run after which nothing remained of what this one did.
    #[must_use]
    pub fn taken_back_by(&self, run: &RunId) -> Option<&Outline> {
        self.undone_by(run).find(|one| one.exit_code == Some(0))
    }

    /// The runs that took back what this one did, or tried to, newest first.
    pub fn undone_by(&self, run: &RunId) -> impl Iterator<Item = &Outline> {
        self.runs.iter().filter(move |other| other.undoes.as_ref() == Some(run))
    }

    /// The run of another task that began in the same environment later, and the newest of them.
    #[must_use]
    pub fn overtaken_by(&self, run: &Outline) -> Option<&Outline> {
        self.runs.iter().find(|other| {
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
        self.runs.iter().find(|other| other.resumes.as_ref() == Some(run) && other.run > *run)
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

    /// A run and those that it goes on with, as far as they are still recorded, oldest first. One with
    /// a damaged journal is the first: what it goes on with is not known.
    #[must_use]
    pub fn chain(&self, run: &RunId) -> Vec<RunId> {
        let before: HashMap<&RunId, &RunId> =
            self.runs.iter().filter_map(|one| Some((&one.run, one.resumes.as_ref()?))).collect();
        let mut chain = vec![run.clone()];
        let mut first = run;
        // A run goes on with an older one, so this ends.
        while let Some(next) = before.get(first).filter(|next| **next < first) {
            if !self.is_recorded(next) {
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
