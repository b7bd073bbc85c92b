//! Settings of a table that go beyond keys, indexes, billing and tags.
//!
//! A declared setting is managed: it is set, compared, and changed back. What can be turned off is
//! an `Option`, whose `None` is what `#false` says in a file.

use std::fmt;

use serde::Serialize;

/// One declared setting. The order of the variants is the order in which differences are removed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Setting {
    /// A ceiling of requests on demand.
    OnDemandMax(Option<Units>),
    /// A stream of changes.
    Stream(Option<StreamView>),
    /// The class of storage.
    Class(TableClass),
    /// The key of the data at rest.
    Encryption(Encryption),
    /// A floor of readiness: only ever raised.
    WarmThroughput(Units),
    /// The attribute with the time of expiry.
    TimeToLive(Option<String>),
    /// Point-in-time recovery.
    Recovery(Option<RecoveryDays>),
    /// Its most used keys, recorded.
    ContributorInsights(Option<InsightsMode>),
    /// A Kinesis stream of changes.
    KinesisStream(Option<KinesisStream>),
    /// Who may use the table: a policy as canonical JSON.
    ResourcePolicy(Option<String>),
    /// Whether the service refuses to part the table from its replicas.
    DisassociationProtection(bool),
    /// Whether the service refuses to delete the table.
    DeletionProtection(bool),
}

impl Setting {
    /// The node that declares it: what messages, JSON and merging know it by.
    #[must_use]
    pub const fn node(&self) -> &'static str {
        match self {
            Self::OnDemandMax(_) => "on-demand-max",
            Self::Stream(_) => "stream",
            Self::Class(_) => "class",
            Self::Encryption(_) => "encryption",
            Self::WarmThroughput(_) => "warm-throughput",
            Self::TimeToLive(_) => "ttl",
            Self::Recovery(_) => "point-in-time-recovery",
            Self::ContributorInsights(_) => "contributor-insights",
            Self::KinesisStream(_) => "kinesis-stream",
            Self::ResourcePolicy(_) => "resource-policy",
            Self::DisassociationProtection(_) => "disassociation-protection",
            Self::DeletionProtection(_) => "deletion-protection",
        }
    }

    /// As [`Setting::node`], of an index.
    #[must_use]
    pub fn node_of_index(&self, index: &str) -> String {
        format!("gsi {index} {}", self.node())
    }

    /// Whether a call of its own reads it; the others are part of `DescribeTable`.
    #[must_use]
    pub const fn has_own_call(&self) -> bool {
        matches!(
            self,
            Self::TimeToLive(_)
                | Self::Recovery(_)
                | Self::ContributorInsights(_)
                | Self::KinesisStream(_)
                | Self::ResourcePolicy(_)
        )
    }
}

/// Units per second of reads and writes, either of which may be left open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Units {
    /// Of reads.
    pub read: Option<u64>,
    /// Of writes.
    pub write: Option<u64>,
}

impl Units {
    /// Whether neither is given.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.read.is_none() && self.write.is_none()
    }
}

impl fmt::Display for Units {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.read, self.write) {
            (None, None) => f.write_str("none"),
            (Some(read), None) => write!(f, "read {read}"),
            (None, Some(write)) => write!(f, "write {write}"),
            (Some(read), Some(write)) => write!(f, "read {read}, write {write}"),
        }
    }
}

/// What a stream record shows of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum StreamView {
    /// Only its keys.
    KeysOnly,
    /// As it is after the change.
    NewImage,
    /// As it was before.
    OldImage,
    /// Both.
    NewAndOldImages,
}

impl StreamView {
    /// All of them, with their words in a file and in the API.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::KeysOnly, "keys-only", "KEYS_ONLY"),
        (Self::NewImage, "new-image", "NEW_IMAGE"),
        (Self::OldImage, "old-image", "OLD_IMAGE"),
        (Self::NewAndOldImages, "new-and-old-images", "NEW_AND_OLD_IMAGES"),
    ];
}

impl fmt::Display for StreamView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The class of storage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TableClass {
    /// The usual one.
    #[default]
    Standard,
    /// Cheaper storage, dearer requests.
    StandardInfrequentAccess,
}

impl fmt::Display for TableClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The key of the data at rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encryption {
    /// One of the service's own, which nobody sees.
    #[default]
    AwsOwned,
    /// The account's key that AWS manages, `alias/aws/dynamodb`.
    AwsManaged,
    /// The key with this ARN.
    Key(String),
}

impl Encryption {
    /// Whether a live key is the one that is meant. The service tells the ARN of a key but not who
    /// manages it, so any live key may be the one that AWS manages.
    #[must_use]
    pub fn is_met_by(&self, live: &Self) -> bool {
        self == live || (*self == Self::AwsManaged && matches!(live, Self::Key(_)))
    }
}

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AwsOwned => f.write_str("AWS owned key"),
            Self::AwsManaged => f.write_str("AWS managed key"),
            Self::Key(arn) => f.write_str(arn),
        }
    }
}

/// How far point-in-time recovery reaches back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RecoveryDays(
    /// In days, 1 to 35; `None` leaves it to the service (35) and is not compared.
    pub Option<u8>,
);

impl fmt::Display for RecoveryDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("on"),
            Some(days) => write!(f, "on, {days} days"),
        }
    }
}

/// Which keys contributor insights record.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InsightsMode {
    /// The most used and the most throttled ones.
    #[default]
    AccessedAndThrottledKeys,
    /// Only the most throttled ones.
    ThrottledKeys,
}

impl fmt::Display for InsightsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A Kinesis stream that gets the changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct KinesisStream {
    /// Its ARN.
    pub arn: String,
    /// How exact the times of changes are; `None` leaves it to the service and is not compared.
    pub precision: Option<Precision>,
}

impl fmt::Display for KinesisStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.arn)?;
        self.precision.map_or(Ok(()), |precision| write!(f, " {precision}"))
    }
}

/// How exact the times of changes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Precision {
    /// To the millisecond, which is what the service does unasked.
    Millisecond,
    /// To the microsecond.
    Microsecond,
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
