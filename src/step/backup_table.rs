//! `backup-table`: an on-demand backup of the table, complete before the next step begins.
//!
//! The backup's name holds the run's id, and that of the step unless it is the plain one, so that one
//! whose answer was lost is found again: the service would make a second one of the same name.
//! Nothing takes a backup back: it is there to stay when something else has gone wrong.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::aws::{Backup, ErrorKind};
use crate::model::{
    Effect, ErrorCode, Failure, FailureClass, Inputs, KindScope, KindSpec, TableState,
};
use crate::table::{ChangeClass, TableChange};

use super::permissions::on_table;
use super::wait_active::{MAY_LAG, poll_interval};
use super::{
    CallError, Fact, Mutation, Permission, PermissionScope, Permissions, Preview, Resource, Step,
    StepContext, StepError, StepKind, StepSuccess, kind, missing,
};

/// The kind, and the id of a step that has none of its own.
const KIND: &str = "backup-table";

/// The longest name that the service takes.
const LONGEST_NAME: usize = 255;

pub(super) struct BackupTable;

impl StepKind for BackupTable {
    fn spec(&self) -> KindSpec {
        let spec = kind::spec(
            KIND,
            "Make an on-demand backup of the table and wait until it can be restored from",
            Effect::Write,
            KindScope::Table,
            (600, 5_000),
        );
        let outputs = [("arn", "the ARN of the backup"), ("name", "the name of the backup")];
        KindSpec { params: vec![missing::param()], outputs: kind::outputs(&outputs), ..spec }
    }

    fn prepare(&self, inputs: &Inputs) -> Arc<dyn Step> {
        Arc::new(MakeBackup { missing_ok: missing::is_ok(inputs) })
    }
}

struct MakeBackup {
    missing_ok: bool,
}

impl Step for MakeBackup {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            Ok(match cx.snapshots.describe(cx).await? {
                Some(state) if state.status != "DELETING" => {
                    Preview::change(TableChange::backup(&state))
                }
                _ => self.missing(cx).err().map_or_else(Preview::default, Preview::unless_changed),
            })
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let backups = Resource::Part { table: spec.name.to_string(), path: "backup/*".to_owned() };
        let mut run = on_table(spec, &["dynamodb:CreateBackup", "dynamodb:DescribeTable"]);
        run.push(Permission::new("dynamodb:DescribeBackup", backups));
        // Asked for after a lost answer; the action knows no narrower resource.
        run.push(Permission::new("dynamodb:ListBackups", Resource::All));
        Some(Permissions::of_run(run))
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let Some(state) = until_active(cx).await? else { return Ok(self.missing(cx)?) };
            let name = backup_name(cx);
            match made(cx, &state, &name).await {
                Ok((backup, maybe_another)) => {
                    let success = done(&state, name, backup.arn.clone());
                    let success = maybe_another.into_iter().fold(success, StepSuccess::warning);
                    until_available(cx, &backup).await.map_err(|failure| StepError {
                        changed: true,
                        facts: success.facts.clone(),
                        ..failure.into()
                    })?;
                    Ok(success)
                }
                Err(error) if error.kind == Some(ErrorKind::Unsupported) => {
                    let warning = cx.unsupported(error, "the backup")?;
                    let fact = Fact::Unsupported { feature: "backups".to_owned() };
                    Ok(StepSuccess::unchanged("no backup").fact(fact).warning(warning))
                }
                Err(error) => Err(error.into()),
            }
        }
        .boxed()
    }
}

impl MakeBackup {
    fn missing(&self, cx: &StepContext) -> Result<StepSuccess, Failure> {
        if self.missing_ok {
            return Ok(StepSuccess::unchanged("was not there"));
        }
        Err(missing::not_there(cx))
    }
}

/// A name of this run and step: a task may back a table up twice, and no two of its steps have the
/// same id.
fn backup_name(cx: &StepContext) -> String {
    let step = cx.command.step.as_str();
    let own = step.split_once('[').map_or(step, |(own, _)| own);
    let mut name = format!("osem-{}", cx.command.surroundings.run);
    if own != KIND {
        name.push('-');
        name.push_str(own);
    }
    name.chars().take(LONGEST_NAME).collect()
}

/// The service backs up no table that it is still making.
async fn until_active(cx: &StepContext) -> Result<Option<TableState>, Failure> {
    let started = Instant::now();
    loop {
        match cx.describe().await? {
            Some(state) if state.status == "CREATING" => {
                cx.progress("waits until the table is active");
                cx.pause_before_poll(poll_interval(started.elapsed())).await?;
            }
            // What is being deleted cannot be saved any more.
            Some(state) if state.status == "DELETING" => return Ok(None),
            other => return Ok(other),
        }
    }
}

/// The backup of this name: made now, or by an earlier attempt whose answer was lost. With a warning
/// where there may be another one: an earlier run made it under a name of its own, if it did.
async fn made(
    cx: &StepContext,
    state: &TableState,
    name: &str,
) -> Result<(Backup, Option<String>), CallError> {
    let there = |error: CallError| CallError { may_have_applied: true, ..error };
    if cx.may_have_changed
        && let Some(backup) = look(cx, state, name, MAY_LAG).await.map_err(there)?
    {
        return Ok((backup, None));
    }
    let table = &state.name;
    let maybe_another = (cx.may_have_changed || cx.changed_before).then(|| {
        format!(
            "an attempt that was cut off may have made another backup of {table}; see: aws dynamodb \
             list-backups --table-name {table}"
        )
    });
    let mutation = Mutation {
        call: "CreateBackup",
        class: ChangeClass::Create,
        table_name: state.name.as_str(),
        state: Some(state),
    };
    let backup = match cx.mutate(mutation, cx.tables.create_backup(table, name)).await {
        Err(lost) if lost.may_have_applied => {
            look(cx, state, name, MAY_LAG).await.ok().flatten().ok_or(lost)
        }
        answer => answer,
    };
    backup.map(|backup| (backup, maybe_another))
}

/// The backup of this name, looked for until `patience` is over.
async fn look(
    cx: &StepContext,
    state: &TableState,
    name: &str,
    patience: Duration,
) -> Result<Option<Backup>, CallError> {
    let started = Instant::now();
    loop {
        let patient = started.elapsed() < patience;
        let read = || cx.read(cx.tables.backup_named(&state.name, name));
        match cx.patiently(read).await {
            Ok(None) if patient => {}
            Err(error) if patient && error.failure.class != FailureClass::Permanent => {}
            answer => return answer,
        }
        cx.progress("looks whether the backup was made");
        cx.pause_before_poll(poll_interval(started.elapsed())).await?;
    }
}

async fn until_available(cx: &StepContext, backup: &Backup) -> Result<(), Failure> {
    let started = Instant::now();
    let mut status = backup.status.clone();
    while status != "AVAILABLE" {
        if status == "DELETED" {
            let message = format!("the backup {} was deleted", backup.arn);
            return Err(Failure::new(ErrorCode::StepFailed, message).fix("run again"));
        }
        cx.progress(format!("the backup is {status}"));
        cx.pause_before_poll(poll_interval(started.elapsed())).await?;
        let read = || cx.read(cx.tables.backup_status(&backup.arn));
        match cx.patiently(read).await {
            Ok(now) => status = now,
            // It may not be shown yet.
            Err(error)
                if error.kind == Some(ErrorKind::NotFound) && started.elapsed() < MAY_LAG => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn done(state: &TableState, name: String, arn: String) -> StepSuccess {
    let fact = Fact::TableBackedUp {
        table_name: state.name.to_string(),
        backup_name: name.clone(),
        arn: arn.clone(),
    };
    let success = StepSuccess::changed(format!("backed up as {name}")).fact(fact);
    success.output("arn", Some(arn)).output("name", Some(name))
}
