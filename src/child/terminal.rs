//! The terminal of this process, and lending it to a program.
//!
//! A terminal has one process group in its foreground: the one that may read, and that Ctrl-C goes to.
//! While a program has it, osem is in the background, where the system would stop it for taking the
//! terminal back (SIGTTOU), so that signal is blocked meanwhile. The modes that the terminal had (echo,
//! whole lines) are restored, because a program that is killed restores none.

use std::io;

use nix::sys::signal::{SigSet, SigmaskHow, Signal as Blocked};
use rustix::process::{self, Pid, Signal};
use rustix::termios::{self, OptionalActions, Termios};

/// Whether this process may read from its input as a terminal: it is one, and in its foreground is the
/// group of this process.
#[must_use]
pub fn is_in_foreground() -> bool {
    termios::tcgetpgrp(io::stdin()).is_ok_and(|group| group == process::getpgrp())
}

/// What Ctrl-C does to a process that has the terminal, done to this one.
pub fn interrupt_self() {
    // Nothing forbids a process to send itself a signal.
    let _ = process::kill_process(process::getpid(), Signal::INT);
}

/// The terminal while a program has it; it is taken back when this is dropped.
#[derive(Debug)]
pub(super) struct Lent {
    own: Pid,
    modes: Termios,
}

impl Lent {
    /// Gives the terminal to a process group.
    ///
    /// # Errors
    /// When stdin is no terminal, when this process does not have it, or when the group is gone.
    pub(super) fn to(group: Pid) -> io::Result<Self> {
        let own = process::getpgrp();
        let modes = termios::tcgetattr(io::stdin())?;
        if termios::tcgetpgrp(io::stdin())? != own {
            return Err(io::Error::other("osem itself is in the background of the terminal"));
        }
        termios::tcsetpgrp(io::stdin(), group)?;
        Ok(Self { own, modes })
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        from_the_background(|| {
            // A terminal that is gone is nobody's.
            let _ = termios::tcsetpgrp(io::stdin(), self.own);
            let _ = termios::tcsetattr(io::stdin(), OptionalActions::Now, &self.modes);
        });
    }
}

/// Puts a group into the foreground again, whoever put another one there.
pub(super) fn lend_again(group: Pid) {
    from_the_background(|| {
        let _ = termios::tcsetpgrp(io::stdin(), group);
    });
}

/// Does something for which a process in the background would be stopped.
fn from_the_background(act: impl FnOnce()) {
    let mut stops = SigSet::empty();
    stops.add(Blocked::SIGTTOU);
    let before = stops.thread_swap_mask(SigmaskHow::SIG_BLOCK);
    act();
    if let Ok(before) = before {
        // It was the mask of this thread a moment ago.
        let _ = before.thread_set_mask();
    }
}
