//! `delete-table`: removes a table that is provably the declared one.
//!
//! Guards, all checked again right before the call: the environment allows it, keys and declared
//! tags equal the file's, deletion protection is off, and the table is empty unless the file says
//! `nonempty=allow`. What the preview saw is pinned: a table made anew under the name is not
//! deleted.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::aws::{Busy, ErrorKind};
use crate::model::{Effect, ErrorCode, Failure, Inputs, KindScope, KindSpec, TableState, says};
use crate::table::{ChangeClass, TableChange, compare_tags};

use super::permissions::{on_items, on_table};
use super::remains::remains;
use super::wait_active::poll_interval;
use super::{
    CallError, Fact, Mutation, PermissionScope, Permissions, Preview, Step, StepContext, StepError,
    StepKind, StepSuccess, kind, missing,
};

pub(super) struct DeleteTable;

impl StepKind for DeleteTable {
    fn spec(&self) -> KindSpec {
        let nonempty = "Whether a table with items may be deleted";
        let nonempty = kind::word("nonempty", nonempty, &["refuse", "allow"]);
        KindSpec {
            params: vec![missing::param(), nonempty],
            ..kind::spec(
                "delete-table",
                "Delete the table, if its keys and declared tags are those of the file",
                Effect::Destroy,
                KindScope::Table,
                (120, 1_000),
            )
        }
    }

    fn prepare(&self, inputs: &Inputs) -> Arc<dyn Step> {
        let nonempty = says(inputs, "nonempty", "allow");
        Arc::new(Delete { missing_ok: missing::is_ok(inputs), nonempty })
    }
}

struct Delete {
    missing_ok: bool,
    nonempty: bool,
}

impl Step for Delete {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            let Some(state) = cx.snapshots.describe(cx).await? else {
                return Ok(self.missing(cx).err().map_or_else(Preview::default, Preview::problem));
            };
            if state.status == "DELETING" {
                return Ok(Preview::default());
            }
            Ok(match self.guard(cx, &state).await {
                Ok(mut notes) => {
                    let line = |what| format!("{} leaves behind {what}", state.name);
                    notes.extend(remains(cx, &state).await?.into_iter().map(line));
                    Preview { notes, ..Preview::change(TableChange::delete(&state)) }
                }
                Err(error) if error.kind.is_some_and(|kind| kind != ErrorKind::NotFound) => {
                    return Err(error.failure);
                }
                // A table that is still being made shows its tags later: the run waits for it.
                Err(error) if error.kind.is_some() && state.status == "CREATING" => {
                    let note = format!("{} is being made: its tags are compared then", state.name);
                    let change = TableChange::delete(&state);
                    Preview { notes: vec![note], ..Preview::change(change) }
                }
                Err(error) => Preview::problem(error.failure),
            })
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let Some(state) = until_settled(cx).await? else { return Ok(self.missing(cx)?) };
            if state.status == "DELETING" {
                return Ok(under_way(cx));
            }
            let name = &cx.spec().name;
            let gone = |error: &CallError| error.kind == Some(ErrorKind::NotFound);
            let (mut warnings, mut vanished) = (Vec::new(), false);
            let what = remains(cx, &state).await?;
            // Right before the call: it may have waited long for its turn.
            let look = async {
                let Some(state) = cx.describe().await? else {
                    vanished = true;
                    return Err(missing::not_there(cx).into());
                };
                // Without its kind: only the answer to `DeleteTable` itself says that the table is
                // gone.
                let kept = |error| CallError { kind: None, ..error };
                warnings = self.guard(cx, &state).await.map_err(kept)?;
                Ok(())
            };
            let look = look.boxed();
            let mutation = Mutation {
                call: "DeleteTable",
                class: ChangeClass::Destroy,
                table_name: name.as_str(),
                state: Some(&state),
            };
            let success = match cx.mutate_after(look, mutation, cx.tables.delete(name)).await {
                Ok(()) => leaving(deleted(cx), what),
                Err(_) if vanished => return Ok(self.missing(cx)?),
                // Somebody deleted it since it was described.
                Err(error) if gone(&error) || is_deleting(&error) => under_way(cx),
                Err(error) => return Err(error.into()),
            };
            Ok(StepSuccess { warnings, ..success })
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let mut run = on_table(
            spec,
            &[
                "dynamodb:DeleteTable",
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeTable",
            ],
        );
        if !spec.tags.is_empty() {
            run.extend(on_table(spec, &["dynamodb:ListTagsOfResource"]));
        }
        if !self.nonempty {
            run.extend(on_items(spec, &["dynamodb:Scan"]));
        }
        Some(Permissions::of_run(run))
    }
}

/// The service refuses to delete a table that it is still making or changing.
async fn until_settled(cx: &StepContext) -> Result<Option<TableState>, Failure> {
    let started = Instant::now();
    loop {
        match cx.describe().await? {
            Some(state) if matches!(state.status.as_str(), "CREATING" | "UPDATING") => {
                cx.progress(format!("waits until it is no longer {}", state.status));
                cx.pause_before_poll(poll_interval(started.elapsed())).await?;
            }
            other => return Ok(other),
        }
    }
}

/// The service refuses a second `DeleteTable`; both are on the way to the same end.
fn is_deleting(error: &CallError) -> bool {
    error.kind == Some(ErrorKind::Busy(Busy::Deleting))
}

/// Deleted by an earlier attempt whose answer was lost, or by somebody else.
fn under_way(cx: &StepContext) -> StepSuccess {
    if was_sent(cx) { deleted(cx) } else { StepSuccess::unchanged("is deleted already") }
}

/// Whether an earlier attempt sent `DeleteTable` and its answer was lost, here or in a run that this
/// one goes on with.
const fn was_sent(cx: &StepContext) -> bool {
    cx.may_have_changed || cx.changed_before
}

fn deleted(cx: &StepContext) -> StepSuccess {
    let table_name = cx.spec().name.to_string();
    StepSuccess::changed("deleted").fact(Fact::TableDeleted { table_name })
}

/// Adds what stays behind, where anything does.
fn leaving(success: StepSuccess, what: Vec<String>) -> StepSuccess {
    let table_name = success.facts.iter().find_map(|fact| match fact {
        Fact::TableDeleted { table_name } => Some(table_name.clone()),
        _ => None,
    });
    match table_name.filter(|_| !what.is_empty()) {
        Some(table_name) => success.fact(Fact::Remains { table_name, what }),
        None => success,
    }
}

impl Delete {
    fn missing(&self, cx: &StepContext) -> Result<StepSuccess, Failure> {
        if was_sent(cx) {
            return Ok(deleted(cx));
        }
        if self.missing_ok {
            return Ok(StepSuccess::unchanged("was not there"));
        }
        Err(missing::not_there(cx))
    }

    /// Every reason not to delete; what could not be checked is said.
    async fn guard(&self, cx: &StepContext, state: &TableState) -> Result<Vec<String>, CallError> {
        forbidden(cx, state)?;
        let notes = tags_match(cx, state).await?;
        let empty = self.nonempty || cx.read(cx.tables.is_empty(&state.name)).await?;
        if !empty {
            let message = format!("{} is not empty", state.name);
            return Err(Failure::new(ErrorCode::StepFailed, message)
                .fix("write nonempty=allow on the step to delete tables with their items")
                .into());
        }
        Ok(notes)
    }
}

/// The reasons that need no further call.
fn forbidden(cx: &StepContext, state: &TableState) -> Result<(), Failure> {
    let name = &state.name;
    if !cx.facts.allow_destroy {
        let message = format!("environment `{}` does not allow to delete", cx.facts.environment);
        return Err(Failure::new(ErrorCode::StepFailed, message)
            .fix("write allow-destroy in the environment if that is meant"));
    }
    if state.keys != cx.spec().keys {
        let message = format!("{name} has other keys than declared, so it is not deleted");
        return Err(Failure::new(ErrorCode::SchemaValidationFailed, message)
            .said(format!("declared: {}; live: {}", cx.spec().keys, state.keys))
            .fix("it is probably another table; delete it yourself if it is not"));
    }
    if state.deletion_protection {
        let message = format!("{name} is protected against deletion");
        return Err(Failure::new(ErrorCode::StepFailed, message).fix(
            "turn it off first: deletion-protection #false, and the task that updates tables",
        ));
    }
    Ok(())
}

/// A table without the declared tags was probably not made by this file.
async fn tags_match(cx: &StepContext, state: &TableState) -> Result<Vec<String>, CallError> {
    if cx.spec().tags.is_empty() {
        return Ok(Vec::new());
    }
    let Some(arn) = &state.arn else {
        return Ok(vec![format!("{} has no ARN here, so its tags were not compared", state.name)]);
    };
    let live = match cx.tags(arn).await {
        Ok(live) => live,
        Err(error) => return cx.unsupported(error, "the check of tags").map(|note| vec![note]),
    };
    let issues = compare_tags(cx.spec(), &live);
    let Some(issue) = issues.first() else { return Ok(Vec::new()) };
    let message = format!("{} has other tags than declared, so it is not deleted", state.name);
    Err(Failure::new(ErrorCode::SchemaValidationFailed, message)
        .said(format!("{}; declared: {}; live: {}", issue.message, issue.expected, issue.found))
        .fix("it is probably another table; tag it (osem run setup) if it is not")
        .into())
}
