//! Taking back what a program did, by another program.

use std::collections::BTreeMap;

use super::super::{StepContext, StepError, Undo, Undone};
use super::variables::{Grant, environment, filled};
use super::{Program, run_program};

/// How what the command of a step did is taken back, where its kind says so.
pub(super) fn of(cx: &StepContext) -> Option<Undo> {
    let (command, run) = (cx.command.command(), &cx.command.surroundings.run);
    if command.undo.is_empty() {
        return None;
    }
    Some(Undo::Run {
        argv: command.undo.iter().map(|word| filled(word, run)).collect(),
        env: environment(command, run).into_iter().collect(),
        credentials: command.credentials,
        table_name: cx.table.as_ref().map(|table| table.name.to_string()),
    })
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
    let env = env.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let program = Program { words: argv.to_vec(), env, grant: Grant::of(credentials) };
    let ran = run_program(cx, program, Some("[undo]".to_owned()), None).await?;
    match ran.failure() {
        None => Ok(Undone::Gone(format!("{name} took it back"))),
        Some(failure) => Err(ran.explained(failure).into()),
    }
}
