//! Ending a run early.

use std::fmt;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

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
}

impl CancelReason {
    /// The exit code: 128 and the number of the signal, or 124 as of `timeout`.
    #[must_use]
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Timeout => 124,
            Self::Hangup => 128 + 1,
            Self::Terminate => 128 + 15,
            Self::Interrupt => 128 + 2,
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
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Timeout => "timeout",
            Self::Hangup => "SIGHUP",
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
        })
    }
}

/// Asks a run to end, and tells those who wait.
#[derive(Debug, Clone)]
pub struct CancelToken(watch::Sender<Option<CancelReason>>);

impl Default for CancelToken {
    fn default() -> Self {
        Self(watch::Sender::new(None))
    }
}

impl CancelToken {
    /// Asks the run to end.
    pub fn cancel(&self, reason: CancelReason) {
        self.0.send_if_modified(|current| {
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
        *self.0.borrow()
    }

    /// Resolves when the run is to end.
    pub async fn cancelled(&self) -> CancelReason {
        self.cancelled_for(|_| true).await
    }

    /// Resolves when the run is to end for such a reason.
    pub async fn cancelled_for(&self, is: impl Fn(CancelReason) -> bool) -> CancelReason {
        let mut receiver = self.0.subscribe();
        loop {
            let seen = *receiver.borrow_and_update();
            match seen {
                Some(reason) if is(reason) => return reason,
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
