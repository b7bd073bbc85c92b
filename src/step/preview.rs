//! What a step would do.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::aws::ErrorKind;
use crate::model::{Failure, TableState, Tags};
use crate::table::TableChange;

use super::{CallError, CommandPreview, StepContext};

/// What a step would do, found by reading only.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The calls it would make, in order.
    pub changes: Vec<TableChange>,
    /// What a person should know.
    pub notes: Vec<String>,
    /// The command that it would run.
    pub command: Option<CommandPreview>,
    /// Where only a record tells whether it was done: what it would be done with. One that is
    /// recorded as done with the same need not be done again.
    pub done_with: Option<String>,
    /// Why it would fail, when that is certain.
    pub problem: Option<Failure>,
    /// Whether nothing that an earlier step does to the table can remove the problem.
    pub stands: bool,
    /// Why it would fail by how its table is, unless an earlier step makes the table, deletes the one that
    /// is to be gone, or mends it.
    pub unless_changed: Option<Failure>,
}

impl Preview {
    /// It would make this call.
    #[must_use]
    pub fn change(change: TableChange) -> Self {
        Self { changes: vec![change], ..Self::default() }
    }

    /// It would fail by how its table is, unless an earlier step changes that.
    #[must_use]
    pub fn unless_changed(failure: Failure) -> Self {
        Self { unless_changed: Some(failure), ..Self::default() }
    }

    /// Of a step that only reads: why it would fail by how its table is. The table may be another one
    /// by the time the step runs, and a command may first allow it to be described.
    ///
    /// # Errors
    /// What [`StepContext::describe_named`] says, but for what may not be read.
    pub async fn of_reading(
        cx: &StepContext,
        fails: impl FnOnce(Option<&TableState>) -> Option<Failure>,
    ) -> Result<Self, Failure> {
        match cx.snapshots.look(cx).await {
            Ok(state) => Ok(fails(state.as_ref()).map_or_else(Self::default, Self::unless_changed)),
            Err(error) if error.kind == Some(ErrorKind::Denied) => {
                Ok(Self::unless_changed(error.failure))
            }
            Err(error) => Err(error.failure),
        }
    }

    /// It would fail.
    #[must_use]
    pub fn problem(problem: Failure) -> Self {
        Self { problem: Some(problem), ..Self::default() }
    }
}

type Description = Arc<OnceCell<Option<TableState>>>;
type LiveTags = Arc<OnceCell<Tags>>;

/// What the previews of one table share of it, so that its description and its tags are read once.
#[derive(Debug, Clone, Default)]
pub struct Snapshots {
    /// By full name.
    descriptions: Arc<Mutex<HashMap<String, Description>>>,
    /// By ARN.
    tags: Arc<Mutex<HashMap<String, LiveTags>>>,
}

impl Snapshots {
    /// That a table is as this says, or is not there, whatever is live.
    #[must_use]
    pub fn supposing(name: &str, state: Option<TableState>) -> Self {
        let cell = Arc::new(OnceCell::new_with(Some(state)));
        let descriptions = HashMap::from([(name.to_owned(), cell)]);
        Self { descriptions: Arc::new(Mutex::new(descriptions)), tags: Arc::default() }
    }

    /// The table of a step as the preview first saw it; the step goes on with no other one.
    ///
    /// # Errors
    /// What [`StepContext::describe`] says.
    pub async fn describe(&self, cx: &StepContext) -> Result<Option<TableState>, Failure> {
        let state = self.look(cx).await?;
        if let Some(state) = &state {
            cx.pins.check(state)?;
        }
        Ok(state)
    }

    /// The same for a step that only reads: its table need not stay the same one.
    ///
    /// # Errors
    /// What [`StepContext::describe_named`] says.
    pub async fn look(&self, cx: &StepContext) -> Result<Option<TableState>, CallError> {
        let cell = {
            let mut cells = self.descriptions.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(cx.spec().name.to_string()).or_default())
        };
        cell.get_or_try_init(|| cx.describe_named(&cx.spec().name)).await.cloned()
    }

    /// The tags of a table as the preview first saw them.
    ///
    /// # Errors
    /// As [`StepContext::tags`].
    pub async fn tags(&self, cx: &StepContext, arn: &str) -> Result<Tags, CallError> {
        let cell = {
            let mut cells = self.tags.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(arn.to_owned()).or_default())
        };
        cell.get_or_try_init(|| cx.tags(arn)).await.cloned()
    }

    /// Every table that was looked at, by its full name, as it was.
    #[must_use]
    pub fn seen(&self) -> Vec<(String, Option<TableState>)> {
        let cells = self.descriptions.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = |(name, cell): (&String, &Description)| {
            cell.get().map(|state| (name.clone(), state.clone()))
        };
        cells.iter().filter_map(seen).collect()
    }

    /// Whether the preview saw that there is no such table; true at most once a table, so that
    /// later attempts look again.
    #[must_use]
    pub fn take_absence(&self, name: &str) -> bool {
        let mut cells = self.descriptions.lock().unwrap_or_else(PoisonError::into_inner);
        cells.remove(name).is_some_and(|cell| matches!(cell.get(), Some(None)))
    }
}
