//! Taking back what a program did, by other programs.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::super::plugin;
use super::super::{StepContext, StepError, StepOutputs, Undo, UndoStep, Undone};
use crate::model::{Command, CommandForm, Failure, ParamValue, RollbackStep};

use super::output_file::OutputFile;
use super::variables::{Grant, filled, filled_record, filled_text, known, recorded_environment};
use super::{CommandContext, OUTPUT, Program, run_program};

/// How what the command of a step did is taken back, last first: by the steps of its `rollback`, or
/// as its kind says. `own` is what the step put out so far.
///
/// # Errors
/// For an output that its step did not put out.
pub(in crate::step) fn of(cx: &StepContext, own: &StepOutputs) -> Result<Vec<Undo>, Failure> {
    let command = cx.command.command();
    if !command.rollback.is_empty() {
        let steps = command.rollback.iter().enumerate().rev();
        let recorded = steps.map(|(part, step)| recorded(cx, own, part, step));
        return recorded.map(|step| Ok(Undo::Step(Box::new(step?)))).collect();
    }
    if command.undo.is_empty() {
        return Ok(Vec::new());
    }
    let argv = command.undo.iter().map(|word| filled(cx, word));
    Ok(vec![Undo::Run {
        argv: argv.collect::<Result<_, _>>()?,
        env: recorded_environment(&cx.command, own)?,
        credentials: command.credentials,
        table_name: cx.table.as_ref().map(|table| table.name.to_string()),
    }])
}

/// A step of the `rollback` with all in it that is known by now.
fn recorded(
    cx: &StepContext,
    own: &StepOutputs,
    part: usize,
    step: &RollbackStep,
) -> Result<UndoStep, Failure> {
    // All outputs that are named were found for the step that is undone.
    let reads = cx.command.command().reads.clone();
    let command = Arc::new(Command { reads, ..step.command.clone() });
    let of_step = CommandContext { command: Some(Arc::clone(&command)), ..cx.command.clone() };
    let words = command.words.iter().map(|word| Ok(known(&of_step, own, word)?.to_string()));
    let shell = ["sh".to_owned(), "-c".to_owned()];
    let prefix = shell.into_iter().filter(|_| command.form == CommandForm::Text);
    Ok(UndoStep {
        part,
        name: step.name.clone(),
        plugin: command.form == CommandForm::Plugin,
        idempotent: command.idempotent,
        words: prefix.map(Ok).chain(words).collect::<Result<_, Failure>>()?,
        env: recorded_environment(&of_step, own)?,
        params: params(&of_step, own)?,
        credentials: command.credentials,
        effect: command.effect,
        table_name: cx.table.as_ref().map(|table| table.name.to_string()),
        retry: step.retry,
        timeout: step.timeout,
        attempt_timeout: step.attempt_timeout,
    })
}

/// The parameters that a plugin gets.
fn params(cx: &CommandContext, own: &StepOutputs) -> Result<Map<String, Value>, Failure> {
    let command = cx.command();
    let params = command.params.iter().filter(|_| command.form == CommandForm::Plugin);
    let recorded = params.map(|(name, value)| {
        let value = match value {
            // A secret is only named in it.
            ParamValue::Text(text) | ParamValue::Secret(text) => {
                Value::from(known(cx, own, text)?.to_string())
            }
            ParamValue::Number(number) => Value::from(*number),
            ParamValue::Bool(on) => Value::from(*on),
        };
        Ok((name.clone(), value))
    });
    recorded.collect()
}

/// Runs the program that takes something back.
pub(in crate::step) async fn carry_out(
    cx: &StepContext,
    argv: &[String],
    env: &BTreeMap<String, String>,
    credentials: bool,
) -> Result<Undone, StepError> {
    let [name, ..] = argv else {
        return Ok(Undone::Stands("the record names no program that undoes it".to_owned()));
    };
    let env = filled_record(cx, env)?;
    let (words, grant) = (argv.to_vec(), Grant::of(credentials));
    let program = Program { words, env, grant, interactive: false };
    let ran = run_program(cx, program, Some("[undo]".to_owned()), None).await?;
    match ran.failure() {
        None => Ok(Undone::Gone(format!("{name} took it back"))),
        Some(failure) => Err(ran.explained(failure).into()),
    }
}

/// Runs a step of a `rollback`; gives what it says, where it says something.
///
/// # Errors
/// For something that it names and that has no value, and when it does not end well.
pub(in crate::step) async fn run_step(
    cx: &StepContext,
    step: &UndoStep,
) -> Result<Option<String>, StepError> {
    let texts = step.words.iter().map(|word| filled_text(cx, word));
    let words: Vec<String> = texts.collect::<Result<_, _>>()?;
    let mut env = filled_record(cx, &step.env)?;
    let grant = Grant::of(step.credentials);
    if step.plugin {
        let param = |(name, value): (&String, &Value)| match value {
            Value::String(text) => Ok((name.clone(), Value::from(filled_text(cx, text)?))),
            other => Ok((name.clone(), other.clone())),
        };
        let params = step.params.iter().map(param).collect::<Result<_, Failure>>()?;
        let program = words.first().map_or("", String::as_str);
        let message = plugin::execute_again(cx, program, params, (env, grant)).await;
        return message.map_err(|failure| plugin::once_unless(step.idempotent, failure).into());
    }
    // What it puts out is read by nobody; a program that is a step elsewhere writes it all the same.
    let outputs = OutputFile::create(&cx.command.surroundings.groups.scratch())?;
    env.push((OUTPUT.to_owned(), outputs.path().display().to_string()));
    let remark = format!("[undo: {}]", step.name);
    let ran =
        run_program(cx, Program { words, env, grant, interactive: false }, Some(remark), None)
            .await?;
    match ran.failure() {
        None => Ok(None),
        Some(failure) => Err(ran.explained(failure).into()),
    }
}
