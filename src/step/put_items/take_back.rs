//! Takes items out of a table again that a run put into it.
//!
//! The journal has no items, only the file, its hash and the places of what was put. So they are
//! read from the file once more, which must be the same. An item is deleted only while it is as it
//! was put: it is read, compared as a whole, and deleted on the condition that the values are still
//! those. What remains is an attribute that somebody adds in between.

use std::path::Path;
use std::time::Duration;

use futures::stream::{self, Stream};
use futures::{StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::model::{Failure, FailureClass, Item, KeySchema, TableName, TableState};
use crate::step::{CallError, Mutation, MutationOutcome, StepContext, StepError, Undone};
use crate::table::ChangeClass;

use super::decode::ItemFormat;
use super::feed::{Batch, feed};
use super::items::Rules;
use super::load::TELL_EVERY;
use super::places::Places;
use super::survey::{Source, survey};
use super::words::grouped;

/// Items that are looked at and deleted at once.
const AT_ONCE: usize = 32;
/// How often an item is tried again that got no answer, and the first pause before that.
const TRIES_AGAIN: u32 = 5;
const PAUSE: Duration = Duration::from_millis(100);

/// Which items of a file a run put into a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ItemsPut {
    /// The file, relative to the project's folder, or absolute.
    pub file: String,
    /// How it is read.
    pub format: ItemFormat,
    /// Its hash.
    pub fingerprint: String,
    /// Where they stand in it.
    pub places: Places,
    /// How many others were found there after a lost answer: nothing proves that the run put them.
    pub assumed: usize,
}

impl ItemsPut {
    /// Deletes what is still as it was put.
    pub(in crate::step) async fn take_back(
        &self,
        cx: &StepContext,
        name: &TableName,
        identity: Option<&str>,
    ) -> Result<Undone, StepError> {
        let stands = |why: String| {
            let count = grouped(self.places.count() as u64);
            Ok(Undone::Stands(format!("{count} items were put into {name}, and {why}")))
        };
        if !cx.facts.allow_destroy {
            let environment = &cx.facts.environment;
            return stands(format!("environment `{environment}` does not allow to delete"));
        }
        let state = cx.describe_named(name).await?;
        let Some(state) = state.filter(|state| state.identity().as_deref() == identity) else {
            return Ok(Undone::Gone(format!("{name} is not there any more")));
        };
        let rules = Rules::of_keys(state.keys.clone());
        match cx.before_the_end(survey(self.source(cx), rules.clone())).await? {
            Ok(found) if found.mark.to_string() == self.fingerprint => {}
            Ok(_) | Err(_) => {
                let file = &self.file;
                return stands(format!(
                    "{file} is not as it was: what they are cannot be told any more"
                ));
            }
        }
        let taken = self.delete(cx, &state, rules).await?;
        let message = taken.told(name);
        Ok(match self.assumed {
            0 => Undone::Gone(message),
            assumed => {
                let count = grouped(assumed as u64);
                let which = if assumed == 1 { "item is" } else { "items are" };
                Undone::Stands(format!(
                    "{message}; {count} more {which} left: the answer that would prove that this run \
                     put them was lost"
                ))
            }
        })
    }

    fn source(&self, cx: &StepContext) -> Source {
        let path = cx.facts.root.join(Path::new(&self.file));
        Source { shown: self.file.clone(), path, format: self.format }
    }

    /// The items, from the file.
    fn items(&self, cx: &StepContext, rules: Rules) -> impl Stream<Item = Result<Item, Failure>> {
        let batches = stream::unfold(feed(self.source(cx), rules), |mut batches| async {
            batches.recv().await.map(|batch| (batch, batches))
        });
        let own = |Batch { first, items, .. }: Batch| {
            let placed = (first..).zip(items);
            let own = placed.filter(|(place, _)| self.places.contains(*place));
            stream::iter(own.map(|(_, item)| Ok(item)).collect::<Vec<_>>())
        };
        batches.map_ok(own).try_flatten()
    }

    async fn delete(
        &self,
        cx: &StepContext,
        state: &TableState,
        rules: Rules,
    ) -> Result<Taken, Failure> {
        let mutation = Mutation {
            call: "DeleteItem",
            class: ChangeClass::Destroy,
            table_name: state.name.as_str(),
            state: Some(state),
        };
        let total = grouped(self.places.count() as u64);
        let deletes = async {
            let items = self.items(cx, rules).map(|item| delete(cx, state, item));
            let mut items = std::pin::pin!(items.buffer_unordered(AT_ONCE));
            let (mut taken, mut told) = (Taken::default(), Instant::now());
            let ended = loop {
                match items.next().await {
                    None => break Ok(()),
                    Some(Err(failure)) => break Err(failure),
                    Some(Ok(one)) => taken.count(one),
                }
                if told.elapsed() >= TELL_EVERY {
                    told = Instant::now();
                    cx.progress(format!("looked at {} of {total} items", grouped(taken.all())));
                }
            };
            match ended {
                Ok(()) => (Ok(taken), MutationOutcome::Applied, None),
                Err(failure) => {
                    let code = Some(failure.code);
                    (Err(failure), MutationOutcome::Unknown, code)
                }
            }
        };
        cx.mutate_items(mutation, deletes).await?
    }
}

/// What became of one item.
#[derive(Debug, Clone, Copy)]
enum One {
    Deleted,
    Changed,
    Gone,
}

/// Looks at an item and deletes it, again after an answer that did not come.
async fn delete(
    cx: &StepContext,
    state: &TableState,
    item: Result<Item, Failure>,
) -> Result<One, Failure> {
    let item = item?;
    let mut sent = false;
    let mut tries = 0;
    loop {
        let failure = match try_delete(cx, state, &item, &mut sent).await {
            // An earlier call did it, of which no answer came.
            Ok(One::Gone) if sent => return Ok(One::Deleted),
            Ok(one) => return Ok(one),
            Err(error) => error.failure,
        };
        if failure.class == FailureClass::Permanent || tries == TRIES_AGAIN {
            return Err(failure);
        }
        tries += 1;
        cx.pause(PAUSE * tries).await?;
    }
}

/// Given up at any time, it may be done again. `sent` becomes true when the item may be gone by it.
async fn try_delete(
    cx: &StepContext,
    state: &TableState,
    item: &Item,
    sent: &mut bool,
) -> Result<One, CallError> {
    let table = &state.name;
    let key = key(&state.keys, item);
    match cx.patiently(|| cx.read(cx.tables.item(table, &key))).await? {
        None => return Ok(One::Gone),
        Some(live) if live != *item => return Ok(One::Changed),
        Some(_) => *sent = true,
    }
    let deleted = cx.patiently(|| cx.read(cx.tables.delete_if_equal(table, &key, item))).await?;
    Ok(if deleted { One::Deleted } else { One::Changed })
}

fn key(keys: &KeySchema, item: &Item) -> Item {
    let attribute = |name: &String| Some((name.clone(), item.get(name)?.clone()));
    keys.attributes().filter_map(|key| attribute(&key.name)).collect()
}

/// What became of the items.
#[derive(Debug, Default)]
struct Taken {
    deleted: u64,
    changed: u64,
    gone: u64,
}

impl Taken {
    const fn count(&mut self, one: One) {
        match one {
            One::Deleted => self.deleted += 1,
            One::Changed => self.changed += 1,
            One::Gone => self.gone += 1,
        }
    }

    const fn all(&self) -> u64 {
        self.deleted + self.changed + self.gone
    }

    fn told(&self, name: &TableName) -> String {
        let noun = if self.deleted == 1 { "item" } else { "items" };
        let were = |count, what| {
            let verb = if count == 1 { "was" } else { "were" };
            (count > 0).then(|| format!("{} {verb} {what}", grouped(count)))
        };
        let parts = [
            Some(format!("{} {noun} taken out of {name}", grouped(self.deleted))),
            were(self.gone, "not there any more"),
            were(self.changed, "changed by somebody else since"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}
