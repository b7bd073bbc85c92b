//! The record of a run: its name, its events, the file they are kept in, and the lock.
//!
//! Everything that reports show is in [`RunEvent`]s; nothing else leaves a run. Events are plain
//! data without references into the plan, so that they can be written down and read again.
//!
//! Below the state directory stand `runs/<run-id>/events.ndjson`, the [`Journal`] of a run that may
//! write, and `runs/<environment>.lock`, its [`RunLock`]. Runs that only read leave nothing. A
//! journal is only ever appended to, by the process whose run it is; [`read()`] reads it back, and
//! [`History`] knows all of them.

mod chain;
mod children;
#[cfg(feature = "crash-hooks")]
mod crash;
mod definition;
mod durations;
mod event;
mod file;
mod glance;
mod header;
mod history;
mod lock;
mod outline;
mod read;
mod result;
mod run_id;
mod state_dir;
mod undone;
mod writer;

pub use chain::{Chain, StepRecord, StepState};
pub use children::{LivingChild, living_children};
pub use definition::{definition_hash, definition_with, fingerprint};
pub use durations::{Durations, Setting, StepTook};
pub use event::{FORMAT, Record, RunEvent};
pub use file::Journal;
pub use header::{EndpointKind, OutstandingStep, Pinned, RunHeader, StepHeader};
pub use history::{Found, History, PastRun};
pub use lock::{LockHolder, RunLock};
pub use outline::{Outline, Outlines};
pub use read::{ReadError, Reading, read};
pub use result::{SkipReason, StepResult, StepStatus};
pub use run_id::RunId;
pub use state_dir::StateDir;
pub use undone::{UndoOutcome, UndoResult};
