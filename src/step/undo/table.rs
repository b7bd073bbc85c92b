//! Deletes a table that this run created.
//!
//! Deleted is only the very table whose creation was answered to this run, which a name does not
//! say: its identity is compared once more right before the call, when it is that call's turn. It
//! must be empty by then (a strongly consistent scan), unprotected and without replicas, and the
//! environment must allow to delete. Protection is never turned off. What remains is the moment
//! between that scan and the call: an item written in it is lost, because the service has no
//! conditional delete.

use futures::FutureExt;
use tokio::time::Instant;

use crate::aws::{Busy, ErrorKind};
use crate::model::{ErrorCode, Failure, FailureClass, TableName, TableState};
use crate::table::{ChangeClass, Readiness, settled};

use super::super::wait_active::{MAY_LAG, poll_interval};
use super::super::{CallError, Mutation, StepContext, StepError};
use super::Undone;

pub(super) async fn delete(
    cx: &StepContext,
    name: &TableName,
    identity: &str,
) -> Result<Undone, StepError> {
    if !cx.facts.allow_destroy {
        let environment = &cx.facts.environment;
        return Ok(Undone::Stands(format!(
            "{name} was created, and environment `{environment}` does not allow to delete"
        )));
    }
    let created = Created { cx, name, identity };
    let state = match created.until_settled().await? {
        Found::Ready(state) => state,
        Found::Deleting => return created.until_gone().await,
        Found::Ended(undone) => return Ok(undone),
    };
    created.delete(&state).await
}

/// The table that the run created.
struct Created<'a> {
    cx: &'a StepContext,
    name: &'a TableName,
    identity: &'a str,
}

/// What is found under its name.
enum Found {
    /// The table, and nothing about it is changing.
    Ready(Box<TableState>),
    /// The table, while it is being deleted.
    Deleting,
    /// There is nothing to delete, or it may not be deleted.
    Ended(Undone),
}

impl Created<'_> {
    /// The service refuses to delete a table that it is still making or changing.
    async fn until_settled(&self) -> Result<Found, Failure> {
        let started = Instant::now();
        loop {
            let state = self.cx.describe_named(self.name).await?;
            let late = self.cx.pins.was_shown(self.identity) || started.elapsed() >= MAY_LAG;
            if state.is_none() && !late {
                // Descriptions are eventually consistent: it may have been created just now.
                self.cx.progress("looks whether the table is shown");
            } else {
                match self.found(state) {
                    Ok(found) => return Ok(found),
                    Err(busy) => self.cx.progress(format!("waits: {busy}")),
                }
            }
            self.cx.pause_before_poll(poll_interval(started.elapsed())).await?;
        }
    }

    /// What a description means; what it has to be waited for is the error.
    fn found(&self, state: Option<TableState>) -> Result<Found, String> {
        let Some(state) = state else { return Ok(Found::Ended(self.gone())) };
        if state.identity().as_deref() != Some(self.identity) {
            return Ok(Found::Ended(self.another(&state)));
        }
        match settled(&state) {
            Readiness::Settled => Ok(Found::Ready(Box::new(state))),
            Readiness::Stuck(status) if status == "DELETING" => Ok(Found::Deleting),
            Readiness::Stuck(status) => {
                let why = format!("{} is {status}: waiting does not end that", self.name);
                Ok(Found::Ended(Undone::Stands(why)))
            }
            Readiness::Busy(what) => Err(what),
        }
    }

    fn gone(&self) -> Undone {
        Undone::Gone(format!("{} is not there any more", self.name))
    }

    fn another(&self, state: &TableState) -> Undone {
        if state.identity().is_none() {
            let why = "nothing tells whether it is the one that was created";
            return Undone::Stands(format!("{} is there, and {why}", self.name));
        }
        let left = "another one has its name and is left alone";
        Undone::Gone(format!("{} is not there any more; {left}", self.name))
    }

    async fn delete(&self, state: &TableState) -> Result<Undone, StepError> {
        let cx = self.cx;
        let mut ended = None;
        let look = async {
            match self.last_look().await? {
                None => Ok(()),
                Some(undone) => {
                    ended = Some(undone);
                    // Keeps the call from being made; `ended` says what is to be told.
                    Err(Failure::new(ErrorCode::StepFailed, "is not to be deleted").into())
                }
            }
        };
        let look = look.boxed();
        let mutation = Mutation {
            call: "DeleteTable",
            class: ChangeClass::Destroy,
            table_name: self.name.as_str(),
            state: Some(state),
        };
        let answer = cx.mutate_after(look, mutation, cx.tables.delete(self.name)).await;
        match (answer, ended) {
            (Ok(()), _) => self.until_gone().await,
            (Err(_), Some(undone)) => Ok(undone),
            (Err(error), None) => match error.kind {
                // Somebody else deleted it since it was described.
                Some(ErrorKind::NotFound) if !error.may_have_applied => Ok(self.gone()),
                Some(ErrorKind::Busy(Busy::Deleting)) => self.until_gone().await,
                Some(ErrorKind::Protected) => Ok(self.protected()),
                // What becomes of a lost answer shows when it is tried again: that looks first.
                _ => Err(error.into()),
            },
        }
    }

    /// Every reason not to delete, when it is the call's turn; `None` when there is none.
    async fn last_look(&self) -> Result<Option<Undone>, CallError> {
        let state = match self.found(self.cx.describe_named(self.name).await?) {
            Ok(Found::Ready(state)) => state,
            Ok(Found::Ended(undone)) => return Ok(Some(undone)),
            Ok(Found::Deleting) => return Err(changing("is being deleted")),
            Err(busy) => return Err(changing(&busy)),
        };
        if state.deletion_protection {
            return Ok(Some(self.protected()));
        }
        if let Some(region) = state.replicas.first() {
            let why = format!("{} has a replica in {region} by now", self.name);
            return Ok(Some(Undone::Stands(why)));
        }
        match self.cx.read(self.cx.tables.is_empty(self.name)).await {
            Ok(true) => Ok(None),
            Ok(false) => Ok(Some(Undone::Stands(format!("{} holds items by now", self.name)))),
            Err(error) if error.kind == Some(ErrorKind::Denied) => {
                let said = error.failure.said.unwrap_or(error.failure.message);
                let why = format!("whether {} is empty may not be read: {said}", self.name);
                Ok(Some(Undone::Stands(why)))
            }
            // Only the answer to `DeleteTable` itself says that the table is gone.
            Err(error) if error.kind == Some(ErrorKind::NotFound) => Err(changing("is not shown")),
            Err(error) => Err(CallError { kind: None, ..error }),
        }
    }

    fn protected(&self) -> Undone {
        Undone::Stands(format!("{} is protected against deletion", self.name))
    }

    async fn until_gone(&self) -> Result<Undone, StepError> {
        let started = Instant::now();
        loop {
            match self.cx.describe_named(self.name).await? {
                None => break,
                Some(state) if state.identity().as_deref() != Some(self.identity) => break,
                // Descriptions are eventually consistent: the old status may be shown for a while.
                Some(state) if state.status != "DELETING" && started.elapsed() > MAY_LAG => {
                    return Err(changing(&format!("is {} again", state.status)).into());
                }
                Some(state) => self.cx.progress(state.status),
            }
            self.cx.pause_before_poll(poll_interval(started.elapsed())).await?;
        }
        Ok(Undone::Gone(format!("{} deleted", self.name)))
    }
}

/// The table is no longer as it was a moment ago: it has to be looked at anew.
fn changing(what: &str) -> CallError {
    let message = format!("the table {what}");
    Failure::new(ErrorCode::StepFailed, message).class(FailureClass::Transient).into()
}
