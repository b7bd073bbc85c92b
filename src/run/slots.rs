//! The slots of a run: how many steps are at work.
//!
//! Only the loop gives slots, so that there is one place that decides who is next; steps give theirs
//! back and ask for them again, and the loop hears of it. Of the steps that ask, one whose turn to
//! make a call has come goes first, because others wait behind it; then the one with the longest
//! way still ahead of it, ties in the order in which they asked.
//!
//! With a single slot a step keeps it while it waits: steps then never overlap, and two runs are alike.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use futures::FutureExt;
use futures::future::{BoxFuture, poll_fn};
use tokio::sync::Notify;

use crate::step::{Slot, WaitsFor};

/// The slots, and who has them.
pub(super) struct Slots {
    all: usize,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    book: Mutex<Book>,
    /// Told when a slot was given back or asked for.
    changed: Notify,
}

#[derive(Default)]
struct Book {
    taken: usize,
    /// The steps that were begun and have not ended, by node.
    begun: HashMap<usize, Begun>,
    asking: BTreeSet<Asking>,
    /// How often was asked.
    asked: u64,
    /// How many steps of each kind wait for their turn to make a call.
    in_queues: Vec<usize>,
}

/// The longest way ahead, the order of asking, and the node: the last one is the first to be granted.
type Asking = (u64, Reverse<u64>, usize);

struct Begun {
    kind: usize,
    rank: u64,
    place: Place,
    /// Whether it counts among those of its kind that wait for a turn.
    in_queue: bool,
    waker: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    AtWork,
    Waiting,
    Asking(Asking),
}

impl Slots {
    /// So many slots, for steps of so many kinds.
    pub(super) fn new(all: usize, kinds: usize) -> Self {
        let shared = Shared::default();
        shared.book().in_queues = vec![0; kinds];
        Self { all: all.max(1), shared: Arc::new(shared) }
    }

    /// Whether one is free.
    pub(super) fn has_room(&self) -> bool {
        self.shared.book().taken < self.all
    }

    /// Whether another step of this kind is any use: not while as many as there are slots wait for
    /// their turn to make a call.
    pub(super) fn lets_in(&self, kind: usize) -> bool {
        self.shared.book().in_queues[kind] < self.all
    }

    /// How long the way ahead of the step is that is the first of those that ask.
    pub(super) fn first_asking(&self) -> Option<u64> {
        self.shared.book().asking.last().map(|(rank, ..)| *rank)
    }

    /// Gives a slot to the first of the steps that ask. False when none does.
    pub(super) fn grant(&self) -> bool {
        let mut book = self.shared.book();
        let Some((.., node)) = book.asking.last().copied() else { return false };
        book.put(node, Place::AtWork, false);
        let waker = book.begun.get_mut(&node).and_then(|begun| begun.waker.take());
        drop(book);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Gives a slot to a step that begins; `None` where it keeps it to its end.
    pub(super) fn begin(&self, node: usize, kind: usize, rank: u64) -> Option<Arc<dyn Slot>> {
        let mut book = self.shared.book();
        let begun = Begun { kind, rank, place: Place::AtWork, in_queue: false, waker: None };
        book.begun.insert(node, begun);
        book.taken += 1;
        let shared = Arc::clone(&self.shared);
        (self.all > 1).then(|| Arc::new(OfStep { shared, node }) as Arc<dyn Slot>)
    }

    /// A step ended, whether it has a slot or not.
    pub(super) fn end(&self, node: usize) {
        let mut book = self.shared.book();
        book.put(node, Place::Waiting, false);
        book.begun.remove(&node);
    }

    /// Resolves when a slot was given back or asked for.
    pub(super) async fn changed(&self) {
        self.shared.changed.notified().await;
    }
}

impl Shared {
    /// The book is right after every call that changes it, so a panic elsewhere leaves it right.
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Book {
    fn put(&mut self, node: usize, place: Place, in_queue: bool) {
        let Some(begun) = self.begun.get_mut(&node) else { return };
        match std::mem::replace(&mut begun.place, place) {
            Place::AtWork => self.taken -= 1,
            Place::Waiting => {}
            Place::Asking(asking) => drop(self.asking.remove(&asking)),
        }
        match place {
            Place::AtWork => self.taken += 1,
            Place::Waiting => {}
            Place::Asking(asking) => drop(self.asking.insert(asking)),
        }
        let waiting = &mut self.in_queues[begun.kind];
        *waiting -= usize::from(std::mem::replace(&mut begun.in_queue, in_queue));
        *waiting += usize::from(in_queue);
    }

    /// Notes that a step asks, unless it has a slot or has asked.
    fn ask(&mut self, node: usize) -> bool {
        let Some(begun) = self.begun.get(&node) else { return false };
        if begun.place != Place::Waiting {
            return false;
        }
        self.asked += 1;
        let in_queue = begun.in_queue;
        // Others wait behind it for their turn, whatever lies ahead of them.
        let rank = if in_queue { u64::MAX } else { begun.rank };
        let asking = (rank, Reverse(self.asked), node);
        self.put(node, Place::Asking(asking), in_queue);
        true
    }
}

/// The slot of one step.
struct OfStep {
    shared: Arc<Shared>,
    node: usize,
}

impl Slot for OfStep {
    fn give_back(&self, waits_for: WaitsFor) {
        self.shared.book().put(self.node, Place::Waiting, waits_for == WaitsFor::Turn);
        self.shared.changed.notify_one();
    }

    fn take_back(&self) -> BoxFuture<'_, ()> {
        if self.shared.book().ask(self.node) {
            self.shared.changed.notify_one();
        }
        let granted = poll_fn(|context| {
            let mut book = self.shared.book();
            match book.begun.get_mut(&self.node) {
                Some(begun) if begun.place != Place::AtWork => {
                    begun.waker = Some(context.waker().clone());
                    Poll::Pending
                }
                _ => Poll::Ready(()),
            }
        });
        granted.boxed()
    }
}

#[cfg(test)]
#[path = "slots_tests.rs"]
mod tests;
