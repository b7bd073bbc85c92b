//! `osem local`: serves the emulator to an application.

use crate::aws::emulator_failure;
use crate::child::Groups;
use crate::cli::args::{ControlPlaneKind, GlobalArgs, LocalArgs};
use crate::cli::terminal::Terminal;
use crate::cli::{CommandError, CommandResult, exit, project, signals};
use crate::emulator::{Emulator, EmulatorOptions, Purpose};
use crate::model::{ControlPlane, ErrorCode, Failure, Simulation};
use crate::run::CancelToken;
use crate::step::Registry;

pub(super) async fn execute(
    args: &GlobalArgs,
    local: &LocalArgs,
    terminal: &Terminal,
) -> CommandResult {
    let config = project::load(args, &Registry::built_in())?;
    let environment = project::environment(&config, local.env.as_deref())?;
    let name = &environment.name.value;
    let Some(declared) = &environment.emulator else {
        let message = format!("environment `{name}` has no emulator to serve");
        return Err(Failure::new(ErrorCode::UsageInvalid, message)
            .fix("name one that has: osem local --env local")
            .into());
    };
    let region = environment.region.as_ref().map_or("us-east-1", |region| &region.value);
    let control_plane = control_plane(local, &declared.control_plane)?;
    let opening = EmulatorOptions {
        data: &declared.data,
        control_plane: &control_plane,
        region,
        root: &config.root,
        purpose: Purpose::Serve { port: local.port },
    };
    let waiting = |holder: &_| terminal.remark(&format!("waits for {holder} to end\n"));
    let emulator =
        Emulator::open(opening, waiting).await.map_err(|error| emulator_failure(&error))?;
    let cancel = CancelToken::default();
    signals::install(&cancel, &Groups::default())?;
    terminal.result(&exports(emulator.url(), region, &control_plane));
    if let ControlPlane::Realistic(simulation) = &control_plane {
        terminal.remark(&described(simulation));
    }
    terminal.remark(&format!("serves the {} until Ctrl-C\n", emulator.description()));
    cancel.cancelled().await;
    drop(emulator);
    terminal.remark("stopped\n");
    Ok(exit::SUCCESS)
}

/// What the flags make of the declared control plane.
fn control_plane(local: &LocalArgs, declared: &ControlPlane) -> Result<ControlPlane, CommandError> {
    let simulation = match (local.control_plane, declared) {
        (None | Some(ControlPlaneKind::Realistic), ControlPlane::Realistic(declared)) => {
            declared.clone()
        }
        (Some(ControlPlaneKind::Realistic), ControlPlane::Instant) => Simulation::default(),
        (Some(ControlPlaneKind::Instant), _) | (None, ControlPlane::Instant) => {
            // Variables are meant for rehearsals and for realistic control planes.
            let account = local.account.as_ref().filter(|_| !local.account_from_variable);
            return match local.simulation.typed().or(account.map(|_| "--account".to_owned())) {
                Some(given) => Err(needs_realistic(&given).into()),
                None => Ok(ControlPlane::Instant),
            };
        }
    };
    let mut simulation = local.simulation.applied_to(simulation)?;
    if let Some(account) = &local.account {
        simulation.account = account.clone();
    }
    Ok(ControlPlane::Realistic(simulation))
}

fn needs_realistic(given: &str) -> Failure {
    let message = format!("{given} needs a realistic control plane, and this one is instant");
    Failure::new(ErrorCode::UsageInvalid, message)
        .fix("add --control-plane realistic, or write that in the block of the emulator")
}

/// What an application's shell needs; every AWS SDK reads these. Of the regions Python's reads only
/// the second one.
fn exports(url: &str, region: &str, control_plane: &ControlPlane) -> String {
    let sts = match control_plane {
        ControlPlane::Realistic(_) => format!("export AWS_ENDPOINT_URL_STS={url}\n"),
        // Its STS would not answer.
        ControlPlane::Instant => String::new(),
    };
    format!(
        "export AWS_ENDPOINT_URL_DYNAMODB={url}\n{sts}export AWS_REGION={region}\n\
         export AWS_DEFAULT_REGION={region}\n\
         export AWS_ACCESS_KEY_ID=osem\nexport AWS_SECRET_ACCESS_KEY=osem\n"
    )
}

fn described(simulation: &Simulation) -> String {
    let faults = match simulation.faults.len() {
        0 => "no faults".to_owned(),
        1 => "1 fault".to_owned(),
        count => format!("{count} faults"),
    };
    let Simulation { time_scale, account, seed, .. } = simulation;
    format!(
        "control plane: realistic, time-scale {time_scale}, account {account}, {faults}, \
         seed {seed}\n"
    )
}
