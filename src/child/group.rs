//! Process groups and the signals that they are sent.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;
use rustix::process::{self, Pid, WaitId, WaitIdOptions, WaitOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::state::{Scratch, private_file};

use super::left_over::note;
use super::process::start_ticks;

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
        let _ = process::kill_process_group(self.0, process::Signal::CONT);
    }

    /// Resolves when its leader was stopped because it, or something in the group, asks the terminal.
    pub(super) async fn wants_terminal(self) {
        let Ok(mut changes) = signal(SignalKind::child()) else {
            return std::future::pending().await;
        };
        let look = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let asks = [process::Signal::TTIN, process::Signal::TTOU].map(process::Signal::as_raw);
        loop {
            let state = process::waitid(WaitId::Pid(self.0), look).ok().flatten();
            let by = state.and_then(|state| state.stopping_signal());
            if by.is_some_and(|by| asks.contains(&by)) {
                return;
            }
            changes.recv().await;
        }
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
}

impl Groups {
    /// Kills all of them.
    pub fn kill(&self) {
        for group in self.living().iter().filter_map(|leader| Group::of(*leader)) {
            group.signal(Signal::Kill);
        }
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
        self.groups.known().living.remove(&self.leader);
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        // Whether it ended or is killed below: nobody else has to end it.
        if let Some(note) = &self.note {
            let _ = fs::remove_file(note);
        }
        // Still there only when nobody waited for its end: a panic, or a run that is given up.
        if self.groups.known().living.remove(&self.leader)
            && let Some(group) = Group::of(self.leader)
        {
            group.signal(Signal::Kill);
        }
    }
}
