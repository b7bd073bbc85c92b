//! `osem rollback`: undoes what a recorded run did, from its journal.
//!
//! The journal says what is to be undone and where; the files say how to get there. Nothing is sent
//! when the two lead to different places. It is a run of its own, with the environment's lock and
//! a journal that names the run it undoes, so that an interrupted one is finished by the next.

use std::sync::Arc;

use crate::child;
use crate::cli::args::{GlobalArgs, IndexArgs, RollbackArgs};
use crate::cli::pinned;
use crate::cli::project;
use crate::cli::prompt::{self, Answers};
use crate::cli::recorded_place;
use crate::cli::recording::{self, Recording};
use crate::cli::session::{self, Choice, NO_TASK, Planned, Session};
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::cli::undone_run::{self, Target};
use crate::cli::{CommandError, CommandResult, exit, signals};
use crate::journal::{RunEvent, RunHeader, RunId, UndoOutcome, UndoResult};
use crate::model::{Confirm, Environment, ErrorCode, Failure, millis};
use crate::report::{Data, Document, Outline, Verbosity, document};
use crate::run::{self, CancelReason};
use crate::step::Undo;

pub(super) async fn execute(
    args: &GlobalArgs,
    rollback: &RollbackArgs,
    terminal: &Terminal,
) -> CommandResult {
    let state = project::state(args, &rollback.state)?;
    let history = state.history();
    let is_waited_for = rollback.lock_wait.is_some() && !rollback.dry_run;
    let (run, header) = undone_run::find(&history, &rollback.run, is_waited_for)?;
    let place = recorded_place::pin(&rollback.place, None, &header)?;
    let indexes = IndexArgs::default();
    let choice = Choice {
        confirm: rollback.confirm.as_deref(),
        resumed: Some(&header),
        recorded: Some(&header.pinned.variables),
        ..Choice::new(NO_TASK, &place, &indexes)
    };
    let planned = session::plan(args, choice).await?;
    let place = planned.place.clone();
    let at = |failure: Failure| CommandError::from(failure).at(&place);
    pinned::refuse_other_place(&planned, &header).map_err(at)?;
    if rollback.dry_run {
        let target = undone_run::target(&history, &run, header).map_err(at)?;
        return Ok(preview(&planned, &target, terminal));
    }
    let longest = rollback.lock_wait.unwrap_or_default();
    let (environment, rehearsal) = (&header.environment, header.pinned.rehearsal);
    let recording = Recording::take(state, environment, rehearsal, longest, terminal).await;
    let recording = recording.map_err(at)?;
    let target = undone_run::target(&history, &run, header).map_err(at)?;
    if target.undoings.is_empty() {
        return Ok(nothing_left(&target, terminal));
    }
    let sink = Sink::of_run(terminal, None, false, true);
    record(planned, &target, rollback, recording, sink, terminal).await
}

/// Nobody is asked and nothing is recorded.
fn nothing_left(target: &Target, terminal: &Terminal) -> u8 {
    let text = format!("nothing of run {} is left to undo", target.header.run_id);
    let texts = || std::iter::once(text.clone()).chain(target.stands_before());
    if !terminal.json {
        texts().for_each(|text| terminal.remark(&format!("{text}\n")));
    }
    without_run(target, texts().collect(), terminal)
}

/// Shows what would be undone; changes nothing.
fn preview(planned: &Planned, target: &Target, terminal: &Terminal) -> u8 {
    if target.undoings.is_empty() {
        return nothing_left(target, terminal);
    }
    let RunHeader { run_id, task, environment, endpoint, .. } = &target.header;
    let lines = listed(target, &planned.environment);
    if !terminal.json {
        let place = format!("{}, {endpoint}", planned.region);
        let heading = format!("rollback of {task} {run_id} in {environment} ({place})\n");
        terminal.page(&(heading + &text(&lines)));
    }
    without_run(target, lines, terminal)
}

/// The document of a rollback that undid nothing, with these words; ends with 0.
fn without_run(target: &Target, warnings: Vec<String>, terminal: &Terminal) -> u8 {
    let RunHeader { environment, region, pinned, .. } = &target.header;
    if terminal.json {
        let outline = Outline {
            command: "rollback",
            environment: Some(environment),
            region: Some(region),
            rehearsal: pinned.rehearsal,
            ..Outline::default()
        };
        let data = Data { warnings, ..Data::default() };
        terminal.result(&document(outline, data).to_text());
    }
    exit::SUCCESS
}

/// What would be undone and what would stand, last first, and what has to do with it.
fn listed(target: &Target, environment: &Environment) -> Vec<String> {
    let mut lines = Vec::new();
    for undoing in target.undoings.iter().rev() {
        let step = &undoing.step;
        if undoing.undo.is_empty() {
            lines.push(format!("{step}: stands: {}", undoing.stands));
        }
        for undo in undoing.undo.iter().rev() {
            let what = undo.describe();
            lines.push(if undo.deletes() && !environment.allow_destroy {
                let name = &environment.name.value;
                let why = format!("environment `{name}` does not say allow-destroy");
                format!("{step}: stands, because {why}; else: {what}")
            } else {
                format!("{step}: {what}")
            });
        }
    }
    lines.extend(target.counted_on().map(|line| format!("! {line}")));
    lines.extend(target.stands_before().map(|line| format!("! {line}")));
    lines
}

fn text(lines: &[String]) -> String {
    lines.iter().fold(String::new(), |text, line| text + "  " + line + "\n")
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

/// Shows what would be undone and gets the confirmation for it, where anything may be.
fn ask(
    session: &Session,
    target: &Target,
    rollback: &RollbackArgs,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let environment = &session.planned.environment;
    let undos = || target.undoings.iter().flat_map(|undoing| &undoing.undo);
    let allowed = |undo: &Undo| environment.allow_destroy || !undo.deletes();
    let destroys = undos().any(|undo| undo.deletes() && allowed(undo));
    let needed = if destroys || (environment.protected && undos().any(allowed)) {
        Confirm::TypeEnvironment
    } else {
        Confirm::Never
    };
    let answers = Answers { yes: false, confirm: rollback.confirm.as_deref() };
    if terminal.verbosity > Verbosity::Quiet || !answers.suffice(needed) {
        let name = &environment.name.value;
        let RunHeader { run_id, task, .. } = &target.header;
        let heading = format!("rollback of {task} {run_id} in {name} ({})\n", session.where_to());
        terminal.error(&(heading + &text(&listed(target, environment))));
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
    let related = [target.counted_on(), target.stands_before()].into_iter().flatten();
    for message in session.connection.warnings.iter().cloned().chain(related) {
        session.sink.emit(RunEvent::Warning { message });
    }
    let context = &session.context;
    signals::install(&context.cancel, &context.surroundings.groups)?;
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
    let duration_ms = millis(begun.elapsed());
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
