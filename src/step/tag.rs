//! `tag`: writes the declared tags that differ, and waits until the service shows them.
//!
//! A tag write is visible after one to three seconds, and locks the table for as long; other tags
//! of the table are never touched.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::{ErrorKind, ServiceError};
use crate::model::{Effect, ErrorCode, Failure, Inputs, KindScope, KindSpec, TableSpec, Tags};
use crate::table::{TableChange, compare_tags};

use super::{Fact, Preview, Step, StepContext, StepError, StepKind, StepSuccess, kind};

pub(super) struct TagTable;

impl StepKind for TagTable {
    fn spec(&self) -> KindSpec {
        kind::spec(
            "tag",
            "Write the declared tags that differ and wait until they are visible",
            Effect::Write,
            KindScope::Table,
            (60, 2_000),
        )
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

/// What has to be written to reach the declared tags.
struct Difference {
    written: Tags,
    removed: Vec<String>,
}

impl Difference {
    fn new(spec: &TableSpec, live: &Tags) -> Self {
        let differs = |(key, value): &(&String, &String)| live.get(*key) != Some(*value);
        let written = spec.tags.iter().filter(differs);
        let removed = spec.absent_tags.iter().filter(|key| live.contains_key(*key));
        Self {
            written: written.map(|(key, value)| (key.clone(), value.clone())).collect(),
            removed: removed.cloned().collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.written.is_empty() && self.removed.is_empty()
    }
}

impl Step for TagTable {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            // A table that is not there yet is created with its tags.
            let Some(state) = cx.snapshots.describe(cx).await? else {
                return Ok(Preview::default());
            };
            let (Some(arn), "ACTIVE") = (&state.arn, state.status.as_str()) else {
                return Ok(Preview::default());
            };
            let live = match cx.tables.tags(arn).await {
                Ok(live) => live,
                Err(error) => return Ok(preview_error(cx, error)),
            };
            let difference = Difference::new(cx.spec(), &live);
            let mut preview = Preview::default();
            if !difference.written.is_empty() {
                preview.changes.push(TableChange::tag(cx.spec(), &difference.written));
            }
            if !difference.removed.is_empty() {
                preview.changes.push(TableChange::untag(cx.spec(), &difference.removed));
            }
            Ok(preview)
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let spec = cx.spec();
            let state = cx.describe().await?.ok_or_else(|| not_there(cx))?;
            let Some(arn) = state.arn else {
                return Ok(StepSuccess::unchanged("tags left out")
                    .warning(format!("{} has no ARN here, so it cannot be tagged", spec.name)));
            };
            match write(cx, &arn).await {
                Ok(success) => Ok(success),
                Err(Unwritten::Service(error)) => {
                    let warning = cx.unsupported(error, "tags")?;
                    let fact = Fact::Unsupported { feature: "tags".to_owned() };
                    Ok(StepSuccess::unchanged("tags left out").fact(fact).warning(warning))
                }
                Err(Unwritten::Step(error)) => Err(error),
            }
        }
        .boxed()
    }
}

fn preview_error(cx: &StepContext, error: ServiceError) -> Preview {
    match error.kind {
        ErrorKind::Unsupported => match cx.unsupported(error, "tags") {
            Ok(note) => Preview { notes: vec![note], ..Preview::default() },
            Err(failure) => Preview::problem(failure),
        },
        _ => Preview {
            notes: vec![format!("the tags of {} cannot be read: {error}", cx.spec().name)],
            ..Preview::default()
        },
    }
}

fn not_there(cx: &StepContext) -> Failure {
    Failure::new(ErrorCode::TableNotFound, format!("{} is not there", cx.spec().name))
        .fix("create it: osem run setup")
}

enum Unwritten {
    Service(ServiceError),
    Step(StepError),
}

impl From<ServiceError> for Unwritten {
    fn from(error: ServiceError) -> Self {
        Self::Service(error)
    }
}

async fn write(cx: &StepContext, arn: &str) -> Result<StepSuccess, Unwritten> {
    let difference = Difference::new(cx.spec(), &cx.tables.tags(arn).await?);
    if difference.is_empty() {
        return Ok(StepSuccess::unchanged("tags as declared"));
    }
    if !difference.written.is_empty() {
        cx.tables.tag(arn, &difference.written).await?;
    }
    if !difference.removed.is_empty() {
        // The first write locks the tags: the second one has to wait until it is visible.
        if !difference.written.is_empty() {
            visible(cx, arn, |spec, live| {
                spec.tags.iter().all(|(key, value)| live.get(key) == Some(value))
            })
            .await?;
        }
        cx.tables.untag(arn, &difference.removed).await?;
    }
    visible(cx, arn, |spec, live| compare_tags(spec, live).is_empty()).await?;
    let count = difference.written.len() + difference.removed.len();
    let message = format!("{count} {} written", if count == 1 { "tag" } else { "tags" });
    Ok(StepSuccess::changed(message).fact(Fact::TableTagged {
        table_name: cx.spec().name.to_string(),
        written: difference.written,
        removed: difference.removed,
    }))
}

async fn visible(
    cx: &StepContext,
    arn: &str,
    done: impl Fn(&TableSpec, &Tags) -> bool,
) -> Result<(), Unwritten> {
    loop {
        if done(cx.spec(), &cx.tables.tags(arn).await?) {
            return Ok(());
        }
        cx.progress("waits until the tags are visible");
        let paused = cx.pause(Duration::from_millis(300)).await;
        paused.map_err(|failure| {
            Unwritten::Step(StepError { changed: true, ..StepError::from(failure) })
        })?;
    }
}
