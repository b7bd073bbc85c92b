//! The stages that all commands on tables share: from arguments to a plan, and to a checked
//! connection.

mod connected;

use std::collections::{BTreeMap, BTreeSet};
use std::env::VarError;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use crate::aws::{self, Ambient, Endpoint};
use crate::config::{self, Config, Given};
use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::journal::{Durations, EndpointKind, History, Pinned, RunHeader, Setting};
use crate::model::{
    EmulatorData, Environment, ErrorCode, Failure, KindDecl, OnFailure, Secrets, Task,
};
use crate::plan::{self, Plan, PlanOptions};
use crate::step::Registry;

use super::args::{GlobalArgs, IndexArgs, PlaceArgs};
use super::definitions::{definitions, fingerprints};
use super::index_requests;
use super::project;
use super::simulation::rehearsal;
use super::variables::{Recorded, refuse_misplaced, shown_secrets};
use super::written_secrets::written_secrets;
use super::{CommandError, Place, prompt};

pub(super) use connected::{Session, connect, connection};

/// In the place of a task: none. Its plan has the tables of the environment, and no steps.
pub(super) const NO_TASK: &str = "";

/// What the flags of a command choose.
pub(super) struct Choice<'a> {
    pub(super) task: &'a str,
    pub(super) place: &'a PlaceArgs,
    pub(super) indexes: &'a IndexArgs,
    pub(super) confirm: Option<&'a str>,
    pub(super) on_failure: Option<OnFailure>,
    pub(super) retries: Option<u32>,
    pub(super) no_rollback: bool,
    /// What the run had that is gone on with.
    pub(super) resumed: Option<&'a RunHeader>,
    /// The variables that are bound already.
    pub(super) recorded: Option<&'a Recorded>,
}

impl<'a> Choice<'a> {
    /// A task at a place, where nothing else is said.
    pub(super) const fn new(task: &'a str, place: &'a PlaceArgs, indexes: &'a IndexArgs) -> Self {
        Self {
            task,
            place,
            indexes,
            confirm: None,
            on_failure: None,
            retries: None,
            no_rollback: false,
            resumed: None,
            recorded: None,
        }
    }
}

/// A plan that was made without touching anything.
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) environment: Environment,
    pub(super) region: String,
    pub(super) jobs: usize,
    pub(super) place: Place,
    pub(super) root: PathBuf,
    /// The files of the configuration.
    pub(super) sources: Vec<PathBuf>,
    /// A fingerprint of each, by its path in the project.
    pub(super) fingerprints: BTreeMap<String, String>,
    /// `--prune` and `--replace`.
    pub(super) indexes: IndexArgs,
    pub(super) endpoint: Endpoint,
    /// Where it leads, unless that is the service's own URL.
    pub(super) endpoint_url: Option<String>,
    /// The part of a full table name before the declared name.
    pub(super) table_prefix: String,
    /// The kinds that the files declare.
    pub(super) kinds: Vec<Arc<KindDecl>>,
    /// `OSEM_DB_PREFIX`.
    db_prefix: Option<String>,
    /// The secrets that have a value.
    pub(super) secrets: Secrets,
    /// The variables of the shell that secrets are read from.
    secret_sources: BTreeSet<String>,
    /// The variables, with the values that do not stand in the files.
    variables: Recorded,
    /// What each step is, in plan order.
    pub(super) definitions: Vec<String>,
    pub(super) strict: bool,
}

impl Planned {
    /// What a later resume must find again. All but the account is known before anybody is asked.
    pub(super) fn pinned(&self, account: Option<String>) -> Pinned {
        let endpoint = self.endpoint_kind();
        Pinned {
            osem_version: env!("CARGO_PKG_VERSION").to_owned(),
            account,
            endpoint,
            endpoint_url: self.endpoint_url.clone(),
            table_prefix: self.table_prefix.clone(),
            db_prefix: self.db_prefix.clone(),
            rehearsal: endpoint == EndpointKind::Rehearsal,
            variables: self.variables.clone(),
        }
    }

    /// What kind of endpoint answers.
    const fn endpoint_kind(&self) -> EndpointKind {
        match &self.endpoint {
            Endpoint::Service => EndpointKind::Service,
            Endpoint::Emulator { .. } => EndpointKind::Emulator,
            Endpoint::Declared { .. } => EndpointKind::Declared,
            Endpoint::Overridden { .. } => EndpointKind::Overridden,
            Endpoint::Rehearsal(_) => EndpointKind::Rehearsal,
        }
    }

    /// How long steps took in earlier runs.
    pub(super) fn recorded_durations(&self, history: &History) -> Durations {
        let (task, environment) = (&self.plan.task, &self.plan.environment);
        history.durations(Setting { task, environment, endpoint: self.endpoint_kind() })
    }

    /// Takes each step for as long as it took in earlier runs, so that those with the longest way
    /// still ahead of them go first.
    pub(super) fn expect_as_recorded(&mut self, history: &History) {
        let durations = self.recorded_durations(history);
        self.plan.expect(|step| durations.of(&step.id, &step.kind));
    }

    /// Whether the tables are gone when the process ends: then nothing of the run is left to know.
    pub(super) fn is_ephemeral(&self) -> bool {
        let data = self.environment.emulator.as_ref().map(|emulator| &emulator.data);
        let emulated = matches!(self.endpoint, Endpoint::Emulator { .. });
        emulated && matches!(data, Some(EmulatorData::Memory))
    }
}

/// Configuration, environment, endpoint, region, plan: the first that cannot be used ends the
/// command, before any service is asked.
pub(super) async fn plan(args: &GlobalArgs, choice: Choice<'_>) -> Result<Planned, CommandError> {
    let registry = Registry::built_in();
    let given = choice.place.variables.given(choice.recorded)?;
    let config = project::load_with(args, &registry, &given)?;
    plan_of(&config, &registry, &given, choice).await
}

/// As [`plan`], of a configuration that is loaded, with the values that it was given.
pub(super) async fn plan_of(
    config: &Config,
    registry: &Registry,
    given: &Given,
    choice: Choice<'_>,
) -> Result<Planned, CommandError> {
    refuse_misplaced(&config.variables, given)?;
    let mut refused = config.variables.refusals();
    refused.extend(shown_secrets(&config.variables, given));
    refused.extend(written_secrets(config));
    if choice.task != NO_TASK && !refused.is_empty() {
        return Err(Diagnostics { sources: config.sources.clone(), list: refused }.into());
    }
    let environment = project::environment(config, choice.place.env.as_deref())?;
    let mut place = Place { environment: Some(environment.name.value.clone()), ..Place::default() };
    let planned = plan_in(config, registry, environment, &choice, &mut place).await;
    planned.map_err(|error| error.at(&place))
}

async fn plan_in(
    config: &Config,
    registry: &Registry,
    environment: &Environment,
    choice: &Choice<'_>,
    resolved: &mut Place,
) -> Result<Planned, CommandError> {
    let place = choice.place;
    prompt::check_confirm_flag(choice.confirm, &environment.name.value)?;
    check_endpoint_variable(environment, place)?;
    let ambient = Ambient::from_process();
    let endpoint = if place.rehearse {
        rehearsal(environment, &place.simulation)?
    } else {
        Endpoint::resolve(environment, place.endpoint_url.as_deref(), &ambient)?
    };
    let named = named_region(environment, choice, &ambient);
    let region = aws::resolve_region(environment, &endpoint, named, &ambient, place.force).await?;
    let endpoint = endpoint.in_region(environment, &region.name);
    resolved.region = Some(region.name.clone());
    let recorded = choice.resumed.and_then(|header| header.pinned.db_prefix.clone());
    let db_prefix = variable("OSEM_DB_PREFIX")?.or(recorded);
    let prefix = db_prefix.as_deref();
    let plan = build_plan(config, registry, environment, choice, &region.name, prefix)?;
    Ok(Planned {
        definitions: definitions(config, &plan),
        plan,
        environment: environment.clone(),
        jobs: config.project.jobs.unwrap_or(8),
        place: resolved.clone(),
        root: config.root.clone(),
        sources: config.sources.names().map(PathBuf::from).collect(),
        fingerprints: fingerprints(config),
        indexes: choice.indexes.clone(),
        endpoint_url: endpoint.shown(environment, &region.name).await,
        endpoint,
        table_prefix: config.table_prefix(environment, &region.name, prefix),
        db_prefix,
        kinds: config.kinds.clone(),
        secrets: config.variables.secrets().clone(),
        secret_sources: config.variables.secret_sources(),
        variables: config.variables.given(),
        strict: place.strict,
        region: region.name,
    })
}

/// The region that the command line names, and what names it.
fn named_region<'a>(
    environment: &Environment,
    choice: &Choice<'a>,
    ambient: &Ambient,
) -> Option<(&'a str, &'static str)> {
    let place = choice.place;
    let flag = place.region.as_deref().map(|region| {
        (region, if place.region_from_variable { "OSEM_REGION" } else { "--region" })
    });
    // Where nothing else names a region, the one that was named then counts.
    let silent = environment.region.is_none()
        && ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().all(|name| ambient.get(name).is_none());
    let recorded = choice.resumed.filter(|_| silent);
    flag.or(recorded.map(|header| (header.region.as_str(), "the recorded run")))
}

/// A variable of the shell, where it is set to something.
pub(super) fn variable(name: &str) -> Result<Option<String>, Failure> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value).filter(|value| !value.is_empty())),
        Err(VarError::NotPresent) => Ok(None),
        Err(VarError::NotUnicode(_)) => {
            Err(Failure::new(ErrorCode::UsageInvalid, format!("{name} is not valid UTF-8"))
                .fix(format!("unset {name}, or set it to plain text")))
        }
    }
}

/// A protected environment goes elsewhere only when that is typed.
fn check_endpoint_variable(environment: &Environment, place: &PlaceArgs) -> Result<(), Failure> {
    let name = &environment.name.value;
    match &place.endpoint_url {
        Some(url) if environment.protected && place.endpoint_from_variable => {
            let message =
                format!("OSEM_ENDPOINT_URL sends calls for environment `{name}` to {url}");
            Err(Failure::new(ErrorCode::ConfigInvalid, message)
                .cause(format!(
                    "environment `{name}` is protected: it is redirected only by the flag"
                ))
                .fix("unset OSEM_ENDPOINT_URL, or say what you mean with --endpoint-url"))
        }
        _ => Ok(()),
    }
}

fn build_plan(
    config: &Config,
    registry: &Registry,
    environment: &Environment,
    choice: &Choice<'_>,
    region: &str,
    prefix: Option<&str>,
) -> Result<Plan, CommandError> {
    let nothing = Task::without_steps(environment.name.clone().map(|_| NO_TASK.to_owned()));
    let found = if choice.task == NO_TASK { Some(&nothing) } else { config.task(choice.task) };
    let Some(task) = found else {
        return Err(match choice.resumed {
            Some(header) => task_is_gone(header).into(),
            None => no_such_task(config, choice.task).into(),
        });
    };
    let index_requests = index_requests::read(choice.indexes, config, environment)?;
    let options = PlanOptions {
        region,
        prefix,
        on_failure: choice.on_failure,
        retries: choice.retries,
        no_rollback: choice.no_rollback,
        index_requests: &index_requests,
    };
    let built = plan::build(config, registry, task, environment, options).and_then(|plan| {
        let missing = plan::missing_programs(&plan, &config.root, &path());
        if missing.is_empty() { Ok(plan) } else { Err(missing) }
    });
    built.map_err(|list| Diagnostics { sources: config.sources.clone(), list }.into())
}

/// The `PATH` that commands get.
pub(super) fn path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn task_is_gone(header: &RunHeader) -> Failure {
    let RunHeader { run_id, task, .. } = header;
    let message =
        format!("run {run_id} is a run of task `{task}`, which is not in the file any more");
    Failure::new(ErrorCode::ConfigInvalid, message)
        .cause("a run is gone on with by the steps of its task")
        .fix(format!("give the task its name back, or undo the run: osem rollback {run_id}"))
}

/// What makes tables as they are declared, in the words of the file.
const CHAIN: &str = "for-each table { step create-table; step wait-active; step update-table; step verify; step tag; };";

fn no_such_task(config: &Config, name: &str) -> Failure {
    let usage = |message: String| Failure::new(ErrorCode::UsageInvalid, message);
    let command = super::command();
    let commands: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    if config::COMMANDS.contains(&name) && !commands.contains(&name) {
        return usage(format!("command `{name}` is not supported yet")).fix("see: osem --help");
    }
    let tasks: Vec<&str> = config.tasks.iter().map(|task| task.name.value.as_str()).collect();
    let fix = match did_you_mean(name, tasks.iter().copied().chain(commands)) {
        Some(meant) if meant == name => format!("the command goes without `run`: osem {name}"),
        Some(meant) => format!("did you mean `{meant}`?"),
        None if tasks.is_empty() => format!("declare one: task {name} {{ {CHAIN} }}"),
        None => format!("tasks: {}", tasks.join(", ")),
    };
    usage(format!("no command and no task `{name}`")).fix(fix)
}
