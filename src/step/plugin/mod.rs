//! Steps of kinds that are plugins: what is asked, and what the answers mean.

mod ask;
mod kept;
mod request;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value};

use crate::child::End;
use crate::model::{Effect, ErrorCode, Failure, FailureClass, KindDecl};
use crate::plugin::{Answer, Description, Heard, Status, Verb};

use super::command::{
    self, Grant, Would, environment, filled, filled_record, prepare_undo, recorded_environment,
    recorded_secrets, short,
};
use super::{
    CommandPreview, Preview, Step, StepContext, StepError, StepOutputs, StepSuccess, Undo, Undone,
};

pub use ask::check_plugin;
use ask::{Asked, LONGEST_PLAN, Reply, ask, described};

/// Runs the plugin of its kind.
pub(super) struct RunPlugin(pub(super) Arc<KindDecl>);

impl Step for RunPlugin {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        preview(&self.0, cx).boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        execute(&self.0, cx).boxed()
    }
}

async fn preview(kind: &KindDecl, cx: &StepContext) -> Result<Preview, Failure> {
    let command = cx.command.command();
    let known = |would| Some(CommandPreview::of(command, would));
    let plain = Preview { command: known(None), ..Preview::default() };
    let program = program(cx)?;
    let description = match described_step(cx, &program, kind).await {
        Ok(description) => description,
        Err(failure) => return Ok(Preview { problem: Some(failure), stands: true, ..plain }),
    };
    if !description.has(Verb::Plan) {
        return Ok(plain);
    }
    // What only looks may be shown what it will see; anything else does nothing yet.
    let grant = match command.effect {
        Effect::Read => Grant::of(command.credentials),
        Effect::Write | Effect::Destroy => Grant::Nothing,
    };
    let asked = Asked { verb: Verb::Plan, program: &program, env: environment(cx)?, grant };
    let reply = ask(cx, asked, request::of(cx, Verb::Plan, request::all_params(cx)?, None)).await?;
    let took_long = reply.ran.end == End::TimedOut && !cx.deadline.is_over();
    let heard = match reply.result() {
        Ok(heard) => heard,
        // What it misses may be made by an earlier step.
        Err(failure) => {
            let longest = format!("it took longer than {}s", LONGEST_PLAN.as_secs());
            let why = if took_long { &longest } else { &failure.message };
            return Ok(Preview { notes: vec![not_planned(cx, why, &failure)], ..plain });
        }
    };
    let would = heard.answer.map(|answer| Would {
        calls: heard.changes,
        changes: answer.status == Status::Changed,
        message: answer.message.as_deref().map(short),
    });
    Ok(Preview { command: known(would), ..plain })
}

/// The remark that there is no plan, and the end of what the plugin wrote to stderr.
fn not_planned(cx: &StepContext, why: &str, failure: &Failure) -> String {
    let note = format!("{}: it could not plan: {why}", cx.command.step);
    let said = failure.said.as_deref().unwrap_or_default();
    said.lines().fold(note, |note, line| note + "\n| " + line)
}

async fn execute(kind: &KindDecl, cx: &StepContext) -> Result<StepSuccess, StepError> {
    let command = cx.command.command();
    let program = program(cx)?;
    described_step(cx, &program, kind).await?;
    prepare_undo(cx).await?;
    let grant = Grant::of(command.credentials);
    let asked = Asked { verb: Verb::Execute, program: &program, env: environment(cx)?, grant };
    let reply =
        ask(cx, asked, request::of(cx, Verb::Execute, request::all_params(cx)?, None)).await?;
    let answer = reply.heard.as_ref().ok().and_then(|heard| heard.answer.clone());
    let (mut warnings, mask) = (reply.ran.warnings.clone(), reply.ran.mask.clone());
    let left = answer.as_ref().and_then(|answer| answer.undo.as_ref());
    let may_keep = left.map_or(Ok(()), |data| kept::refuse_undo(data, &mask));
    let undo = match answer.as_ref().filter(|_| may_keep.is_ok()) {
        Some(answer) => undo_of(cx, &program, answer)?,
        None => None,
    };
    let rollback = rollback_of(cx, &reply)?;
    let may_have_changed = command.effect != Effect::Read
        && answer.as_ref().and_then(|answer| answer.changed) != Some(false);
    let outputs = match reply.result() {
        Ok(heard) => may_keep.and_then(|()| kept::outputs(heard.outputs, &mask)),
        Err(failure) => Err(once_unless(command.idempotent, failure)),
    };
    let outputs = match outputs {
        Ok(outputs) => outputs,
        Err(failure) => {
            let rollback = rollback.into_iter().filter(|_| may_have_changed);
            let undo = undo.into_iter().chain(rollback).collect();
            return Err(StepError { changed: may_have_changed, undo, ..failure.into() });
        }
    };
    let answer = answer.expect("what ended well has a result");
    let changed = answer.status == Status::Changed && command.effect != Effect::Read;
    let unchanged = if changed { "changed" } else { "unchanged" };
    if answer.status == Status::Changed && !changed {
        warnings.push("it says that it changed something, and its effect is `read`".to_owned());
    }
    Ok(StepSuccess {
        changed,
        message: answer.message.as_deref().map_or_else(|| unchanged.to_owned(), short),
        warnings,
        undo: undo.into_iter().chain(rollback.into_iter().filter(|_| changed)).collect(),
        outputs,
        ..StepSuccess::default()
    })
}

/// What a plugin is, held against its kind and its step: it cannot have two ways back.
async fn described_step(
    cx: &StepContext,
    program: &str,
    kind: &KindDecl,
) -> Result<Description, Failure> {
    let description = described(cx, program, Some(kind)).await?;
    if cx.command.command().rollback.is_empty() || !description.has(Verb::Undo) {
        return Ok(description);
    }
    let message = format!("{program} takes back by its verb `undo` what it did");
    Err(Failure::new(ErrorCode::StepFailed, message)
        .cause("the step has a `rollback` too")
        .fix("remove `rollback` from the step"))
}

/// The steps of the `rollback`, with what the plugin put out.
fn rollback_of(cx: &StepContext, reply: &Reply) -> Result<Vec<Undo>, Failure> {
    let put_out = reply.heard.as_ref().map(|heard| heard.outputs.clone()).unwrap_or_default();
    // What must not be recorded is not there for `rollback` either.
    let own = kept::outputs(put_out, &reply.ran.mask).unwrap_or_default();
    command::undo::of(cx, &own)
}

/// Runs a plugin as a step of a `rollback`; gives what it says.
///
/// # Errors
/// When it does not end well.
pub(super) async fn execute_again(
    cx: &StepContext,
    program: &str,
    params: Map<String, Value>,
    (env, grant): (Vec<(String, String)>, Grant),
) -> Result<Option<String>, Failure> {
    described(cx, program, None).await?;
    let asked = Asked { verb: Verb::Execute, program, env, grant };
    let reply = ask(cx, asked, request::of(cx, Verb::Execute, params, None)).await?;
    let answer = reply.result()?.answer;
    Ok(answer.and_then(|answer| answer.message).as_deref().map(short))
}

/// What a kind that may not be repeated asks to have tried again is not.
pub(super) fn once_unless(idempotent: bool, failure: Failure) -> Failure {
    if idempotent || failure.class == FailureClass::Permanent {
        return failure;
    }
    Failure { not_before: None, ..failure.class(FailureClass::Permanent) }
}

/// The program of the step.
fn program(cx: &StepContext) -> Result<String, Failure> {
    let words = &cx.command.command().words;
    words.first().map_or_else(|| Ok(String::new()), |word| filled(cx, word))
}

/// How what an answer tells of is taken back.
fn undo_of(cx: &StepContext, program: &str, answer: &Answer) -> Result<Option<Undo>, Failure> {
    let command = cx.command.command();
    let Some(data) = answer.undo.clone().filter(|_| command.effect != Effect::Read) else {
        return Ok(None);
    };
    Ok(Some(Undo::Plugin {
        program: program.to_owned(),
        params: request::params(cx)?,
        secrets: recorded_secrets(cx)?,
        data,
        env: recorded_environment(&cx.command, &StepOutputs::new())?,
        credentials: command.credentials,
        table_name: cx.table.as_ref().map(|table| table.name.to_string()),
    }))
}

impl Reply {
    /// What was heard, where it ended well.
    fn result(self) -> Result<Heard, Failure> {
        let Self { ran, heard } = self;
        let ended = ran.failure();
        let heard = match (heard, &ended) {
            (Ok(heard), _) => heard,
            (Err(fault), ended) => {
                // Who was ended, or died, could not give a whole answer.
                let failure = match ended {
                    Some(failure) if ran.was_ended() => failure.clone(),
                    Some(failure) if ran.died() => {
                        let message = format!("{}: {fault}", failure.message);
                        Failure { message, ..failure.clone() }.class(FailureClass::Permanent)
                    }
                    _ => Failure::new(ErrorCode::StepFailed, fault.to_string())
                        .fix("correct the plugin; the protocol is in docs/plugins.md"),
                };
                return Err(ran.explained(failure));
            }
        };
        let answer = heard.answer.as_ref();
        let refused = answer.filter(|answer| answer.status >= Status::Failed).map(refusal);
        match refused.or(ended) {
            Some(failure) if ran.was_ended() => {
                Err(ran.explained(ran.failure().unwrap_or(failure)))
            }
            Some(failure) => Err(ran.explained(failure)),
            None => Ok(heard),
        }
    }
}

/// The failure that an answer tells of.
fn refusal(answer: &Answer) -> Failure {
    let message = answer.message.as_deref().map_or_else(|| "it failed".to_owned(), short);
    let failure = Failure::new(ErrorCode::StepFailed, message);
    if answer.status != Status::Retry {
        return failure;
    }
    // No wait at all would stand for the pauses of `retry`, and for its limit.
    let wait = answer.retry_after_ms.filter(|wait| *wait > 0).map(Duration::from_millis);
    let not_before = wait.and_then(|wait| SystemTime::now().checked_add(wait));
    Failure { not_before, ..failure.class(FailureClass::Transient) }
}

/// What is needed to take back what a plugin did.
pub(super) struct Undoing<'u> {
    pub(super) program: &'u str,
    pub(super) params: &'u Map<String, Value>,
    pub(super) secrets: &'u BTreeMap<String, String>,
    pub(super) data: &'u Value,
    pub(super) env: &'u BTreeMap<String, String>,
    pub(super) credentials: bool,
}

/// Lets a plugin take back what it did.
pub(super) async fn undo(cx: &StepContext, undoing: Undoing<'_>) -> Result<Undone, StepError> {
    let Undoing { program, params, secrets, data, env, credentials } = undoing;
    let description = described(cx, program, None).await?;
    if !description.has(Verb::Undo) {
        let why = format!("{program} has no verb `undo`, although it left data for it");
        return Ok(Undone::Stands(why));
    }
    let env = filled_record(cx, env)?;
    let asked = Asked { verb: Verb::Undo, program, env, grant: Grant::of(credentials) };
    let params = request::with_secrets(cx, params.clone(), secrets)?;
    let request = request::of(cx, Verb::Undo, params, Some(data.clone()));
    let heard = ask(cx, asked, request).await?.result()?;
    let answer = heard.answer.expect("what ended well has a result");
    let message = answer.message.as_deref().map(short);
    Ok(match answer.status {
        Status::Unchanged => {
            Undone::Stands(message.unwrap_or_else(|| format!("{program} left it as it is")))
        }
        _ => Undone::Gone(message.unwrap_or_else(|| format!("{program} took it back"))),
    })
}
