//! A step's right to be at work.

use futures::future::BoxFuture;

/// What a waiting step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// A moment: the next look at a table, the next attempt.
    Time,
    /// Its turn to make a call.
    Turn,
}

/// One of the places of a run for steps that are at work. A step gives it back while it only waits,
/// so that another one may be at work meanwhile.
pub trait Slot: Send + Sync {
    /// The step is about to wait. One that has given its slot back already may say what else it waits
    /// for.
    fn give_back(&self, waits_for: WaitsFor);

    /// Resolves when the step has a slot again: at once where it gave none back. Given up, the step
    /// is without one until this is asked for again.
    fn take_back(&self) -> BoxFuture<'_, ()>;
}
