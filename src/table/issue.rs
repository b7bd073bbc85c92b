//! A difference between a declared and a live table.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of difference, as it stands in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IssueType {
    /// There is no such table.
    TableNotFound,
    /// The table is not `ACTIVE`.
    TableNotActive,
    /// The table's keys, or their types, differ.
    KeyMismatch,
    /// A declared global secondary index is not there.
    MissingGsi,
    /// A live global secondary index is not declared.
    ExtraGsi,
    /// A global secondary index has other keys, projection or capacity, or is not `ACTIVE`.
    GsiMismatch,
    /// A declared local secondary index is not there.
    MissingLsi,
    /// A live local secondary index is not declared.
    ExtraLsi,
    /// A local secondary index has other keys or another projection.
    LsiMismatch,
    /// A declared vector index is not there.
    MissingVectorIndex,
    /// A live vector index is not declared.
    ExtraVectorIndex,
    /// A vector index is another one than declared, or is not `ACTIVE`.
    VectorIndexMismatch,
    /// Another billing mode.
    BillingMode,
    /// Other provisioned capacity.
    ProvisionedThroughput,
    /// Another ceiling on demand.
    OnDemandMax,
    /// Another stream, or none.
    Stream,
    /// Another class of storage.
    TableClass,
    /// Another key of the data at rest.
    Encryption,
    /// Another attribute with the time of expiry, or none.
    TimeToLive,
    /// Point-in-time recovery is on or off otherwise than declared, or reaches back otherwise.
    PointInTimeRecovery,
    /// Less warm throughput than the declared floor.
    WarmThroughput,
    /// Contributor insights are on or off otherwise than declared, or have another mode.
    ContributorInsights,
    /// The changes go to another Kinesis stream, or to none.
    KinesisStream,
    /// Another resource-based policy, or none.
    ResourcePolicy,
    /// Disassociation protection is on or off otherwise than declared.
    DisassociationProtection,
    /// Deletion protection is on or off otherwise than declared.
    DeletionProtection,
    /// A declared tag is missing or has another value, or a tag declared absent is there.
    TagMismatch,
    /// A declared setting could not be read.
    Unchecked,
}

impl fmt::Display for IssueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

impl IssueType {
    /// What to do about it, in one line for people.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TableNotFound => "create it: osem run setup",
            Self::TableNotActive => "wait until the service is done with it, then compare again",
            Self::KeyMismatch => {
                "keys cannot be changed: change the file to what is live, or declare a table of \
                 another name and copy the items"
            }
            Self::MissingGsi | Self::MissingVectorIndex => {
                "run a task with update-table, which adds it"
            }
            Self::ExtraGsi | Self::ExtraVectorIndex => {
                "declare it, or run update-table with --prune TABLE/INDEX"
            }
            Self::VectorIndexMismatch => {
                "declare it under a new name, or run update-table with --replace TABLE/INDEX; not \
                 ready: wait"
            }
            Self::GsiMismatch => {
                "capacity: run a task with update-table; keys or projection: declare it under a \
                 new name, or run update-table with --replace TABLE/INDEX; not ready: wait"
            }
            Self::MissingLsi => {
                "a local index is made only with its table: make it a gsi, or declare a table of \
                 another name"
            }
            Self::ExtraLsi => "a local index goes only with its table: declare it",
            Self::LsiMismatch => {
                "a local index is never changed: change the file to what is live, or declare a \
                 table of another name"
            }
            Self::WarmThroughput => {
                "run a task with update-table, which raises it for good, or declare less"
            }
            Self::TagMismatch => "run a task with tag, or change the file to what is live",
            Self::Unchecked => "allow the action that the service names, then compare again",
            Self::BillingMode
            | Self::ProvisionedThroughput
            | Self::OnDemandMax
            | Self::Stream
            | Self::TableClass
            | Self::Encryption
            | Self::TimeToLive
            | Self::PointInTimeRecovery
            | Self::ContributorInsights
            | Self::KinesisStream
            | Self::ResourcePolicy
            | Self::DisassociationProtection
            | Self::DeletionProtection => {
                "run a task with update-table, or change the file to what is live"
            }
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// Its kind.
    #[serde(rename = "type")]
    pub ty: IssueType,
    /// One line: what differs.
    pub message: String,
    /// What the file says.
    pub expected: String,
    /// What the service says.
    pub found: String,
}
