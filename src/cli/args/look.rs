//! The flags of commands that only look.

use std::path::PathBuf;

use clap::ArgAction;
use clap::builder::FalseyValueParser;

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
    #[command(flatten)]
    pub(in crate::cli) selection: SelectionArgs,
    #[command(flatten)]
    pub(in crate::cli) indexes: IndexArgs,
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
