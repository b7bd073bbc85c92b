//! From words and variables to [`Args`].

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};

use super::args::{Args, Command, PlaceArgs, PlanFormat};
use super::simulation::SimulationArgs;

/// Reads the command line. A word that is no command names a task: `osem setup` is
/// `osem run setup`.
pub(super) fn parse(words: &[OsString]) -> Result<Args, clap::Error> {
    let args = parse_once(words)?;
    let Command::Task(task) = &args.command else { return Ok(args) };
    let mut spelled_out = words.to_vec();
    spelled_out.insert(words.len() - task.len(), "run".into());
    let args = parse_once(&spelled_out)?;
    if matches!(args.command, Command::Task(_)) {
        let message = "a task is named without `--` before it: osem setup";
        return Err(Args::command().error(ErrorKind::InvalidSubcommand, message));
    }
    Ok(args)
}

fn parse_once(words: &[OsString]) -> Result<Args, clap::Error> {
    let matches = without_empty_variables(Args::command()).try_get_matches_from(words)?;
    let mut args = Args::from_arg_matches(&matches)?;
    let global = &mut args.global;
    settle(&matches, ("quiet", &mut global.quiet), ("verbose", &mut global.verbose))?;
    let Some((_, matches)) = matches.subcommand() else { return Ok(args) };
    let resumes = matches!(args.command, Command::Resume(_) | Command::Rollback(_));
    if let Command::Run(run) = &mut args.command {
        run.settle();
    }
    if let Some(run) = args.command.run_mut() {
        let fail_fast = ("fail_fast", &mut run.fail_fast);
        settle(matches, ("keep_going", &mut run.keep_going), fail_fast)?;
        if run.events_on_stdout() && global.json {
            let message = "--events - and --json contradict each other: both want stdout";
            return Err(Args::command().error(ErrorKind::ArgumentConflict, message));
        }
    }
    let from_variable = |id: &str| matches.value_source(id) == Some(ValueSource::EnvVariable);
    if let Some(place) = args.command.place_mut() {
        place.region_from_variable = from_variable("region");
        place.endpoint_from_variable = from_variable("endpoint_url");
        place.simulation.note_variables(from_variable);
        settle_rehearsal(place, from_variable("rehearse"), resumes)?;
    }
    if let Command::IamPolicy(policy) = &mut args.command {
        policy.region_from_variable = from_variable("region");
    }
    if let Command::Plan(plan) = &mut args.command {
        let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        settle_format(&mut plan.format, &mut global.json, typed)?;
    }
    if let Command::Local(local) = &mut args.command {
        local.account_from_variable = from_variable("account");
        local.simulation.note_variables(from_variable);
    }
    Ok(args)
}

/// `--json` is `--format json`. Of two that contradict each other, the typed one wins over the one
/// from a variable, and of two variables `OSEM_JSON`; both typed are an error.
fn settle_format(
    format: &mut Option<PlanFormat>,
    json: &mut bool,
    typed: impl Fn(&str) -> bool,
) -> Result<(), clap::Error> {
    if let (Some(other @ (PlanFormat::Text | PlanFormat::Markdown)), true) = (*format, *json) {
        match (typed("json"), typed("format")) {
            (true, true) => {
                let other = if other == PlanFormat::Text { "text" } else { "markdown" };
                let message = format!("--json and --format {other} contradict each other");
                return Err(Args::command().error(ErrorKind::ArgumentConflict, message));
            }
            (false, true) => *json = false,
            _ => *format = Some(PlanFormat::Json),
        }
    }
    *json |= *format == Some(PlanFormat::Json);
    Ok(())
}

/// A rehearsal goes nowhere else, and what only a rehearsal has goes with no other run. Whether a run
/// that is resumed or taken back was one shows later.
fn settle_rehearsal(
    place: &mut PlaceArgs,
    from_variable: bool,
    resumes: bool,
) -> Result<(), clap::Error> {
    let error = |message: String| Args::command().error(ErrorKind::ArgumentConflict, message);
    if !place.rehearse && resumes {
        return Ok(());
    }
    if !place.rehearse {
        if let Some(flag) = place.simulation.typed() {
            return Err(error(format!(
                "{flag} goes only with --rehearse (for an emulator, write it in the file)"
            )));
        }
        // Variables that are meant for rehearsals and `osem local` mean nothing to other runs.
        place.simulation = SimulationArgs::default();
        return Ok(());
    }
    if place.endpoint_url.is_some() && place.endpoint_from_variable && !from_variable {
        place.endpoint_url = None;
    }
    if place.endpoint_url.is_none() {
        return Ok(());
    }
    let rehearse = if from_variable { "OSEM_REHEARSE" } else { "--rehearse" };
    let endpoint =
        if place.endpoint_from_variable { "OSEM_ENDPOINT_URL" } else { "--endpoint-url" };
    Err(error(format!(
        "{rehearse} and {endpoint} contradict each other: a rehearsal has its own endpoint"
    )))
}

/// A variable that is set to nothing counts as not set: CI systems export such variables.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let names_nothing = |arg: &clap::Arg| {
        let value = arg.get_env().and_then(std::env::var_os);
        value.is_some_and(|value| value.is_empty())
    };
    command
        .mut_args(|arg| if names_nothing(&arg) { arg.env(None) } else { arg })
        .mut_subcommands(without_empty_variables)
}

/// Of two flags that contradict each other, the typed one wins over the one from a variable; both
/// typed are an error.
fn settle(
    matches: &ArgMatches,
    (first, first_set): (&str, &mut bool),
    (second, second_set): (&str, &mut bool),
) -> Result<(), clap::Error> {
    if !(*first_set && *second_set) {
        return Ok(());
    }
    let typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
    match (typed(first), typed(second)) {
        (true, true) => {
            let [first, second] = [first, second].map(|id| id.replace('_', "-"));
            let message = format!("--{first} and --{second} contradict each other");
            Err(Args::command().error(ErrorKind::ArgumentConflict, message))
        }
        (false, true) => {
            *first_set = false;
            Ok(())
        }
        _ => {
            *second_set = false;
            Ok(())
        }
    }
}
