//! Gives tags back the values that they had before this run.
//!
//! A tag that is no longer as the run left it was changed by somebody else since, and is left alone.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{TableName, TableState, Tags};
use crate::table::ChangeClass;

use super::super::{Mutation, StepContext, StepError};
use super::{TagChange, Undo, Undone};

/// The tags of a table that a step wrote and removed, as far as the service confirmed it.
#[derive(Debug, Clone, Default)]
pub(in crate::step) struct Wrote(BTreeMap<String, TagChange>);

impl Wrote {
    /// These tags were written over what was live.
    pub(in crate::step) fn written(&mut self, written: &Tags, live: &Tags) {
        for (key, value) in written {
            self.note(key, live, Some(value.clone()));
        }
    }

    /// These tags were removed.
    pub(in crate::step) fn removed(&mut self, removed: &[String], live: &Tags) {
        for key in removed {
            self.note(key, live, None);
        }
    }

    fn note(&mut self, key: &str, live: &Tags, after: Option<String>) {
        let change = TagChange { before: live.get(key).cloned(), after };
        self.0.insert(key.to_owned(), change);
    }

    /// How it is taken back; nothing where nothing was written.
    pub(in crate::step) fn undo(self, state: &TableState) -> Option<Undo> {
        let arn = state.arn.clone().filter(|_| !self.0.is_empty())?;
        let (table_name, identity) = (state.name.to_string(), state.identity());
        Some(Undo::RestoreTags { table_name, arn, identity, tags: self.0 })
    }
}

pub(super) async fn restore(
    cx: &StepContext,
    name: &TableName,
    arn: &str,
    identity: Option<&str>,
    changes: &BTreeMap<String, TagChange>,
) -> Result<Undone, StepError> {
    let gone = || Ok(Undone::Gone(format!("{name} is not there any more")));
    let Some(state) = cx.describe_named(name).await? else { return gone() };
    if state.identity().as_deref() != identity {
        return gone();
    }
    let live = cx.tags(arn).await?;
    let Outstanding { written, removed, foreign } = Outstanding::of(changes, &live);
    let mutation = |call| Mutation {
        call,
        class: ChangeClass::Tag,
        table_name: name.as_str(),
        state: Some(&state),
    };
    if !written.is_empty() {
        cx.mutate(mutation("TagResource"), cx.tables.tag(arn, &written)).await?;
        visible(cx, arn, |live| written.iter().all(|(key, value)| live.get(key) == Some(value)))
            .await?;
    }
    if !removed.is_empty() {
        cx.mutate(mutation("UntagResource"), cx.tables.untag(arn, &removed)).await?;
        visible(cx, arn, |live| !removed.iter().any(|key| live.contains_key(key))).await?;
    }
    let count = changes.len() - foreign;
    let noun = if count == 1 { "tag" } else { "tags" };
    let mut message = format!("{count} {noun} of {name} restored");
    if foreign > 0 {
        let verb = if foreign == 1 { "was" } else { "were" };
        message = format!("{message}; {foreign} {verb} changed by somebody else since");
    }
    Ok(Undone::Gone(message))
}

/// What is still to be restored.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outstanding {
    written: Tags,
    removed: Vec<String>,
    /// How many tags are neither as the run left them nor as they were before.
    foreign: usize,
}

impl Outstanding {
    fn of(changes: &BTreeMap<String, TagChange>, live: &Tags) -> Self {
        let mut outstanding = Self::default();
        for (key, change) in changes {
            let now = live.get(key);
            if now == change.before.as_ref() {
                continue;
            }
            match &change.before {
                _ if now != change.after.as_ref() => outstanding.foreign += 1,
                Some(before) => {
                    outstanding.written.insert(key.clone(), before.clone());
                }
                None => outstanding.removed.push(key.clone()),
            }
        }
        outstanding
    }
}

/// A tag write is visible after one to three seconds, and locks the tags for as long.
async fn visible(
    cx: &StepContext,
    arn: &str,
    done: impl Fn(&Tags) -> bool,
) -> Result<(), StepError> {
    while !done(&cx.tags(arn).await?) {
        cx.progress("waits until the tags are visible");
        cx.pause(Duration::from_millis(300)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn only_tags_that_are_as_the_run_left_them_are_restored() {
        let before = tags(&[("kept", "old"), ("gone", "old"), ("theirs", "old")]);
        let mut wrote = Wrote::default();
        wrote.written(&tags(&[("kept", "new"), ("added", "new"), ("theirs", "new")]), &before);
        wrote.removed(&["gone".to_owned()], &before);
        let live = tags(&[("kept", "new"), ("added", "new"), ("theirs", "other")]);
        let outstanding = Outstanding::of(&wrote.0, &live);
        assert_eq!(outstanding.written, tags(&[("kept", "old"), ("gone", "old")]));
        assert_eq!(outstanding.removed, ["added"]);
        assert_eq!(outstanding.foreign, 1);
        let restored = tags(&[("kept", "old"), ("gone", "old"), ("theirs", "other")]);
        let again = Outstanding::of(&wrote.0, &restored);
        assert!(again.written.is_empty() && again.removed.is_empty(), "{again:?}");
    }
}
