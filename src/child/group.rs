//! Process groups and the signals that they are sent.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;
use rustix::process::{self, Pid, WaitId, WaitIdOptions, WaitOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::state::{Scratch, private_file};

use super::left_over::note;
use super::process::start_ticks;
use super::terminal::{self, Lent};

/// A signal that ends programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The terminal is gone.
    Hangup,
    /// Ctrl-C.
    Interrupt,
    /// Please end.
    Terminate,
    /// Ends at once.
    Kill,
}

/// A process group, by the id of the process that it was made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group(Pid);

impl Signal {
    /// The number of [`Signal::Interrupt`].
    pub const INTERRUPT: i32 = process::Signal::INT.as_raw();
}

impl Group {
    /// The group of a process that leads one.
    pub(super) fn of(leader: u32) -> Option<Self> {
        i32::try_from(leader).ok().and_then(Pid::from_raw).map(Self)
    }

    /// Sends a signal to all its processes. One that is stopped is continued, so that it gets it.
    pub(super) fn signal(self, signal: Signal) {
        let raw = match signal {
            Signal::Hangup => process::Signal::HUP,
            Signal::Interrupt => process::Signal::INT,
            Signal::Terminate => process::Signal::TERM,
            Signal::Kill => process::Signal::KILL,
        };
        // A group that is gone needs no signal.
        let _ = process::kill_process_group(self.0, raw);
        self.resume();
    }

    /// Resolves when its leader was stopped because it, or something in the group, asks the terminal.
    pub(super) async fn wants_terminal(self) {
        let asks = [process::Signal::TTIN, process::Signal::TTOU].map(process::Signal::as_raw);
        self.stopped(|by| asks.contains(&by)).await;
    }

    /// Continues it whenever its leader was stopped, with the terminal that was lent to it. Never
    /// resolves.
    pub(super) async fn is_kept_going(self) {
        loop {
            self.stopped(|_| true).await;
            terminal::lend_again(self.0);
            self.resume();
        }
    }

    /// Resolves when its leader is stopped by such a signal.
    async fn stopped(self, by: impl Fn(i32) -> bool) {
        let Ok(mut changes) = signal(SignalKind::child()) else {
            return std::future::pending().await;
        };
        let look = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        loop {
            let state = process::waitid(WaitId::Pid(self.0), look).ok().flatten();
            if state.and_then(|state| state.stopping_signal()).is_some_and(&by) {
                return;
            }
            changes.recv().await;
        }
    }

    fn resume(self) {
        // A group that is gone goes on no further.
        let _ = process::kill_process_group(self.0, process::Signal::CONT);
    }

    /// Whether it has a process, its leader aside, who was waited for.
    pub(super) fn is_alive(self) -> bool {
        // Those that osem adopted and that ended are in the way until somebody asks for them.
        while let Ok(Some(_)) = process::waitpgid(self.0, WaitOptions::NOHANG) {}
        !matches!(process::test_kill_process_group(self.0), Err(Errno::SRCH))
    }
}

/// The groups of this process's children that were not seen to end.
#[derive(Debug, Clone, Default)]
pub struct Groups(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    living: BTreeSet<u32>,
    /// Processes that left their group and were told of.
    told: BTreeSet<u32>,
    /// Where they are noted.
    scratch: Scratch,
    /// The leader of the group that has the terminal.
    lent: Option<(u32, Lent)>,
}

impl Known {
    /// A group is gone, and has the terminal no longer. False when that was known.
    fn forget(&mut self, leader: u32) -> bool {
        self.lent.take_if(|(to, _)| *to == leader);
        self.living.remove(&leader)
    }
}

impl Groups {
    /// Kills all of them.
    pub fn kill(&self) {
        for group in self.living().iter().filter_map(|leader| Group::of(*leader)) {
            group.signal(Signal::Kill);
        }
        self.known().lent = None;
    }

    /// Gives the terminal to a group, until that is gone.
    ///
    /// # Errors
    /// As [`Lent::to`].
    pub(super) fn lend(&self, group: Group) -> io::Result<()> {
        let lent = Lent::to(group.0)?;
        // What asked for the terminal before it had it was stopped.
        group.resume();
        self.known().lent = Some((group.0.as_raw_nonzero().get().unsigned_abs(), lent));
        Ok(())
    }

    /// Keeps what must not outlive this process in another place from now on.
    pub fn keep_in(&self, scratch: Scratch) {
        self.known().scratch = scratch;
    }

    /// The folder for what must not outlive this process; they are noted there.
    #[must_use]
    pub fn scratch(&self) -> Scratch {
        self.known().scratch.clone()
    }

    /// The leaders of all of them.
    pub(super) fn living(&self) -> BTreeSet<u32> {
        self.known().living.clone()
    }

    /// Whether a process was not told of before.
    pub(super) fn is_news(&self, pid: u32) -> bool {
        self.known().told.insert(pid)
    }

    /// Adds a group, until what this gives is dropped: then it is killed.
    pub(super) fn enter(&self, leader: u32) -> Membership {
        self.known().living.insert(leader);
        Membership { groups: self.clone(), leader, note: self.noted(leader) }
    }

    /// Notes a group for whoever comes after this process was killed, where that can be done.
    fn noted(&self, leader: u32) -> Option<PathBuf> {
        let name = note(leader, start_ticks(leader)?);
        let path = self.scratch().folder().ok()?.join(name);
        private_file().write(true).create(true).truncate(true).open(&path).ok()?;
        Some(path)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A group that is known to be alive.
#[derive(Debug)]
pub(super) struct Membership {
    groups: Groups,
    leader: u32,
    /// The file that tells of it.
    note: Option<PathBuf>,
}

impl Membership {
    pub(super) const fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The group was seen to be gone.
    pub(super) fn is_over(&self) {
        self.groups.known().forget(self.leader);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        // Whether it ended or is killed below: nobody else has to end it.
        if let Some(note) = &self.note {
            let _ = fs::remove_file(note);
        }
        // Still there only when nobody waited for its end: a panic, or a run that is given up.
        if self.groups.known().forget(self.leader)
            && let Some(group) = Group::of(self.leader)
        {
            group.signal(Signal::Kill);
        }
    }
}
