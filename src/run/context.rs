//! What all steps of a run share, and what each attempt is given of it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::aws::{ApiCall, ApiObserver, TableApi};
use crate::journal::{Journal, RunEvent};
use crate::model::{StepId, TableSpec, millis};
use crate::plan::PlannedStep;
use crate::step::{
    CommandContext, Consent, Deadline, Facts, LeftOutSettings, Pins, Snapshots, StepContext,
    Surroundings,
};

use super::commands;
use super::intents::StepIntents;
use super::{CancelToken, Narrowing};

/// What all steps of a run share.
#[derive(Clone)]
pub struct RunContext {
    /// The calls.
    pub tables: TableApi,
    /// All tables of the environment.
    pub all_tables: Arc<[TableSpec]>,
    /// What does not change.
    pub facts: Arc<Facts>,
    /// Identities of tables.
    pub pins: Pins,
    /// Descriptions of the preview.
    pub snapshots: Snapshots,
    /// What the endpoint turned out not to have.
    pub left_out: LeftOutSettings,
    /// The mutating calls that may be made.
    pub consent: Arc<Consent>,
    /// Asks the run to end.
    pub cancel: CancelToken,
    /// Takes events.
    pub emit: Arc<dyn Fn(RunEvent) + Send + Sync>,
    /// Where they are kept; `None` for a run that leaves nothing behind.
    pub journal: Option<Arc<Journal>>,
    /// What commands can know of the run.
    pub surroundings: Arc<Surroundings>,
    /// What it leaves out.
    pub narrowing: Arc<Narrowing>,
}

impl RunContext {
    /// A run that leaves nothing behind, in no environment: its steps can reach no service.
    #[must_use]
    pub fn unconnected(emit: Arc<dyn Fn(RunEvent) + Send + Sync>) -> Self {
        let facts = Facts {
            environment: "test".to_owned(),
            root: PathBuf::new(),
            region: "us-east-1".to_owned(),
            identity: None,
            credential_source: String::new(),
            endpoint: String::new(),
            is_service: false,
            allow_destroy: false,
            strict: false,
            table_prefix: String::new(),
        };
        Self {
            tables: TableApi::unconnected(),
            all_tables: Arc::new([]),
            facts: Arc::new(facts),
            pins: Pins::default(),
            snapshots: Snapshots::default(),
            left_out: LeftOutSettings::default(),
            consent: Arc::default(),
            cancel: CancelToken::default(),
            emit,
            journal: None,
            surroundings: Arc::default(),
            narrowing: Arc::default(),
        }
    }

    /// Reports calls that belong to no step: those of connecting and of the preview.
    #[must_use]
    pub fn observer_outside_steps(emit: Arc<dyn Fn(RunEvent) + Send + Sync>) -> ApiObserver {
        Arc::new(move |call| emit(api_called(None, call)))
    }

    /// The context of one attempt.
    pub(super) fn step_context(
        &self,
        planned: &PlannedStep,
        deadline: Deadline,
        may_have_changed: bool,
    ) -> StepContext {
        let bare = self.bare_context(&planned.id, planned.table.clone(), deadline);
        let command = CommandContext { command: planned.command.clone(), ..bare.command };
        let PlannedStep { tags_follow, updates_follow, .. } = *planned;
        StepContext { tags_follow, updates_follow, may_have_changed, command, ..bare }
    }

    /// The context of whatever is done in the name of a step.
    pub(super) fn bare_context(
        &self,
        step: &StepId,
        table: Option<Arc<TableSpec>>,
        deadline: Deadline,
    ) -> StepContext {
        StepContext {
            tables: self.observed(step),
            table,
            all_tables: Arc::clone(&self.all_tables),
            tags_follow: false,
            updates_follow: false,
            facts: Arc::clone(&self.facts),
            pins: self.pins.clone(),
            snapshots: self.snapshots.clone(),
            left_out: self.left_out.clone(),
            consent: Arc::clone(&self.consent),
            intents: Arc::new(StepIntents {
                step: step.clone(),
                emit: Arc::clone(&self.emit),
                journal: self.journal.clone(),
            }),
            may_have_changed: false,
            changed_before: self.narrowing.changed_before(step),
            command: commands::context(self, step),
            deadline,
            stop: Arc::new(self.cancel.clone()),
            slot: None,
            progress: {
                let (emit, step) = (Arc::clone(&self.emit), step.clone());
                Arc::new(move |message| {
                    emit(RunEvent::StepProgress { step: step.clone(), message });
                })
            },
        }
    }

    /// Calls reported under a step's name.
    fn observed(&self, step: &StepId) -> TableApi {
        let (emit, step) = (Arc::clone(&self.emit), step.clone());
        self.tables.observed_by(Arc::new(move |call| emit(api_called(Some(step.clone()), call))))
    }
}

/// A call as an event.
fn api_called(step: Option<StepId>, call: ApiCall) -> RunEvent {
    RunEvent::ApiCalled {
        step,
        operation: call.operation.to_owned(),
        resource: call.resource,
        duration_ms: millis(call.duration),
        error: call.error,
    }
}
