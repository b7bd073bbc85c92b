//! `delete-table`: removes a table that is provably the declared one.
//!
//! Guards, all checked again right before the call: the environment allows it, keys and declared
//! tags equal the file's, deletion protection is off, and the table is empty unless the file says
//! `nonempty=allow`. What the preview saw is pinned: a table made anew under the name is not
//! deleted.

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::aws::ErrorKind;
use crate::model::{
    Effect, ErrorCode, Failure, InputValue, Inputs, KindScope, KindSpec, ParamSpec, ParamType,
    TableState,
};
use crate::table::{TableChange, compare_tags};

use super::{Fact, Preview, Step, StepContext, StepError, StepKind, StepSuccess, kind};

pub(super) struct DeleteTable;

impl StepKind for DeleteTable {
    fn spec(&self) -> KindSpec {
        let word = |name: &str, doc: &str, words: [&str; 2]| ParamSpec {
            name: name.to_owned(),
            doc: doc.to_owned(),
            default: words[0].to_owned(),
            ty: ParamType::Enum(words.map(str::to_owned).to_vec()),
        };
        KindSpec {
            params: vec![
                word("missing", "Whether a table that is not there is an error", ["error", "ok"]),
                word("nonempty", "Whether a table with items may be deleted", ["refuse", "allow"]),
            ],
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
        let is = |name: &str, word: &str| {
            inputs.get(name).is_some_and(|input| input.value == InputValue::Text(word.to_owned()))
        };
        Arc::new(Delete { missing_ok: is("missing", "ok"), nonempty: is("nonempty", "allow") })
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
                Ok(notes) => Preview { notes, ..Preview::change(TableChange::delete(&state)) },
                Err(failure) => Preview::problem(failure),
            })
        }
        .boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let Some(state) = cx.describe().await? else { return Ok(self.missing(cx)?) };
            if state.status == "DELETING" {
                return Ok(StepSuccess::unchanged("is being deleted already"));
            }
            let warnings = self.guard(cx, &state).await?;
            let name = &cx.spec().name;
            match cx.tables.delete(name).await {
                Ok(()) => {}
                Err(error) if error.kind == ErrorKind::NotFound => {}
                Err(error) => {
                    let lost = matches!(error.kind, ErrorKind::Network | ErrorKind::Server);
                    let failure = error.into_failure();
                    return Err(StepError { changed: lost, ..StepError::from(failure) });
                }
            }
            let fact = Fact::TableDeleted { table_name: name.to_string() };
            Ok(StepSuccess { warnings, ..StepSuccess::changed("deleted").fact(fact) })
        }
        .boxed()
    }
}

impl Delete {
    fn missing(&self, cx: &StepContext) -> Result<StepSuccess, Failure> {
        if self.missing_ok {
            return Ok(StepSuccess::unchanged("was not there"));
        }
        let message = format!("{} is not there", cx.spec().name);
        Err(Failure::new(ErrorCode::TableNotFound, message)
            .fix("write missing=ok on the step if that is fine"))
    }

    /// Every reason not to delete; what could not be checked is said.
    async fn guard(&self, cx: &StepContext, state: &TableState) -> Result<Vec<String>, Failure> {
        let name = &state.name;
        if !cx.facts.allow_destroy {
            let message =
                format!("environment `{}` does not allow to delete", cx.facts.environment);
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
            return Err(Failure::new(ErrorCode::StepFailed, message)
                .fix("osem never turns deletion protection off; do so yourself, then run again"));
        }
        let notes = tags_match(cx, state).await?;
        let empty = self.nonempty || cx.read(cx.tables.is_empty(name)).await?;
        if !empty {
            return Err(Failure::new(ErrorCode::StepFailed, format!("{name} is not empty"))
                .fix("write nonempty=allow on the step to delete tables with their items"));
        }
        Ok(notes)
    }
}

/// A table without the declared tags was probably not made by this file.
async fn tags_match(cx: &StepContext, state: &TableState) -> Result<Vec<String>, Failure> {
    let Some(arn) = state.arn.as_deref().filter(|_| !cx.spec().tags.is_empty()) else {
        return Ok(Vec::new());
    };
    let live = match cx.tables.tags(arn).await {
        Ok(live) => live,
        Err(error) => return cx.unsupported(error, "the check of tags").map(|note| vec![note]),
    };
    let issues = compare_tags(cx.spec(), &live);
    let Some(issue) = issues.first() else { return Ok(Vec::new()) };
    let message = format!("{} has other tags than declared, so it is not deleted", state.name);
    Err(Failure::new(ErrorCode::SchemaValidationFailed, message)
        .said(format!("{}; declared: {}; live: {}", issue.message, issue.expected, issue.found))
        .fix("it is probably another table; tag it (osem run setup) if it is not"))
}
