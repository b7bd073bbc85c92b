//! `exec` and `shell`: steps that run a program of somebody else's.
//!
//! What such a program changes cannot be known before, nor seen afterwards: its effect is what the
//! file says, it is never run twice unless the file says that it may be, and when it fails, what it
//! may have changed counts as standing.

mod execute;
mod interactive;
mod output_file;
mod surroundings;
pub(super) mod undo;
mod variables;

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde::Serialize;

use crate::model::{Command, CommandForm, Effect, Failure, Inputs, KindScope, KindSpec};
use crate::plugin::Change;

use super::{Preview, Step, StepContext, StepError, StepKind, StepSuccess, kind};

pub(super) use execute::{Program, Question, Ran, prepare_undo, run_program, short};
pub(super) use output_file::has_a_secret;
pub use surroundings::{ChildNews, CommandContext, Surroundings};
pub(super) use variables::{
    Grant, environment, filled, filled_record, recorded_environment, recorded_secrets, unattached,
};

/// The variable that names the file for outputs.
const OUTPUT: &str = "OSEM_OUTPUT";

const EXEC: &str = "exec";
const SHELL: &str = "shell";

/// Whether steps of a kind run a command, as those of all kinds that files declare do: what one
/// changes may be anywhere.
#[must_use]
pub fn runs_command(kind: &str) -> bool {
    [EXEC, SHELL].contains(&kind) || !super::documented::is_built_in(kind)
}

/// A program and its arguments.
pub(super) struct Exec;

/// A text for `sh`.
pub(super) struct Shell;

impl StepKind for Exec {
    fn spec(&self) -> KindSpec {
        spec(EXEC, "Run a program with arguments; no shell sees them", CommandForm::Words)
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(RunCommand)
    }
}

impl StepKind for Shell {
    fn spec(&self) -> KindSpec {
        spec(SHELL, "Run a text with `sh`; values reach it as variables", CommandForm::Text)
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(RunCommand)
    }
}

fn spec(name: &str, summary: &str, form: CommandForm) -> KindSpec {
    let what = "What it may do; only who wrote it knows";
    KindSpec {
        params: vec![kind::word("effect", what, &["write", "read", "destroy"])],
        command: Some(form),
        ..kind::spec(name, summary, Effect::Write, KindScope::Either, (600, 1_000))
    }
}

/// What a command would do, as far as that is known.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CommandPreview {
    /// What runs, on one line, for people.
    pub runs: String,
    /// What it may do.
    pub effect: Effect,
    /// What the steps of its `rollback` would run to undo it, in order, for people.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rollback: Vec<String>,
    /// Whether it takes the terminal, alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interactive: bool,
    /// What it says itself that it would do; `None` where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would: Option<Would>,
}

impl CommandPreview {
    /// The preview of a command that says this of itself.
    pub(super) fn of(command: &Command, would: Option<Would>) -> Self {
        let rollback = command.rollback.iter().map(|step| step.command.shown()).collect();
        let Command { effect, interactive, .. } = *command;
        Self { runs: command.shown(), effect, rollback, interactive, would }
    }
}

/// What a plugin says that it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Would {
    /// What it would do, in order.
    pub calls: Vec<Change>,
    /// Whether it would change anything.
    pub changes: bool,
    /// One line for people.
    pub message: Option<String>,
}

/// Runs the command of its step.
pub(super) struct RunCommand;

impl Step for RunCommand {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        let command = cx.command.command();
        let found = CommandPreview::of(command, None);
        async { Ok(Preview { command: Some(found), ..Preview::default() }) }.boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        execute::execute(cx).boxed()
    }
}

impl CommandContext {
    /// The step's command.
    ///
    /// # Panics
    /// For a step that runs none: planning gives each step of these kinds its command.
    pub(super) fn command(&self) -> &Command {
        self.command.as_deref().expect("a step of these kinds has a command")
    }
}
