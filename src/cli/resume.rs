//! Which recorded run a command goes on with, and what is taken from it.
//!
//! Task, environment, region, endpoint, prefix of table names and rehearsal are the recorded run's.
//! What the command line or a variable says otherwise is refused, never followed.

use std::collections::BTreeSet;

use crate::journal::{
    Chain, Found, History, Outline, Outlines, OutstandingStep, PastRun, Record, RunEvent,
    RunHeader, RunId, StepRecord,
};
use crate::model::{ErrorCode, Failure, StepId};
use crate::plan::{LeftOut, Plan, PlannedStep};
use crate::run::{self, Narrowing, StepPreview};

use super::args::RunArgs;
use super::recorded_place;
use super::session::Session;

/// What a person says about the run to go on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Its id, the start of it, or `last`.
    pub(super) name: Option<&'a str>,
    /// Its task.
    pub(super) task: Option<&'a str>,
    /// Its environment.
    pub(super) environment: Option<&'a str>,
    /// Whether it is a rehearsal, where that is said.
    pub(super) rehearsal: Option<bool>,
}

/// The run to go on with.
#[derive(Debug)]
pub(super) enum Target {
    /// The last run of a chain.
    Run(Box<RunHeader>),
    /// There is none, for this reason.
    Nothing(String),
}

/// Finds the run that is wanted.
///
/// # Errors
/// `USAGE_INVALID` when it is not the only one, or is not there; `LOCKED` while it goes on, unless
/// it is waited for; a journal that cannot be read.
pub(super) fn find(
    history: &History,
    wanted: Wanted<'_>,
    is_waited_for: bool,
) -> Result<Target, Failure> {
    let outlines = history.outlines()?;
    let outline = match wanted.name {
        Some(name) => match named(history, &outlines, name)? {
            Ok(outline) => outline,
            Err(nothing) => return Ok(Target::Nothing(nothing)),
        },
        None if !outlines.damaged().is_empty() => return Err(not_known(history, &outlines)),
        None => match choose(&outlines, wanted)? {
            Some(outline) => outline,
            None => return Ok(Target::Nothing(nothing_to_resume(history, &outlines, wanted)?)),
        },
    };
    if outline.running && !is_waited_for {
        let Outline { run, task, environment, .. } = outline;
        let message = format!("run {run} ({task} in {environment}) is running");
        return Err(Failure::new(ErrorCode::Locked, message)
            .cause("a run can be resumed when it has ended")
            .fix("wait for it (--lock-wait 10m waits that long), or end it"));
    }
    let records = records(history, &outline.run)?;
    let header = records.into_iter().find_map(|record| match record.event {
        RunEvent::RunStarted(header) => Some(header),
        _ => None,
    });
    Ok(Target::Run(header.expect("a run with an outline has a header")))
}

/// Why nobody can tell which run is the one that is unfinished.
fn not_known(history: &History, outlines: &Outlines) -> Failure {
    let damaged = outlines.damaged();
    let ids: Vec<&str> = damaged.iter().map(RunId::as_str).collect();
    let said = records(history, &damaged[0]).err().map(|failure| failure.message);
    let (journals, run) = match ids.as_slice() {
        [one] => (format!("the journal of run {one}"), "it is"),
        several => (format!("the journals of runs {}", several.join(", ")), "they are"),
    };
    let message = format!("{journals} cannot be read, so whether {run} unfinished is not known");
    Failure::new(ErrorCode::UnknownError, message)
        .said(said.unwrap_or_default())
        .cause("the file was changed, or damaged")
        .fix("name the run to go on with (see: osem runs), or remove the folder when you have looked at it")
}

/// The last run of the chain of the run of this name, or why there is nothing to go on with.
fn named<'o>(
    history: &History,
    outlines: &'o Outlines,
    name: &str,
) -> Result<Result<&'o Outline, String>, Failure> {
    let run = history.find(name)?;
    if let Some(outline) = outlines.get(&run.id) {
        // What took back a run leads to that run.
        let of = outline.undoes.as_ref();
        let meant = of.map_or(Some(outline), |of| outlines.get(of));
        if let Some(meant) = meant {
            return Ok(Ok(outlines.tip(meant)));
        }
        records(history, of.unwrap_or(&run.id))?;
    }
    records(history, &run.id)?;
    Ok(Err(format!("run {} was killed before it began, and changed nothing", run.id)))
}

/// The only unfinished run that is wanted.
fn choose<'o>(outlines: &'o Outlines, wanted: Wanted<'_>) -> Result<Option<&'o Outline>, Failure> {
    let fits = |outline: &&Outline| {
        wanted.task.is_none_or(|task| outline.task == task)
            && wanted.environment.is_none_or(|name| outline.environment == name)
            && wanted.rehearsal.is_none_or(|rehearsal| outline.rehearsal == rehearsal)
    };
    let unfinished: Vec<&Outline> = outlines.unfinished().into_iter().filter(fits).collect();
    let overtaken =
        |outline: &Outline| outlines.overtaken_by(outline).filter(|_| wanted.task.is_none());
    match unfinished.as_slice() {
        [] => Ok(None),
        [only] if overtaken(only).is_none() => Ok(Some(only)),
        several => {
            let lines = several.iter().map(|outline| {
                let since = overtaken(outline)
                    .map_or_else(String::new, |other| format!("; {} ran since", other.task));
                format!("osem resume {}: {}{since}", outline.run, described(outline))
            });
            let lines: Vec<String> = lines.collect();
            let message = match lines.len() {
                1 => "another task ran since the run that is unfinished".to_owned(),
                count => format!("{count} runs are unfinished"),
            };
            Err(Failure::new(ErrorCode::UsageInvalid, message)
                .said(lines.join("\n"))
                .cause("nothing was changed")
                .fix("name the one that is meant, by its id or with --env"))
        }
    }
}

fn described(outline: &Outline) -> String {
    let rehearsal = if outline.rehearsal { " (rehearsal)" } else { "" };
    let end = match outline.exit_code {
        _ if outline.running => "running".to_owned(),
        Some(code) => format!("exit {code}"),
        None => "killed".to_owned(),
    };
    format!("{} in {}{rehearsal}, {end}", outline.task, outline.environment)
}

fn nothing_to_resume(
    history: &History,
    outlines: &Outlines,
    wanted: Wanted<'_>,
) -> Result<String, Failure> {
    if let Some(newest) = history.runs()?.first()
        && outlines.get(&newest.id).is_none()
    {
        records(history, &newest.id)?;
        let run = &newest.id;
        return Ok(format!("run {run} was killed before it began, and changed nothing"));
    }
    let what = wanted.task.map_or_else(String::new, |task| format!(" of {task}"));
    let place = wanted.environment.map_or_else(String::new, |name| format!(" in {name}"));
    let elsewhere = outlines.unfinished().into_iter();
    let elsewhere: Vec<String> = elsewhere.map(described).collect();
    let others = if elsewhere.is_empty() {
        String::new()
    } else {
        format!(" (unfinished elsewhere: {})", elsewhere.join("; "))
    };
    Ok(format!("no run{what}{place} is unfinished{others}"))
}

/// The records of a run, all of which must be known.
fn records(history: &History, run: &RunId) -> Result<Vec<Record>, Failure> {
    records_of(&history.runs()?, run)
}

/// As [`records`], where the runs were listed before.
fn records_of(runs: &[PastRun], run: &RunId) -> Result<Vec<Record>, Failure> {
    let refused = |message: String| {
        Failure::new(ErrorCode::UnknownError, message)
            .fix("run the task again: what is done is not done twice")
    };
    let Some(past) = runs.iter().find(|past| past.id == *run) else {
        return Err(refused(format!("the journal of run {run} was removed")));
    };
    let Found { reading, .. } = past.read();
    let reading = reading
        .map_err(|error| refused(error.to_string()).cause("the file was changed, or damaged"))?;
    if reading.skipped > 0 {
        return Err(refused(format!("the journal of run {run} is of a later version of osem"))
            .cause("what it says of the steps cannot all be read"));
    }
    Ok(reading.records)
}

/// The command line with what is taken from the run.
///
/// # Errors
/// `CONFIG_INVALID` when the command line or a variable says otherwise, naming both.
pub(super) fn pin(run: &RunArgs, header: &RunHeader) -> Result<RunArgs, Failure> {
    let mut pinned = run.clone();
    let task = run.task.as_deref();
    pinned.place = recorded_place::pin(&run.place, task, header)?;
    pinned.task = Some(header.task.clone());
    Ok(pinned)
}

/// What is recorded of the chain that ends with this run, or by now with one that resumed it.
///
/// # Errors
/// A journal that cannot be read, or is not known completely.
pub(super) fn chain(history: &History, run: &RunId) -> Result<Chain, Failure> {
    let outlines = history.outlines()?;
    let tip = outlines.get(run).map_or(run, |outline| &outlines.tip(outline).run);
    let mut runs: Vec<RunId> = outlines.chain(tip);
    let undoings = runs.iter().flat_map(|run| outlines.undone_by(run));
    let undoings: Vec<RunId> = undoings.map(|undoing| undoing.run.clone()).collect();
    runs.extend(undoings);
    // In the order in which it happened: what a later run did stands after it was taken back before.
    runs.sort();
    let listed = history.runs()?;
    let told = runs.iter().map(|run| records_of(&listed, run));
    let runs: Vec<Vec<Record>> = told.collect::<Result<_, Failure>>()?;
    let chain = Chain::of(runs.iter().map(Vec::as_slice));
    chain.ok_or_else(|| {
        let message = format!("the journal of run {run} does not tell how it began");
        Failure::new(ErrorCode::UnknownError, message).fix("run the task again")
    })
}

/// What the record of a run asks of the one that resumes it.
#[derive(Debug)]
pub(super) struct Resumed {
    /// The run that is resumed.
    pub(super) run: RunId,
    /// What it left to be done.
    pub(super) outstanding: Vec<OutstandingStep>,
}

/// Takes the problem out of a preview that misses a table which the recorded runs deleted, or may
/// have: that is how far they came.
fn without_expected(plan: &Plan, chain: &Chain, preview: StepPreview) -> StepPreview {
    let is_missing = |problem: &Failure| problem.code == ErrorCode::TableNotFound;
    if !preview.problem.as_ref().is_some_and(is_missing) {
        return preview;
    }
    let table = |step: &PlannedStep| step.table.as_ref().map(|table| table.name.clone());
    let missing = plan.steps().find(|step| step.id == preview.step).and_then(table);
    let deletes = |step: &&PlannedStep| step.kind == "delete-table" && table(step) == missing;
    let mut deleting = plan.steps().filter(deletes);
    let is_deleted = missing.is_some()
        && deleting.any(|step| chain.step(&step.id).is_some_and(StepRecord::may_have_changed));
    StepPreview { problem: preview.problem.filter(|_| !is_deleted), ..preview }
}

/// Narrows a session to what is outstanding: `previews` are those of all steps, and those of the
/// steps that run are given back.
pub(super) fn narrow(
    session: &mut Session,
    chain: &Chain,
    selected: &[Option<LeftOut>],
    named: &BTreeSet<StepId>,
    previews: Vec<StepPreview>,
) -> Vec<StepPreview> {
    let plan = &session.planned.plan;
    let previews: Vec<StepPreview> =
        previews.into_iter().map(|preview| without_expected(plan, chain, preview)).collect();
    let on_record = |preview: &StepPreview| {
        let recorded = chain.step(&preview.step).and_then(|step| step.done_with.as_ref());
        recorded.is_some() && preview.done_with.as_ref() == recorded
    };
    let differs = |preview: &&StepPreview| {
        preview.problem.is_some() || (!preview.changes.is_empty() && !on_record(preview))
    };
    let differs: BTreeSet<StepId> =
        previews.iter().filter(differs).map(|preview| preview.step.clone()).collect();
    let standings = run::outstanding(plan, &session.planned.definitions, chain, &differs);
    let narrowing = Narrowing::of_resume(plan, selected, named, &standings, chain);
    let outstanding = run::listed(plan, &standings);
    run::recorded_outputs(plan, &narrowing, chain, &session.context.surroundings.outputs);
    session.resumed = Some(Resumed { run: chain.header.run_id.clone(), outstanding });
    let runs = |preview: &StepPreview| narrowing.why(&preview.step).is_none();
    let previews = previews.into_iter().filter(runs).collect();
    session.context.narrowing = std::sync::Arc::new(narrowing);
    previews
}
