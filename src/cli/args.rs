//! What can be typed.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::model::AccountId;

use super::run_command::{ResumeCommand, RunCommand};
use super::selection::SelectionArgs;
use super::simulation::SimulationArgs;
use super::variables::VariableArgs;

mod runs;

pub(super) use runs::{RunFormat, RunsArgs, RunsCommand, StateArgs};

const EXAMPLES: &str = "\
Examples:
  osem run setup                      create the tables in the embedded emulator
  osem plan --env dev                 show what `setup` would do in dev; change nothing
  osem run setup --env dev            do it
  osem verify --env prod              compare the live tables with the file
  osem resume                         go on with the run that failed or was killed
  osem local                          serve the emulator to an application

The name of a task is a command: `osem setup` is `osem run setup`.
Exit codes: 0 done, 1 failed and nothing remains, 2 partly done, 3 undoing failed,
64 usage, 65 configuration, 73 state directory unwritable, 75 locked, 77 not confirmed,
124 out of time, 128+n signal.";

/// Rolls out DynamoDB tables from one KDL file.
#[derive(Debug, Parser)]
#[command(name = "osem", version, about, after_help = EXAMPLES, allow_external_subcommands = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: GlobalArgs,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags of every command.
#[derive(Debug, clap::Args)]
pub(super) struct GlobalArgs {
    /// Run as if started in this folder
    #[arg(short = 'C', long, global = true, value_name = "DIR", env = "OSEM_DIRECTORY")]
    pub(super) directory: Option<PathBuf>,
    /// The configuration file [default: osem.kdl here or in a folder above]
    #[arg(short, long, global = true, value_name = "FILE", env = "OSEM_CONFIG")]
    pub(super) config: Option<PathBuf>,
    /// Only failures and the final line
    #[arg(short, long, global = true, env = "OSEM_QUIET", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) quiet: bool,
    /// Also who, where, every call to the service with its time, and what commands write
    #[arg(short, long, global = true, env = "OSEM_VERBOSE", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) verbose: bool,
    /// One JSON document on stdout, and nothing else there
    #[arg(long, global = true, env = "OSEM_JSON", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) json: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", env = "OSEM_COLOR", default_value = "auto")]
    pub(super) color: Color,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a task
    #[command(after_help = "\
Examples:
  osem run setup
  osem run setup --env staging --yes --json
  osem run setup --env dev -k --max-fail 3        gives up after three failures
  osem run setup --env dev --timeout 30m
  osem run setup --env prod                       asks for the environment's name
  osem run setup --env prod --confirm prod        the same without a terminal
  osem run setup --env prod --rehearse            against a simulator: touches no account
  osem run --plan prod.plan.json                  what `osem plan --out` saved, and nothing else
  osem run delete-tables --env dev --confirm dev
  osem run setup --endpoint-url http://127.0.0.1:8000 --env dev
  osem run setup --env dev --lock-wait 10m        another run of dev ends first
  osem run setup --events run.ndjson              every event as it happens, for programs
  osem run setup --env dev --table Users,Teams    only the steps of these tables
  osem run setup --env dev --only 'create-table[Users]' --with-dependents
  osem run setup --env dev --skip tag
  osem run setup --env dev --resume               goes on where its last run stopped")]
    Run(RunCommand),
    /// Go on with a run that failed or was killed: only what is outstanding
    #[command(after_help = "\
Examples:
  osem resume                          the only unfinished run
  osem resume --env dev
  osem resume 20261122T1041            the start of an id is enough
  osem resume -n                       what it would do; changes nothing
  osem resume --only 'create-table[Users]' --with-dependents

Task, environment, region, account, endpoint and prefix are those of the run; anything else is
refused. Without an unfinished run there is nothing to do, and it ends with 0. See docs/resume.md.")]
    Resume(ResumeCommand),
    /// Show what a task would do; change nothing
    #[command(after_help = "\
Examples:
  osem plan                    what `setup` would do in the default environment
  osem plan --env prod
  osem plan --env prod --rehearse
  osem plan delete-tables --env dev
  osem plan --env prod --out prod.plan.json       then: osem run --plan prod.plan.json
  osem plan --env dev --json | jq '.data.changes[].call'")]
    Plan(PlanArgs),
    /// Check the configuration: every task for every environment, all errors
    #[command(after_help = "\
Examples:
  osem check
  osem check --json | jq '.data.diagnostics'
  osem check --plugins                         also starts each plugin, to ask what it is")]
    Check(CheckArgs),
    /// Show earlier runs, as their journals tell them
    #[command(after_help = "\
Examples:
  osem runs                              the same as: osem runs list
  osem runs show last
  osem runs show 20261122T1041 --json    the start of an id is enough
  osem runs prune --keep 20

Runs that may change something are recorded in .osem/runs; see docs/journal.md.")]
    Runs(RunsArgs),
    /// Undo what a recorded run did, or finish undoing it
    #[command(after_help = "\
Examples:
  osem rollback last
  osem rollback last -n                what it would undo; changes nothing
  osem rollback 20261122T1041 --confirm dev

Only what that run provably made itself is undone, and a table only while it is empty. What is gone
already counts as undone. It goes where the run went; see docs/rollback.md.
Exit codes: 0 nothing of the run remains, 2 something stands, 3 undoing failed: a person must look.")]
    Rollback(RollbackArgs),
    /// List the tasks, environments, tables and step kinds
    #[command(after_help = "\
Examples:
  osem list
  osem list --json | jq -r '.data.tasks[].name'")]
    List,
    /// Document the step kinds: the built-in ones and those of the project
    #[command(after_help = "\
Examples:
  osem steps                      all kinds, one a line
  osem steps put-items            how it is written, what it may do, its parameters
  osem steps --json | jq -r '.data.kinds[] | select(.builtIn | not).name'

Kinds of your own are declared by `step-kind`; see docs/custom-steps.md.")]
    Steps(StepsArgs),
    /// Serve the emulator to an application until Ctrl-C
    #[command(after_help = "\
Examples:
  osem local
  osem local --port 8000
  osem local --control-plane realistic                    as slow and as strict as the service
  osem local --control-plane realistic --time-scale 100   the same, faster
  osem local --control-plane realistic --fault 'throttle on=CreateTable rate=0.3' --seed 42

Other osem commands use this server while it runs, so its tables are never opened twice.")]
    Local(LocalArgs),
    /// Print shell completions
    #[command(after_help = "\
Examples:
  osem completions bash > ~/.local/share/bash-completion/completions/osem
  osem completions zsh > ~/.zfunc/_osem")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// A task of the project
    #[command(external_subcommand)]
    Task(Vec<OsString>),
}

/// Where to run.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a flag of its own")]
pub(super) struct PlaceArgs {
    /// The environment [default: the one marked `default`] [env: `OSEM_ENV`, but not for protected ones]
    #[arg(short, long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// The region, where it is not the environment's
    #[arg(long, value_name = "REGION", env = "OSEM_REGION")]
    pub(super) region: Option<String>,
    /// A DynamoDB-compatible server; on this machine it gets dummy credentials
    #[arg(long, value_name = "URL", env = "OSEM_ENDPOINT_URL")]
    pub(super) endpoint_url: Option<String>,
    /// Accept a region that is not the environment's; skips no other check
    #[arg(long)]
    pub(super) force: bool,
    /// Fail on what is otherwise a warning
    #[arg(long, env = "OSEM_STRICT", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) strict: bool,
    /// Against a simulator on this machine instead of the account; every guard stays on
    #[arg(long, env = "OSEM_REHEARSE", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) rehearse: bool,
    #[command(flatten)]
    pub(super) variables: VariableArgs,
    #[command(flatten)]
    pub(super) simulation: SimulationArgs,
    /// Whether the region came from `OSEM_REGION`.
    #[arg(skip)]
    pub(super) region_from_variable: bool,
    /// Whether the endpoint came from `OSEM_ENDPOINT_URL`.
    #[arg(skip)]
    pub(super) endpoint_from_variable: bool,
}

/// What may be done to indexes besides adding them.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct IndexArgs {
    /// Delete this live index, which the file does not declare: TABLE/INDEX
    #[arg(long, value_name = "TABLE/INDEX")]
    pub(super) prune: Vec<String>,
    /// Delete this index and make it anew where it differs from the file: TABLE/INDEX
    #[arg(long, value_name = "TABLE/INDEX")]
    pub(super) replace: Vec<String>,
}

#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a flag of its own")]
pub(super) struct RunArgs {
    /// The task; `None` until the record or the saved plan that names it was read.
    #[arg(skip)]
    pub(super) task: Option<String>,
    /// The saved plan to carry out.
    #[arg(skip)]
    pub(super) plan: Option<PathBuf>,
    /// The run to go on with; empty where the only unfinished one is meant.
    #[arg(skip)]
    pub(super) resume: Option<String>,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) indexes: IndexArgs,
    /// Steps at work at once; those that only wait do not count, except with 1 [default: the
    /// project's `jobs`, else 8]
    #[arg(short, long, value_name = "N", env = "OSEM_JOBS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// After a failure, go on with everything that does not depend on it
    #[arg(short, long, env = "OSEM_KEEP_GOING", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) keep_going: bool,
    /// After a failure, start nothing new, whatever the file says
    #[arg(long, env = "OSEM_FAIL_FAST", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) fail_fast: bool,
    /// After so many failures, start nothing new, where a failure alone does not do that
    #[arg(long, value_name = "N", env = "OSEM_MAX_FAIL")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) max_fail: Option<u32>,
    /// Undo nothing, whatever the file says: what was made stays, for `resume` or `rollback`
    #[arg(long, env = "OSEM_NO_ROLLBACK", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) no_rollback: bool,
    /// The time for the run, such as 30m; then it starts nothing new and ends with 124
    #[arg(long, value_name = "DURATION", env = "OSEM_TIMEOUT", value_parser = timeout)]
    pub(super) timeout: Option<Duration>,
    /// More tries for each step that fails for a passing reason [default: the file's]
    #[arg(long, value_name = "N", env = "OSEM_RETRIES")]
    pub(super) retries: Option<u32>,
    /// Wait this long for another run of the environment to end [default: not at all]
    #[arg(long, value_name = "DURATION", env = "OSEM_LOCK_WAIT", value_parser = duration)]
    pub(super) lock_wait: Option<Duration>,
    /// Write every event as it happens to this file (`-`: stdout), one JSON object a line
    #[arg(long, value_name = "FILE", env = "OSEM_EVENTS")]
    pub(super) events: Option<PathBuf>,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Show what it would do; change nothing
    #[arg(short = 'n', long, env = "OSEM_DRY_RUN", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) dry_run: bool,
    /// Answer yes; not where the environment's name must be typed
    #[arg(short, long, env = "OSEM_YES", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) yes: bool,
    /// Confirm by the environment's name, as if typed
    #[arg(long, value_name = "ENV")]
    pub(super) confirm: Option<String>,
}

impl RunArgs {
    /// What shows what the run would do.
    pub(super) fn as_plan(&self) -> PlanArgs {
        let Self { place, selection, indexes, .. } = self.clone();
        PlanArgs { task: self.task().to_owned(), place, out: None, selection, indexes }
    }

    /// The task, which is known once a saved plan was read.
    pub(super) fn task(&self) -> &str {
        self.task.as_deref().unwrap_or_default()
    }

    /// Whether stdout belongs to the events.
    pub(super) fn events_on_stdout(&self) -> bool {
        self.events.as_deref().is_some_and(|target| target == Path::new("-"))
    }
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct RollbackArgs {
    /// The run: its id, the start of it, or `last`
    pub(super) run: String,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    /// Steps that are undone at once [default: the project's `jobs`, else 8]
    #[arg(short, long, value_name = "N", env = "OSEM_JOBS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) jobs: Option<u16>,
    /// Wait this long for another run of the environment to end [default: not at all]
    #[arg(long, value_name = "DURATION", env = "OSEM_LOCK_WAIT", value_parser = duration)]
    pub(super) lock_wait: Option<Duration>,
    #[command(flatten)]
    pub(super) state: StateArgs,
    /// Show what would be undone; change nothing
    #[arg(short = 'n', long, env = "OSEM_DRY_RUN", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) dry_run: bool,
    /// Confirm by the environment's name, as if typed
    #[arg(long, value_name = "ENV")]
    pub(super) confirm: Option<String>,
}

fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| "write a duration such as 30s, 10m or 2h".to_owned())
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct PlanArgs {
    /// The task
    #[arg(default_value = "setup")]
    pub(super) task: String,
    #[command(flatten)]
    pub(super) place: PlaceArgs,
    /// Also save the plan, for: osem run --plan FILE
    #[arg(long, value_name = "FILE", env = "OSEM_OUT")]
    #[arg(conflicts_with_all = ["only", "from", "skip", "table"])]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) indexes: IndexArgs,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) variables: VariableArgs,
    /// Also ask each plugin what it is, and compare that with its step-kind
    #[arg(long, env = "OSEM_PLUGINS", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(super) plugins: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct StepsArgs {
    /// The kind
    pub(super) kind: Option<String>,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct LocalArgs {
    /// The environment whose emulator to serve [default: the one marked `default`] [env: `OSEM_ENV`]
    #[arg(short, long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", env = "OSEM_PORT", default_value_t = 8000)]
    pub(super) port: u16,
    /// How tables are created and changed [default: the file's, else instant]
    #[arg(long, value_name = "KIND", env = "OSEM_CONTROL_PLANE")]
    pub(super) control_plane: Option<ControlPlaneKind>,
    /// The account that ARNs and STS name, with a realistic control plane [default: 000000000000]
    #[arg(long, value_name = "ID", env = "OSEM_ACCOUNT", value_parser = account)]
    pub(super) account: Option<AccountId>,
    #[command(flatten)]
    pub(super) simulation: SimulationArgs,
    /// Whether the account came from `OSEM_ACCOUNT`.
    #[arg(skip)]
    pub(super) account_from_variable: bool,
}

/// How the emulator answers control-plane calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ControlPlaneKind {
    /// As the service: states that last, limits, cooldowns and quotas
    Realistic,
    /// Every change is in effect when it is answered
    Instant,
}

fn timeout(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    let week = Duration::from_hours(7 * 24);
    if parsed.is_zero() || parsed > week {
        return Err("it must be more than nothing, and at most 7 days".to_owned());
    }
    Ok(parsed)
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "an account has twelve digits".to_owned())
}

impl Command {
    /// The command as `--json` names it: a task by its own name.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Run(run) => run.run.task.clone().unwrap_or_else(|| "run".to_owned()),
            Self::Resume(_) => "resume".to_owned(),
            Self::Plan(_) => "plan".to_owned(),
            Self::Check(_) => "check".to_owned(),
            Self::List => "list".to_owned(),
            Self::Steps(_) => "steps".to_owned(),
            Self::Runs(_) => "runs".to_owned(),
            Self::Rollback(_) => "rollback".to_owned(),
            Self::Local(_) => "local".to_owned(),
            Self::Completions { .. } => "completions".to_owned(),
            Self::Task(words) => {
                words.first().map_or_else(String::new, |word| word.to_string_lossy().into_owned())
            }
        }
    }

    fn place(&self) -> Option<&PlaceArgs> {
        match self {
            Self::Run(run) => Some(&run.run.place),
            Self::Resume(resume) => Some(&resume.run.place),
            Self::Plan(plan) => Some(&plan.place),
            Self::Rollback(rollback) => Some(&rollback.place),
            _ => None,
        }
    }

    /// The flags of a run.
    pub(super) const fn run_mut(&mut self) -> Option<&mut RunArgs> {
        match self {
            Self::Run(run) => Some(&mut run.run),
            Self::Resume(resume) => Some(&mut resume.run),
            _ => None,
        }
    }

    /// Where to run, to be completed by what is known of the words.
    pub(super) const fn place_mut(&mut self) -> Option<&mut PlaceArgs> {
        match self {
            Self::Run(run) => Some(&mut run.run.place),
            Self::Resume(resume) => Some(&mut resume.run.place),
            Self::Plan(plan) => Some(&mut plan.place),
            Self::Rollback(rollback) => Some(&mut rollback.place),
            _ => None,
        }
    }

    /// Whether a rehearsal was asked for.
    pub(super) fn is_rehearsal(&self) -> bool {
        self.place().is_some_and(|place| place.rehearse)
    }

    /// The environment as typed.
    pub(super) fn environment(&self) -> Option<&str> {
        self.place().and_then(|place| place.env.as_deref())
    }

    /// The region as typed.
    pub(super) fn region(&self) -> Option<&str> {
        self.place().and_then(|place| place.region.as_deref())
    }
}
