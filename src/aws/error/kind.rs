//! What an error means for what to do next.

/// The meaning of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The account's limit on control-plane calls: send fewer, then send it again.
    RateLimited,
    /// Another limit on calls, of one operation, one connection or a table's data: send it again in
    /// a moment.
    Throttled,
    /// The account has as many operations under way at once as it may: send it again when one of
    /// them has ended.
    Concurrency,
    /// Something must end first.
    Busy(Busy),
    /// The same was changed too short a time ago, or too often.
    Cooldown(Cooldown),
    /// The service has nothing to change: things are so already in its view. A description says
    /// whether that is what was wanted; an index "which already exists" may be another one.
    NoOp,
    /// `CreateTable` for a table that is there.
    AlreadyExists,
    /// A global table of the name is there, with replicas elsewhere.
    NameTaken,
    /// The table or resource is not there. While a table is being created, tags, time to live and
    /// the like are answered so too.
    NotFound,
    /// The table is there, the index is not.
    IndexNotFound,
    /// A quota, which waiting does not raise.
    Limit,
    /// The principal may not.
    Denied,
    /// The credentials are no good.
    Credentials,
    /// The endpoint does not know the operation.
    Unsupported,
    /// The request breaks a rule of the service.
    Validation,
    /// The table is protected against deletion.
    Protected,
    /// The service failed: the call may or may not have been applied.
    Server,
    /// The service failed as it does each time on some requests that it cannot process; from
    /// outside that cannot be told from a fault of the moment.
    Unprocessable,
    /// No answer: the call may or may not have been applied.
    Network,
    /// An answer that is not the protocol.
    Garbled,
    /// A table of another account than the declared one.
    WrongAccount,
    /// Anything else.
    Other,
}

/// What must end first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// The table is being created.
    Creating,
    /// The table is being deleted.
    Deleting,
    /// The table is being updated.
    Updating,
    /// Provisioned capacity is being changed.
    Throughput,
    /// The billing mode is being changed.
    Billing,
    /// The stream is being enabled or disabled.
    Stream,
    /// The table class is being changed.
    TableClass,
    /// Encryption is being changed.
    Encryption,
    /// An index is being created, changed or deleted.
    Index,
    /// Tags are being written.
    Tags,
    /// The resource-based policy is being written.
    Policy,
    /// Backups are being enabled.
    Backups,
    /// A replica is being added, changed or removed.
    Replica,
    /// A restore reads from the table, or writes to it.
    Restore,
    /// The table or the index is not `ACTIVE`.
    NotActive,
    /// The service does not say what.
    Unnamed,
}

/// What may not be changed again yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cooldown {
    /// Deletion protection: 15 seconds.
    DeletionProtection,
    /// The resource-based policy: 15 seconds.
    Policy,
    /// Time to live: an hour by the documentation, 31 minutes as measured.
    TimeToLive,
    /// Decreases of provisioned capacity: four a day (UTC), then one an hour.
    Decreases,
    /// Encryption: four times in 24 hours, then once in six hours.
    Encryption,
    /// The table class: twice in 30 days.
    TableClass,
    /// Switching to on-demand billing: a few times in 24 hours.
    Billing,
    /// A replica that others were made from: 24 hours.
    ReplicaSource,
}

impl Cooldown {
    /// Whether it is so short that a step can wait for its end without being told when that is.
    pub(in crate::aws) const fn is_short(self) -> bool {
        matches!(self, Self::DeletionProtection | Self::Policy)
    }
}
