//! What a running step can see and do.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::{ErrorKind, Identity, Lane, ServiceError, TableApi, Turn};
use crate::child::Signal;
use crate::model::{ErrorCode, Failure, FailureClass, TableName, TableSpec, TableState, Tags};

use super::{
    CallError, CommandContext, Consent, Deadline, Intents, LeftOutSettings, Mutation,
    MutationOutcome, Pins, Slot, Snapshots,
};

/// How long the answer to a mutating call is waited for after a second signal.
const LAST_ANSWER: Duration = Duration::from_millis(500);
/// The first pause before a read that the service throttled is sent again, and the longest.
const READ_AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(5));

/// Resolves when the run is to end early.
pub trait StopSignal: Send + Sync {
    /// Resolves then, and at once when it was then already.
    fn stopped(&self) -> BoxFuture<'_, ()>;

    /// The signal that a program gets then.
    fn signal(&self) -> Signal {
        Signal::Terminate
    }

    /// Resolves when nothing is waited for any more, what is under way included.
    fn hurried(&self) -> BoxFuture<'_, ()> {
        std::future::pending().boxed()
    }
}

/// What does not change during a run.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The environment's name.
    pub environment: String,
    /// The project's folder.
    pub root: PathBuf,
    /// The region.
    pub region: String,
    /// Who the credentials belong to, where known.
    pub identity: Option<Identity>,
    /// Where they come from, for people.
    pub credential_source: String,
    /// The endpoint, for people.
    pub endpoint: String,
    /// Whether the endpoint is DynamoDB itself.
    pub is_service: bool,
    /// Whether tables may be deleted here.
    pub allow_destroy: bool,
    /// Whether what an endpoint does not support is a failure.
    pub strict: bool,
    /// The part of a full table name before the declared name.
    pub table_prefix: String,
}

/// What one step can see and do.
#[expect(clippy::struct_excessive_bools, reason = "each says something of its own")]
pub struct StepContext {
    /// The calls, reported under this step's name. Steps make them through [`StepContext::read`]
    /// and [`StepContext::mutate`].
    pub tables: TableApi,
    /// The step's table; `None` for steps of the environment.
    pub table: Option<Arc<TableSpec>>,
    /// All tables of the environment.
    pub all_tables: Arc<[TableSpec]>,
    /// Whether a `tag` step of the same table follows.
    pub tags_follow: bool,
    /// Whether an `update-table` step of the same table follows.
    pub updates_follow: bool,
    /// What does not change during a run.
    pub facts: Arc<Facts>,
    /// Identities of tables.
    pub pins: Pins,
    /// Descriptions shared by the previews of one table.
    pub snapshots: Snapshots,
    /// What the endpoint turned out not to have.
    pub left_out: LeftOutSettings,
    /// The mutating calls that may be made.
    pub consent: Arc<Consent>,
    /// Writes mutating calls down before they are sent.
    pub intents: Arc<dyn Intents>,
    /// Whether an earlier attempt of this step changed something, or may have.
    pub may_have_changed: bool,
    /// The same of a run that this one goes on with.
    pub changed_before: bool,
    /// What a command needs.
    pub command: CommandContext,
    /// When the step's time is over.
    pub deadline: Deadline,
    /// When the run is to end.
    pub stop: Arc<dyn StopSignal>,
    /// What it gives back while it waits; `None` where others do not wait for that.
    pub slot: Option<Arc<dyn Slot>>,
    /// Shows what the step waits for.
    pub progress: Arc<dyn Fn(String) + Send + Sync>,
}

impl StepContext {
    /// The step's table.
    ///
    /// # Panics
    /// For a step of the environment: a kind says which of the two it is, and the configuration
    /// check holds it to that.
    #[must_use]
    pub fn spec(&self) -> &TableSpec {
        self.table.as_ref().expect("a table step has a table")
    }

    /// Says what the step waits for.
    pub fn progress(&self, message: impl Into<String>) {
        (self.progress)(message.into());
    }

    /// `DescribeTable`, pinned to the identity that the table had at first.
    ///
    /// # Errors
    /// Whatever the service says, the deadline, and another table under the name.
    pub async fn describe(&self) -> Result<Option<TableState>, Failure> {
        let state = self.describe_named(&self.spec().name).await?;
        if let Some(state) = &state {
            self.pins.check(state)?;
        }
        Ok(state)
    }

    /// `DescribeTable` of whatever table has the name.
    ///
    /// # Errors
    /// Whatever the service says, and the deadline.
    pub async fn describe_named(&self, name: &TableName) -> Result<Option<TableState>, CallError> {
        let state = self.patiently(|| self.read(self.tables.describe(name))).await?;
        if let Some(identity) = state.as_ref().and_then(TableState::identity) {
            self.pins.note_shown(identity);
        }
        Ok(state)
    }

    /// All tags of a table, read when it is this call's turn.
    ///
    /// # Errors
    /// As [`StepContext::read`].
    pub async fn tags(&self, arn: &str) -> Result<Tags, CallError> {
        let read = || async {
            let turn = self.in_queue(Lane::ListTags, self.tables.head(Lane::ListTags)).await?;
            let told = async {
                let answer = self.tables.tags(arn).await;
                turn.answered(&answer);
                answer
            };
            self.read(told).await
        };
        self.patiently(read).await
    }

    /// Sends a read again while the service throttles it and the step has time.
    ///
    /// # Errors
    /// As [`StepContext::read`].
    pub(in crate::step) async fn patiently<T, F>(
        &self,
        read: impl Fn() -> F,
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, CallError>>,
    {
        let (mut pause, longest) = READ_AGAIN;
        loop {
            match read().await {
                Err(error) if error.failure.class == FailureClass::Throttled => {
                    self.deadline.refused();
                    self.progress("waits: the service limits the rate of calls");
                    match self.pause(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await {
                        Ok(()) => pause = (pause * 2).min(longest),
                        Err(end) if end.code == ErrorCode::Cancelled => return Err(end.into()),
                        // Why there was no answer says more than that the time is over.
                        Err(_) => return Err(error),
                    }
                }
                answer => return answer,
            }
        }
    }

    /// A read, given up when the step's time is over or the run is to end.
    ///
    /// # Errors
    /// The call's, the step's timeout, or the end of the run.
    pub async fn read<T>(
        &self,
        call: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, CallError> {
        tokio::select! {
            () = self.stop.stopped() => Err(CallError::from(cancelled())),
            answer = tokio::time::timeout_at(self.deadline.instant(), call) => match answer {
                Err(_) => Err(CallError::from(timed_out())),
                Ok(answer) => answer.map_err(CallError::of_read),
            }
        }
    }

    /// A mutating call, made only with consent, when it is its turn, and when it was written down
    /// that it is about to be sent. It is never given up: when the step's time is over first, or
    /// somebody asks a second time that the run ends, its outcome is unknown.
    ///
    /// # Errors
    /// The missing consent, the end of the run while it waits, a record that cannot be written, the
    /// call's error, or the step's timeout.
    pub async fn mutate<T>(
        &self,
        mutation: Mutation<'_>,
        call: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, CallError> {
        self.mutate_after(std::future::ready(Ok(())).boxed(), mutation, call).await
    }

    /// As [`StepContext::mutate`], after a last look that is taken when it is the call's turn: what
    /// was seen before may be long ago by then.
    ///
    /// # Errors
    /// Those of `look`, which keep the call from being made, and those of [`StepContext::mutate`].
    pub async fn mutate_after<T>(
        &self,
        look: BoxFuture<'_, Result<(), CallError>>,
        mutation: Mutation<'_>,
        call: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, CallError> {
        self.consent.check(mutation)?;
        // The SDK's futures are large, and this one would be held twice.
        let call = Box::pin(call);
        let mut turn = self.turn_to_mutate(mutation).await?;
        let ready = match look.await {
            Ok(()) => self.write_down(mutation).await.map_err(CallError::from),
            Err(error) => Err(error),
        };
        if let Err(error) = ready {
            if let Some(turn) = turn {
                turn.given_back();
            }
            return Err(error);
        }
        if let Some(turn) = &mut turn {
            turn.used();
        }
        let answered = async {
            let answer = call.await;
            if let Some(turn) = turn {
                turn.answered(&answer);
            }
            answer
        };
        let ended = self.answer_to_mutation(answered).await;
        let (outcome, error) = match &ended {
            Ok(_) => (MutationOutcome::Applied, None),
            Err(error) if error.may_have_applied => {
                (MutationOutcome::Unknown, Some(error.failure.code))
            }
            Err(error) => (MutationOutcome::Refused, Some(error.failure.code)),
        };
        self.intents.ended(mutation, outcome, error);
        ended
    }

    /// Writes down that a call is about to be sent. Where that fails or is given up, the call is not
    /// sent, and that is written down.
    pub(super) async fn write_down(&self, mutation: Mutation<'_>) -> Result<(), Failure> {
        let (intents, error) = (self.intents.as_ref(), Some(ErrorCode::Cancelled));
        let mut unsent = Unsent { intents, mutation, error };
        match self.intents.intend(mutation).await {
            Ok(()) => {
                std::mem::forget(unsent);
                Ok(())
            }
            Err(failure) => {
                unsent.error = Some(failure.code);
                Err(failure)
            }
        }
    }

    async fn answer_to_mutation<T>(
        &self,
        answered: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<T, CallError> {
        let answered = tokio::time::timeout_at(self.deadline.instant(), answered);
        let answered = tokio::select! {
            biased;
            answered = answered => answered,
            () = self.given_up() => {
                let failure = cancelled().class(FailureClass::Ambiguous);
                return Err(CallError { may_have_applied: true, ..failure.into() });
            }
        };
        match answered {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let may_have_applied = error.may_have_applied();
                let kind = Some(error.kind);
                let failure = error.into_failure();
                if failure.class == FailureClass::Throttled {
                    self.deadline.refused();
                }
                let class = if may_have_applied { FailureClass::Ambiguous } else { failure.class };
                Err(CallError { kind, failure: failure.class(class), may_have_applied })
            }
            Err(_) => Err(CallError {
                may_have_applied: true,
                ..timed_out().class(FailureClass::Ambiguous).into()
            }),
        }
    }

    /// Resolves when not even the answer to a mutating call is waited for any more.
    pub(in crate::step) async fn given_up(&self) {
        self.stop.hurried().await;
        tokio::time::sleep(LAST_ANSWER).await;
    }

    async fn turn_to_mutate(&self, mutation: Mutation<'_>) -> Result<Option<Turn>, Failure> {
        let Some(lane) = Lane::of(mutation.call) else { return Ok(None) };
        let turn = async {
            let Some(table) = &self.table else { return self.tables.head(lane).await };
            let live = mutation.state.map(|state| state.index_count() > 0);
            let indexed = live.unwrap_or(table.index_count() > 0);
            self.tables.head_of(lane, mutation.call, &table.name, indexed).await
        };
        // Boxed: it holds a call of its own, and every mutating call waits for one of it.
        self.in_queue(lane, turn.boxed()).await.map(Some)
    }

    /// The warning for a feature that the endpoint does not have.
    #[must_use]
    pub fn left_out_warning(&self, feature: &str) -> String {
        format!("{feature} left out: not supported by {}", self.facts.endpoint)
    }

    /// What an endpoint without a feature means: left out with a warning on emulators, a failure
    /// on DynamoDB itself and under `--strict`.
    ///
    /// # Errors
    /// The error, where it is a failure, or another one.
    pub fn unsupported(&self, error: CallError, feature: &str) -> Result<String, CallError> {
        let lenient = !self.facts.is_service && !self.facts.strict;
        if error.kind == Some(ErrorKind::Unsupported) && lenient {
            return Ok(self.left_out_warning(feature));
        }
        Err(error)
    }
}

/// A call that was written down and not sent: it ends so, unless this is forgotten.
struct Unsent<'a> {
    intents: &'a dyn Intents,
    mutation: Mutation<'a>,
    error: Option<ErrorCode>,
}

impl Drop for Unsent<'_> {
    fn drop(&mut self) {
        self.intents.ended(self.mutation, MutationOutcome::Refused, self.error);
    }
}

/// The run was asked to end.
pub(super) fn cancelled() -> Failure {
    Failure::new(ErrorCode::Cancelled, "the run was asked to end")
        .class(FailureClass::Permanent)
        .fix("go on when it suits: what is done is not done twice")
}

pub(super) fn timed_out() -> Failure {
    Failure::new(ErrorCode::StepTimedOut, "the step's time is over")
        .fix("look at the table; give the step more time (timeout), or run again")
}
