//! The commands against the emulator in the binary.

mod delete;
mod documents;
mod environments;
mod faults;
mod first_light;
mod halfway;
mod help;
mod local;
mod narrow;
mod plan;
mod refusals;
mod rehearse;
mod saved_plan;
mod signals;
mod streams;
mod usage;
