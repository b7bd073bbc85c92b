//! The stages that `run` and `plan` share: from arguments to a checked connection.

use std::collections::{BTreeMap, BTreeSet};
use std::env::VarError;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use crate::aws::{self, Ambient, ApiObserver, ConnectOptions, Connection, Endpoint};
use crate::child::Mask;
use crate::config::{self, Config};
use crate::diagnostic::{Diagnostics, did_you_mean};
use crate::journal::{
    Durations, EndpointKind, History, Pinned, RunEvent, RunHeader, RunId, Setting,
};
use crate::model::{
    EmulatorData, Environment, ErrorCode, Failure, KindDecl, OnFailure, Secret, Secrets, Task,
};
use crate::plan::{self, Plan, PlanOptions};
use crate::report::Verbosity;
use crate::run::{self, CancelToken, RunContext};
use crate::step::{Consent, Facts, LeftOut, Pins, Registry, Snapshots, Surroundings};

use super::args::{GlobalArgs, IndexArgs, PlaceArgs};
use super::definitions::{definitions, fingerprints};
use super::index_requests;
use super::masked::masked;
use super::orphans::clear_left_over;
use super::project;
use super::recording::Recording;
use super::resume::Resumed;
use super::signals::WhilePreviewing;
use super::simulation::rehearsal;
use super::sink::Sink;
use super::terminal::Terminal;
use super::variables::{Recorded, refuse_misplaced, shown_secrets};
use super::written_secrets::written_secrets;
use super::{CommandError, Place, prompt};

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
    refuse_misplaced(&config.variables, &given)?;
    let mut refused = config.variables.refusals();
    refused.extend(shown_secrets(&config.variables, &given));
    refused.extend(written_secrets(&config));
    if choice.task != NO_TASK && !refused.is_empty() {
        return Err(Diagnostics { sources: config.sources, list: refused }.into());
    }
    let environment = project::environment(&config, choice.place.env.as_deref())?;
    let mut place = Place { environment: Some(environment.name.value.clone()), ..Place::default() };
    let planned = plan_in(&config, &registry, environment, &choice, &mut place).await;
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
    let flag = place.region.as_deref().map(|region| {
        (region, if place.region_from_variable { "OSEM_REGION" } else { "--region" })
    });
    // Where nothing else names a region, the one that was named then counts.
    let silent = environment.region.is_none()
        && ["AWS_REGION", "AWS_DEFAULT_REGION"].iter().all(|name| ambient.get(name).is_none());
    let recorded = choice.resumed.filter(|_| silent);
    let flag = flag.or(recorded.map(|header| (header.region.as_str(), "the recorded run")));
    let region = aws::resolve_region(environment, &endpoint, flag, &ambient, place.force).await?;
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

/// A plan and the connection to carry it out on.
pub(super) struct Session {
    pub(super) planned: Planned,
    pub(super) connection: Connection,
    pub(super) context: RunContext,
    pub(super) sink: Sink,
    /// What the run is called.
    pub(super) run: RunId,
    /// What is gone on with.
    pub(super) resumed: Option<Resumed>,
    /// What ends the programs of a preview with osem.
    pub(super) previewing: Option<WhilePreviewing>,
}

impl Session {
    /// What plugins say that they are outlives a run that leaves a record.
    pub(super) fn keep_descriptions(&mut self, recording: Option<&Recording>) {
        if let Some(recording) = recording {
            let surroundings = Arc::make_mut(&mut self.context.surroundings);
            surroundings.descriptions.keep_in(recording.descriptions());
            surroundings.groups.keep_in(recording.scratch());
        }
    }

    /// Gives the run the name that it is recorded under, and tells its commands.
    pub(super) fn name_run(&mut self, recording: Option<&Recording>, terminal: &Terminal) {
        if let Some(recording) = recording {
            self.run = recording.run.clone();
        }
        let surroundings = Arc::make_mut(&mut self.context.surroundings);
        surroundings.run = self.run.to_string();
        surroundings.logs = recording.map(Recording::logs);

        surroundings.shows_output = terminal.verbosity == Verbosity::Verbose;
    }

    /// Refuses to begin when a step reads an output that is neither recorded nor will be put out.
    ///
    /// # Errors
    /// `USAGE_INVALID`.
    pub(super) fn refuse_missing_outputs(&self) -> Result<(), Failure> {
        let RunContext { narrowing, surroundings, .. } = &self.context;
        run::refuse_missing_outputs(&self.planned.plan, narrowing, &surroundings.outputs)
    }

    /// Region, endpoint and account, for the line above a plan.
    pub(super) fn where_to(&self) -> String {
        let account = self.connection.identity.as_ref();
        let account = account.map_or_else(String::new, |who| format!(", account {}", who.account));
        format!("{}, {}{account}", self.planned.region, self.connection.endpoint)
    }

    /// Account and principal, for people.
    pub(super) fn identity(&self) -> Option<String> {
        let identity = self.connection.identity.as_ref();
        identity.map(|who| format!("{} in account {}", who.arn, who.account))
    }

    /// What to know after a rehearsal.
    pub(super) fn rehearsal_remark(&self) -> Option<String> {
        let Planned { environment, endpoint, root, .. } = &self.planned;
        let Endpoint::Rehearsal(rehearsal) = endpoint else { return None };
        let file = root.join(&rehearsal.file);
        let untouched = environment.account.as_ref().map_or_else(
            || format!("environment `{}`", environment.name.value),
            |account| format!("account {}", account.value),
        );
        let shown = file.strip_prefix(project::current_dir()).unwrap_or(&file).display();
        let kept = if file.exists() {
            format!("; its tables are kept in {shown}, to start anew: rm {shown}")
        } else {
            String::new()
        };
        Some(format!("a rehearsal: nothing in {untouched} was touched{kept}\n"))
    }

    /// What a later resume must find again.
    pub(super) fn pinned(&self) -> Pinned {
        let identity = self.connection.identity.as_ref();
        self.planned.pinned(identity.map(|who| who.account.clone()))
    }
}

/// A checked connection to where a plan leads.
///
/// # Errors
/// As of [`aws::connect`].
pub(super) async fn connection(
    planned: &Planned,
    reads_only: bool,
    observer: ApiObserver,
    terminal: &Terminal,
) -> Result<Connection, Failure> {
    let options = ConnectOptions {
        environment: &planned.environment,
        root: &planned.root,
        region: &planned.region,
        reads_only,
        endpoint: &planned.endpoint,
        observer,
        on_wait: &|holder| terminal.remark(&format!("waits for {holder} to end\n")),
    };
    aws::connect(options).await
}

/// Connects: the last stage before anything is read of the tables.
pub(super) async fn connect(
    planned: Planned,
    reads_only: bool,
    sink: Sink,
    terminal: &Terminal,
) -> Result<Session, CommandError> {
    let environment = &planned.environment;
    let mask = Mask::of(planned.secrets.values().map(Secret::expose));
    let emit: Arc<dyn Fn(RunEvent) + Send + Sync> = {
        let (sink, mask) = (sink.clone(), mask.clone());
        Arc::new(move |event| sink.emit(masked(event, &mask)))
    };
    let observer = RunContext::observer_outside_steps(Arc::clone(&emit));
    let connection = connection(&planned, reads_only, observer, terminal)
        .await
        .map_err(|failure| CommandError::from(failure).at(&planned.place))?;
    let facts = Facts {
        environment: environment.name.value.clone(),
        root: planned.root.clone(),
        region: planned.region.clone(),
        identity: connection.identity.clone(),
        credential_source: connection.credential_source.clone(),
        endpoint: connection.endpoint.clone(),
        is_service: connection.is_service,
        allow_destroy: environment.allow_destroy,
        strict: planned.strict,
        table_prefix: planned.table_prefix.clone(),
    };
    let tables = &connection.tables;
    let context = RunContext {
        tables: if connection.has_limits { tables.paced() } else { tables.clone() },
        all_tables: Arc::clone(&planned.plan.tables),
        facts: Arc::new(facts),
        pins: Pins::default(),
        snapshots: Snapshots::default(),
        left_out: LeftOut::default(),
        // Until a preview was shown, nothing may be changed that needs to be shown.
        consent: Arc::new(Consent::new(environment.protected, [])),
        cancel: CancelToken::default(),
        emit,
        journal: None,
        surroundings: Arc::new(Surroundings {
            root: std::path::absolute(&planned.root).unwrap_or_else(|_| planned.root.clone()),
            task: planned.plan.task.clone(),
            access: Some(connection.access.clone()),
            secrets: planned.secrets.clone(),
            secret_sources: planned.secret_sources.clone(),
            mask,
            ..Surroundings::default()
        }),
        narrowing: Arc::default(),
    };
    let run = RunId::new(SystemTime::now());
    // Programs of a preview only look: nothing is lost by their end.
    let runs_programs = planned.plan.steps().any(|step| step.command.is_some());
    if runs_programs {
        clear_left_over(None, terminal).await;
    }
    let groups = &context.surroundings.groups;
    let previewing = runs_programs.then(|| WhilePreviewing::install(groups)).transpose()?;
    Ok(Session { planned, connection, context, sink, run, resumed: None, previewing })
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
        None if tasks.is_empty() => "declare one: task setup { … }".to_owned(),
        None => format!("tasks: {}", tasks.join(", ")),
    };
    usage(format!("no command and no task `{name}`")).fix(fix)
}
