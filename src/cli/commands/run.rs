//! `osem run`: preview, confirm once, execute, report.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::child;
use crate::cli::args::{GlobalArgs, RunArgs};
use crate::cli::events::{self, EventsFile};
use crate::cli::interactive;
use crate::cli::pinned;
use crate::cli::prompt::{self, Answers};
use crate::cli::recording::{self, Recording};
use crate::cli::resume;
use crate::cli::saved_plan;
use crate::cli::session::{self, Choice, Planned, Session};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit, signals};
use crate::journal::{Chain, RunEvent, RunHeader, StepHeader, StepResult, StepStatus};
use crate::model::{Confirm, Failure, OnFailure, StepId, millis};
use crate::plan::LeftOut;
use crate::report::{Document, Verbosity};
use crate::run::{self, Bounds, CancelToken, Narrowing, SavedPlan, StepPreview};
use crate::step::Consent;
use crate::table::TableChange;

use super::planning;

pub(super) async fn execute(
    args: &GlobalArgs,
    run: &RunArgs,
    resumed: Option<&RunHeader>,
    terminal: &Terminal,
) -> CommandResult {
    let (saved, run) = match saved_plan::open(run)? {
        Some((saved, run)) => (Some(saved), Cow::Owned(run)),
        None => (None, Cow::Borrowed(run)),
    };
    let run = run.as_ref();
    let on_failure = match (run.keep_going, run.fail_fast) {
        (true, _) => Some(OnFailure::KeepGoing),
        (_, true) => Some(OnFailure::Stop),
        _ => None,
    };
    let pinned = resumed.map(|header| &header.pinned);
    let pinned = pinned.or(saved.as_ref().map(|saved| &saved.pinned));
    let choice = Choice {
        confirm: run.confirm.as_deref(),
        on_failure,
        retries: run.retries,
        no_rollback: run.no_rollback,
        resumed,
        recorded: pinned.map(|pinned| &pinned.variables),
        ..Choice::new(run.task(), &run.place, &run.indexes)
    };
    let mut planned = session::plan(args, choice).await?;
    let place = planned.place.clone();
    let at = |failure: Failure| CommandError::from(failure).at(&place);
    resumed.map_or(Ok(()), |header| pinned::refuse_other_place(&planned, header)).map_err(at)?;
    let selected = run.selection.apply(&planned.plan).map_err(at)?;
    let named = run.selection.named(&planned.plan);
    // Before the lock of an emulator's database, which is waited for.
    let target = events::Target::open(run, &planned).map_err(at)?;
    let recording = Recording::begin(&planned, run, terminal).await.map_err(at)?;
    if let Some(recording) = &recording {
        planned.bind_secrets(|| recording.key()).map_err(at)?;
    }
    let (events, file) = target.map(events::Target::start).transpose().map_err(at)?.unzip();
    let sink = Sink::of_run(terminal, events, run.events_on_stdout(), recording.is_some());
    // What is recorded is read under the lock: another run may just have gone on with it.
    let history = run.state.dir(&planned.root).history();
    let chain = resumed.map(|header| resume::chain(&history, &header.run_id));
    let chain = chain.transpose().map_err(at)?;
    if recording.is_some() && jobs(run, &planned) > 1 {
        planned.expect_as_recorded(&history);
    }
    let (saved, chain) = (saved.as_ref(), chain.as_ref());
    let asked = Asked { run, saved, selected: &selected, named: &named, chain };
    let ended = record(planned, asked, recording, sink, file.as_ref(), terminal).await;
    if let (Err(_), Some(file)) = (&ended, file) {
        // What was written before it failed; a signal ends the process here.
        let _ = file.written(&CancelToken::default()).await;
    }
    ended
}

/// What the command line asks for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    run: &'a RunArgs,
    /// The plan that `--plan` names.
    saved: Option<&'a SavedPlan>,
    /// For each node of the plan, the flag for which it does not run.
    selected: &'a [Option<LeftOut>],
    /// The steps that its flags name themselves.
    named: &'a BTreeSet<StepId>,
    /// What is recorded of the runs that are gone on with.
    chain: Option<&'a Chain>,
}

/// Connects, previews, and carries out.
async fn record(
    planned: Planned,
    asked: Asked<'_>,
    mut recording: Option<Recording>,
    sink: Sink,
    events: Option<&EventsFile>,
    terminal: &Terminal,
) -> CommandResult {
    let reads_only = !planned.plan.writes();
    let mut session = session::connect(planned, reads_only, sink, terminal).await?;
    session.keep_descriptions(recording.as_ref());
    let previews = narrow(&mut session, asked, terminal).await;
    let previews =
        previews.and_then(|previews| session.refuse_missing_outputs().map(|()| previews));
    let previews = previews.and_then(|previews| {
        interactive::refuse_without_terminal(&session, asked.run, terminal).map(|()| previews)
    });
    let previews =
        previews.map_err(|failure| CommandError::from(failure).at(&session.planned.place))?;
    if !reads_only || asked.saved.is_some() {
        let shown = show(&session, asked, previews, terminal).await;
        let changes = shown.map_err(|error| error.at(&session.planned.place))?;
        // A saved plan binds as a protected environment does.
        let bound = session.planned.environment.protected || asked.saved.is_some();
        session.context.consent = Arc::new(Consent::new(bound, &changes));
    }
    if let Some(recording) = &mut recording {
        let journal = recording.start(&session.sink);
        let at = |failure| CommandError::from(failure).at(&session.planned.place);
        session.context.journal = Some(journal.map_err(at)?);
    }
    session.name_run(recording.as_ref(), terminal);
    let groups = &session.context.surroundings.groups;
    signals::install(&session.context.cancel, groups)?;
    session.previewing = None;
    carry_out(&session, asked, recording, events, terminal).await
}

/// Leaves out what is not to run. Where that shows only in a preview, gives what it showed of the
/// steps that do run.
async fn narrow(
    session: &mut Session,
    asked: Asked<'_>,
    terminal: &Terminal,
) -> Result<Option<Vec<StepPreview>>, Failure> {
    let Some(chain) = asked.chain else {
        let narrowing = Narrowing::of_selection(&session.planned.plan, asked.selected);
        session.context.narrowing = Arc::new(narrowing);
        return Ok(None);
    };
    pinned::refuse_elsewhere(session, &chain.header)?;
    let previews = planning::each(session, terminal).await?;
    let previews = resume::narrow(session, chain, asked.selected, asked.named, previews);
    Ok(Some(run::supposed(&session.planned.plan, &session.context, previews).await?))
}

/// Previews the plan and gets the confirmation it needs; gives the calls that were shown.
async fn show(
    session: &Session,
    asked: Asked<'_>,
    previews: Option<Vec<StepPreview>>,
    terminal: &Terminal,
) -> Result<Vec<TableChange>, CommandError> {
    let run = asked.run;
    let previews = match previews {
        Some(previews) => previews,
        None => planning::previews(session, terminal).await?,
    };
    if let Some(saved) = asked.saved {
        let file = run.plan.as_deref();
        saved_plan::refuse_differences(saved, file, &saved_plan::of_preview(session, &previews))?;
    }
    refuse_certain_failure(session, &previews, terminal)?;
    let needed =
        run::required_confirmation(&session.planned.plan, &previews, &session.planned.environment);
    let answers = Answers { yes: run.yes, confirm: run.confirm.as_deref() };
    let quiet = terminal.verbosity == Verbosity::Quiet && answers.suffice(needed);
    if needed > Confirm::Never && !quiet {
        planning::show_before_asking(
            session,
            &previews,
            (jobs(run, &session.planned), run),
            terminal,
        );
    }
    prompt::confirm(needed, &session.planned.environment.name.value, answers, terminal)?;
    Ok(previews.into_iter().flat_map(|preview| preview.changes).collect())
}

/// A step that is certain to fail and that would stop the run stops it before the first write.
fn refuse_certain_failure(
    session: &Session,
    previews: &[StepPreview],
    terminal: &Terminal,
) -> Result<(), CommandError> {
    let certain = run::refused(&session.planned.plan, previews);
    let Some(failure) = certain.first().and_then(|preview| preview.problem.clone()) else {
        return Ok(());
    };
    if !terminal.json {
        for other in certain[1..].iter().filter_map(|preview| preview.problem.as_ref()) {
            terminal.error(&crate::report::render_failure(other, terminal.style));
        }
    }
    let step = certain[0].step.as_str();
    let cause = failure.cause.clone().map_or_else(String::new, |cause| format!("{cause}; "));
    Err(failure
        .cause(format!("{cause}found before the first write: nothing was changed"))
        .detail("step", step)
        .into())
}

async fn carry_out(
    session: &Session,
    asked: Asked<'_>,
    mut recording: Option<Recording>,
    events: Option<&EventsFile>,
    terminal: &Terminal,
) -> CommandResult {
    let run = asked.run;
    let jobs = jobs(run, &session.planned);
    let header = RunHeader { recorded: recording.is_some(), ..header(session, jobs) };
    let started = RunEvent::RunStarted(Box::new(header));
    match &recording {
        Some(recording) => recording.started(&session.sink, started).await?,
        None => session.sink.emit(started),
    }
    warn(session, asked.chain, terminal);
    child::adopt();
    let bounds = Bounds { jobs, max_fail: run.max_fail, timeout: run.timeout };
    let summary = run::execute(&session.planned.plan, &session.context, bounds).await;
    let mut exit_code = summary.exit_code(run.place.strict);
    if exit_code == exit::SUCCESS && session.context.narrowing.leaves_work() {
        exit_code = exit::PARTIAL;
    }
    let undid = summary.results.iter().any(|result| result.rollback.is_some());
    if let Some(chain) = asked.chain.filter(|_| exit_code == exit::FAILED) {
        exit_code = failed_resume(session, chain, undid);
    }
    let changed = summary.results.iter().any(may_have_changed);
    if let Some(recording) = &mut recording
        && let Some((failure, said)) = recording.lost().await
    {
        if !said {
            let message = format!("{}; no further change is made", failure.message);
            session.sink.emit(RunEvent::Warning { message });
        }
        exit_code = recording::incomplete(exit_code, changed);
    }
    let mut whole = written(events, session).await;
    if whole.is_err() {
        exit_code = recording::incomplete(exit_code, changed);
    }
    let duration_ms = millis(summary.duration);
    session.sink.emit(RunEvent::RunFinished { duration_ms, exit_code });
    if whole.is_ok() {
        whole = written(events, session).await;
        if whole.is_err() {
            exit_code = recording::incomplete(exit_code, changed);
        }
    }
    if let Err(why) = whole {
        terminal.lose(&format!("the events: {why}"));
    }
    tell_end(session, terminal);
    Ok(match recording {
        Some(recording) => recording.end(exit_code, changed, terminal).await,
        None => exit_code,
    })
}

/// What a person should know of the run before its first step.
fn warn(session: &Session, chain: Option<&Chain>, terminal: &Terminal) {
    for message in &session.connection.warnings {
        if terminal.verbosity == Verbosity::Quiet {
            // Where calls go is never left unsaid.
            terminal.error(&format!("{message}\n"));
        }
        session.sink.emit(RunEvent::Warning { message: message.clone() });
    }
    let gone = chain.map_or_else(Vec::new, |chain| run::gone(&session.planned.plan, chain));
    for message in gone {
        session.sink.emit(RunEvent::Warning { message });
    }
}

/// What is told beside the report when all events are there.
fn tell_end(session: &Session, terminal: &Terminal) {
    if terminal.json {
        let document = session.sink.fold(Document::of_run);
        let document = document.expect("the run has started and ended");
        terminal.result(&document.to_text());
    }
    if let Some(remark) = session.rehearsal_remark() {
        // That the account was not touched is never left unsaid.
        terminal.error(&remark);
    }
}

/// The exit code of a resume that failed and of which nothing remains: what the runs before it made
/// stands all the same. Where anything was undone, that is said.
fn failed_resume(session: &Session, chain: &Chain, undid: bool) -> u8 {
    let runs = run::standing(chain);
    if runs.is_empty() {
        return exit::FAILED;
    }
    for run in runs.into_iter().filter(|_| undid) {
        let message = format!("what run {run} changed stands: osem rollback {run}");
        session.sink.emit(RunEvent::Warning { message });
    }
    exit::PARTIAL
}

fn jobs(run: &RunArgs, planned: &Planned) -> usize {
    run.jobs.map_or(planned.jobs, usize::from)
}

/// Whether what `--events` names has all events so far, or why not.
async fn written(events: Option<&EventsFile>, session: &Session) -> Result<(), String> {
    match events {
        Some(events) => events.written(&session.context.cancel).await,
        None => Ok(()),
    }
}

fn may_have_changed(result: &StepResult) -> bool {
    result.changed || result.status == StepStatus::Unknown
}

fn header(session: &Session, jobs: usize) -> RunHeader {
    let plan = &session.planned.plan;
    let steps =
        plan.steps().zip(&session.planned.definitions).map(|(step, definition)| StepHeader {
            step: step.id.clone(),
            kind: step.kind.clone(),
            effect: step.effect,
            table: step.table.as_ref().map(|table| table.declared.clone()),
            table_name: step.table.as_ref().map(|table| table.name.to_string()),
            definition: definition.clone(),
        });
    RunHeader {
        run_id: session.run.clone(),
        task: plan.task.clone(),
        environment: plan.environment.clone(),
        region: session.planned.region.clone(),
        endpoint: session.connection.endpoint.clone(),
        identity: session.identity(),
        jobs,
        total_tables: plan.tables.len(),
        pinned: session.pinned(),
        steps: steps.collect(),
        undoes: None,
        recorded: false,
        resumes: session.resumed.as_ref().map(|resumed| resumed.run.clone()),
        outstanding: session.resumed.as_ref().map_or_else(Vec::new, |it| it.outstanding.clone()),
    }
}
