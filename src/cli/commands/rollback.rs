//! `osem rollback`: undoes what a recorded run did, from its journal.
//!
//! The journal says what is to be undone and where; the files say how to get there. Nothing is sent
//! when the two lead to different places. It is a run of its own, with the environment's lock and
//! a journal that names the run it undoes, so that an interrupted one is finished by the next.

use std::sync::Arc;

use crate::child;
use crate::cli::args::{GlobalArgs, IndexArgs, PlaceArgs, RollbackArgs};
use crate::cli::pinned;
use crate::cli::prompt::{self, Answers};
use crate::cli::recording::{self, Recording};
use crate::cli::session::{self, Choice, NO_TASK, Planned, Session};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit, signals};
use crate::journal::{
    EndpointKind, History, PastRun, Record, RunEvent, RunHeader, RunId, UndoOutcome, UndoResult,
};
use crate::model::{Confirm, ErrorCode, Failure};
use crate::report::{Data, Document, Outline, Verbosity, document};
use crate::run::{self, CancelReason, Undoing};
use crate::step::Undo;

pub(super) async fn execute(
    args: &GlobalArgs,
    rollback: &RollbackArgs,
    terminal: &Terminal,
) -> CommandResult {
    let state = session::state(args, &rollback.state)?;
    let history = state.history();
    let (run, header) = undone_run(&history, &rollback.run)?;
    let place = place(&rollback.place, &header)?;
    let choice = Choice {
        task: NO_TASK,
        place: &place,
        indexes: &IndexArgs::default(),
        confirm: rollback.confirm.as_deref(),
        on_failure: None,
        retries: None,
        no_rollback: false,
        resumed: None,
        recorded: Some(&header.pinned.variables),
    };
    let planned = session::plan(args, choice).await?;
    let longest = rollback.lock_wait.unwrap_or_default();
    let environment = &header.environment;
    let recording =
        Recording::take(state, environment, header.pinned.rehearsal, longest, terminal).await?;
    // Another command may have undone something while the lock was waited for.
    let undoings = outstanding(&history, &run)?;
    let target = Target { header, undoings };
    if target.undoings.is_empty() {
        return Ok(nothing_left(&target, terminal));
    }
    let sink = Sink::of_run(terminal, None, false, true);
    record(planned, &target, rollback, recording, sink, terminal).await
}

/// Nobody is asked and nothing is recorded.
fn nothing_left(target: &Target, terminal: &Terminal) -> u8 {
    let RunHeader { run_id, environment, region, .. } = &target.header;
    terminal.remark(&format!("nothing of run {run_id} is left to undo\n"));
    if terminal.json {
        let outline = Outline {
            command: "rollback",
            environment: Some(environment),
            region: Some(region),
            rehearsal: target.header.pinned.rehearsal,
            ..Outline::default()
        };
        terminal.result(&document(outline, Data::default()).to_text());
    }
    exit::SUCCESS
}

/// A run, and what of it is to be undone.
struct Target {
    header: RunHeader,
    undoings: Vec<Undoing>,
}

/// The run that is named; where that one undid another, the other.
fn undone_run(history: &History, name: &str) -> Result<(PastRun, RunHeader), Failure> {
    let run = history.find(name)?;
    let header = header(&run, &records(&run)?)?;
    let Some(of) = &header.undoes else { return Ok((run, header)) };
    let run = history.find(of.as_str())?;
    let header = self::header(&run, &records(&run)?)?;
    Ok((run, header))
}

fn records(run: &PastRun) -> Result<Vec<Record>, Failure> {
    let found = run.read();
    if found.running {
        let message = format!("run {} is going on", run.id);
        return Err(Failure::new(ErrorCode::Locked, message).fix("end it, or wait for its end"));
    }
    let reading = found.reading.map_err(|error| {
        Failure::new(ErrorCode::UnknownError, error.to_string())
            .cause("the file was changed, or damaged")
            .fix("compare the tables with the file: osem verify")
    })?;
    if reading.skipped > 0 {
        let message = format!("run {} was recorded by a later version of osem", run.id);
        return Err(Failure::new(ErrorCode::UnknownError, message).fix("use that version"));
    }
    Ok(reading.records)
}

fn header(run: &PastRun, records: &[Record]) -> Result<RunHeader, Failure> {
    let started = records.iter().find_map(|record| match &record.event {
        RunEvent::RunStarted(header) => Some((**header).clone()),
        _ => None,
    });
    started.ok_or_else(|| {
        let message = format!("run {} was killed before it began: it changed nothing", run.id);
        Failure::new(ErrorCode::UnknownError, message).fix("see: osem runs list")
    })
}

/// What nothing has undone yet.
fn outstanding(history: &History, run: &PastRun) -> Result<Vec<Undoing>, Failure> {
    let outlines = history.outlines()?;
    let attempts = outlines.undone_by(&run.id).map(|attempt| history.find(attempt.run.as_str()));
    // One that cannot be read is no proof that anything was undone.
    let later: Vec<Vec<Record>> =
        attempts.filter_map(|attempt| records(&attempt.ok()?).ok()).collect();
    Ok(run::outstanding_undos(&records(run)?, &later))
}

/// Where the run went, unless the command line says otherwise: then it is compared.
fn place(flags: &PlaceArgs, header: &RunHeader) -> Result<PlaceArgs, Failure> {
    let RunHeader { environment, pinned, run_id, .. } = header;
    if let Some(named) = flags.env.as_ref().filter(|named| *named != environment) {
        let message = format!("run {run_id} was in environment `{environment}`, not in `{named}`");
        return Err(Failure::new(ErrorCode::UsageInvalid, message).fix("leave --env out"));
    }
    let mut place = PlaceArgs { env: Some(environment.clone()), ..flags.clone() };
    if pinned.endpoint == EndpointKind::Overridden && place.endpoint_url.is_none() {
        place.endpoint_url.clone_from(&pinned.endpoint_url);
    }
    place.rehearse |= pinned.rehearsal;
    Ok(place)
}

/// Connects, asks, and undoes.
async fn record(
    planned: Planned,
    target: &Target,
    rollback: &RollbackArgs,
    mut recording: Recording,
    sink: Sink,
    terminal: &Terminal,
) -> CommandResult {
    let mut session = session::connect(planned, false, sink, terminal).await?;
    session.keep_descriptions(Some(&recording));
    session.name_run(Some(&recording), terminal);
    Arc::make_mut(&mut session.context.surroundings).task.clone_from(&target.header.task);
    let at = |failure: Failure, session: &Session| {
        CommandError::from(failure).at(&session.planned.place)
    };
    let asked = pinned::refuse_elsewhere(&session, &target.header)
        .and_then(|()| ask(&session, target, rollback, terminal));
    asked.map_err(|failure| at(failure, &session))?;
    let journal = recording.start(&session.sink);
    session.context.journal = Some(journal.map_err(|failure| at(failure, &session))?);
    carry_out(&session, target, rollback, recording, terminal).await
}

/// Shows what would be undone and gets the confirmation for it.
fn ask(
    session: &Session,
    target: &Target,
    rollback: &RollbackArgs,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let environment = &session.planned.environment;
    let undos = || target.undoings.iter().flat_map(|undoing| &undoing.undo);
    let deletes = undos().any(Undo::deletes);
    let destroys = deletes && environment.allow_destroy;
    let needed = if destroys || (environment.protected && undos().next().is_some()) {
        Confirm::TypeEnvironment
    } else {
        Confirm::Never
    };
    let answers = Answers { yes: false, confirm: rollback.confirm.as_deref() };
    let quiet = terminal.verbosity == Verbosity::Quiet && answers.suffice(needed);
    if needed > Confirm::Never && !quiet {
        let name = &environment.name.value;
        let RunHeader { run_id, task, .. } = &target.header;
        let place = session.where_to();
        terminal.error(&format!("rollback of {task} {run_id} in {name} ({place})\n"));
        for undoing in target.undoings.iter().rev() {
            for undo in undoing.undo.iter().rev() {
                terminal.error(&format!("  {}: {}\n", undoing.step, undo.describe()));
            }
        }
    }
    prompt::confirm(needed, &environment.name.value, answers, terminal)
}

async fn carry_out(
    session: &Session,
    target: &Target,
    rollback: &RollbackArgs,
    mut recording: Recording,
    terminal: &Terminal,
) -> CommandResult {
    let jobs = rollback.jobs.map_or(session.planned.jobs, usize::from);
    let started = header_of_this(session, target, recording.run.clone(), jobs);
    recording.started(&session.sink, RunEvent::RunStarted(Box::new(started))).await?;
    for message in &session.connection.warnings {
        session.sink.emit(RunEvent::Warning { message: message.clone() });
    }
    let context = &session.context;
    signals::install(&context.cancel, &context.surroundings.groups).map_err(|error| {
        Failure::new(ErrorCode::UnknownError, format!("failed to wait for signals: {error}"))
    })?;
    child::adopt();
    let begun = tokio::time::Instant::now();
    let undone = until_undone(session, target, jobs).await;
    let mut exit_code = exit_code(&undone, context.cancel.reason());
    let changed = undone.iter().any(|undone| undone.attempts > 0);
    if let Some((failure, said)) = recording.lost().await {
        if !said {
            session.sink.emit(RunEvent::Warning { message: failure.message });
        }
        exit_code = recording::incomplete(exit_code, changed);
    }
    let duration_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    session.sink.emit(RunEvent::RunFinished { duration_ms, exit_code });
    if terminal.json {
        let document = session.sink.fold(Document::of_run);
        terminal.result(&document.expect("the run has started and ended").to_text());
    }
    if let Some(remark) = session.rehearsal_remark() {
        terminal.error(&remark);
    }
    Ok(recording.end(exit_code, changed, terminal).await)
}

/// Undoes; says so at once when it is asked to end.
async fn until_undone(session: &Session, target: &Target, jobs: usize) -> Vec<UndoResult> {
    let context = &session.context;
    let mut undoing = std::pin::pin!(run::undo_all(context, target.undoings.clone(), jobs));
    tokio::select! {
        biased;
        reason = context.cancel.cancelled() => {
            session.sink.emit(RunEvent::Cancelling { reason: reason.to_string() });
            undoing.await
        }
        undone = &mut undoing => undone,
    }
}

/// 0 when nothing of the run remains; 2 when something stands; 3 when undoing failed.
fn exit_code(undone: &[UndoResult], ended: Option<CancelReason>) -> u8 {
    let any = |outcome| undone.iter().any(|undone| undone.outcome == outcome);
    let failures = undone.iter().filter_map(|undone| undone.failure.as_ref());
    if failures.clone().any(|failure| failure.code == ErrorCode::InternalError) {
        return exit::BUG;
    }
    match ended {
        _ if any(UndoOutcome::Failed) => exit::ROLLBACK_INCOMPLETE,
        Some(reason) => reason.exit_code(),
        None if any(UndoOutcome::Stands) || any(UndoOutcome::Kept) => exit::PARTIAL,
        None => exit::SUCCESS,
    }
}

fn header_of_this(session: &Session, target: &Target, run_id: RunId, jobs: usize) -> RunHeader {
    let mut steps = target.header.steps.clone();
    steps.retain(|step| target.undoings.iter().any(|undoing| undoing.step == step.step));
    RunHeader {
        run_id,
        task: "rollback".to_owned(),
        endpoint: session.connection.endpoint.clone(),
        identity: session.identity(),
        jobs,
        pinned: session.pinned(),
        steps,
        undoes: Some(target.header.run_id.clone()),
        resumes: None,
        outstanding: Vec::new(),
        ..target.header.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StepId;

    fn undone(outcome: UndoOutcome) -> UndoResult {
        UndoResult {
            step: StepId::new("create-table", Some("Users")),
            table: None,
            table_name: None,
            outcome,
            message: String::new(),
            attempts: 1,
            duration_ms: 1,
            failure: None,
        }
    }

    #[test]
    fn exit_codes_say_what_is_left_of_the_run() {
        use UndoOutcome::{Failed, Kept, RolledBack, Stands};
        let code = |outcomes: &[UndoOutcome], ended| {
            let undone: Vec<UndoResult> = outcomes.iter().copied().map(undone).collect();
            exit_code(&undone, ended)
        };
        assert_eq!(code(&[], None), 0);
        assert_eq!(code(&[RolledBack], None), 0);
        assert_eq!(code(&[RolledBack, Stands], None), 2);
        assert_eq!(code(&[Kept], Some(CancelReason::Interrupt)), 130);
        assert_eq!(code(&[Failed, Stands], Some(CancelReason::Interrupt)), 3);
    }
}
