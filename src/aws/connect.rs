//! Who and where, checked before the first call of anything else.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;

use crate::emulator::{Emulator, EmulatorError, EmulatorOptions, Holder, Purpose};
use crate::model::{ControlPlane, EmulatorData, Environment, ErrorCode, Failure, FailureClass};
use crate::state::unwritable;

use super::endpoint::{AmbientEndpoints, Rehearsal, is_local, shown_url};
use super::error::{ErrorKind, ServiceError};
use super::identity::{Identity, caller_identity, check_account};
use super::table_api::TableApi;
use super::{Access, Ambient, ApiCall, ApiObserver, Endpoint, credentials, endpoint};

/// How long the checks of a connection are repeated after failures that pass.
const PATIENCE: Duration = Duration::from_secs(3);

/// What to connect to.
pub struct ConnectOptions<'a> {
    /// The environment.
    pub environment: &'a Environment,
    /// The project's root: relative emulator files start there.
    pub root: &'a Path,
    /// The region to use.
    pub region: &'a str,
    /// Whether only reads follow: then an emulator that has no database yet gets none.
    pub reads_only: bool,
    /// The endpoint to use.
    pub endpoint: &'a Endpoint,
    /// Told of each call.
    pub observer: ApiObserver,
    /// Told when another command must end first.
    pub on_wait: &'a dyn Fn(&Holder),
}

/// A checked connection.
#[derive(Debug)]
pub struct Connection {
    /// The calls.
    pub tables: TableApi,
    /// Who the credentials belong to; `None` where STS was not asked.
    pub identity: Option<Identity>,
    /// Where the credentials come from, for people.
    pub credential_source: String,
    /// The endpoint, for people.
    pub endpoint: String,
    /// Whether the endpoint is DynamoDB itself, or stands for it in a rehearsal, so that everything
    /// must be supported.
    pub is_service: bool,
    /// Whether it is known to have the service's limits: then it is paced from the first call on.
    pub has_limits: bool,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What commands need to reach the same tables.
    pub access: Access,
    /// Keeps the emulator running.
    _emulator: Option<Emulator>,
}

/// Connects and checks: credentials there, account right, endpoint answering.
///
/// # Errors
/// A [`Failure`] for the first check that does not hold. Nothing was written.
pub async fn connect(options: ConnectOptions<'_>) -> Result<Connection, Failure> {
    match options.endpoint {
        Endpoint::Emulator { leftover } => emulator(&options, leftover.as_ref()).await,
        Endpoint::Overridden { url, loopback: true } => isolated(&options, url).await,
        Endpoint::Overridden { url, loopback: false } => {
            let url = url.clone();
            authenticated(&options, Some(url), None).await
        }
        Endpoint::Declared { url, sts } => {
            authenticated(&options, Some(url.clone()), sts.clone()).await
        }
        Endpoint::Service => authenticated(&options, None, None).await,
        Endpoint::Rehearsal(simulator) => rehearsal(&options, simulator).await,
    }
}

async fn emulator(
    options: &ConnectOptions<'_>,
    leftover: Option<&(&'static str, String)>,
) -> Result<Connection, Failure> {
    if let Some((name, url)) = leftover.filter(|(_, url)| !is_local(url)) {
        // No `osem local` answers there: nothing need be opened to know.
        return Err(endpoint::refused_variable(options.environment, name, url));
    }
    let declared = options.environment.emulator.as_ref().expect("resolved to the emulator");
    let emulator = open(options, &declared.data, &declared.control_plane).await?;
    if let Some((name, url)) =
        leftover.filter(|(_, url)| url.trim_end_matches('/') != emulator.url())
    {
        return Err(endpoint::refused_variable(options.environment, name, url));
    }
    let config = credentials::dummy_config(options.region, emulator.url());
    Ok(Connection {
        tables: TableApi::new(&config, Some(emulator.url()), None, Arc::clone(&options.observer)),
        identity: None,
        credential_source: "dummy".to_owned(),
        endpoint: emulator.description().to_owned(),
        is_service: false,
        has_limits: emulator.is_realistic(),
        warnings: Vec::new(),
        // An instant control plane has no STS.
        access: Access::dummy(
            options.region,
            emulator.url(),
            emulator.is_realistic().then_some(emulator.url()),
        ),
        _emulator: Some(emulator),
    })
}

async fn open(
    options: &ConnectOptions<'_>,
    data: &EmulatorData,
    control_plane: &ControlPlane,
) -> Result<Emulator, Failure> {
    let purpose = if options.reads_only { Purpose::Look } else { Purpose::Command };
    let opening = EmulatorOptions {
        data,
        control_plane,
        region: options.region,
        root: options.root,
        purpose,
    };
    let opened = Emulator::open(opening, options.on_wait).await;
    opened.map_err(|error| emulator_failure(&error))
}

/// The environment's place is taken by a simulator. Nothing of the shell is read, so nothing that
/// was left over there leads to an account; the account is checked by the simulator's own STS.
async fn rehearsal(
    options: &ConnectOptions<'_>,
    simulator: &Rehearsal,
) -> Result<Connection, Failure> {
    let environment = options.environment;
    let data = EmulatorData::File(simulator.file.clone());
    let emulator = open(options, &data, &simulator.control_plane).await?;
    let url = emulator.url();
    let config = credentials::dummy_config(options.region, url);
    let mut warnings = Vec::new();
    let identity = identify(options, &config, Some(url), true, &mut warnings).await?;
    let account = environment.account.as_ref().map(|account| account.value.clone());
    Ok(Connection {
        tables: TableApi::new(&config, Some(url), account, Arc::clone(&options.observer)),
        identity,
        credential_source: "dummy".to_owned(),
        endpoint: format!("rehearsal in {}", simulator.file.display()),
        // It stands for the service where the environment is the service.
        is_service: environment.endpoint.is_none() && environment.emulator.is_none(),
        has_limits: emulator.is_realistic(),
        warnings,
        access: Access::dummy(options.region, url, Some(url)),
        _emulator: Some(emulator),
    })
}

/// Why the emulator cannot be used, with what to do about it.
#[must_use]
pub fn emulator_failure(error: &EmulatorError) -> Failure {
    let code = match error {
        EmulatorError::Locked { .. } => ErrorCode::Locked,
        EmulatorError::Unwritable { .. } | EmulatorError::Link { .. } => ErrorCode::StateUnwritable,
        EmulatorError::Listen { .. } | EmulatorError::Impostor { .. } => ErrorCode::NetworkError,
        EmulatorError::Database { .. }
        | EmulatorError::NotUtf8 { .. }
        | EmulatorError::NotBuilt => ErrorCode::ConfigInvalid,
    };
    let fix = match error {
        EmulatorError::Locked { .. } => "wait for it to end, or stop it",
        EmulatorError::Listen { .. } => "choose another one with --port",
        EmulatorError::Database { .. } => {
            "move the file away; the tables of the emulator are then created anew"
        }
        EmulatorError::NotUtf8 { .. } => "use a folder and a file whose names are UTF-8",
        EmulatorError::Link { .. } => "remove the link; osem makes a file in its place",
        EmulatorError::Unwritable { path, source } => {
            return unwritable(error.to_string(), path, source);
        }
        EmulatorError::Impostor { .. } => "stop `osem local` and start it again",
        EmulatorError::NotBuilt => "build it with the default features",
    };
    Failure::new(code, error.to_string()).fix(fix)
}

async fn isolated(options: &ConnectOptions<'_>, url: &str) -> Result<Connection, Failure> {
    let environment = options.environment;
    let config = credentials::dummy_config(options.region, url);
    let tables = TableApi::new(&config, Some(url), None, Arc::clone(&options.observer));
    check_answers(&tables).await?;
    let mut ignored = vec!["the credentials of this shell"];
    ignored.extend(environment.account.as_ref().map(|_| "its account"));
    ignored.extend(environment.profile.as_ref().map(|_| "its profile"));
    ignored.extend(environment.assume_role.as_ref().map(|_| "its role"));
    ignored.extend(environment.emulator.as_ref().map(|_| "its emulator"));
    ignored.extend(environment.endpoint.as_ref().map(|_| "its endpoint"));
    let name = &environment.name.value;
    let ignored = ignored.join(", ");
    let shown = shown_url(url);
    Ok(Connection {
        tables,
        access: Access::dummy(options.region, url, None),
        identity: None,
        credential_source: "dummy".to_owned(),
        endpoint: shown.clone(),
        is_service: false,
        has_limits: false,
        warnings: vec![format!(
            "--endpoint-url {shown} is on this machine: environment `{name}` goes there with dummy \
             credentials; not used: {ignored}"
        )],
        _emulator: None,
    })
}

async fn authenticated(
    options: &ConnectOptions<'_>,
    url: Option<String>,
    sts: Option<String>,
) -> Result<Connection, Failure> {
    let environment = options.environment;
    let config = credentials::config(environment, options.region).await;
    let overridden = url.is_some();
    let ambient = AmbientEndpoints::of(&config);
    ambient.check(environment, &Ambient::from_process(), overridden)?;
    let url = url.or(ambient.dynamodb);
    let sts = sts.or_else(|| ambient.sts.filter(|_| !overridden));
    let config = credentials::with_role(config, environment, sts.as_deref()).await;
    let credential_source = credentials::source(&config, environment).await?;
    let mut warnings = Vec::new();
    let identity = identify(options, &config, sts.as_deref(), url.is_some(), &mut warnings).await?;
    let account = environment.account.as_ref().map(|account| account.value.clone());
    let access = Access::of(&config, options.region, url.as_deref(), sts.as_deref());
    let config = credentials::towards(config, url.as_deref());
    let tables = TableApi::new(&config, url.as_deref(), account, Arc::clone(&options.observer));
    if url.is_some() {
        check_answers(&tables).await?;
    }
    Ok(Connection {
        tables,
        access,
        identity,
        credential_source,
        is_service: url.is_none(),
        has_limits: url.is_none(),
        endpoint: url.as_deref().map_or_else(|| "DynamoDB".to_owned(), shown_url),
        warnings,
        _emulator: None,
    })
}

/// Asks STS wherever an account is declared, and wherever asking makes sense.
async fn identify(
    options: &ConnectOptions<'_>,
    config: &SdkConfig,
    sts: Option<&str>,
    redirected: bool,
    warnings: &mut Vec<String>,
) -> Result<Option<Identity>, Failure> {
    let environment = options.environment;
    let declared = environment.account.as_ref();
    if declared.is_none() && redirected && sts.is_none() {
        // A server of its own without STS: asking the real one would say nothing about it.
        return Ok(None);
    }
    let config = credentials::towards(config.clone(), sts);
    let mut sts_config = aws_sdk_sts::config::Builder::from(&config);
    sts_config.set_endpoint_url(sts.map(str::to_owned));
    sts_config.set_retry_config(Some(RetryConfig::standard().with_max_attempts(2)));
    let client = aws_sdk_sts::Client::from_conf(sts_config.build());
    let started = Instant::now();
    let answer = patiently(|| caller_identity(&client)).await;
    (options.observer)(ApiCall {
        operation: "GetCallerIdentity",
        resource: None,
        duration: started.elapsed(),
        error: answer.as_ref().err().map(|error| error.code.clone().unwrap_or_default()),
    });
    match (answer, declared) {
        (Ok(identity), Some(declared)) => {
            check_account(&environment.name.value, &declared.value, &identity)?;
            Ok(Some(identity))
        }
        (Ok(identity), None) => Ok(Some(identity)),
        (Err(error), None) if error.kind == ErrorKind::Network => {
            warnings.push(format!("STS does not answer, so the account is not known: {error}"));
            Ok(None)
        }
        (Err(error), declared) => Err(not_identified(environment, error, declared.is_some())),
    }
}

fn not_identified(environment: &Environment, error: ServiceError, declared: bool) -> Failure {
    let silent = matches!(error.kind, ErrorKind::Network | ErrorKind::Garbled | ErrorKind::Server);
    let answered = error.kind == ErrorKind::Garbled;
    let failure = error.into_failure().class(FailureClass::Permanent);
    if !(declared && silent) {
        return failure;
    }
    let name = &environment.name.value;
    let said = failure.said.clone().unwrap_or_default();
    let fix = if answered {
        "check that STS, and nothing else, answers at that address, then run again"
    } else {
        "check that STS can be reached from here, then run again"
    };
    Failure::new(
        ErrorCode::NetworkError,
        format!("STS does not say whose credentials these are, so `{name}` is not touched"),
    )
    .said(said)
    .cause("environment declares an account, and only STS can confirm it")
    .fix(fix)
}

/// One cheap read, so that a server that is not there is found before anything is planned.
/// A denial is an answer.
async fn check_answers(tables: &TableApi) -> Result<(), Failure> {
    match patiently(|| tables.list_page()).await {
        Err(error) if matches!(error.kind, ErrorKind::Network | ErrorKind::Credentials) => {
            Err(error.into_failure().class(FailureClass::Permanent))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Asks again after a failure that passes, as long as failures come fast: a server that is not
/// there, or hangs, is told at once.
async fn patiently<T>(ask: impl AsyncFn() -> Result<T, ServiceError>) -> Result<T, ServiceError> {
    let started = Instant::now();
    let mut pause = Duration::from_millis(100);
    loop {
        match ask().await {
            Err(error) if error.may_pass() && started.elapsed() < PATIENCE => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            answer => return answer,
        }
    }
}
