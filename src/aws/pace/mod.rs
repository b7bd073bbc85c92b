//! Pacing: all steps of a run together stay under the service's limits on its control plane.
//!
//! Calls wait in lanes, first come, first served. Each lane has its own [`Rate`]; mutating calls also
//! wait until few enough table operations are under way ([`Operations`]). A lane only says *when* a
//! call may go and takes in what became of it: a refused call is repeated by whoever made it, and
//! waits for its turn again.
//!
//! DynamoDB itself is paced from the first call on; any other endpoint from its first refusal on, so
//! that an emulator without limits is never slowed down.

mod operations;
mod rate;
mod refusal;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::model::{TableName, TableState};

use self::operations::{Look, Operation, Operations};
use self::rate::{Limits, Rate};
use self::refusal::{Refusal, refusal};
use super::{ServiceError, TableApi};

/// Table operations at once, and of these on tables with secondary indexes: AWS, "Service, account,
/// and table quotas in Amazon DynamoDB". Older accounts have less, which a refusal tells.
const OPERATIONS: (usize, usize) = (500, 250);
/// Who looks at another table holds the whole queue up, so for no longer than this.
const LONGEST_LOOK: Duration = Duration::from_secs(5);

/// Calls that share a limit on their rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// `CreateTable`, `UpdateTable`, `DeleteTable`: the account's unpublished limit.
    Mutations,
    /// `TagResource`, `UntagResource`: five a second (AWS, API reference).
    Tags,
    /// `ListTagsOfResource`: ten a second (AWS, API reference).
    ListTags,
    /// Descriptions that are repeated while waiting: osem's own limit, so that many waiting tables
    /// do not take the account's calls from others.
    Polls,
}

impl Lane {
    const ALL: [Self; 4] = [Self::Mutations, Self::Tags, Self::ListTags, Self::Polls];

    /// The lane of a mutating call; `None` where the service has no limit on its rate.
    #[must_use]
    pub fn of(call: &str) -> Option<Self> {
        match call {
            "CreateTable" | "UpdateTable" | "DeleteTable" => Some(Self::Mutations),
            "TagResource" | "UntagResource" => Some(Self::Tags),
            _ => None,
        }
    }

    fn limits(self) -> Limits {
        let fixed = |burst, per_second| Limits { burst, start: per_second, most: per_second };
        match self {
            Self::Mutations => Limits { burst: 5.0, start: 10.0, most: 100.0 },
            Self::Tags => fixed(5.0, 5.0),
            Self::ListTags => fixed(10.0, 10.0),
            Self::Polls => fixed(100.0, 50.0),
        }
    }
}

/// A lane's queue and rate.
#[derive(Debug)]
struct Queue {
    /// Held by the first in the queue; it is handed on in the order of arrival.
    head: tokio::sync::Mutex<()>,
    rate: Mutex<Rate>,
}

/// The limits of one account and region, as one run keeps to them.
#[derive(Debug)]
pub(super) struct Pacer {
    started: Instant,
    queues: [Queue; Lane::ALL.len()],
    operations: Mutex<Operations>,
    /// Told when an operation has ended; only the first in the queue of mutations listens.
    room: Notify,
}

impl Pacer {
    /// Paced from the first call on; with `free`, from the first refusal on.
    pub(super) fn new(free: bool) -> Self {
        let queue = |lane: Lane| Queue {
            head: tokio::sync::Mutex::default(),
            rate: Mutex::new(Rate::new(lane.limits(), free)),
        };
        let (all, indexed) = if free { (usize::MAX, usize::MAX) } else { OPERATIONS };
        Self {
            started: Instant::now(),
            queues: Lane::ALL.map(queue),
            operations: Mutex::new(Operations::new(all, indexed)),
            room: Notify::new(),
        }
    }

    /// Takes in a description; `None` when there is no such table.
    pub(super) fn seen(&self, name: &TableName, state: Option<&TableState>) {
        if lock(&self.operations).seen(name, state, self.now()) {
            self.room.notify_one();
        }
    }

    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn queue(&self, lane: Lane) -> &Queue {
        &self.queues[lane as usize]
    }

    /// Waits for the lane's rate; only the first of its queue does.
    async fn rate(&self, lane: Lane) {
        loop {
            let taken = lock(&self.queue(lane).rate).take(self.now());
            let Err(wait) = taken else { return };
            tokio::time::sleep(wait).await;
        }
    }
}

impl TableApi {
    /// Waits until it is the turn of a call.
    pub async fn head(&self, lane: Lane) -> Head<'_> {
        let first = self.pacer.queue(lane).head.lock().await;
        self.pacer.rate(lane).await;
        Head { pacer: &self.pacer, lane, operation: None, _first: first }
    }

    /// Waits until it is the turn of a mutating call on a table, `indexed` when it has secondary
    /// indexes.
    ///
    /// While too many table operations are under way, the first in the queue looks at their tables
    /// itself: nobody else need be watching them.
    pub async fn head_of(
        &self,
        lane: Lane,
        call: &str,
        table: &TableName,
        indexed: bool,
    ) -> Head<'_> {
        let Some(operation) = Operation::new(call, table, indexed) else {
            return self.head(lane).await;
        };
        let first = self.pacer.queue(lane).head.lock().await;
        self.room(&operation).await;
        self.pacer.rate(lane).await;
        Head { pacer: &self.pacer, lane, operation: Some(operation), _first: first }
    }

    async fn room(&self, operation: &Operation) {
        let pacer = &self.pacer;
        loop {
            let look = lock(&pacer.operations).room(operation, pacer.now());
            let Err(Look { table, after }) = look else { return };
            if !after.is_zero() {
                let _ = tokio::time::timeout(after, pacer.room.notified()).await;
                continue;
            }
            drop(self.head(Lane::Polls).await);
            let described = tokio::time::timeout(LONGEST_LOOK, self.describe(&table)).await;
            if !matches!(described, Ok(Ok(_))) {
                lock(&pacer.operations).unseen(&table, pacer.now());
            }
        }
    }

    /// What a call that has waited for long waits for.
    #[must_use]
    pub fn waits_for(&self, lane: Lane) -> &'static str {
        match lane {
            Lane::Mutations if lock(&self.pacer.operations).is_full() => {
                "waits for its turn: the account's limit on table operations at once"
            }
            Lane::Mutations => "waits for its turn: the account's rate of control-plane calls",
            Lane::Tags | Lane::ListTags => "waits for its turn: the service's rate of tag calls",
            Lane::Polls => "waits for its turn: many tables are being waited for",
        }
    }
}

/// The first in a queue, whose turn it is. Until it takes it nobody else has one.
#[derive(Debug)]
#[must_use]
pub struct Head<'a> {
    pacer: &'a Arc<Pacer>,
    lane: Lane,
    operation: Option<Operation>,
    _first: tokio::sync::MutexGuard<'a, ()>,
}

impl Head<'_> {
    /// Takes the turn.
    pub fn granted(self) -> Turn {
        let (pacer, lane, operation) = (Arc::clone(self.pacer), self.lane, self.operation);
        if let Some(operation) = &operation {
            // Only the first in the queue gets here, so the room is still there.
            lock(&pacer.operations).begin(operation.clone(), pacer.now());
        }
        Turn { sent: pacer.now(), pacer, lane, operation }
    }
}

/// Leave to make one call, now. What became of the call is to be said; of a call whose answer nobody
/// waits for any more nothing is known, so its table counts until it is seen.
#[derive(Debug)]
#[must_use]
pub struct Turn {
    pacer: Arc<Pacer>,
    lane: Lane,
    sent: Duration,
    operation: Option<Operation>,
}

impl Turn {
    /// The call goes now: later than its turn came, where something was looked at in between.
    pub fn used(&mut self) {
        self.sent = self.pacer.now();
        if let Some(operation) = &self.operation {
            lock(&self.pacer.operations).begin(operation.clone(), self.sent);
        }
    }

    /// The call is not made after all: its turn is the next one's.
    pub fn given_back(self) {
        lock(&self.pacer.queue(self.lane).rate).given_back(self.sent, self.pacer.now());
        if let Some(operation) = &self.operation {
            lock(&self.pacer.operations).not_begun(operation.name());
            self.pacer.room.notify_one();
        }
    }

    /// Takes in the answer to the call.
    pub fn answered<T>(self, answer: &Result<T, ServiceError>) {
        let now = self.pacer.now();
        let table = self.operation.as_ref().map(Operation::name);
        let Err(error) = answer else {
            lock(&self.pacer.queue(self.lane).rate).accepted(now);
            return;
        };
        let mut operations = lock(&self.pacer.operations);
        let slower = match (refusal(error), table) {
            (Some(Refusal::Operations { indexed }), Some(table)) => {
                operations.refused(table, indexed);
                // Others have all the operations that the account may have: only time helps.
                operations.is_empty()
            }
            (Some(Refusal::Rate), Some(table)) => {
                operations.not_begun(table);
                true
            }
            (Some(_), None) => true,
            (None, Some(table)) if !error.may_have_applied() => {
                operations.not_begun(table);
                false
            }
            (None, _) => false,
        };
        if slower {
            lock(&self.pacer.queue(self.lane).rate).refused(self.sent, now);
        }
    }
}

/// The book is right after every line that changes it, so a panic elsewhere leaves it right.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
