//! One command a file.

mod check;
mod completions;
mod doctor;
mod iam_policy;
mod import;
mod list;
mod local;
mod plan;
mod planning;
mod resume;
mod rollback;
mod run;
mod runs;
mod steps;

use std::time::Instant;

use crate::model::{ErrorCode, Failure};

use super::args::{Args, Command};
use super::terminal::Terminal;
use super::{CommandError, CommandResult};

/// Carries the command out and gives the exit code.
pub(super) fn dispatch(args: &Args, terminal: &Terminal, started: Instant) -> CommandResult {
    match &args.command {
        Command::Run(run) if run.run.resume.is_some() => {
            let resume = resume::execute_task(&args.global, &run.run, terminal, started);
            block_on(resume)?
        }
        Command::Run(run) if run.run.dry_run => {
            let plan = run.run.as_plan();
            block_on(plan::execute(&args.global, &plan, terminal, started))?
        }
        Command::Run(run) => block_on(run::execute(&args.global, &run.run, None, terminal))?,
        Command::Resume(resume) => {
            block_on(resume::execute(&args.global, resume, terminal, started))?
        }
        Command::Plan(plan) => block_on(plan::execute(&args.global, plan, terminal, started))?,
        Command::Import(import) => {
            block_on(import::execute(&args.global, import, terminal, started))?
        }
        Command::Check(check) => block_on(check::execute(&args.global, check, terminal, started))?,
        Command::Runs(runs) => runs::execute(&args.global, runs, terminal, started),
        Command::Rollback(rollback) => {
            block_on(rollback::execute(&args.global, rollback, terminal))?
        }
        Command::Doctor(doctor) => {
            block_on(doctor::execute(&args.global, doctor, terminal, started))?
        }
        Command::List => list::execute(&args.global, terminal, started),
        Command::Steps(steps) => steps::execute(&args.global, steps, terminal, started),
        Command::IamPolicy(policy) => {
            block_on(iam_policy::execute(&args.global, policy, terminal, started))?
        }
        Command::Local(local) => block_on(local::execute(&args.global, local, terminal))?,
        Command::Completions { shell } => Ok(completions::execute(*shell, terminal)),
        Command::Task(_) => unreachable!("a task's name was read as `run` with that name"),
    }
}

/// One thread is enough: osem waits for the network, and steps are polled by one loop.
fn block_on<F: Future<Output = CommandResult>>(command: F) -> Result<CommandResult, CommandError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Failure::new(ErrorCode::UnknownError, format!("failed to start: {error}"))
    })?;
    Ok(runtime.block_on(command))
}
