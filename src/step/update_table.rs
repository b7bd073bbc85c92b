//! `update-table`: makes the table as declared, one call at a time.
//!
//! Every call is the first of a fresh comparison, made when the table is settled: so what was done
//! before, by this run, by an earlier one or by somebody else, is never done again, and a run that
//! was interrupted between two calls goes on with the rest. A table is never replaced, an index only
//! where the command line names it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::aws::ErrorKind;
use crate::model::{Effect, ErrorCode, Failure, Features, Inputs, KindScope, KindSpec, TableState};
use crate::table::{ChangeClass, Diff, Obstacle, Readiness, TableChange, diff, settled};

use super::features::{ReadFeatures, read_features};
use super::left_out::accepted_but_not_so;
use super::permissions::{on_table, writes};
use super::unfit::{self, stuck};
use super::wait_active::{MAY_LAG, poll_interval};
use super::{
    CallError, Fact, Mutation, PermissionScope, Permissions, Preview, Step, StepContext, StepError,
    StepKind, StepSuccess, kind,
};

/// How long an endpoint that is not the service may take to show what it accepted.
const MAY_LAG_ELSEWHERE: Duration = Duration::from_secs(4);

pub(super) struct UpdateTable;

impl StepKind for UpdateTable {
    fn spec(&self) -> KindSpec {
        kind::spec(
            "update-table",
            "Change settings and indexes until the table is as declared, one call at a time",
            Effect::Write,
            KindScope::Table,
            (1_800, 1_000),
        )
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Updates::default())
    }
}

/// The updates of one table, with what the attempts so far came to.
#[derive(Default)]
struct Updates {
    progress: Mutex<Progress>,
}

/// What is known of the calls of earlier attempts.
#[derive(Clone, Default)]
struct Progress {
    /// What was accepted, for people.
    applied: Vec<String>,
    /// The last call, where its answer was lost.
    unsure: Option<TableChange>,
}

impl Step for Updates {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            match cx.snapshots.describe(cx).await? {
                None => Ok(preview_of_new(cx, not_there(cx))),
                Some(state) if state.status == "DELETING" => {
                    Ok(preview_of_new(cx, unchangeable(cx, &state.status)))
                }
                Some(state) => preview(cx, &state).await,
            }
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let progress = || self.progress.lock().unwrap_or_else(PoisonError::into_inner);
            let before = progress().clone();
            let (left_out, warnings) = (BTreeSet::new(), Vec::new());
            let mut work = Work { cx, progress: before, left_out, warnings };
            let ended = work.carry_out().await;
            progress().clone_from(&work.progress);
            match ended {
                Ok(()) => Ok(work.success()),
                Err(error) => Err(work.failed(error)),
            }
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let mut run = on_table(spec, &["dynamodb:DescribeTable"]);
        run.extend(writes(spec));
        Some(Permissions::of_run(run))
    }
}

/// What `CreateTable` does not take is set once the table is there.
fn preview_of_new(cx: &StepContext, unless_changed: Failure) -> Preview {
    let created = TableState::created(cx.spec());
    let Diff { mut changes, .. } = diff(cx.spec(), &created, &Features::of_new_table(cx.spec()));
    for change in &mut changes {
        change.class = ChangeClass::Create;
    }
    Preview { changes, ..Preview::unless_changed(unless_changed) }
}

async fn preview(cx: &StepContext, state: &TableState) -> Result<Preview, Failure> {
    if let Readiness::Stuck(status) = settled(state) {
        return Ok(Preview::unless_changed(unchangeable(cx, &status)));
    }
    let read = read_features(cx, state).await?;
    let diff = diff(cx.spec(), state, &read.features);
    if !diff.obstacles.is_empty() {
        return Ok(Preview::problem(obstructed(cx, &diff.obstacles)));
    }
    Ok(match unread(cx, read) {
        Ok(notes) => Preview { changes: diff.changes, notes, ..Preview::default() },
        Err(error) => Preview::problem(error.failure),
    })
}

/// What could not be read cannot be changed either: left out where the endpoint does not have it.
fn unread(cx: &StepContext, read: ReadFeatures) -> Result<Vec<String>, CallError> {
    let note = |(setting, error): (String, CallError)| cx.unsupported(error, &setting);
    read.unread.into_iter().map(note).collect()
}

fn obstructed(cx: &StepContext, obstacles: &[Obstacle]) -> Failure {
    let line = |found: &Obstacle| {
        let issue = &found.issue;
        format!(
            "{}: {}; declared: {}; live: {}",
            issue.ty, issue.message, issue.expected, issue.found
        )
    };
    let mut ways: Vec<&str> = obstacles.iter().map(|found| found.way_out.as_str()).collect();
    ways.dedup();
    let message = format!("{} cannot be made as declared", cx.spec().name);
    Failure::new(ErrorCode::SchemaValidationFailed, message)
        .said(obstacles.iter().map(line).collect::<Vec<_>>().join("\n"))
        .cause("what differs cannot be changed, or is not changed without being asked for")
        .fix(ways.join("; "))
}

/// A call that was accepted, and when.
struct Sent {
    change: TableChange,
    at: Instant,
}

/// One attempt of the step.
struct Work<'a> {
    cx: &'a StepContext,
    progress: Progress,
    /// Settings that the endpoint does not have.
    left_out: BTreeSet<String>,
    warnings: Vec<String>,
}

impl Work<'_> {
    async fn carry_out(&mut self) -> Result<(), CallError> {
        let cx = self.cx;
        let mut sent: Option<Sent> = None;
        loop {
            let left = cx.deadline.left();
            let state = until_settled(cx).await?;
            let Some(change) = self.next(&state).await? else { return Ok(()) };
            if let Some(last) = sent.as_ref().filter(|last| last.change == change) {
                self.not_shown(last).await?;
                continue;
            }
            self.send(&state, &change).await?;
            sent = Some(Sent { change, at: Instant::now() });
            until_settled(cx).await?;
            cx.deadline.restore(left);
        }
    }

    /// The first call that is left.
    async fn next(&mut self, state: &TableState) -> Result<Option<TableChange>, CallError> {
        let read = self.settled_features(state).await?;
        let diff = diff(self.cx.spec(), state, &read.features);
        if !diff.obstacles.is_empty() {
            return Err(obstructed(self.cx, &diff.obstacles).into());
        }
        // A call whose answer was lost was carried out if it is not needed any more.
        if let Some(lost) = self.progress.unsure.take()
            && !diff.changes.contains(&lost)
        {
            self.progress.applied.push(lost.details[0].clone());
        }
        for (setting, error) in read.unread {
            if !self.left_out.contains(&setting) {
                self.leave_out(&setting, error)?;
            }
        }
        for change in diff.changes {
            let setting = &change.setting;
            // What an earlier step or attempt was told is not tried again.
            if self.cx.left_out.has(self.cx.spec().name.as_str(), setting) {
                if self.left_out.insert(setting.clone()) {
                    self.warnings.push(self.cx.left_out_warning(setting));
                }
                continue;
            }
            return Ok(Some(change));
        }
        Ok(None)
    }

    /// The settings that have calls of their own, once the service is done with them.
    async fn settled_features(&self, state: &TableState) -> Result<ReadFeatures, CallError> {
        let started = Instant::now();
        loop {
            let mut read = read_features(self.cx, state).await?;
            let Some(what) = read.features.busy.take() else { return Ok(read) };
            self.cx.progress(what);
            self.cx.pause_before_poll(poll_interval(started.elapsed())).await?;
        }
    }

    async fn send(&mut self, state: &TableState, change: &TableChange) -> Result<(), CallError> {
        let cx = self.cx;
        cx.progress(format!("{}: {}", change.call, change.details[0]));
        cx.consent.check_request(change, state)?;
        let mutation = Mutation {
            call: change.call,
            class: change.class,
            table_name: &change.table_name,
            state: Some(state),
        };
        let resource = change.request["ResourceArn"].as_str().unwrap_or(&change.table_name);
        let call = cx.tables.change(change.call, resource, &change.request);
        match cx.mutate(mutation, call).await {
            Ok(()) => self.progress.applied.push(change.details[0].clone()),
            // The next description shows whether that is what was wanted.
            Err(error) if error.kind == Some(ErrorKind::NoOp) => {}
            Err(error) if error.kind == Some(ErrorKind::Unsupported) => {
                self.leave_out(&change.setting, error)?;
            }
            Err(error) => {
                self.progress.unsure = error.may_have_applied.then(|| change.clone());
                return Err(error);
            }
        }
        Ok(())
    }

    /// The last call was accepted and is wanted again: it is not shown yet, or never will be.
    async fn not_shown(&mut self, last: &Sent) -> Result<(), CallError> {
        let cx = self.cx;
        let longest = if cx.facts.is_service { MAY_LAG } else { MAY_LAG_ELSEWHERE };
        let waited = last.at.elapsed();
        if waited < longest {
            cx.progress(format!("waits until {} is shown", last.change.setting));
            return Ok(cx.pause_before_poll(poll_interval(waited)).await?);
        }
        let what = &last.change.setting;
        self.progress.applied.retain(|applied| *applied != last.change.details[0]);
        self.leave_out(what, accepted_but_not_so(cx, what))
    }

    fn leave_out(&mut self, setting: &str, error: CallError) -> Result<(), CallError> {
        self.warnings.push(self.cx.unsupported(error, setting)?);
        self.left_out.insert(setting.to_owned());
        self.cx.left_out.add(self.cx.spec().name.as_str(), setting);
        Ok(())
    }

    fn facts(&mut self) -> Vec<Fact> {
        let unsupported = std::mem::take(&mut self.left_out).into_iter();
        let mut facts: Vec<Fact> =
            unsupported.map(|feature| Fact::Unsupported { feature }).collect();
        if !self.progress.applied.is_empty() {
            facts.push(Fact::TableUpdated {
                table_name: self.cx.spec().name.to_string(),
                changes: self.progress.applied.clone(),
            });
        }
        facts
    }

    fn success(mut self) -> StepSuccess {
        let applied = &self.progress.applied;
        let success = match applied.len() {
            0 => StepSuccess::unchanged("as declared"),
            1 => StepSuccess::changed(format!("1 change: {}", applied[0])),
            count => StepSuccess::changed(format!("{count} changes: {}", applied.join("; "))),
        };
        let facts = self.facts();
        StepSuccess { facts, warnings: self.warnings, ..success }
    }

    fn failed(mut self, error: CallError) -> StepError {
        let applied = &self.progress.applied;
        let changed = !applied.is_empty() || error.may_have_applied;
        let failure = match applied.as_slice() {
            [] => error.failure,
            applied => error.failure.detail("applied", applied.join("; ")),
        };
        StepError { facts: self.facts(), changed, ..failure.into() }
    }
}

fn not_there(cx: &StepContext) -> Failure {
    unfit::not_there(cx).fix("create it first: put a create-table step before this one")
}

fn unchangeable(cx: &StepContext, status: &str) -> Failure {
    stuck(cx, status, ": it cannot be changed")
}

/// The table, once the service is done with what it is doing to it.
async fn until_settled(cx: &StepContext) -> Result<TableState, Failure> {
    let started = Instant::now();
    loop {
        let Some(state) = cx.describe().await? else {
            return Err(not_there(cx));
        };
        match settled(&state) {
            Readiness::Settled => return Ok(state),
            Readiness::Busy(what) => cx.progress(what),
            Readiness::Stuck(status) => return Err(unchangeable(cx, &status)),
        }
        cx.pause_before_poll(poll_interval(started.elapsed())).await?;
    }
}
