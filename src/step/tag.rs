//! `tag`: writes the declared tags that differ, and waits until the service shows them.
//!
//! A tag write is visible after one to three seconds, and locks the table for as long; other tags
//! of the table are never touched.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::ErrorKind;
use crate::model::{Effect, Failure, Inputs, KindScope, KindSpec, TableSpec, TableState, Tags};
use crate::table::{ChangeClass, TableChange, compare_tags};

use super::permissions::on_table;
use super::undo::Wrote;
use super::unfit::not_created;
use super::{
    CallError, Fact, Mutation, PermissionScope, Permissions, Preview, Step, StepContext, StepError,
    StepKind, StepSuccess, kind,
};

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
            // A table that is not there yet is created with its tags; those of one that is on its way
            // out may not even be read.
            let state = cx.snapshots.describe(cx).await?;
            let Some(state) = state.filter(|state| state.status != "DELETING") else {
                return Ok(Preview::unless_changed(not_created(cx)));
            };
            let Some(arn) = &state.arn else { return Ok(Preview::default()) };
            // Then nothing of them is read: an endpoint without tags has all that is asked of it.
            if !cx.spec().declares_tags() {
                return Ok(Preview::default());
            }
            let mut preview = Preview::default();
            let live = match cx.snapshots.tags(cx, arn).await {
                Ok(live) => live,
                // A table that is still being made shows its tags later.
                Err(error) if error.kind == Some(ErrorKind::NotFound) => {
                    preview.notes.push(format!(
                        "{}: its tags cannot be read yet; they are written only where they differ",
                        cx.spec().name
                    ));
                    Tags::new()
                }
                Err(error) if error.kind == Some(ErrorKind::Unsupported) => {
                    return Ok(match cx.unsupported(error, "tags") {
                        Ok(note) => Preview { notes: vec![note], ..Preview::default() },
                        Err(error) => Preview::problem(error.failure),
                    });
                }
                Err(error) => return Err(error.failure),
            };
            let difference = Difference::new(cx.spec(), &live);
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
            let state = cx.describe().await?.ok_or_else(|| not_created(cx))?;
            if !spec.declares_tags() {
                return Ok(StepSuccess::unchanged("tags as declared"));
            }
            let Some(arn) = state.arn.as_deref() else {
                return Ok(StepSuccess::unchanged("tags left out")
                    .warning(format!("{} has no ARN here, so it cannot be tagged", spec.name)));
            };
            let mut wrote = Wrote::default();
            match write(cx, &state, arn, &mut wrote).await {
                Ok(success) => Ok(success.undone_by(wrote.undo(&state))),
                Err(error) if error.kind == Some(ErrorKind::Unsupported) => {
                    let warning = cx.unsupported(error, "tags")?;
                    let fact = Fact::Unsupported { feature: "tags".to_owned() };
                    Ok(StepSuccess::unchanged("tags left out").fact(fact).warning(warning))
                }
                Err(error) => {
                    let undo = wrote.undo(&state).into_iter().collect();
                    Err(StepError { undo, ..error.into() })
                }
            }
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let mut run = on_table(spec, &["dynamodb:DescribeTable"]);
        if !spec.declares_tags() {
            return Some(Permissions::of_run(run));
        }
        run.extend(on_table(spec, &["dynamodb:ListTagsOfResource"]));
        let mut undo = run.clone();
        if !spec.tags.is_empty() {
            run.extend(on_table(spec, &["dynamodb:TagResource"]));
            // A tag that was added is removed again; one that had another value gets it back.
            undo.extend(on_table(spec, &["dynamodb:TagResource", "dynamodb:UntagResource"]));
        }
        if !spec.absent_tags.is_empty() {
            run.extend(on_table(spec, &["dynamodb:UntagResource"]));
            undo.extend(on_table(spec, &["dynamodb:TagResource"]));
        }
        Some(Permissions { run, undo })
    }
}

/// Writes what differs. Once a call was made, every error says that something may have changed, and
/// `wrote` what is known to have.
async fn write(
    cx: &StepContext,
    state: &TableState,
    arn: &str,
    wrote: &mut Wrote,
) -> Result<StepSuccess, CallError> {
    let live = cx.tags(arn).await?;
    let difference = Difference::new(cx.spec(), &live);
    if difference.is_empty() {
        return Ok(StepSuccess::unchanged("tags as declared"));
    }
    let mutation = |call| Mutation {
        call,
        class: ChangeClass::Tag,
        table_name: cx.spec().name.as_str(),
        state: Some(state),
    };
    let mut changed = false;
    if !difference.written.is_empty() {
        let call = cx.tables.tag(arn, &difference.written);
        cx.mutate(mutation("TagResource"), call).await?;
        wrote.written(&difference.written, &live);
        changed = true;
    }
    let after = |changed| {
        move |error: CallError| CallError {
            may_have_applied: changed || error.may_have_applied,
            ..error
        }
    };
    if !difference.removed.is_empty() {
        // The first write locks the tags: the second one has to wait until it is visible.
        visible(cx, arn, |spec, live| !changed || written(spec, live))
            .await
            .map_err(after(changed))?;
        let call = cx.tables.untag(arn, &difference.removed);
        cx.mutate(mutation("UntagResource"), call).await.map_err(after(changed))?;
        wrote.removed(&difference.removed, &live);
    }
    let done = |spec: &TableSpec, live: &Tags| compare_tags(spec, live).is_empty();
    visible(cx, arn, done).await.map_err(after(true))?;
    let count = difference.written.len() + difference.removed.len();
    let message = format!("{count} {} written", if count == 1 { "tag" } else { "tags" });
    Ok(StepSuccess::changed(message).fact(Fact::TableTagged {
        table_name: cx.spec().name.to_string(),
        written: difference.written,
        removed: difference.removed,
    }))
}

fn written(spec: &TableSpec, live: &Tags) -> bool {
    spec.tags.iter().all(|(key, value)| live.get(key) == Some(value))
}

async fn visible(
    cx: &StepContext,
    arn: &str,
    done: impl Fn(&TableSpec, &Tags) -> bool,
) -> Result<(), CallError> {
    while !done(cx.spec(), &cx.tags(arn).await?) {
        cx.progress("waits until the tags are visible");
        cx.pause(Duration::from_millis(300)).await?;
    }
    Ok(())
}
