//! `wait-deleted`: waits until the table is gone.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::model::{Effect, ErrorCode, Failure, Inputs, KindScope, KindSpec, TableState};

use super::permissions::on_table;
use super::wait_active::{MAY_LAG, poll_interval};
use super::{
    PermissionScope, Permissions, Preview, Step, StepContext, StepError, StepKind, StepSuccess,
    kind,
};

pub(super) struct WaitDeleted;

impl StepKind for WaitDeleted {
    fn spec(&self) -> KindSpec {
        kind::spec(
            "wait-deleted",
            "Wait until the table is gone",
            Effect::Read,
            KindScope::Table,
            (600, 5_000),
        )
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for WaitDeleted {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        let fails = |state: Option<&TableState>| {
            state.filter(|state| state.status == "ACTIVE").map(|_| not_deleting(cx))
        };
        Preview::of_reading(cx, fails).boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let started = Instant::now();
            while let Some(state) = cx.describe().await? {
                // Descriptions are eventually consistent: the old status may be shown for a while.
                if state.status == "ACTIVE" && started.elapsed() > MAY_LAG {
                    return Err(not_deleting(cx).into());
                }
                cx.progress(state.status);
                cx.pause_before_poll(poll_interval(started.elapsed())).await?;
            }
            // What has the name from now on is meant to be another table.
            cx.pins.forget(cx.spec().name.as_str());
            Ok(StepSuccess::unchanged("gone"))
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        Some(Permissions::of_run(on_table(scope.spec(), &["dynamodb:DescribeTable"])))
    }
}

fn not_deleting(cx: &StepContext) -> Failure {
    let message = format!("{} is ACTIVE: nothing deletes it", cx.spec().name);
    Failure::new(ErrorCode::StepFailed, message).fix("put a delete-table step before this one")
}
