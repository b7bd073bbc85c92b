//! osem rolls out DynamoDB tables: one KDL file declares environments, tables and ordered steps;
//! this crate plans them as a DAG and carries them out.
//!
//! # The map
//!
//! A module uses only modules above it in this list; a test holds it to that.
//!
//! | module | room for |
//! |---|---|
//! | [`diagnostic`] | what is wrong with the input, where, and how to fix it |
//! | [`model`] | plain validated data that all layers share |
//! | [`syntax`] | guard, KDL parse, and the one static table of the grammar |
//! | [`config`] | files to a checked [`Config`](config::Config), or all diagnostics at once |
//! | [`state`] | files of the state directory: private ones, and a lock that the kernel frees |
//! | [`child`] | programs in process groups of their own: started, listened to, ended |
//! | [`plugin`] | the protocol of programs that are steps of a kind of their own |
//! | [`emulator`], [`aws`] | the engine inside the binary; the only module that names AWS crates |
//! | [`table`] | desired against live: differences, readiness, calls; pure |
//! | [`step`] | what a step is, and the kinds that are built in |
//! | [`plan`] | configuration + task + environment to a DAG; pure |
//! | [`journal`] | the record of a run: its name, its events, their file, the lock, the history |
//! | [`run`] | preview, estimate, scheduling, attempts, cancellation, undoing |
//! | [`report`] | sinks of run events; plans and findings as text and data |
//! | [`cli`] | arguments, one command a file, exit codes |
//!
//! # The straight line
//!
//! ```text
//! argv -> cli::Args                          usage errors end here (64)
//!   -> config::load                          Config | Diagnostics (65)
//!   -> plan::build                           Plan   | Diagnostics (65)
//!   -> journal::RunLock                      only where a run may write (73, 75)
//!   -> aws::connect                          identity, account, region checked
//!   -> run::preview                          reads only; confirm once (77)
//!   -> run::execute                          RunSummary
//!   -> exit code
//! ```
//!
//! Each stage takes the value of the one before. Two side channels go one way each:
//! [`journal::RunEvent`]s out, a [`run::CancelReason`] in.

#![forbid(unsafe_code)]

pub mod aws;
pub mod child;
pub mod cli;
pub mod config;
pub mod diagnostic;
#[cfg(test)]
mod documents;
pub mod emulator;
pub mod journal;
#[cfg(test)]
mod layers;
pub mod model;
pub mod plan;
pub mod plugin;
pub mod report;
pub mod run;
pub mod state;
pub mod step;
pub mod syntax;
pub mod table;
