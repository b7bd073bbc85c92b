//! `osem local`: serves the emulator to an application.

use crate::aws::emulator_failure;
use crate::cli::args::{GlobalArgs, LocalArgs};
use crate::cli::terminal::Terminal;
use crate::cli::{CommandResult, exit, session, signals};
use crate::emulator::{Emulator, EmulatorOptions, Purpose};
use crate::model::{ErrorCode, Failure};
use crate::run::CancelToken;
use crate::step::Registry;

pub(super) async fn execute(
    args: &GlobalArgs,
    local: &LocalArgs,
    terminal: &Terminal,
) -> CommandResult {
    let config = session::load(args, &Registry::built_in())?;
    let environment = session::environment(&config, local.env.as_deref())?;
    let name = &environment.name.value;
    let Some(declared) = &environment.emulator else {
        let message = format!("environment `{name}` has no emulator to serve");
        return Err(Failure::new(ErrorCode::UsageInvalid, message)
            .fix("name one that has: osem local --env local")
            .into());
    };
    let region = environment.region.as_ref().map_or("us-east-1", |region| &region.value);
    let opening = EmulatorOptions {
        data: &declared.data,
        control_plane: &declared.control_plane,
        region,
        root: &config.root,
        purpose: Purpose::Serve { port: local.port },
    };
    let waiting = |holder: &_| terminal.remark(&format!("waits for {holder} to end\n"));
    let emulator =
        Emulator::open(opening, waiting).await.map_err(|error| emulator_failure(&error))?;
    let cancel = CancelToken::default();
    signals::install(&cancel).map_err(|error| {
        Failure::new(ErrorCode::UnknownError, format!("failed to wait for signals: {error}"))
    })?;
    terminal.result(&exports(emulator.url(), region));
    terminal.remark(&format!("serves the {} until Ctrl-C\n", emulator.description()));
    cancel.cancelled().await;
    drop(emulator);
    terminal.remark("stopped\n");
    Ok(exit::SUCCESS)
}

/// What an application's shell needs; every AWS SDK reads these.
fn exports(url: &str, region: &str) -> String {
    format!(
        "export AWS_ENDPOINT_URL_DYNAMODB={url}\nexport AWS_REGION={region}\n\
         export AWS_ACCESS_KEY_ID=osem\nexport AWS_SECRET_ACCESS_KEY=osem\n"
    )
}
