//! The command line: arguments, one command a file, exit codes.
//!
//! [`main`] is the only place that turns an error into text and exit code.

mod args;
mod commands;
mod exit;
mod prompt;
mod session;
mod signals;
mod terminal;

use std::ffi::OsString;
use std::process::ExitCode;
use std::time::Instant;

use clap::{CommandFactory, Parser};

use crate::diagnostic::{Diagnostics, to_json};
use crate::model::{ErrorCode, Failure};
use crate::report::{failure_document, render_failure};

use args::{Args, Command};
use exit::code_of;
use terminal::Terminal;

/// Why a command did not come to its end.
enum CommandError {
    /// The configuration cannot be used.
    Diagnostics(Diagnostics),
    /// Anything else.
    Failure(Box<Failure>),
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        Self::Failure(Box::new(failure))
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Diagnostics(diagnostics)
    }
}

/// What a command leads to.
type CommandResult = Result<u8, CommandError>;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let started = Instant::now();
    let args = match parse(&std::env::args_os().collect::<Vec<_>>()) {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let terminal = Terminal::new(&args.global);
    if let Some(folder) = &args.global.directory
        && let Err(error) = std::env::set_current_dir(folder)
    {
        let message = format!("failed to enter {}: {error}", folder.display());
        let failure = Failure::new(ErrorCode::UsageInvalid, message);
        return ExitCode::from(report(failure.into(), &args, &terminal, started));
    }
    let code = commands::dispatch(&args, &terminal, started);
    ExitCode::from(code.unwrap_or_else(|error| report(error, &args, &terminal, started)))
}

/// Reads the command line. A word that is no command names a task: `osem setup` is
/// `osem run setup`.
fn parse(words: &[OsString]) -> Result<Args, clap::Error> {
    let args = Args::try_parse_from(words)?;
    let Command::Task(task) = &args.command else { return Ok(args) };
    let mut spelled_out = words.to_vec();
    spelled_out.insert(words.len() - task.len(), "run".into());
    Args::try_parse_from(spelled_out)
}

fn usage(error: &clap::Error) -> ExitCode {
    // A closed pipe is no reason to complain while printing help.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { exit::USAGE } else { exit::SUCCESS })
}

/// Turns an error into text, or into the one JSON document, and gives its exit code.
fn report(error: CommandError, args: &Args, terminal: &Terminal, started: Instant) -> u8 {
    let failure = match error {
        CommandError::Diagnostics(found) => {
            let count = found.list.len();
            let noun = if count == 1 { "error" } else { "errors" };
            if args.global.json {
                let said = to_json(&found.sources, &found.list).to_string();
                let message = format!("{count} {noun} in the configuration");
                Failure::new(ErrorCode::ConfigInvalid, message).said(said)
            } else {
                terminal.error(&found.render(terminal.style.into()));
                terminal.error(&format!("{count} {noun} in the configuration\n"));
                return exit::CONFIG;
            }
        }
        CommandError::Failure(failure) => *failure,
    };
    let code = code_of(failure.code);
    if args.global.json {
        let environment = args.command.environment();
        let region = args.command.region();
        let name = args.command.name();
        let elapsed = started.elapsed();
        let document = failure_document(&name, environment, region, &failure, code, elapsed);
        terminal.result(&document.to_text());
    } else {
        terminal.error(&render_failure(&failure, terminal.style));
    }
    code
}

/// The command line as clap sees it, for completions and the reference page.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}
