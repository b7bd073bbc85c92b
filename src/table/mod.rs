//! Desired against live: pure functions over a [`TableSpec`](crate::model::TableSpec) and a
//! [`TableState`](crate::model::TableState).
//!
//! [`compare()`] says how the two differ, [`diff()`] which calls remove that, [`settled`] whether
//! the service is still busy with a table, [`TableChange`] is one API call with its reason. Nothing
//! here talks to a service, and nothing decides whether a difference may be removed.

mod call;
mod change;
mod compare;
mod declaration;
mod diff;
mod issue;
mod phases;
mod ready;
mod reversibility;
mod setting;
mod unmanaged;
mod unset;
mod vector_index;
mod warmed;

pub use change::{ChangeClass, ItemsOfFile, TableChange};
pub use compare::{compare, compare_features, compare_tags, undeclared};
pub use declaration::{Declaration, Found, Home, declaration};
pub use diff::{Diff, Obstacle, diff};
pub use issue::{Issue, IssueType};
pub use ready::{Readiness, settled};
pub use reversibility::{Reversal, Reversibility};
pub use unmanaged::{Unmanaged, UnmanagedKind, not_looked_for, unmanaged};
pub use unset::{Unset, unset};
