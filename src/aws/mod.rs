//! The only module that names an AWS crate.
//!
//! [`connect`] checks who and where before anything else is called; [`TableApi`] makes the calls,
//! in osem's own types; [`ServiceError`] says what an error means. Nothing here decides what should
//! be done to a table.

mod access;
mod backups;
mod change;
mod connect;
mod convert;
mod credentials;
mod endpoint;
mod error;
mod explain;
mod features;
mod identity;
mod item_api;
mod observe;
mod pace;
mod probe;
mod quotas;
mod region;
mod request;
mod table_api;

pub use access::Access;
pub use backups::Backup;
pub use connect::{ConnectOptions, Connection, connect, emulator_failure};
pub use endpoint::{Ambient, Endpoint, Rehearsal};
pub use error::{Busy, Cooldown, ErrorKind, NO_MESSAGE, ServiceError};
pub use identity::Identity;
pub use item_api::Put;
pub use observe::{ApiCall, ApiObserver};
pub use pace::{Head, Lane, Turn};
pub use probe::{Probe, probe};
pub use quotas::CapacityQuotas;
pub use region::{ResolvedRegion, resolve_region};
pub use table_api::TableApi;
