//! Where a command works.

use clap::ArgAction;
use clap::builder::FalseyValueParser;

use crate::cli::simulation::SimulationArgs;
use crate::cli::variables::VariableArgs;

/// Where to run.
#[derive(Debug, Clone, Default, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a flag of its own")]
pub(in crate::cli) struct PlaceArgs {
    /// The environment [default: the one marked `default`] [env: `OSEM_ENV`, but not for protected ones]
    #[arg(short, long, value_name = "NAME")]
    pub(in crate::cli) env: Option<String>,
    /// The region, where it is not the environment's
    #[arg(long, value_name = "REGION", env = "OSEM_REGION")]
    pub(in crate::cli) region: Option<String>,
    /// A DynamoDB-compatible server; on this machine it gets dummy credentials
    #[arg(long, value_name = "URL", env = "OSEM_ENDPOINT_URL")]
    pub(in crate::cli) endpoint_url: Option<String>,
    /// Accept a region that is not the environment's; skips no other check
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Fail on what is otherwise a warning
    #[arg(long, env = "OSEM_STRICT", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) strict: bool,
    /// Against a simulator on this machine instead of the account; every guard stays on
    #[arg(long, env = "OSEM_REHEARSE", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) rehearse: bool,
    #[command(flatten)]
    pub(in crate::cli) variables: VariableArgs,
    #[command(flatten)]
    pub(in crate::cli) simulation: SimulationArgs,
    /// Whether the region came from `OSEM_REGION`.
    #[arg(skip)]
    pub(in crate::cli) region_from_variable: bool,
    /// Whether the endpoint came from `OSEM_ENDPOINT_URL`.
    #[arg(skip)]
    pub(in crate::cli) endpoint_from_variable: bool,
}
