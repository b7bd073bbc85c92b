//! `put-items`: puts the items of a file into the table.
//!
//! The whole file is read and checked before the first item is put. By default an item whose key is
//! there is left as it is, by a condition on the write itself, so that nothing of anybody else is
//! lost and the step may be repeated: what is there already is not put again. Only
//! `on-existing=overwrite` replaces items, and that counts as destroying.
//!
//! Items are never written to the journal: one intent covers the whole step. A run that is killed in
//! the middle leaves the step outstanding, and the next one puts what is missing.

mod decode;
mod feed;
mod items;
mod ledger;
mod load;
mod places;
mod records;
mod survey;
mod take_back;
mod vectors;
mod window;
mod words;

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

use crate::model::{
    Effect, ErrorCode, Failure, Fingerprint, Inputs, KindScope, KindSpec, ParamSpec, ParamType,
    TableSpec, TableState,
};
use crate::table::{ChangeClass, ItemsOfFile, TableChange};

use super::permissions::{on_items, on_table};
use super::unfit::not_created;
use super::wait_active::poll_interval;
use super::{
    Fact, Mutation, PermissionScope, Permissions, Preview, Step, StepContext, StepError, StepKind,
    StepSuccess, Undo, kind,
};

use items::Rules;
use ledger::Ledger;
use load::{Counts, Target, load};
use survey::{Source, Survey, survey};
use words::{failed, outcome, success};

pub use decode::ItemFormat;
pub use places::Places;
pub use take_back::ItemsPut;

pub(super) struct PutItems;

impl StepKind for PutItems {
    fn spec(&self) -> KindSpec {
        let file = ParamSpec {
            name: "file".to_owned(),
            doc: "JSON Lines, or a JSON array of objects; relative to the file that names it"
                .to_owned(),
            required: true,
            default: None,
            ty: ParamType::Path,
        };
        let format = kind::word("format", "How values are written", &["plain", "dynamodb"]);
        let existing = "What becomes of an item whose key is there";
        KindSpec {
            params: vec![
                file,
                format,
                kind::word("on-existing", existing, &["keep", "fail", "overwrite"]),
            ],
            effect_by: vec![("on-existing".to_owned(), "overwrite".to_owned(), Effect::Destroy)],
            ..kind::spec(
                "put-items",
                "Put the items of a file into the table; those whose key is there are kept",
                Effect::Write,
                KindScope::Table,
                (3600, 5_000),
            )
        }
    }

    fn prepare(&self, inputs: &Inputs) -> Arc<dyn Step> {
        let text =
            |name: &str| inputs.get(name).and_then(|input| input.value.text()).unwrap_or_default();
        Arc::new(PutFile {
            file: text("file").to_owned(),
            format: if text("format") == "dynamodb" {
                ItemFormat::Typed
            } else {
                ItemFormat::Plain
            },
            on_existing: match text("on-existing") {
                "overwrite" => OnExisting::Overwrite,
                "fail" => OnExisting::Fail,
                _ => OnExisting::Keep,
            },
            previewed: Mutex::default(),
            ledger: Mutex::default(),
        })
    }
}

/// What becomes of an item whose key is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnExisting {
    /// It is left as it is.
    Keep,
    /// The step fails.
    Fail,
    /// It is replaced.
    Overwrite,
}

impl OnExisting {
    const fn call(self) -> &'static str {
        match self {
            Self::Keep | Self::Fail => "PutItem",
            Self::Overwrite => "BatchWriteItem",
        }
    }

    const fn class(self) -> ChangeClass {
        match self {
            Self::Keep | Self::Fail => ChangeClass::Put,
            Self::Overwrite => ChangeClass::Destroy,
        }
    }
}

struct PutFile {
    /// Relative to the project's folder, or absolute.
    file: String,
    format: ItemFormat,
    on_existing: OnExisting,
    /// The file as the preview saw it.
    previewed: Mutex<Option<Fingerprint>>,
    /// What the attempts of this step put.
    ledger: Mutex<Ledger>,
}

impl Step for PutFile {
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async move {
            let found = match cx.before_the_end(self.survey(cx)).await? {
                Ok(found) => found,
                Err(problem) => {
                    return Ok(Preview { stands: true, ..Preview::problem(problem) });
                }
            };
            *locked(&self.previewed) = Some(found.mark);
            if found.items == 0 {
                let note = format!("{} has no items", self.file);
                return Ok(Preview { notes: vec![note], ..Preview::default() });
            }
            let state = cx.snapshots.describe(cx).await?;
            let problem = self.forbidden(cx, state.as_ref()).err();
            let unless_changed = missed(cx, state.as_ref());
            // Where there is no table yet, there is nothing to be overwritten.
            let on_existing = self.on_existing(state.is_none());
            let change = self.change(cx.spec(), state.as_ref(), on_existing, found);
            let done_with = state.as_ref().map(|state| done_with(found, state));
            Ok(Preview { done_with, problem, unless_changed, ..Preview::change(change) })
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let found = cx.before_the_end(self.survey(cx)).await??;
            self.as_shown(cx, found)?;
            if found.items == 0 {
                return Ok(StepSuccess::unchanged(format!("{} has no items", self.file)));
            }
            let state = settled(cx).await?;
            self.forbidden(cx, Some(&state))?;
            self.put(cx, &state, found).await
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let spec = scope.spec();
        let mut run = on_table(spec, &["dynamodb:DescribeTable"]);
        let overwrites = self.on_existing == OnExisting::Overwrite;
        if overwrites {
            run.extend(on_items(spec, &["dynamodb:BatchWriteItem"]));
        }
        let mut undo = Vec::new();
        // Into a table that the plan made, items are put one by one whatever was asked for.
        if !overwrites || scope.is_created {
            run.extend(on_items(spec, &["dynamodb:PutItem"]));
            if scope.allow_destroy {
                undo.extend(on_table(spec, &["dynamodb:DescribeTable"]));
                undo.extend(on_items(spec, &["dynamodb:DeleteItem", "dynamodb:GetItem"]));
            }
        }
        Some(Permissions { run, undo })
    }
}

impl PutFile {
    fn source(&self, cx: &StepContext) -> Source {
        let path = cx.facts.root.join(Path::new(&self.file));
        Source { shown: self.file.clone(), path, format: self.format }
    }

    async fn survey(&self, cx: &StepContext) -> Result<Survey, Failure> {
        survey(self.source(cx), Rules::new(cx.spec())).await
    }

    /// A table that the plan makes has nothing to be overwritten: what is in there by now, nobody was
    /// asked about.
    const fn on_existing(&self, new_table: bool) -> OnExisting {
        match self.on_existing {
            OnExisting::Overwrite if new_table => OnExisting::Fail,
            other => other,
        }
    }

    fn change(
        &self,
        spec: &TableSpec,
        state: Option<&TableState>,
        on_existing: OnExisting,
        found: Survey,
    ) -> TableChange {
        let items = ItemsOfFile {
            call: on_existing.call(),
            class: on_existing.class(),
            file: self.file.clone(),
            items: found.items,
            bytes: found.bytes,
            mark: found.mark.to_string(),
        };
        TableChange::put_items(spec, state, items)
    }

    /// Where a person or a saved plan was promised this file, it must be this file.
    fn as_shown(&self, cx: &StepContext, found: Survey) -> Result<(), Failure> {
        let previewed = *locked(&self.previewed);
        if !cx.consent.is_bound() || previewed.is_none_or(|mark| mark == found.mark) {
            return Ok(());
        }
        let message = format!("{} is not as it was when the plan was made", self.file);
        Err(Failure::new(ErrorCode::PlanChanged, message)
            .fix("look at the new plan (osem plan), then run again"))
    }

    /// The reasons not to put anything that need no further call.
    fn forbidden(&self, cx: &StepContext, state: Option<&TableState>) -> Result<(), Failure> {
        if self.on_existing == OnExisting::Overwrite && !cx.facts.allow_destroy {
            let environment = &cx.facts.environment;
            let message = format!("environment `{environment}` does not allow to overwrite items");
            return Err(Failure::new(ErrorCode::StepFailed, message)
                .fix("write allow-destroy in the environment if that is meant"));
        }
        match state {
            Some(state) if state.keys != cx.spec().keys => {
                let message = format!("{} has other keys than declared", state.name);
                Err(Failure::new(ErrorCode::SchemaValidationFailed, message)
                    .said(format!("declared: {}; live: {}", cx.spec().keys, state.keys))
                    .fix("compare with the live table: osem run verify"))
            }
            _ => Ok(()),
        }
    }

    async fn put(
        &self,
        cx: &StepContext,
        state: &TableState,
        found: Survey,
    ) -> Result<StepSuccess, StepError> {
        let spec = cx.spec();
        let on_existing = self.on_existing(cx.consent.creates(spec.name.as_str()));
        let target = Target {
            cx,
            table: &spec.name,
            hash: &spec.keys.hash[0].name,
            on_existing,
            file: &self.file,
            total: found.items,
        };
        let mutation = Mutation {
            call: on_existing.call(),
            class: on_existing.class(),
            table_name: spec.name.as_str(),
            state: Some(state),
        };
        let batches = feed::feed(self.source(cx), Rules::new(spec));
        // Attempts follow one another: nobody else needs it meanwhile.
        let mut ledger = std::mem::take(&mut *locked(&self.ledger));
        ledger.open(found.mark);
        let writes = load(&target, batches, &mut ledger).map(|(counts, ended)| {
            let outcome = outcome(counts, &ended);
            let code = ended.as_ref().err().map(|failure| failure.code);
            ((counts, ended), outcome, code)
        });
        let loaded = cx.mutate_items(mutation, writes).await;
        let undo = self.undo(state, on_existing, found, &mut ledger);
        *locked(&self.ledger) = ledger;
        let (counts, ended) = loaded?;
        let fact = self.fact(state, found, counts);
        match ended {
            Ok(()) => Ok(success(on_existing, counts).fact(fact).undone_by(undo)),
            Err(failure) => {
                let undo = Vec::from_iter(undo);
                Err(StepError { undo, ..failed(failure, counts, found, fact) })
            }
        }
    }

    /// How what this attempt put is taken back; what was replaced cannot be.
    fn undo(
        &self,
        state: &TableState,
        on_existing: OnExisting,
        found: Survey,
        ledger: &mut Ledger,
    ) -> Option<Undo> {
        let (places, assumed) = ledger.newly_put();
        if on_existing == OnExisting::Overwrite || places.count() + assumed == 0 {
            return None;
        }
        let put = ItemsPut {
            file: self.file.clone(),
            format: self.format,
            fingerprint: found.mark.to_string(),
            places,
            assumed,
        };
        Some(Undo::DeleteItems {
            table_name: state.name.to_string(),
            identity: state.identity(),
            put,
        })
    }

    fn fact(&self, state: &TableState, found: Survey, counts: Counts) -> Fact {
        Fact::ItemsPut {
            table_name: state.name.to_string(),
            file: self.file.clone(),
            items: found.items as u64,
            put: counts.put,
            there: counts.there,
            calls: counts.calls,
            throttled: counts.throttled,
            done_with: done_with(found, state),
        }
    }
}

/// By which a later run knows that these items were put into this table.
fn done_with(found: Survey, state: &TableState) -> String {
    format!("{} {}", found.mark, state.identity().unwrap_or_default())
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The table, as soon as items can be put into it.
async fn settled(cx: &StepContext) -> Result<TableState, Failure> {
    let started = Instant::now();
    loop {
        match cx.describe().await? {
            Some(state) if matches!(state.status.as_str(), "ACTIVE" | "UPDATING") => {
                return Ok(state);
            }
            Some(state) if state.status == "CREATING" => {
                cx.progress("waits until the table is ACTIVE");
                cx.pause_before_poll(poll_interval(started.elapsed())).await?;
            }
            Some(state) => return Err(unusable(&state)),
            None => return Err(not_created(cx)),
        }
    }
}

/// Why nothing can be put, unless an earlier step makes the table.
fn missed(cx: &StepContext, state: Option<&TableState>) -> Option<Failure> {
    match state {
        None => Some(not_created(cx)),
        Some(state) => (state.status == "DELETING").then(|| unusable(state)),
    }
}

fn unusable(state: &TableState) -> Failure {
    Failure::new(ErrorCode::StepFailed, format!("{} is {}", state.name, state.status))
        .fix("create it anew, or see it in the console: osem run setup")
}
