//! What the control plane remembers of a table beside what the engine keeps.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Millis;

/// A change that was accepted and has not ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Pending {
    pub(super) kind: Kind,
    /// The index it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<String>,
    /// While this lasts, the table is UPDATING; later only the part is.
    pub(super) table_until: Millis,
    /// When the whole change has ended.
    pub(super) until: Millis,
    /// What is shown until then, where it differs from what is true from then on: fields of the
    /// description, or the whole entry of an index that is being deleted.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(super) shown: Value,
}

/// What is being changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    Creating,
    Deleting,
    Billing,
    Throughput,
    Stream,
    Class,
    Encryption,
    WarmThroughput,
    IndexCreating,
    IndexUpdating,
    IndexDeleting,
}

/// A value that is read only after a while; until then the one before is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Delayed<T> {
    pub(super) now: T,
    pub(super) before: T,
    pub(super) visible_at: Millis,
    /// Until then the part may not be written again, nor the table be deleted.
    pub(super) locked_until: Millis,
}

impl<T> Delayed<T> {
    /// What a reader sees.
    pub(super) fn seen(&self, now: Millis) -> &T {
        if now < self.visible_at { &self.before } else { &self.now }
    }
}

/// The tags before the last write; the engine has the new ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct OldTags {
    pub(super) before: Vec<Value>,
    pub(super) visible_at: Millis,
    /// Until then tags may not be written again, nor the table be deleted.
    pub(super) locked_until: Millis,
}

/// Point-in-time recovery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Recovery {
    pub(super) enabled_at: Millis,
    pub(super) days: u64,
}

/// A resource-based policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Policy {
    pub(super) text: String,
    pub(super) revision: String,
}

impl Policy {
    /// A policy with the revision that follows from its text.
    pub(super) fn new(text: &str, change: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (text, change).hash(&mut hasher);
        Self { text: text.to_owned(), revision: hasher.finish().to_string() }
    }
}

/// A setting that is on or off, and on its way there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Switch {
    pub(super) on: bool,
    pub(super) until: Millis,
    /// The mode of contributor insights, or the precision of a Kinesis destination.
    pub(super) mode: Option<String>,
    /// Whether it was on before too, and only its mode changes.
    pub(super) was_on: bool,
}

impl Switch {
    /// Its status; only the word for being on differs from feature to feature.
    pub(super) fn status(&self, now: Millis, when_on: &'static str) -> &'static str {
        match (self.on, now < self.until) {
            (true, true) if self.was_on => "UPDATING",
            (true, true) => "ENABLING",
            (true, false) => when_on,
            (false, true) => "DISABLING",
            (false, false) => "DISABLED",
        }
    }
}

/// When what was changed: the service keeps this to itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct History {
    pub(super) time_to_live: Option<Millis>,
    pub(super) deletion_protection: Option<Millis>,
    pub(super) policy: Option<Millis>,
    pub(super) encryption: Vec<Millis>,
    pub(super) class: Vec<Millis>,
    pub(super) decreases: Vec<Millis>,
    /// The same of indexes, by name.
    pub(super) index_decreases: BTreeMap<String, Vec<Millis>>,
}

/// Whether a description, or the request for a table, has secondary indexes of any kind.
pub(super) fn has_indexes(table: &Value) -> bool {
    let lists = ["GlobalSecondaryIndexes", "LocalSecondaryIndexes", "VectorIndexes"];
    lists.iter().any(|list| table[list].as_array().is_some_and(|list| !list.is_empty()))
}

/// One incarnation of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) name: String,
    /// The `TableId`.
    pub(super) id: String,
    /// Whether it has secondary indexes of any kind; those have a quota of their own.
    pub(super) indexed: bool,
    /// Whether it was ever on demand: going back to that takes seconds, not minutes.
    pub(super) was_on_demand: bool,
    /// Changes so far; durations depend on it.
    pub(super) changes: u64,
    pub(super) pending: Vec<Pending>,
    /// Fields of the description that the engine does not keep, or keeps otherwise; null takes one
    /// away.
    pub(super) fields: Map<String, Value>,
    /// The same for the entries of indexes.
    pub(super) index_fields: BTreeMap<String, Map<String, Value>>,
    /// The last description of a table that is being deleted: the engine has none any more.
    pub(super) last: Option<Value>,
    pub(super) backups_at: Millis,
    pub(super) recovery: Option<Recovery>,
    pub(super) tags: Option<OldTags>,
    pub(super) policy: Option<Delayed<Option<Policy>>>,
    /// By index; the empty name is the table itself.
    pub(super) insights: BTreeMap<String, Switch>,
    /// By stream ARN.
    pub(super) kinesis: BTreeMap<String, Switch>,
    pub(super) history: History,
}

impl Table {
    /// A table that the engine describes and of which nothing else is known.
    pub(super) fn new(name: &str, description: &Value) -> Self {
        Self {
            name: name.to_owned(),
            id: description["TableId"].as_str().unwrap_or_default().to_owned(),
            indexed: has_indexes(description),
            was_on_demand: description["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST",
            changes: 0,
            pending: Vec::new(),
            fields: Map::new(),
            index_fields: BTreeMap::new(),
            last: None,
            backups_at: 0,
            recovery: None,
            tags: None,
            policy: None,
            insights: BTreeMap::new(),
            kinesis: BTreeMap::new(),
            history: History::default(),
        }
    }

    /// Forgets changes that have ended. Returns whether the table itself is gone by now.
    pub(super) fn settle(&mut self, now: Millis) -> bool {
        let gone = self.pending.iter().any(|p| p.kind == Kind::Deleting && p.until <= now);
        self.pending.retain(|pending| now < pending.until);
        gone
    }

    /// Moves every moment so that what is left of a span, and what has passed of it, takes `ratio`
    /// times as long as it would have.
    pub(super) fn rescale(&mut self, now: Millis, ratio: f64) {
        let moved = |at: &mut Millis| moved(at, now, ratio);
        let history = &mut self.history;
        let changes = [&mut history.encryption, &mut history.class, &mut history.decreases];
        changes.into_iter().chain(history.index_decreases.values_mut()).flatten().for_each(moved);
        let last =
            [&mut history.time_to_live, &mut history.deletion_protection, &mut history.policy];
        last.into_iter().flatten().for_each(moved);
        self.pending.iter_mut().flat_map(|p| [&mut p.table_until, &mut p.until]).for_each(moved);
        let switches = self.insights.values_mut().chain(self.kinesis.values_mut());
        switches.map(|switch| &mut switch.until).for_each(moved);
        if let Some(tags) = &mut self.tags {
            [&mut tags.visible_at, &mut tags.locked_until].into_iter().for_each(moved);
        }
        if let Some(policy) = &mut self.policy {
            [&mut policy.visible_at, &mut policy.locked_until].into_iter().for_each(moved);
        }
        moved(&mut self.backups_at);
    }

    /// The change of this kind that is under way.
    pub(super) fn under_way(&self, kind: Kind) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.kind == kind)
    }

    /// The change of an index that is under way.
    pub(super) fn index_change(&self, index: &str) -> Option<&Pending> {
        self.pending.iter().find(|pending| pending.index.as_deref() == Some(index))
    }

    /// The status that `DescribeTable` shows.
    pub(super) fn status(&self, now: Millis) -> &'static str {
        if self.under_way(Kind::Creating).is_some() {
            "CREATING"
        } else if self.under_way(Kind::Deleting).is_some() {
            "DELETING"
        } else if self.pending.iter().any(|pending| now < pending.table_until) {
            "UPDATING"
        } else {
            "ACTIVE"
        }
    }
}

/// Moves a moment so that the span between it and `now` takes `ratio` times as long.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "moments are far below 2^52 ms, and spans saturate"
)]
pub(super) fn moved(at: &mut Millis, now: Millis, ratio: f64) {
    let span = (at.abs_diff(now) as f64 * ratio) as Millis;
    *at = if *at < now { now.saturating_sub(span) } else { now.saturating_add(span) };
}
