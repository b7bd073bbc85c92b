//! A checked connection to where a plan leads, and all that a run on it shares.

use std::sync::Arc;
use std::time::SystemTime;

use crate::aws::{self, ApiObserver, ConnectOptions, Connection, Endpoint};
use crate::child::Mask;
use crate::cli::CommandError;
use crate::cli::masked::masked;
use crate::cli::orphans::clear_left_over;
use crate::cli::project;
use crate::cli::recording::Recording;
use crate::cli::resume::Resumed;
use crate::cli::signals::WhilePreviewing;
use crate::cli::sink::Sink;
use crate::cli::terminal::Terminal;
use crate::journal::{Pinned, RunEvent, RunId};
use crate::model::{Failure, Secret};
use crate::report::Verbosity;
use crate::run::{self, CancelToken, RunContext};
use crate::step::{Consent, Facts, LeftOutSettings, Pins, Snapshots, Surroundings};

use super::Planned;

/// A plan and the connection to carry it out on.
pub(in crate::cli) struct Session {
    pub(in crate::cli) planned: Planned,
    pub(in crate::cli) connection: Connection,
    pub(in crate::cli) context: RunContext,
    pub(in crate::cli) sink: Sink,
    /// What the run is called.
    pub(in crate::cli) run: RunId,
    /// What is gone on with.
    pub(in crate::cli) resumed: Option<Resumed>,
    /// What ends the programs of a preview with osem.
    pub(in crate::cli) previewing: Option<WhilePreviewing>,
}

impl Session {
    /// What plugins say that they are outlives a run that leaves a record.
    pub(in crate::cli) fn keep_descriptions(&mut self, recording: Option<&Recording>) {
        if let Some(recording) = recording {
            let surroundings = Arc::make_mut(&mut self.context.surroundings);
            surroundings.descriptions.keep_in(recording.descriptions());
            surroundings.groups.keep_in(recording.scratch());
        }
    }

    /// Gives the run the name that it is recorded under, and tells its commands.
    pub(in crate::cli) fn name_run(&mut self, recording: Option<&Recording>, terminal: &Terminal) {
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
    pub(in crate::cli) fn refuse_missing_outputs(&self) -> Result<(), Failure> {
        let RunContext { narrowing, surroundings, .. } = &self.context;
        run::refuse_missing_outputs(&self.planned.plan, narrowing, &surroundings.outputs)
    }

    /// Region, endpoint and account, for the line above a plan.
    pub(in crate::cli) fn where_to(&self) -> String {
        let account = self.connection.identity.as_ref();
        let account = account.map_or_else(String::new, |who| format!(", account {}", who.account));
        format!("{}, {}{account}", self.planned.region, self.connection.endpoint)
    }

    /// Account and principal, for people.
    pub(in crate::cli) fn identity(&self) -> Option<String> {
        let identity = self.connection.identity.as_ref();
        identity.map(|who| format!("{} in account {}", who.arn, who.account))
    }

    /// What to know after a rehearsal.
    pub(in crate::cli) fn rehearsal_remark(&self) -> Option<String> {
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
    pub(in crate::cli) fn pinned(&self) -> Pinned {
        let identity = self.connection.identity.as_ref();
        self.planned.pinned(identity.map(|who| who.account.clone()))
    }
}

/// A checked connection to where a plan leads.
///
/// # Errors
/// As of [`aws::connect`].
pub(in crate::cli) async fn connection(
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
pub(in crate::cli) async fn connect(
    planned: Planned,
    reads_only: bool,
    sink: Sink,
    terminal: &Terminal,
) -> Result<Session, CommandError> {
    let mask = Mask::of(planned.secrets.values().map(Secret::expose));
    let emit: Arc<dyn Fn(RunEvent) + Send + Sync> = {
        let (sink, mask) = (sink.clone(), mask.clone());
        Arc::new(move |event| sink.emit(masked(event, &mask)))
    };
    let observer = RunContext::observer_outside_steps(Arc::clone(&emit));
    let connection = connection(&planned, reads_only, observer, terminal)
        .await
        .map_err(|failure| CommandError::from(failure).at(&planned.place))?;
    let tables = &connection.tables;
    let context = RunContext {
        tables: if connection.has_limits { tables.paced() } else { tables.clone() },
        all_tables: Arc::clone(&planned.plan.tables),
        facts: Arc::new(facts(&planned, &connection)),
        pins: Pins::default(),
        snapshots: Snapshots::default(),
        left_out: LeftOutSettings::default(),
        // Until a preview was shown, nothing may be changed that needs to be shown.
        consent: Arc::new(Consent::new(planned.environment.protected, [])),
        cancel: CancelToken::default(),
        emit,
        journal: None,
        surroundings: Arc::new(surroundings(&planned, &connection, mask)),
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

/// What steps are told of where they run.
fn facts(planned: &Planned, connection: &Connection) -> Facts {
    let environment = &planned.environment;
    Facts {
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
    }
}

/// What the programs of steps are given.
fn surroundings(planned: &Planned, connection: &Connection, mask: Mask) -> Surroundings {
    Surroundings {
        root: std::path::absolute(&planned.root).unwrap_or_else(|_| planned.root.clone()),
        task: planned.plan.task.clone(),
        access: Some(connection.access.clone()),
        secrets: planned.secrets.clone(),
        secret_sources: planned.secret_sources.clone(),
        mask,
        ..Surroundings::default()
    }
}
