//! The flags of `iam-policy`.

use clap::ArgAction;
use clap::builder::FalseyValueParser;

use crate::cli::variables::VariableArgs;

use super::{IndexArgs, PlaceArgs};

#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a flag of its own")]
pub(in crate::cli) struct IamPolicyArgs {
    /// The task
    #[arg(default_value = "setup")]
    pub(in crate::cli) task: String,
    /// The environment [default: the one marked `default`] [env: `OSEM_ENV`, but not for protected ones]
    #[arg(short, long, value_name = "NAME")]
    pub(in crate::cli) env: Option<String>,
    /// The region, where it is not the environment's
    #[arg(long, value_name = "REGION", env = "OSEM_REGION")]
    pub(in crate::cli) region: Option<String>,
    /// Accept a region that is not the environment's
    #[arg(long)]
    pub(in crate::cli) force: bool,
    /// Only what undoing a run takes beyond the policy for running
    #[arg(long, env = "OSEM_ROLLBACK", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) rollback: bool,
    /// All tables whose names start like the environment's, not each by its name: shorter, and allows
    /// more
    #[arg(long, env = "OSEM_WILDCARD", value_parser = FalseyValueParser::new())]
    #[arg(action = ArgAction::SetTrue)]
    pub(in crate::cli) wildcard: bool,
    #[command(flatten)]
    pub(in crate::cli) variables: VariableArgs,
    #[command(flatten)]
    pub(in crate::cli) indexes: IndexArgs,
    /// Whether the region came from `OSEM_REGION`.
    #[arg(skip)]
    pub(in crate::cli) region_from_variable: bool,
}

impl IamPolicyArgs {
    /// Where the task would run: in the environment itself.
    pub(in crate::cli) fn place(&self) -> PlaceArgs {
        PlaceArgs {
            env: self.env.clone(),
            region: self.region.clone(),
            force: self.force,
            variables: self.variables.clone(),
            region_from_variable: self.region_from_variable,
            ..PlaceArgs::default()
        }
    }
}
