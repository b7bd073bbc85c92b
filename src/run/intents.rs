//! Mutating calls of a step as events, the first of which is on disk before the call is sent.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::journal::{Journal, RunEvent};
use crate::model::{ErrorCode, Failure, StepId};
use crate::step::{Intents, Mutation, MutationOutcome, Undo};

/// The intents of one step.
pub(super) struct StepIntents {
    pub(super) step: StepId,
    pub(super) emit: Arc<dyn Fn(RunEvent) + Send + Sync>,
    /// Where events are kept; `None` for a run that leaves nothing behind.
    pub(super) journal: Option<Arc<Journal>>,
}

impl StepIntents {
    /// Resolves when all events so far are on disk.
    async fn on_disk(&self) -> Result<(), Failure> {
        match &self.journal {
            Some(journal) => journal.before_sending().await,
            None => Ok(()),
        }
    }
}

impl Intents for StepIntents {
    fn intend(&self, mutation: Mutation<'_>) -> BoxFuture<'_, Result<(), Failure>> {
        // The journal gets it by the same way as every event, so it stands in its order.
        (self.emit)(RunEvent::MutationIntended {
            step: self.step.clone(),
            operation: mutation.call.to_owned(),
            resource: mutation.table_name.to_owned(),
        });
        self.on_disk().boxed()
    }

    fn prepare_undo(&self, undo: &[Undo]) -> BoxFuture<'_, Result<(), Failure>> {
        let (step, undo) = (self.step.clone(), undo.to_vec());
        (self.emit)(RunEvent::UndoPrepared { step, undo });
        self.on_disk().boxed()
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{Script, Scripted, context, planned};
    use super::*;
    use crate::journal::{RunLock, StateDir};
    use crate::step::Deadline;
    use crate::table::ChangeClass;

    const MUTATION: Mutation<'_> =
        Mutation { call: "Scripted", class: ChangeClass::Create, table_name: "t", state: None };

    /// A disk that never answers.
    struct Stuck(StepIntents);

    impl Intents for Stuck {
        fn intend(&self, mutation: Mutation<'_>) -> BoxFuture<'_, Result<(), Failure>> {
            drop(self.0.intend(mutation));
            futures::future::pending().boxed()
        }

        fn prepare_undo(&self, undo: &[Undo]) -> BoxFuture<'_, Result<(), Failure>> {
            self.0.prepare_undo(undo)
        }

        fn ended(&self, mutation: Mutation<'_>, how: MutationOutcome, error: Option<ErrorCode>) {
            self.0.ended(mutation, how, error);
        }
    }

    #[tokio::test]
    async fn a_call_that_cannot_be_written_down_is_not_sent_and_ends_refused() {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::of_project(folder.path());
        let (id, lock) = RunLock::acquire(&state, "dev", Duration::ZERO, |_| {}).await.unwrap();
        let journal = state.start(&id, &lock).unwrap();
        std::fs::remove_dir_all(folder.path().join(".osem")).unwrap();
        let (mut run, events) = context();
        run.journal = Some(Arc::new(journal));
        let planned = planned("a", Arc::new(Script::new(|_| Scripted::Succeed)));
        let cx = run.step_context(&planned, Deadline::after(planned.timeout), false);
        for code in [ErrorCode::StateUnwritable, ErrorCode::Cancelled] {
            let call = async { panic!("it is sent") };
            let error = cx.mutate::<()>(MUTATION, call).await.unwrap_err();
            assert_eq!(error.failure.code, code);
            let last = events.lock().unwrap().pop().unwrap();
            let RunEvent::MutationEnded { outcome, error, .. } = last else { panic!("{last:?}") };
            assert_eq!((outcome, error), (MutationOutcome::Refused, Some(code)));
        }
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_before_it_is_sent_ends_refused() {
        let (run, events) = context();
        let planned = planned("a", Arc::new(Script::new(|_| Scripted::Succeed)));
        let mut cx = run.step_context(&planned, Deadline::after(planned.timeout), false);
        let (step, emit) = (planned.id.clone(), Arc::clone(&run.emit));
        cx.intents = Arc::new(Stuck(StepIntents { step, emit, journal: None }));
        let mut sent = Box::pin(cx.mutate::<()>(MUTATION, async { panic!("it is sent") }));
        assert!(sent.as_mut().now_or_never().is_none());
        drop(sent);
        let last = events.lock().unwrap().pop().unwrap();
        assert!(matches!(last, RunEvent::MutationEnded { outcome: MutationOutcome::Refused, .. }));
    }
}
