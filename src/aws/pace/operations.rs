//! The table operations that this run has under way.
//!
//! The service takes a limited number of them at once, fewer on tables with secondary indexes. An
//! operation counts from before its call is sent until a description shows that it has ended. Where
//! nobody looks at a table, whoever waits for room has to: [`Operations::room`] names the table to
//! look at, and when: first at about the time that such operations were seen to take, then at ever
//! longer intervals. Plain bookkeeping: times are handed in, counted from any one moment.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use crate::model::{TableName, TableState};

/// Descriptions are eventually consistent: for so long, one that does not fit the operation may be
/// of the time before it.
const MAY_LAG: Duration = Duration::from_secs(10);
/// After so long an operation is given up as lost: the service itself still refuses what is too much.
const FORGOTTEN: Duration = Duration::from_hours(1);
const SHORTEST_LOOK: Duration = Duration::from_millis(50);
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// What is done to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Create,
    Update,
    Delete,
}

/// A table operation that is to be started.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    name: TableName,
    indexed: bool,
    kind: Kind,
}

impl Operation {
    /// What a call does to a table; `None` for calls that start no table operation.
    pub(super) fn new(call: &str, name: &TableName, indexed: bool) -> Option<Self> {
        let kind = match call {
            "CreateTable" => Kind::Create,
            "UpdateTable" => Kind::Update,
            "DeleteTable" => Kind::Delete,
            _ => return None,
        };
        Some(Self { name: name.clone(), indexed, kind })
    }

    /// The table.
    pub(super) const fn name(&self) -> &TableName {
        &self.name
    }
}

/// A table to look at, in the hope that the operation on it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) table: TableName,
    /// The pause before it.
    pub(super) after: Duration,
}

/// A number of operations at once that is kept to. It falls when the service refuses one, and
/// grows by one for each time that so many have ended well.
#[derive(Debug)]
struct Bound {
    most: usize,
    ceiling: usize,
    under_way: usize,
    ended: usize,
    /// How long they take, as far as that was seen.
    usual: Duration,
}

impl Bound {
    const fn new(ceiling: usize) -> Self {
        Self { most: ceiling, ceiling, under_way: 0, ended: 0, usual: Duration::ZERO }
    }

    const fn has_room(&self) -> bool {
        self.under_way < self.most
    }

    fn refused(&mut self) {
        self.most = self.most.min(self.under_way.saturating_sub(1)).max(1);
        self.ended = 0;
    }

    fn ended(&mut self, took: Duration) {
        self.usual = if self.usual.is_zero() { took } else { (self.usual * 3 + took) / 4 };
        self.ended += 1;
        if self.most < self.ceiling && self.ended >= self.most {
            self.most += 1;
            self.ended = 0;
        }
    }
}

#[derive(Debug)]
struct UnderWay {
    operation: Operation,
    since: Duration,
}

/// When a table is to be looked at; the number tells those of one moment apart.
type Place = (Duration, u64);

/// The book.
#[derive(Debug)]
pub(super) struct Operations {
    under_way: BTreeMap<Place, UnderWay>,
    places: HashMap<TableName, Place>,
    next: u64,
    all: Bound,
    indexed: Bound,
}

impl Operations {
    /// At most `all` at once, of these `indexed` on tables with secondary indexes.
    pub(super) fn new(all: usize, indexed: usize) -> Self {
        Self {
            under_way: BTreeMap::new(),
            places: HashMap::new(),
            next: 0,
            all: Bound::new(all),
            indexed: Bound::new(indexed),
        }
    }

    /// Whether an operation may start; if not, what may make room for it.
    pub(super) fn room(&self, wanted: &Operation, now: Duration) -> Result<(), Look> {
        let free = self.all.has_room() && (!wanted.indexed || self.indexed.has_room());
        if free || self.places.contains_key(wanted.name()) {
            return Ok(());
        }
        let only_indexed = self.all.has_room();
        let next = self.under_way.iter().find(|(_, at)| at.operation.indexed || !only_indexed);
        let Some(((due, _), at)) = next else { return Ok(()) };
        Err(Look { table: at.operation.name.clone(), after: due.saturating_sub(now) })
    }

    /// Whether this run has none under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Whether some operations have to wait for others to end.
    pub(super) const fn is_full(&self) -> bool {
        !self.all.has_room() || !self.indexed.has_room()
    }

    /// Counts an operation, right before its call is sent.
    pub(super) fn begin(&mut self, operation: Operation, now: Duration) {
        self.remove(operation.name());
        for bound in self.bounds_of(operation.indexed) {
            bound.under_way += 1;
        }
        let usual = if operation.indexed { self.indexed.usual } else { self.all.usual };
        let due = now + (usual / 4 * 3).max(SHORTEST_LOOK);
        self.put(UnderWay { operation, since: now }, due);
    }

    /// The service refused the call for some other reason than the number of operations.
    pub(super) fn not_begun(&mut self, name: &TableName) {
        self.remove(name);
    }

    /// The service refused the call because too many operations, or too many of them on tables with
    /// indexes, were under way.
    pub(super) fn refused(&mut self, name: &TableName, indexed: bool) {
        if indexed { &mut self.indexed } else { &mut self.all }.refused();
        self.remove(name);
    }

    /// Takes in a description, `None` when there is no such table; says whether it made room.
    pub(super) fn seen(
        &mut self,
        name: &TableName,
        state: Option<&TableState>,
        now: Duration,
    ) -> bool {
        self.looked_at(name, now, |kind, old| match (kind, state) {
            (Kind::Create | Kind::Update, Some(state)) => !is_under_way(state),
            (Kind::Delete, None) => true,
            (Kind::Create | Kind::Update, None) => old,
            (Kind::Delete, Some(state)) => old && state.status != "DELETING",
        })
    }

    /// A table could not be described: what cannot be seen is not counted for long. Says whether
    /// that made room.
    pub(super) fn unseen(&mut self, name: &TableName, now: Duration) -> bool {
        self.looked_at(name, now, |_, old| old)
    }

    fn looked_at(
        &mut self,
        name: &TableName,
        now: Duration,
        ended: impl Fn(Kind, bool) -> bool,
    ) -> bool {
        let Some(at) = self.places.get(name).and_then(|place| self.under_way.get(place)) else {
            return false;
        };
        let age = now.saturating_sub(at.since);
        let ended = ended(at.operation.kind, age >= MAY_LAG) || age >= FORGOTTEN;
        let Some(at) = self.remove(name) else { return false };
        for bound in self.bounds_of(at.operation.indexed) {
            if ended {
                bound.ended(age);
            } else {
                bound.under_way += 1;
            }
        }
        if !ended {
            self.put(at, now + (age / 8).clamp(SHORTEST_LOOK, LONGEST_LOOK));
        }
        ended
    }

    fn put(&mut self, at: UnderWay, due: Duration) {
        self.places.insert(at.operation.name.clone(), (due, self.next));
        self.under_way.insert((due, self.next), at);
        self.next += 1;
    }

    fn remove(&mut self, name: &TableName) -> Option<UnderWay> {
        let removed = self.under_way.remove(&self.places.remove(name)?)?;
        for bound in self.bounds_of(removed.operation.indexed) {
            bound.under_way -= 1;
        }
        Some(removed)
    }

    fn bounds_of(&mut self, indexed: bool) -> impl Iterator<Item = &mut Bound> {
        std::iter::once(&mut self.all).chain(indexed.then_some(&mut self.indexed))
    }
}

/// Whether the service is still at work on the table itself or on one of its indexes.
fn is_under_way(state: &TableState) -> bool {
    let changing = |status: &str| matches!(status, "CREATING" | "UPDATING" | "DELETING");
    let indexes = state.indexes.iter().filter_map(|index| index.status.as_deref());
    let vectors = state.vector_indexes.iter().filter_map(|index| index.status.as_deref());
    changing(&state.status) || indexes.chain(vectors).any(changing)
}

#[cfg(test)]
#[path = "operations_tests.rs"]
mod tests;
