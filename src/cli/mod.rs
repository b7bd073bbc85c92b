//! The command line: arguments, one command a file, exit codes.
//!
//! [`main`] is the only place that turns an error into text and exit code.

mod args;
mod commands;
mod definitions;
mod events;
mod exit;
mod expecting;
mod import;
mod index_requests;
mod interactive;
mod masked;
mod masked_plan;
mod orphans;
mod parse;
mod pinned;
mod project;
mod prompt;
mod reading;
mod recorded_place;
mod recording;
mod resume;
mod run_command;
mod saved_plan;
mod selection;
mod session;
mod signals;
mod simulation;
mod sink;
mod terminal;
mod undone_run;
mod variables;
mod written_secrets;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use clap::CommandFactory;

use crate::diagnostic::{Diagnostics, to_json};
use crate::model::{ErrorCode, Failure};
use crate::report::{Data, Outline, count, document, render_failure};

use args::Args;
use exit::code_of;
use terminal::Terminal;

/// Why a command did not come to its end.
enum Cause {
    /// The configuration cannot be used.
    Diagnostics(Diagnostics),
    /// The text of a flag cannot be used.
    Flags(Diagnostics),
    /// Anything else.
    Failure(Box<Failure>),
}

/// Where a command was to run, as far as that was resolved before it failed.
#[derive(Debug, Clone, Default)]
struct Place {
    environment: Option<String>,
    region: Option<String>,
}

/// Why and where a command did not come to its end.
struct CommandError {
    cause: Cause,
    place: Place,
}

impl CommandError {
    /// Says where.
    fn at(self, place: &Place) -> Self {
        Self { place: place.clone(), ..self }
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        Self { cause: Cause::Failure(Box::new(failure)), place: Place::default() }
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { cause: Cause::Diagnostics(diagnostics), place: Place::default() }
    }
}

/// What a command leads to.
type CommandResult = Result<u8, CommandError>;

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let started = Instant::now();
    let words: Vec<OsString> = std::env::args_os().collect();
    let args = match parse::parse(&words) {
        Ok(args) => args,
        Err(error) => return usage(&error, &words, started),
    };
    let terminal = Terminal::new(&args.global);
    // A panic outside a step is a bug; it is reported like everything else.
    let ended = catch_unwind(AssertUnwindSafe(|| carry_out(&args, &terminal, started)));
    let result = ended.unwrap_or_else(|_| {
        let bug = Failure::new(ErrorCode::InternalError, "osem panicked: this is a bug in osem");
        Err(bug.fix("run again; please report it with the lines above").into())
    });
    let code = result.unwrap_or_else(|error| report(error, &args, &terminal, started));
    ExitCode::from(if code == exit::SUCCESS && terminal.lost_output() {
        exit::FAILED
    } else {
        code
    })
}

fn carry_out(args: &Args, terminal: &Terminal, started: Instant) -> CommandResult {
    if let Some(folder) = &args.global.directory {
        std::env::set_current_dir(folder).map_err(|error| {
            let message = format!("failed to enter {}: {error}", folder.display());
            Failure::new(ErrorCode::UsageInvalid, message).fix("name a folder that is there")
        })?;
    }
    commands::dispatch(args, terminal, started)
}

/// Prints help or a usage error, the latter also as the one JSON document where that is asked for.
fn usage(error: &clap::Error, words: &[OsString], started: Instant) -> ExitCode {
    let printed = error.print();
    if !error.use_stderr() {
        let is_written = terminal::is_written(printed);
        return ExitCode::from(if is_written { exit::SUCCESS } else { exit::FAILED });
    }
    if words.iter().any(|word| word == "--json") {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        let failure = Failure::new(ErrorCode::UsageInvalid, message).fix("see: osem --help");
        let outline = Outline {
            command: "osem",
            failure: Some(&failure),
            exit_code: exit::USAGE,
            duration: started.elapsed(),
            ..Outline::default()
        };
        terminal::write_result(&document(outline, Data::default()).to_text());
    }
    ExitCode::from(exit::USAGE)
}

/// Turns an error into text, or into the one JSON document, and gives its exit code.
fn report(error: CommandError, args: &Args, terminal: &Terminal, started: Instant) -> u8 {
    let CommandError { cause, place } = error;
    let (mut failure, diagnostics) = match cause {
        Cause::Failure(failure) => (*failure, None),
        Cause::Diagnostics(found) => {
            let failure = Failure::new(ErrorCode::ConfigInvalid, "in the configuration");
            (failure.fix("see data.diagnostics, or run: osem check"), Some(found))
        }
        Cause::Flags(found) => {
            let failure = Failure::new(ErrorCode::UsageInvalid, "on the command line");
            (failure.fix("see data.diagnostics"), Some(found))
        }
    };
    let code = code_of(failure.code);
    if let Some(found) = &diagnostics {
        failure.message = format!("{} {}", count(found.list.len(), "error"), failure.message);
        if !terminal.json {
            terminal.diagnostics(found);
            terminal.error(&format!("{}\n", failure.message));
            return code;
        }
    }
    let diagnostics = diagnostics.map(|found| to_json(&found.sources, &found.list));
    if !terminal.json {
        terminal.error(&render_failure(&failure, terminal.style));
        if args.command.is_rehearsal() && code != exit::USAGE {
            terminal.error("this was to be a rehearsal: no account was asked\n");
        }
        return code;
    }
    let outline = Outline {
        command: &args.command.name(),
        environment: place.environment.as_deref().or(args.command.environment()),
        region: place.region.as_deref().or(args.command.region()),
        failure: Some(&failure),
        exit_code: code,
        duration: started.elapsed(),
        rehearsal: args.command.is_rehearsal(),
    };
    let document = document(outline, Data { diagnostics, ..Data::default() });
    terminal.result(&document.to_text());
    code
}

/// The command line as clap sees it, for completions and the reference page.
#[must_use]
pub fn command() -> clap::Command {
    Args::command()
}
