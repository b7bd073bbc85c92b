//! Programs of a run that was killed, and that live on.

use tokio::time::Instant;

use super::group::{Group, Signal};
use super::{GRACE, process};

/// A program that a run started and was not seen to end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphan {
    /// The id of its process, and of its group.
    pub pid: u32,
    /// When it started, in clock ticks since the machine did.
    pub start_ticks: u64,
    /// The variable, and its value, that it and all that it started were given.
    pub mark: (String, String),
}

impl Orphan {
    /// Whether it, or something in its group, still lives. A process that got its id later is told
    /// apart by its start, one that got the id of its group by what it was given.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let members = process::members(self.pid);
        if members.contains(&self.pid) {
            return process::start_ticks(self.pid) == Some(self.start_ticks);
        }
        let (name, value) = &self.mark;
        members.iter().any(|pid| process::variable(*pid, name).as_ref() == Some(value))
    }
}

/// Ends an orphan and all that is in its group: asks it to, and kills it when it does not.
pub async fn end_orphan(orphan: &Orphan) {
    let Some(group) = Group::of(orphan.pid) else { return };
    let killed_at = Instant::now() + GRACE;
    group.signal(Signal::Terminate);
    // What the kernel itself holds does not end even then.
    while orphan.is_alive() && Instant::now() < killed_at + GRACE {
        tokio::time::sleep(super::end::POLL).await;
        if Instant::now() >= killed_at {
            group.signal(Signal::Kill);
        }
    }
}
