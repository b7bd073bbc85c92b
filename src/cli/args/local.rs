//! The flags of `osem local`.

use clap::ValueEnum;

use crate::cli::simulation::SimulationArgs;
use crate::model::AccountId;

#[derive(Debug, Clone, clap::Args)]
pub(in crate::cli) struct LocalArgs {
    /// The environment whose emulator to serve [default: the one marked `default`] [env: `OSEM_ENV`]
    #[arg(short, long, value_name = "NAME")]
    pub(in crate::cli) env: Option<String>,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", env = "OSEM_PORT", default_value_t = 8000)]
    pub(in crate::cli) port: u16,
    /// How tables are created and changed [default: the file's, else instant]
    #[arg(long, value_name = "KIND", env = "OSEM_CONTROL_PLANE")]
    pub(in crate::cli) control_plane: Option<ControlPlaneKind>,
    /// The account that ARNs and STS name, with a realistic control plane [default: 000000000000]
    #[arg(long, value_name = "ID", env = "OSEM_ACCOUNT", value_parser = account)]
    pub(in crate::cli) account: Option<AccountId>,
    #[command(flatten)]
    pub(in crate::cli) simulation: SimulationArgs,
    /// Whether the account came from `OSEM_ACCOUNT`.
    #[arg(skip)]
    pub(in crate::cli) account_from_variable: bool,
}

/// How the emulator answers control-plane calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ControlPlaneKind {
    /// As the service: states that last, limits, cooldowns and quotas
    Realistic,
    /// Every change is in effect when it is answered
    Instant,
}

fn account(text: &str) -> Result<AccountId, String> {
    AccountId::parse(text).ok_or_else(|| "an account has twelve digits".to_owned())
}
