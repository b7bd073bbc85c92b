//! The record of a run: its name and its events.
//!
//! Everything that reports show is in [`RunEvent`]s; nothing else leaves a run. Events are plain
//! data without references into the plan, so that they can be written down and read again.

mod event;
mod run_id;

pub use event::{Record, RunEvent, RunHeader, SkipReason, StepHeader, StepResult, StepStatus};
pub use run_id::RunId;
