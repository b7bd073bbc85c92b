//! Ending a run early.

use std::fmt;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::child::Signal;
use crate::model::exit_code::{SIGNAL, TIMED_OUT};
use crate::step::StopSignal;

/// Why a run ends early; a later reason replaces only a lesser one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CancelReason {
    /// Its time was over.
    Timeout,
    /// The terminal was closed.
    Hangup,
    /// The process was asked to end.
    Terminate,
    /// Ctrl-C.
    Interrupt,
    /// Another signal after the first: what runs is given up, and nothing follows.
    SecondSignal {
        /// The exit code that it leads to.
        code: u8,
    },
}

impl CancelReason {
    /// The exit code: 128 and the number of the signal, or 124 as of `timeout`.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Timeout => TIMED_OUT,
            Self::Hangup => SIGNAL + 1,
            Self::Terminate => SIGNAL + 15,
            Self::Interrupt => SIGNAL + 2,
            Self::SecondSignal { code } => code,
        }
    }

    /// Whether what the run did is still undone, where the files say so: a service that ends a
    /// process gives it less time than a table takes.
    #[must_use]
    pub const fn lets_undo(self) -> bool {
        matches!(self, Self::Interrupt)
    }

    /// Whether somebody asked for it, so that asking again means more.
    #[must_use]
    pub const fn is_signal(self) -> bool {
        !matches!(self, Self::Timeout)
    }

    /// Whether somebody asked for it again: then nothing is waited for, and neither `finally` nor a
    /// rollback follows.
    #[must_use]
    pub const fn is_second_signal(self) -> bool {
        matches!(self, Self::SecondSignal { .. })
    }
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timeout",
            Self::Hangup => "SIGHUP",
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::SecondSignal { .. } => "a second signal",
        })
    }
}

/// Asks a run to end, and tells those who wait.
#[derive(Debug, Clone)]
pub struct CancelToken {
    reason: watch::Sender<Option<CancelReason>>,
    heeds: Heeds,
}

/// Which reasons count.
#[derive(Debug, Clone, Copy)]
enum Heeds {
    /// All of them.
    All,
    /// Those that leave no time for undoing.
    NoTimeToUndo,
    /// A second signal.
    SecondSignal,
}

impl Default for CancelToken {
    fn default() -> Self {
        Self { reason: watch::Sender::new(None), heeds: Heeds::All }
    }
}

impl CancelToken {
    /// Asks the run to end.
    pub fn cancel(&self, reason: CancelReason) {
        self.reason.send_if_modified(|current| {
            let higher = *current < Some(reason);
            if higher {
                *current = Some(reason);
            }
            higher
        });
    }

    /// Why the run is to end, if it is.
    #[must_use]
    pub fn reason(&self) -> Option<CancelReason> {
        self.heard(*self.reason.borrow())
    }

    /// The same, for what is to be done although the run is to end: `finally`. Only a second signal
    /// ends that.
    #[must_use]
    pub fn stubborn(&self) -> Self {
        Self { heeds: Heeds::SecondSignal, ..self.clone() }
    }

    /// The same, for a rollback: it goes on after what [lets undo](CancelReason::lets_undo).
    #[must_use]
    pub fn of_rollback(&self) -> Self {
        Self { heeds: Heeds::NoTimeToUndo, ..self.clone() }
    }

    /// Whether nothing is waited for any more.
    #[must_use]
    pub fn is_hurried(&self) -> bool {
        self.reason().is_some_and(CancelReason::is_second_signal)
    }

    fn heard(&self, reason: Option<CancelReason>) -> Option<CancelReason> {
        reason.filter(|reason| match self.heeds {
            Heeds::All => true,
            Heeds::NoTimeToUndo => !reason.lets_undo(),
            Heeds::SecondSignal => reason.is_second_signal(),
        })
    }

    /// Resolves when the run is to end.
    pub async fn cancelled(&self) -> CancelReason {
        let mut receiver = self.reason.subscribe();
        loop {
            let seen = *receiver.borrow_and_update();
            match self.heard(seen) {
                Some(reason) => return reason,
                // This token keeps the sending half, so the channel cannot close meanwhile.
                _ => drop(receiver.changed().await),
            }
        }
    }
}

impl StopSignal for CancelToken {
    fn stopped(&self) -> BoxFuture<'_, ()> {
        self.cancelled().map(drop).boxed()
    }

    fn signal(&self) -> Signal {
        match self.reason() {
            Some(CancelReason::Interrupt) => Signal::Interrupt,
            Some(CancelReason::Hangup) => Signal::Hangup,
            Some(CancelReason::Timeout | CancelReason::Terminate) | None => Signal::Terminate,
            Some(CancelReason::SecondSignal { .. }) => Signal::Kill,
        }
    }

    fn hurried(&self) -> BoxFuture<'_, ()> {
        let token = self.stubborn();
        let cancelled = async move {
            token.cancelled().await;
        };
        cancelled.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lesser_reason_does_not_replace_a_greater_one() {
        let token = CancelToken::default();
        token.cancel(CancelReason::Interrupt);
        token.cancel(CancelReason::Hangup);
        assert_eq!(token.reason(), Some(CancelReason::Interrupt));
        assert_eq!(token.reason().map(CancelReason::exit_code), Some(130));
    }

    #[tokio::test]
    async fn what_is_done_although_the_run_is_to_end_is_ended_by_a_second_signal_alone() {
        let token = CancelToken::default();
        let stubborn = token.stubborn();
        token.cancel(CancelReason::Interrupt);
        assert_eq!((stubborn.reason(), token.is_hurried()), (None, false));
        assert!(token.hurried().now_or_never().is_none());
        token.cancel(CancelReason::SecondSignal { code: 143 });
        assert_eq!(stubborn.cancelled().await.exit_code(), 143);
        assert!(token.is_hurried() && stubborn.is_hurried());
        token.hurried().await;
        token.cancel(CancelReason::Interrupt);
        assert_eq!(token.reason().map(CancelReason::exit_code), Some(143));
    }

    #[tokio::test]
    async fn a_rollback_goes_on_after_ctrl_c_and_ends_for_whatever_leaves_it_no_time() {
        let token = CancelToken::default();
        let undoing = token.of_rollback();
        token.cancel(CancelReason::Timeout);
        assert_eq!(undoing.reason(), Some(CancelReason::Timeout));
        let token = CancelToken::default();
        let undoing = token.of_rollback();
        token.cancel(CancelReason::Interrupt);
        assert!(undoing.cancelled().now_or_never().is_none());
        token.cancel(CancelReason::SecondSignal { code: 130 });
        assert!(undoing.cancelled().await.is_second_signal() && undoing.is_hurried());
    }

    #[test]
    fn every_signal_is_more_than_a_timeout() {
        let token = CancelToken::default();
        token.cancel(CancelReason::Timeout);
        assert_eq!(token.reason().map(CancelReason::exit_code), Some(124));
        token.cancel(CancelReason::Hangup);
        token.cancel(CancelReason::Timeout);
        assert_eq!(token.reason(), Some(CancelReason::Hangup));
    }
}
