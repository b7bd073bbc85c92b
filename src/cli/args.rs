//! What can be typed.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::run_command::{ResumeCommand, RunCommand};

mod iam_policy;
mod import;
mod local;
mod look;
mod place;
mod run;
mod runs;

pub(super) use iam_policy::IamPolicyArgs;
pub(super) use import::ImportArgs;
pub(super) use local::{ControlPlaneKind, LocalArgs};
pub(super) use look::{CheckArgs, DoctorArgs, PlanArgs, PlanFormat, StepsArgs};
pub(super) use place::PlaceArgs;
pub(super) use run::{IndexArgs, RollbackArgs, RunArgs};
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
4 changes (plan --exit-code), 64 usage, 65 configuration, 70 a bug in osem,
73 state directory unwritable, 75 locked, 77 not confirmed, 124 out of time,
128+n signal.";

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
  osem plan --env dev --json | jq '.data.plan.steps[].changes[].call'
  osem plan --env prod --format markdown          for a comment on a pull request
  osem plan --env prod --exit-code                4 when something would change, else 0

It only reads. Exit codes: 0 done, or with --exit-code nothing to change; 4 with --exit-code: there
are changes; 1 a step is certain to fail, or the plan could not be made. See docs/planner.md.")]
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
    /// See whether a run in an environment would find what it needs; reads only
    #[command(after_help = "\
Examples:
  osem doctor --env dev           region, endpoint, clock, credentials, account, permissions, quotas
  osem doctor --env prod --json | jq -r '.data.findings[] | select(.status == \"bad\").message'

Permissions are tried by the reads that `verify` makes of the declared tables; a refusal of what no
task here asks for is only doubtful. Writes are not tried.
Exit codes: 0 a run can begin, 1 something is wrong (with --strict also what is doubtful).")]
    Doctor(DoctorArgs),
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
    /// Print the least IAM policy that lets a task run; asks nobody
    #[command(after_help = "\
Examples:
  osem iam-policy setup --env prod
  osem iam-policy setup --env prod --rollback     what undoing takes beyond that
  osem iam-policy setup --env prod > policy.json
  osem iam-policy setup --env prod --json | jq .data.rollbackPolicy

It is for all that the task may do, whatever is live. See docs/iam.md.")]
    IamPolicy(IamPolicyArgs),
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
    /// Print live tables as the nodes that declare them
    #[command(after_help = "\
Examples:
  osem import --env dev                          tables that `table-name` names and no file declares
  osem import --env dev osem-dev-Us              only those whose full names start like this
  osem import --env dev --out tables.kdl         to a file, with policies beside it
  osem import --env dev --json | jq -r '.data.tables[].kdl'

It only reads. What is printed is read together with the project first, and compared with the live
tables: a plan then finds nothing to do. What cannot be said stands above the table, and the exit
code is 0 all the same. See docs/import.md.")]
    Import(ImportArgs),
    /// Print shell completions
    #[command(after_help = "\
Examples:
  mkdir -p ~/.local/share/bash-completion/completions
  osem completions bash > ~/.local/share/bash-completion/completions/osem
  mkdir -p ~/.zfunc
  osem completions zsh > ~/.zfunc/_osem       # ~/.zshrc: fpath+=~/.zfunc, before compinit")]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// A task of the project
    #[command(external_subcommand)]
    Task(Vec<OsString>),
}

impl Command {
    /// The command as `--json` names it: a task by its own name.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Run(run) => run.run.task.clone().unwrap_or_else(|| "run".to_owned()),
            Self::Resume(_) => "resume".to_owned(),
            Self::Plan(_) => "plan".to_owned(),
            Self::Check(_) => "check".to_owned(),
            Self::Doctor(_) => "doctor".to_owned(),
            Self::List => "list".to_owned(),
            Self::Steps(_) => "steps".to_owned(),
            Self::Runs(_) => "runs".to_owned(),
            Self::Rollback(_) => "rollback".to_owned(),
            Self::IamPolicy(_) => "iam-policy".to_owned(),
            Self::Local(_) => "local".to_owned(),
            Self::Import(_) => "import".to_owned(),
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
            Self::Doctor(doctor) => Some(&doctor.place),
            Self::Import(import) => Some(&import.place),
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
            Self::Doctor(doctor) => Some(&mut doctor.place),
            Self::Import(import) => Some(&mut import.place),
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
        if let Self::IamPolicy(policy) = self {
            return policy.env.as_deref();
        }
        self.place().and_then(|place| place.env.as_deref())
    }

    /// The region as typed.
    pub(super) fn region(&self) -> Option<&str> {
        if let Self::IamPolicy(policy) = self {
            return policy.region.as_deref();
        }
        self.place().and_then(|place| place.region.as_deref())
    }
}
