//! Variables of the files: where their values come from, and what is kept of them.

mod outputs;
mod plugin_secrets;
mod resume;
mod secrets;
mod values;

use crate::harness::Project;

/// One table in the emulator, these declarations and tasks.
fn project(rest: &str) -> Project {
    Project::emulated("vars", rest)
}
