//! Mutating calls of a step as events, the first of which is on disk before the call is sent.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::journal::{Journal, RunEvent};
use crate::model::{ErrorCode, Failure, StepId};
use crate::step::{Intents, Mutation, MutationOutcome};

/// The intents of one step.
pub(super) struct StepIntents {
    pub(super) step: StepId,
    pub(super) emit: Arc<dyn Fn(RunEvent) + Send + Sync>,
    /// Where events are kept; `None` for a run that leaves nothing behind.
    pub(super) journal: Option<Arc<Journal>>,
}

impl Intents for StepIntents {
    fn intend(&self, mutation: Mutation<'_>) -> BoxFuture<'_, Result<(), Failure>> {
        // The journal gets it by the same way as every event, so it stands in its order.
        (self.emit)(RunEvent::MutationIntended {
            step: self.step.clone(),
            operation: mutation.call.to_owned(),
            resource: mutation.table_name.to_owned(),
        });
        async {
            match &self.journal {
                Some(journal) => journal.on_disk().await,
                None => Ok(()),
            }
        }
        .boxed()
    }

    fn ended(&self, mutation: Mutation<'_>, outcome: MutationOutcome, error: Option<ErrorCode>) {
        (self.emit)(RunEvent::MutationEnded {
            step: self.step.clone(),
            operation: mutation.call.to_owned(),
            resource: mutation.table_name.to_owned(),
            outcome,
            error,
        });
    }
}
