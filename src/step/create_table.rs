//! `create-table`: makes the table when it is not there, adopts it when it is as declared.
//!
//! Every attempt starts from a description (the first one from the preview's, where that found no
//! table), and a create whose answer was lost is followed by descriptions at once: the table that
//! they show is compared and adopted as `created: unknown`; none for longer than descriptions lag
//! (a short time, where the service said that it failed) means that the call was not carried out, and
//! the step is tried again. So no table is created
//! twice. A table that is being deleted is waited for; it is never adopted.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::aws::ErrorKind;
use crate::model::{
    Effect, Failure, FailureClass, Inputs, KindScope, KindSpec, TableSpec, TableState, VectorIndex,
};
use crate::table::{ChangeClass, TableChange};

use super::adoption::{Adoptable, adoptable, not_kept_at_creation, not_set};
use super::permissions::{at_creation, on_items, on_table};
use super::wait_active::{MAY_LAG, poll_interval};
use super::without_vectors::without_vector_indexes;
use super::{
    CallError, Created, Fact, Mutation, PermissionScope, Permissions, Preview, Step, StepContext,
    StepError, StepKind, StepSuccess, Undo, kind,
};

/// After a failure that the service itself told, the call was most probably not carried out: so it
/// is looked for only briefly. A table that is shown later still meets the next try's `CreateTable`.
const AFTER_FAILURE: Duration = Duration::from_secs(2);

pub(super) struct CreateTable;

impl StepKind for CreateTable {
    fn spec(&self) -> KindSpec {
        let spec = kind::spec(
            "create-table",
            "Create the table with its indexes, settings and tags; leave it alone when it is there",
            Effect::Write,
            KindScope::Table,
            (120, 500),
        );
        let outputs = [
            ("arn", "the table's ARN"),
            ("id", "its id"),
            ("created", "`true` when this run created it, else `false`"),
        ];
        KindSpec { outputs: kind::outputs(&outputs), ..spec }
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for CreateTable {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            Ok(match cx.snapshots.describe(cx).await? {
                None => Preview {
                    notes: not_set(cx).into_iter().collect(),
                    ..Preview::change(TableChange::create(cx.spec()))
                },
                Some(state) if state.status == "DELETING" => Preview {
                    notes: [format!("{} is being deleted: waits, then creates", state.name)]
                        .into_iter()
                        .chain(not_set(cx))
                        .collect(),
                    ..Preview::change(TableChange::create(cx.spec()))
                },
                Some(state) => match adoptable(cx, &state) {
                    Ok(Adoptable { warnings, .. }) => {
                        Preview { notes: warnings, ..Preview::default() }
                    }
                    Err(failure) => Preview::problem(failure),
                },
            })
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            // Where the preview found no table just now, it need not be asked for again:
            // `CreateTable` itself refuses when there is one by now.
            if !cx.snapshots.take_absence(cx.spec().name.as_str())
                && let Some(state) = look(cx, Duration::ZERO).await?
            {
                return Ok(adopt(cx, &state, cx.may_have_changed)?);
            }
            create(cx, cx.spec()).await
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let mut run = on_table(spec, &["dynamodb:CreateTable", "dynamodb:DescribeTable"]);
        run.extend(at_creation(spec));
        let undo = if scope.allow_destroy {
            let mut undo = on_table(spec, &["dynamodb:DeleteTable", "dynamodb:DescribeTable"]);
            undo.extend(on_items(spec, &["dynamodb:Scan"]));
            undo
        } else {
            // It is looked at no more: the table stands.
            Vec::new()
        };
        Some(Permissions { run, undo })
    }
}

/// The table, once it is not being deleted any more. One that is not shown is looked for until
/// `patience` is over, and failures that may pass are borne for as long.
async fn look(cx: &StepContext, patience: Duration) -> Result<Option<TableState>, Failure> {
    let started = Instant::now();
    let mut deleting = false;
    loop {
        let patient = started.elapsed() < patience;
        match cx.describe().await {
            Ok(Some(state)) if state.status == "DELETING" => deleting = true,
            Ok(Some(state)) => return Ok(Some(state)),
            Ok(None) if patient && !deleting => {}
            Ok(None) => return Ok(None),
            Err(failure) if patient && failure.class != FailureClass::Permanent => {}
            Err(failure) => return Err(failure),
        }
        cx.progress(if deleting {
            "waits for the old table to be deleted"
        } else {
            "looks whether the table was created"
        });
        cx.pause_before_poll(poll_interval(started.elapsed())).await?;
    }
}

async fn create(cx: &StepContext, spec: &TableSpec) -> Result<StepSuccess, StepError> {
    // The table that is created now is another one than any that was seen under the name before.
    cx.pins.forget(spec.name.as_str());
    let mutation = Mutation {
        call: "CreateTable",
        class: ChangeClass::Create,
        table_name: spec.name.as_str(),
        state: None,
    };
    let request = TableChange::create(spec).request;
    match cx.mutate(mutation, cx.tables.create(&spec.name, &request)).await {
        Ok(state) => confirmed(cx, &state).await,
        Err(error) if error.may_have_applied => after_lost_answer(cx, error).await,
        Err(error) if error.kind == Some(ErrorKind::AlreadyExists) => taken(cx, error).await,
        Err(error) => match without_vector_indexes(cx, &error)? {
            Some((fewer, warnings)) if !spec.vector_indexes.is_empty() => {
                let mut success = Box::pin(create(cx, &fewer)).await?;
                success.warnings.splice(..0, warnings);
                Ok(success)
            }
            _ => Err(error.into()),
        },
    }
}

/// The call may have been carried out: the table that is there, if one is, is taken for the one
/// that was to be created. Whatever goes wrong, a later attempt knows that there may be one.
async fn after_lost_answer(cx: &StepContext, lost: CallError) -> Result<StepSuccess, StepError> {
    let answered = matches!(lost.kind, Some(ErrorKind::Server | ErrorKind::Unprocessable));
    let patience = if answered { AFTER_FAILURE } else { MAY_LAG };
    match look(cx, patience).await {
        Ok(Some(state)) => {
            adopt(cx, &state, true).map_err(|failure| StepError { changed: true, ..failure.into() })
        }
        // The service said that it failed, and shows no table.
        Ok(None) if answered => {
            let failure = lost.failure.class(FailureClass::Transient);
            Err(StepError { changed: true, nothing_stands: true, ..failure.into() })
        }
        // Whether a call that nobody answered is still on its way is not known.
        Ok(None) | Err(_) => Err(lost.into()),
    }
}

/// Somebody was faster, or an earlier attempt's answer was lost: what is there is compared. A table
/// that is gone again is created by the next attempt.
async fn taken(cx: &StepContext, refused: CallError) -> Result<StepSuccess, StepError> {
    match look(cx, MAY_LAG).await? {
        Some(state) => Ok(adopt(cx, &state, cx.may_have_changed)?),
        None => Err(refused.failure.class(FailureClass::Transient).into()),
    }
}

/// The service answered: this very table is this run's own, whatever comes next.
async fn confirmed(cx: &StepContext, state: &TableState) -> Result<StepSuccess, StepError> {
    let table_name = state.name.to_string();
    let undo = state.identity().map(|identity| Undo::DeleteTable { table_name, identity });
    let success = created(cx, state, Created::Confirmed).undone_by(undo);
    let kept = match cx.pins.check(state) {
        Ok(()) => not_kept_at_creation(cx, state).await,
        Err(failure) => Err(failure),
    };
    match kept {
        Ok(warnings) => Ok(StepSuccess { warnings, ..success }),
        Err(failure) => Err(StepError {
            changed: true,
            facts: success.facts,
            undo: success.undo,
            ..failure.into()
        }),
    }
}

fn created(cx: &StepContext, state: &TableState, created: Created) -> StepSuccess {
    let here = |index: &&VectorIndex| !cx.left_out.has(cx.spec().name.as_str(), &index.node());
    let vectors = cx.spec().vector_indexes.iter().filter(here).count();
    let indexes = cx.spec().indexes.len() + vectors;
    let mut message = match indexes {
        0 => "created".to_owned(),
        1 => "created with 1 index".to_owned(),
        _ => format!("created with {indexes} indexes"),
    };
    if created == Created::Unknown {
        message.push_str("; the answer was lost, the table was found");
    }
    if let Some(not_set) = not_set(cx) {
        message = format!("{message}; {not_set}");
    }
    StepSuccess::changed(message)
        .fact(Fact::TableCreated {
            table_name: state.name.to_string(),
            indexes,
            created,
            arn: state.arn.clone(),
            id: state.id.clone(),
        })
        .output("arn", state.arn.as_deref())
        .output("id", state.id.as_deref())
        .output("created", Some("true"))
}

/// Takes a table that is there; `sent` says that this run sent a `CreateTable` for it whose answer
/// was lost.
fn adopt(cx: &StepContext, state: &TableState, sent: bool) -> Result<StepSuccess, Failure> {
    let Adoptable { warnings, left_out, said } = adoptable(cx, state)?;
    for node in &left_out {
        cx.left_out.add(cx.spec().name.as_str(), node);
    }
    if sent {
        cx.pins.check(state)?;
        return Ok(StepSuccess { warnings, ..created(cx, state, Created::Unknown) });
    }
    let success = StepSuccess { warnings, ..StepSuccess::unchanged(said) };
    Ok(success
        .fact(Fact::TableAdopted { table_name: state.name.to_string() })
        .output("arn", state.arn.as_deref())
        .output("id", state.id.as_deref())
        .output("created", Some("false")))
}
