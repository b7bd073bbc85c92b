//! Which recorded run a command goes on with, and what is taken from it.
//!
//! Task, environment, region, endpoint, prefix of table names and rehearsal are the recorded run's.
//! What the command line or a variable says otherwise is refused, never followed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::journal::{
    Chain, EndpointKind, Found, History, Outline, Outlines, OutstandingStep, Record, RunEvent,
    RunHeader, RunId,
};
use crate::model::{ErrorCode, Failure, StepId};
use crate::plan::LeftOut;
use crate::run::{self, Narrowing, StepPreview};

use super::args::RunArgs;
use super::pinned::{self, Difference};
use super::session::{Session, variable};

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

/// The last run of the chain of the run of this name, or why there is nothing to go on with.
fn named<'o>(
    history: &History,
    outlines: &'o Outlines,
    name: &str,
) -> Result<Result<&'o Outline, String>, Failure> {
    let run = history.find(name)?;
    if let Some(outline) = outlines.get(&run.id) {
        return Ok(Ok(outlines.tip(outline)));
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
    let refused = |message: String| {
        Failure::new(ErrorCode::UnknownError, message)
            .fix("run the task again: what is done is not done twice")
    };
    let Some(past) = history.runs()?.into_iter().find(|past| past.id == *run) else {
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
    let recorded = &header.pinned;
    let mut found = Vec::new();
    let mut refuse = |what: &'static str, recorded: &str, current: &str| {
        let (recorded, current) = (recorded.to_owned(), current.to_owned());
        found.push(Difference { what: Cow::Borrowed(what), recorded, current });
    };
    let mut pinned = run.clone();
    if let Some(task) = run.task.as_ref().filter(|task| **task != header.task) {
        refuse("task", &header.task, task);
    }
    pinned.task = Some(header.task.clone());
    let place = &mut pinned.place;
    let environment = place.env.take().or(variable("OSEM_ENV")?);
    if let Some(named) = environment.filter(|named| *named != header.environment) {
        refuse("environment", &header.environment, &named);
    }
    place.env = Some(header.environment.clone());
    match (recorded.rehearsal, place.rehearse) {
        (false, true) => refuse("endpoint", "no rehearsal", "--rehearse"),
        (true, _) if place.endpoint_url.is_some() => {
            let url = place.endpoint_url.clone().unwrap_or_default();
            refuse("endpoint", "the simulator of a rehearsal", &url);
        }
        _ => place.rehearse = recorded.rehearsal,
    }
    if let Some(region) = place.region.as_ref().filter(|region| **region != header.region) {
        refuse("region", &header.region, region);
    }
    pinned::refuse(&header.run_id, &found)?;
    place.simulation.settle(recorded.rehearsal)?;
    if recorded.endpoint == EndpointKind::Overridden && place.endpoint_url.is_none() {
        place.endpoint_url = Some(recorded_url(header)?);
    }
    Ok(pinned)
}

/// The endpoint that was named on the command line of the run.
fn recorded_url(header: &RunHeader) -> Result<String, Failure> {
    let url = header.pinned.endpoint_url.clone().unwrap_or_default();
    if url.contains("***@") {
        let message = format!("run {} had an endpoint with a password: {url}", header.run_id);
        return Err(Failure::new(ErrorCode::UsageInvalid, message)
            .cause("passwords are not recorded")
            .fix("name it again with --endpoint-url"));
    }
    Ok(url)
}

/// What is recorded of the chain that ends with this run, or by now with one that resumed it.
///
/// # Errors
/// A journal that cannot be read, or is not known completely.
pub(super) fn chain(history: &History, run: &RunId) -> Result<Chain, Failure> {
    let outlines = history.outlines()?;
    let tip = outlines.get(run).map_or(run, |outline| &outlines.tip(outline).run);
    let told = |run: &RunId| {
        let mut told = records(history, run)?;
        let mut undoings: Vec<&RunId> = outlines.undone_by(run).map(|one| &one.run).collect();
        undoings.reverse();
        for undoing in undoings {
            told.extend(records(history, undoing)?);
        }
        Ok(told)
    };
    let runs: Vec<Vec<Record>> =
        outlines.chain(tip).iter().map(told).collect::<Result<_, Failure>>()?;
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

/// Narrows a session to what is outstanding: `previews` are those of all steps, and those of the
/// steps that run are given back.
pub(super) fn narrow(
    session: &mut Session,
    chain: &Chain,
    selected: &[Option<LeftOut>],
    previews: Vec<StepPreview>,
) -> Vec<StepPreview> {
    let plan = &session.planned.plan;
    let on_record = |preview: &StepPreview| {
        let recorded = chain.step(&preview.step).and_then(|step| step.done_with.as_ref());
        preview.problem.is_none() && recorded.is_some() && preview.done_with.as_ref() == recorded
    };
    let differs = |preview: &&StepPreview| {
        (!preview.changes.is_empty() && !on_record(preview)) || preview.problem.is_some()
    };
    let differs: BTreeSet<StepId> =
        previews.iter().filter(differs).map(|preview| preview.step.clone()).collect();
    let standings = run::outstanding(plan, &session.planned.definitions, chain, &differs);
    let narrowing = Narrowing::of_resume(plan, selected, &standings, chain);
    let outstanding = run::listed(plan, &standings);
    run::recorded_outputs(plan, &narrowing, chain, &session.context.surroundings.outputs);
    session.resumed = Some(Resumed { run: chain.header.run_id.clone(), outstanding });
    let runs = |preview: &StepPreview| narrowing.why(&preview.step).is_none();
    let previews = previews.into_iter().filter(runs).collect();
    session.context.narrowing = std::sync::Arc::new(narrowing);
    previews
}
