//! Programs that osem runs: each in a process group of its own, its output kept, its end complete.
//!
//! No process of a group outlives the step that it was started for: the group is asked to end, given
//! [`GRACE`], and killed. What left its group cannot be ended so; on Linux it becomes a child of osem
//! ([`adopt`]), is found and named. This module knows nothing of steps, runs and tables.

mod adopted;
mod capture;
mod end;
mod group;
mod launch;
mod left_over;
mod log;
mod mask;
mod orphans;
mod process;
mod program;
mod tail;
mod terminal;

use std::time::Duration;

pub use adopted::adopt;
pub use capture::Capture;
pub use end::{End, Ended, Until};
pub use group::{Groups, Signal};
pub use launch::{Child, Launch};
pub use left_over::LeftOver;
pub use log::Log;
pub use mask::Mask;
pub use orphans::{Orphan, end_orphan};
pub use process::start_ticks;
pub use program::{MissingProgram, find_program};
pub use terminal::{interrupt_self, is_in_foreground};

/// How long a group that was asked to end may take before it is killed.
pub const GRACE: Duration = Duration::from_secs(10);
