//! The stages that `run` and `plan` share: from arguments to a checked connection.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::aws::{self, Ambient, ConnectOptions, Connection, Endpoint};
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::journal::{Record, RunEvent};
use crate::model::{Environment, ErrorCode, Failure, OnFailure, Placeholder, Template};
use crate::plan::{self, Plan, PlanOptions};
use crate::report::{Reporter, RunFold};
use crate::run::{CancelToken, RunContext};
use crate::step::{Facts, Pins, Registry, Snapshots};

use super::CommandError;
use super::args::{GlobalArgs, PlaceArgs};
use super::terminal::Terminal;

/// Finds and loads the configuration.
pub(super) fn load(args: &GlobalArgs, registry: &Registry) -> Result<Config, Diagnostics> {
    let file = args.config.clone().or_else(|| config::find(&current_dir()));
    let Some(file) = file else {
        let missing = Diagnostic::error("osem::no-file", "no osem.kdl here or in a folder above")
            .help("go to the project's folder, or name the file: osem -c path/to/osem.kdl");
        return Err(Diagnostics { list: vec![missing], ..Diagnostics::default() });
    };
    config::load(&file, &registry.catalog())
}

fn current_dir() -> PathBuf {
    std::env::current_dir().unwrap_or_else(|_| PathBuf::from("."))
}

/// Chooses the environment: `--env`, `OSEM_ENV`, the default one, the only one. A protected one
/// must be typed: a variable that was left over must not lead there.
pub(super) fn environment<'c>(
    config: &'c Config,
    flag: Option<&str>,
) -> Result<&'c Environment, Failure> {
    let variable = std::env::var("OSEM_ENV").ok().filter(|name| !name.is_empty());
    let usage = |message: String| Failure::new(ErrorCode::UsageInvalid, message);
    let Some(name) = flag.or(variable.as_deref()) else {
        let only = match config.environments.as_slice() {
            [only] if !only.protected => Some(only),
            _ => None,
        };
        return config.default_environment().or(only).ok_or_else(|| {
            usage("no environment named".to_owned())
                .fix(format!("name one with --env: {}", names(config)))
        });
    };
    let Some(environment) = config.environment(name) else {
        let known = config.environments.iter().map(|environment| environment.name.value.as_str());
        let meant = did_you_mean(name, known);
        let fix = meant.map_or_else(
            || format!("known: {}", names(config)),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(usage(format!("no environment `{name}`")).fix(fix));
    };
    if environment.protected && flag.is_none() {
        return Err(usage(format!("environment `{name}` is protected, and OSEM_ENV names it"))
            .cause("a protected environment is chosen only on the command line")
            .fix(format!("--env {name}")));
    }
    Ok(environment)
}

fn names(config: &Config) -> String {
    let names = config.environments.iter().map(|environment| environment.name.value.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// What the flags of a command choose.
pub(super) struct Choice<'a> {
    pub(super) task: &'a str,
    pub(super) place: &'a PlaceArgs,
    pub(super) on_failure: Option<OnFailure>,
    pub(super) retries: Option<u32>,
}

/// A plan and the connection to carry it out on.
pub(super) struct Session {
    pub(super) plan: Plan,
    pub(super) environment: Environment,
    pub(super) region: String,
    pub(super) jobs: usize,
    pub(super) connection: Connection,
    pub(super) context: RunContext,
    pub(super) sink: Sink,
}

impl Session {
    /// Region, endpoint and account, for the line above a plan.
    pub(super) fn place(&self) -> String {
        let account = self.connection.identity.as_ref();
        let account = account.map_or_else(String::new, |who| format!(", account {}", who.account));
        format!("{}, {}{account}", self.region, self.connection.endpoint)
    }
}

/// Where the events of a run go: to people, and to the fold that the JSON document is made of.
#[derive(Clone)]
pub(super) struct Sink(Arc<Mutex<(Box<dyn Reporter>, RunFold)>>);

impl Sink {
    fn new(terminal: &Terminal) -> Self {
        Self(Arc::new(Mutex::new((terminal.reporter(), RunFold::default()))))
    }

    /// Hands an event to everybody.
    pub(super) fn emit(&self, event: RunEvent) {
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        let record = Record { v: 1, at, event };
        let mut sinks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sinks.0.record(&record);
        sinks.1.record(&record);
    }

    /// Looks at what all events came to.
    pub(super) fn fold<T>(&self, look: impl FnOnce(&RunFold) -> T) -> T {
        look(&self.0.lock().unwrap_or_else(PoisonError::into_inner).1)
    }
}

/// Configuration, environment, endpoint, region, plan, connection: the first that cannot be used
/// ends the command, before anything was written.
pub(super) async fn open(
    args: &GlobalArgs,
    choice: Choice<'_>,
    terminal: &Terminal,
) -> Result<Session, CommandError> {
    let registry = Registry::built_in();
    let config = load(args, &registry)?;
    let environment = environment(&config, choice.place.env.as_deref())?.clone();
    let place = choice.place;
    let ambient = Ambient::from_process();
    let endpoint = Endpoint::resolve(&environment, place.endpoint_url.as_deref(), &ambient)?;
    let region = aws::resolve_region(
        &environment,
        &endpoint,
        place.region.as_deref(),
        &ambient,
        place.force,
    )
    .await?;
    let prefix = std::env::var("OSEM_DB_PREFIX").ok().filter(|prefix| !prefix.is_empty());
    let plan =
        build_plan(&config, &registry, &environment, &choice, &region.name, prefix.as_deref())?;
    let sink = Sink::new(terminal);
    let emit: Arc<dyn Fn(RunEvent) + Send + Sync> = {
        let sink = sink.clone();
        Arc::new(move |event| sink.emit(event))
    };
    let connection = aws::connect(ConnectOptions {
        environment: &environment,
        root: &config.root,
        region: &region.name,
        endpoint: &endpoint,
        observer: RunContext::connecting(Arc::clone(&emit)),
        on_wait: &|holder| terminal.remark(&format!("waits for {holder} to end\n")),
    })
    .await?;
    let facts = Facts {
        environment: environment.name.value.clone(),
        region: region.name.clone(),
        identity: connection.identity.clone(),
        credential_source: connection.credential_source.clone(),
        endpoint: connection.endpoint.clone(),
        is_service: connection.is_service,
        allow_destroy: environment.allow_destroy,
        strict: place.strict,
        table_prefix: table_prefix(&config, &environment, &region.name, prefix.as_deref()),
    };
    let context = RunContext {
        tables: connection.tables.clone(),
        all_tables: Arc::clone(&plan.tables),
        facts: Arc::new(facts),
        pins: Pins::default(),
        snapshots: Snapshots::default(),
        cancel: CancelToken::default(),
        emit,
    };
    let jobs = config.project.jobs.unwrap_or(8);
    Ok(Session { plan, environment, region: region.name, jobs, connection, context, sink })
}

fn build_plan(
    config: &Config,
    registry: &Registry,
    environment: &Environment,
    choice: &Choice<'_>,
    region: &str,
    prefix: Option<&str>,
) -> Result<Plan, CommandError> {
    let Some(task) = config.task(choice.task) else {
        let known = config.tasks.iter().map(|task| task.name.value.as_str());
        let meant = did_you_mean(choice.task, known.clone().chain(COMMANDS));
        let all = known.collect::<Vec<_>>().join(", ");
        let fix = meant
            .map_or_else(|| format!("tasks: {all}"), |meant| format!("did you mean `{meant}`?"));
        let message = format!("no command and no task `{}`", choice.task);
        return Err(Failure::new(ErrorCode::UsageInvalid, message).fix(fix).into());
    };
    let options =
        PlanOptions { region, prefix, on_failure: choice.on_failure, retries: choice.retries };
    plan::build(config, registry, task, environment, options)
        .map_err(|list| Diagnostics { sources: config.sources.clone(), list }.into())
}

/// Commands that a misspelled task name may have meant.
const COMMANDS: [&str; 6] = ["run", "plan", "check", "list", "local", "completions"];

/// What stands before the declared name in the table names of an environment.
fn table_prefix(
    config: &Config,
    environment: &Environment,
    region: &str,
    prefix: Option<&str>,
) -> String {
    if let Some(prefix) = prefix {
        return prefix.to_owned();
    }
    let account = environment.account.as_ref().map(|account| account.value.as_str());
    let before: &Template = &config.project.table_name.value.before(Placeholder::Table);
    let value = |placeholder| match placeholder {
        Placeholder::Env => Some(environment.name.value.as_str()),
        Placeholder::Project => Some(config.project.name.value.as_str()),
        Placeholder::Region => Some(region),
        Placeholder::Account => account,
        Placeholder::Table | Placeholder::TableName => None,
    };
    before.fill(value).unwrap_or_default()
}
