//! Which recorded run is to be taken back, what of it is left, and which runs have to do with it.

use crate::journal::{Found, History, Outlines, PastRun, Record, RunEvent, RunHeader, RunId};
use crate::model::{ErrorCode, Failure};
use crate::run::{self, Undoing};

/// The name of the last run.
const LAST: &str = "last";

/// A run, and what of it is to be undone.
pub(super) struct Target {
    pub(super) header: RunHeader,
    pub(super) undoings: Vec<Undoing>,
    /// The runs that went on with it and were not taken back: they count on what it made.
    pub(super) later: Vec<RunId>,
    /// The run that it went on with, where something of that stands.
    pub(super) before: Option<RunId>,
}

impl Target {
    /// What counts on that which is to be undone, for people who are asked first.
    pub(super) fn counted_on(&self) -> Option<String> {
        let RunHeader { run_id, .. } = &self.header;
        let last = self.later.last()?;
        Some(format!(
            "run {last} went on with {run_id} and counts on what it made; undo it first: osem rollback {last}"
        ))
    }

    /// What stands of the run before it, which nobody asked to undo.
    pub(super) fn stands_before(&self) -> Option<String> {
        let (before, of) = (self.before.as_ref()?, &self.header.run_id);
        Some(format!("run {before}, which {of} resumed, stands: osem rollback {before}"))
    }
}

/// The run that is named; where that one undid another, the other. Nothing else is looked at before
/// the lock is there.
///
/// # Errors
/// `USAGE_INVALID` when there is none; `LOCKED` while it goes on, unless it is waited for; a journal
/// that cannot be read.
pub(super) fn find(
    history: &History,
    name: &str,
    is_waited_for: bool,
) -> Result<(PastRun, RunHeader), Failure> {
    let run = named(history, name)?;
    let header = header(&run, is_waited_for)?;
    let Some(of) = &header.undoes else { return Ok((run, header)) };
    let Ok(undone) = history.find(of.as_str()) else {
        let message = format!("run {of}, which {} took back, is not recorded any more", run.id);
        return Err(Failure::new(ErrorCode::UsageInvalid, message).fix("see: osem runs list"));
    };
    let header = self::header(&undone, is_waited_for)?;
    Ok((undone, header))
}

/// The run of that name. The last one is the last that began: one that was killed before has nothing
/// to take back, and is not in the way of what does.
fn named(history: &History, name: &str) -> Result<PastRun, Failure> {
    let run = history.find(name)?;
    if name != LAST || began(&run) {
        return Ok(run);
    }
    Ok(history.runs()?.into_iter().find(began).unwrap_or(run))
}

/// Whether a run began, as far as that is known.
fn began(run: &PastRun) -> bool {
    let found = run.read();
    let Ok(reading) = found.reading else { return true };
    let is_start = |record: &Record| matches!(record.event, RunEvent::RunStarted(_));
    found.running || reading.skipped > 0 || reading.records.iter().any(is_start)
}

/// What nothing has undone yet: read under the lock, because another command may have undone
/// something while that was waited for.
///
/// # Errors
/// A journal that cannot be read.
pub(super) fn target(
    history: &History,
    run: &PastRun,
    header: RunHeader,
) -> Result<Target, Failure> {
    let outlines = history.outlines()?;
    let stands = |run: &RunId| outlines.taken_back_by(run).is_none();
    let mut later = Vec::new();
    let mut tip = &run.id;
    while let Some(next) = outlines.resumed_by(tip) {
        tip = &next.run;
        later.extend(Some(tip).filter(|run| stands(run)).cloned());
    }
    let before = header.resumes.as_ref().and_then(|run| history.find(run.as_str()).ok());
    let left = |run: &PastRun| outstanding(history, &outlines, run);
    let before = before.filter(|run| left(run).is_ok_and(|undoings| !undoings.is_empty()));
    let undoings = left(run)?;
    Ok(Target { header, undoings, later, before: before.map(|run| run.id) })
}

fn outstanding(
    history: &History,
    outlines: &Outlines,
    run: &PastRun,
) -> Result<Vec<Undoing>, Failure> {
    let attempts = outlines.undone_by(&run.id).map(|attempt| history.find(attempt.run.as_str()));
    // One that cannot be read is no proof that anything was undone.
    let later: Vec<Vec<Record>> =
        attempts.filter_map(|attempt| records(&attempt.ok()?).ok()).collect();
    Ok(run::outstanding_undos(&records(run)?, &later))
}

fn records(run: &PastRun) -> Result<Vec<Record>, Failure> {
    known(run, run.read())
}

fn known(run: &PastRun, found: Found) -> Result<Vec<Record>, Failure> {
    let reading = found.reading.map_err(|error| {
        Failure::new(ErrorCode::UnknownError, error.to_string())
            .cause("the file was changed, or damaged: what the run did is not known for certain")
            .fix("compare the tables with the file (osem verify), and remove by hand what is too much")
    })?;
    if reading.skipped > 0 {
        let message = format!("run {} was recorded by a later version of osem", run.id);
        return Err(Failure::new(ErrorCode::UnknownError, message).fix("use that version"));
    }
    Ok(reading.records)
}

fn header(run: &PastRun, is_waited_for: bool) -> Result<RunHeader, Failure> {
    let found = run.read();
    let running = found.running;
    if running && !is_waited_for {
        let message = format!("run {} is going on", run.id);
        return Err(Failure::new(ErrorCode::Locked, message)
            .fix("wait for it (--lock-wait 10m waits that long), or end it"));
    }
    let started = known(run, found)?.into_iter().find_map(|record| match record.event {
        RunEvent::RunStarted(header) => Some(*header),
        _ => None,
    });
    started.ok_or_else(|| {
        if running {
            let message = format!("run {} is only beginning", run.id);
            return Failure::new(ErrorCode::Locked, message).fix("try again");
        }
        let message = format!("run {} was killed before it began: it changed nothing", run.id);
        Failure::new(ErrorCode::UnknownError, message).fix("see: osem runs list")
    })
}
