//! What osem does, seen from outside: the real binary, in a folder and an environment of its own.
//!
//! `cargo test` needs nothing but Rust. The modules [`servers`] and [`credentials`] also run
//! against servers that others wrote; `.ci/servers` starts them and says by variables where they
//! are. Without its variable a test says `skipped` and passes. [`simulator`] meets the emulator's own
//! realistic control plane.

#![expect(clippy::unwrap_used, reason = "a test may end at the first surprise")]

mod backups;
mod bad_input;
mod both_sides;
mod cancel;
mod children;
mod commands;
#[cfg(feature = "crash-hooks")]
mod crashes;
mod credentials;
mod doctor;
mod flow;
mod harness;
mod import;
mod interactive;
mod journal;
mod plan_formats;
mod plugins;
mod policy;
mod put_items;
mod resume;
mod rollback;
mod servers;
mod settings;
mod simulator;
mod variables;
