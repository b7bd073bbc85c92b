//! `create-table`: makes the table when it is not there, adopts it when it is as declared.
//!
//! Every attempt starts from a description (the first one from the preview's, where that found no
//! table), so that a create whose answer was lost is found and adopted instead of being sent again. A table that is being deleted is waited for; it is never
//! adopted.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::ErrorKind;
use crate::model::{Effect, ErrorCode, Failure, Inputs, KindScope, KindSpec, TableState};
use crate::table::{ChangeClass, IssueType, TableChange, compare};

use super::{Fact, Mutation, Preview, Step, StepContext, StepError, StepKind, StepSuccess, kind};

pub(super) struct CreateTable;

impl StepKind for CreateTable {
    fn spec(&self) -> KindSpec {
        kind::spec(
            "create-table",
            "Create the table with its indexes and tags; leave it alone when it is as declared",
            Effect::Write,
            KindScope::Table,
            (120, 500),
        )
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for CreateTable {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            Ok(match cx.snapshots.describe(cx).await? {
                None => Preview::change(TableChange::create(cx.spec())),
                Some(state) if state.status == "DELETING" => Preview {
                    notes: vec![format!("{} is being deleted: waits, then creates", state.name)],
                    ..Preview::change(TableChange::create(cx.spec()))
                },
                Some(state) => {
                    adoptable(cx, &state).err().map_or_else(Preview::default, Preview::problem)
                }
            })
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            // Where the preview found no table just now, it need not be asked for again:
            // `CreateTable` itself refuses when there is one by now.
            if !cx.snapshots.take_absence(cx.spec().name.as_str())
                && let Some(state) = until_not_deleting(cx).await?
            {
                return Ok(adopt(cx, &state)?);
            }
            create(cx).await
        }
        .boxed()
    }
}

async fn until_not_deleting(cx: &StepContext) -> Result<Option<TableState>, Failure> {
    loop {
        match cx.describe().await? {
            Some(state) if state.status == "DELETING" => {
                cx.progress("waits for the old table to be deleted");
                cx.pause(Duration::from_millis(500)).await?;
            }
            other => return Ok(other),
        }
    }
}

async fn create(cx: &StepContext) -> Result<StepSuccess, StepError> {
    let spec = cx.spec();
    // The table that is created now is another one than any that was seen under the name before.
    cx.pins.forget(spec.name.as_str());
    let mutation = Mutation {
        call: "CreateTable",
        class: ChangeClass::Create,
        table_name: spec.name.as_str(),
        state: None,
    };
    match cx.mutate(mutation, cx.tables.create(spec)).await {
        Ok(state) => Ok(created(cx, &state)?),
        // Somebody was faster, or an earlier attempt's answer was lost: compare what is there.
        Err(error) if error.kind == Some(ErrorKind::AlreadyExists) => {
            match until_not_deleting(cx).await? {
                Some(state) => Ok(adopt(cx, &state)?),
                None => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

fn created(cx: &StepContext, state: &TableState) -> Result<StepSuccess, Failure> {
    cx.pins.check(state)?;
    let indexes = cx.spec().indexes.len();
    let message = match indexes {
        0 => "created".to_owned(),
        1 => "created with 1 index".to_owned(),
        _ => format!("created with {indexes} indexes"),
    };
    Ok(StepSuccess::changed(message).fact(Fact::TableCreated {
        table_name: state.name.to_string(),
        indexes,
        arn: state.arn.clone(),
        id: state.id.clone(),
    }))
}

fn adopt(cx: &StepContext, state: &TableState) -> Result<StepSuccess, Failure> {
    adoptable(cx, state)?;
    if cx.may_have_changed {
        // This run sent a `CreateTable` whose answer was lost: the table is as good as its own, but
        // that cannot be proved.
        let success = created(cx, state)?;
        return Ok(StepSuccess {
            message: format!("{}; the answer was lost", success.message),
            ..success
        });
    }
    Ok(StepSuccess::unchanged("is there, as declared")
        .fact(Fact::TableAdopted { table_name: state.name.to_string() }))
}

/// Whether a live table may stand for the declared one. Indexes that are still being built are
/// the business of `wait-active`.
fn adoptable(cx: &StepContext, state: &TableState) -> Result<(), Failure> {
    let spec = cx.spec();
    if matches!(
        state.status.as_str(),
        "ARCHIVING"
            | "ARCHIVED"
            | "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
            | "REPLICATION_NOT_AUTHORIZED"
    ) {
        let message = format!("{} is {} and cannot be used", spec.name, state.status);
        return Err(Failure::new(ErrorCode::SchemaValidationFailed, message)
            .fix("see the table in the console; osem does not repair this"));
    }
    let mut issues = compare(spec, state);
    issues.retain(|issue| issue.ty != IssueType::GsiMismatch || issue.expected != "ACTIVE");
    if issues.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = issues
        .iter()
        .map(|i| format!("{}: {}; declared: {}; live: {}", i.ty, i.message, i.expected, i.found))
        .collect();
    Err(Failure::new(
        ErrorCode::SchemaValidationFailed,
        format!("{} is there, but not as declared", spec.name),
    )
    .said(said.join("\n"))
    .cause("the file was changed after the table was created, or the table was changed by hand")
    .fix("change the file to what is live, or the table to what the file says; osem does not yet change existing tables"))
}
