//! Desired against live: pure functions over a [`TableSpec`](crate::model::TableSpec) and a
//! [`TableState`](crate::model::TableState).
//!
//! [`compare()`] says how the two differ, [`settled`] whether the service is still busy with a
//! table, [`TableChange`] is one API call with its reason. Nothing here talks to a service, and
//! nothing decides whether a difference may be removed.

mod change;
mod compare;
mod issue;
mod ready;

pub use change::{ChangeClass, ItemsOfFile, TableChange};
pub use compare::{compare, compare_tags};
pub use issue::{Issue, IssueType};
pub use ready::{Readiness, settled};
