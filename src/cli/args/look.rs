//! The flags of commands that only look.

use std::path::PathBuf;

use clap::builder::FalseyValueParser;
use clap::{ArgAction, ValueEnum};

use crate::cli::selection::SelectionArgs;
use crate::cli::variables::VariableArgs;

use super::{IndexArgs, PlaceArgs, StateArgs};

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct PlanArgs {
    /// The task
    #[arg(default_value = "setup")]
    pub(in crate::cli) task: String,
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    /// Also save the plan, for: osem run --plan FILE
    #[arg(long, value_name = "FILE", env = "OSEM_OUT")]
    #[arg(conflicts_with_all = ["only", "from", "skip", "table"])]
    pub(in crate::cli) out: Option<PathBuf>,
    /// How to show it [default: text; `--json` is `--format json`]
    #[arg(long, value_name = "FORMAT", env = "OSEM_FORMAT")]
    pub(in crate::cli) format: Option<PlanFormat>,
    /// End with 4 when there are changes: calls, or commands that may write
    #[arg(long, env = "OSEM_EXIT_CODE", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) exit_code: bool,
    /// Steps at work at once, for the expected time [default: the project's `jobs`, else 8]
    #[arg(short, long, value_name = "N", env = "OSEM_JOBS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) jobs: Option<u16>,
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) indexes: IndexArgs,
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}

/// How to show a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
    /// For a terminal
    Text,
    /// The document of `--json`
    Json,
    /// For a pull request
    Markdown,
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    pub(in crate::cli) variables: VariableArgs,
    /// Also ask each plugin what it is, and compare that with its step-kind
    #[arg(long, env = "OSEM_PLUGINS", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) plugins: bool,
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct StepsArgs {
    /// The kind
    pub(in crate::cli) kind: Option<String>,
}

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct DoctorArgs {
    #[command(flatten)]
    pub(in crate::cli) place: PlaceArgs,
    #[command(flatten)]
    pub(in crate::cli) state: StateArgs,
}
