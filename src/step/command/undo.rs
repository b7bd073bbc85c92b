//! Taking back what a program did, by another program.

use std::collections::BTreeMap;

use super::super::{StepContext, StepError, Undo, Undone};
use crate::model::Failure;

use super::variables::{Grant, filled, filled_record, recorded_environment};
use super::{Program, run_program};

/// How what the command of a step did is taken back, where its kind says so.
///
/// # Errors
/// For an output that its step did not put out.
pub(super) fn of(cx: &StepContext) -> Result<Option<Undo>, Failure> {
    let command = cx.command.command();
    if command.undo.is_empty() {
        return Ok(None);
    }
    let argv = command.undo.iter().map(|word| filled(cx, word));
    Ok(Some(Undo::Run {
        argv: argv.collect::<Result<_, _>>()?,
        env: recorded_environment(cx)?,
        credentials: command.credentials,
        table_name: cx.table.as_ref().map(|table| table.name.to_string()),
    }))
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
