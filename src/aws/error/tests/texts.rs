//! Texts as the service and the emulators were seen to send them.

use super::super::{Busy, Cooldown, ErrorKind};

/// `(operation, code, message, meaning)`.
type Seen = (&'static str, &'static str, &'static str, ErrorKind);

/// The words that the service puts before most of its `ResourceInUseException`s.
pub(super) const IN_USE: &str = "Attempt to change a resource which is still in use: ";

const EXISTS: &[Seen] = &[
    ("CreateTable", "ResourceInUseException", "Table already exists: T", ErrorKind::AlreadyExists),
    (
        "CreateTable",
        "ResourceInUseException",
        "Cannot create preexisting table",
        ErrorKind::AlreadyExists,
    ),
    (
        "CreateTable",
        "ResourceInUseException",
        "Global table with name: 'T' already exists with replicas in eu-west-1",
        ErrorKind::NameTaken,
    ),
];

/// `ResourceInUseException`s with [`IN_USE`] before them, and without.
const BUSY: &[(&str, Busy)] = &[
    ("Table is being created: T", Busy::Creating),
    ("Table T is being created", Busy::Creating),
    ("Table is being deleted: T", Busy::Deleting),
    ("Table: T is in the process of being updated.", Busy::Updating),
    ("Table IOPS are currently being updated. Table: T", Busy::Throughput),
    ("Can't change table IOPS when stream status is being updated. Table: T", Busy::Stream),
    ("Can't enable or disable stream while table IOPS are being updated", Busy::Throughput),
    ("A stream status change is currently in progress", Busy::Stream),
    ("Cannot delete table while stream is being enabled", Busy::Stream),
    ("Cannot delete table while stream is being disabled.", Busy::Stream),
    ("Can't update table class when a table class update is in progress. T", Busy::TableClass),
    ("OnDemandThroughput cannot be updated while BillingMode update is in progress", Busy::Billing),
    ("Server-Side Encryption is still being updated", Busy::Encryption),
    ("Cannot delete table while indexes are being created, updated, or deleted.", Busy::Index),
    (
        "Index creation is in resource allocation phase. Retry deletion during backfilling phase \
         or when the index is active. Table: T Index: I",
        Busy::Index,
    ),
    ("Index is being created but is not backfilling yet.", Busy::Index),
    ("Can't change table IOPS when an index is being created. Table: T", Busy::Index),
    ("Index is being deleted. Table: T Index: I", Busy::Index),
    ("Index is being updated. Table: T Index: I", Busy::Index),
    ("Table tags are being updated: T", Busy::Tags),
    ("Table is pending previous resource-based policy update: T", Busy::Policy),
    ("Table: T has a pending resource-based policy update.", Busy::Policy),
    ("Table is being used: T", Busy::Restore),
    ("Table needs to be in ACTIVE status to modify deletion protection setting.", Busy::NotActive),
    ("The resource which you are attempting to change is in use.", Busy::Unnamed),
];

/// `LimitExceededException`s.
const LIMITS: &[(&str, ErrorKind)] = &[
    ("Subscriber limit exceeded: Table tags are being updated: T", ErrorKind::Busy(Busy::Tags)),
    (
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously \
         per table",
        ErrorKind::Busy(Busy::Index),
    ),
    (
        "Subscriber limit exceeded: Only 50 restore operations can be done simultaneously",
        ErrorKind::Concurrency,
    ),
    (
        "Subscriber limit exceeded: Only 10 tables can be created, updated, or deleted \
         simultaneously",
        ErrorKind::Concurrency,
    ),
    (
        "Subscriber limit exceeded: You have exceeded the maximum number of indexed tables that \
         can be created simultaneously",
        ErrorKind::Concurrency,
    ),
    (
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given \
         UTC day. After the first 4 decreases, each subsequent decrease in the same UTC day can \
         be performed at most once every 3600 seconds. Number of decreases today: 4. Last \
         decrease at Friday, October 9, 2026 at 12:21:34 AM Coordinated Universal Time.",
        ErrorKind::Cooldown(Cooldown::Decreases),
    ),
    (
        "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending \
         at 2026-10-09T09:00:00Z. After the first 4 change, each subsequent change in the same \
         window can be performed at most once every 21600 seconds. Next changes can be made at \
         2026-10-09T12:00:00Z.",
        ErrorKind::Cooldown(Cooldown::Encryption),
    ),
    (
        "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).",
        ErrorKind::Cooldown(Cooldown::TableClass),
    ),
    (
        "Subscriber limit exceeded: Update to PayPerRequest mode are limited to once in 1 day(s). \
         Last update at Sat Feb 23 03:07:45 UTC 2019. Next update can be made at Sun Feb 24 \
         03:07:45 UTC 2019",
        ErrorKind::Cooldown(Cooldown::Billing),
    ),
    (
        "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of \
         20",
        ErrorKind::Limit,
    ),
    (
        "The requested ReadCapacityUnits, 50000, is above the per table maximum for the account \
         in us-east-1. Per table maximum: 40000.",
        ErrorKind::Limit,
    ),
    (
        "This request would have caused the ReadCapacityUnits limit to be exceeded for the \
         account in us-east-1.",
        ErrorKind::Limit,
    ),
    (
        "Subscriber limit exceeded: Requested MaxReadRequestUnits for OnDemandThroughput for \
         table exceeds TableMaxReadCapacityUnits of the account in region us-east-1",
        ErrorKind::Limit,
    ),
    ("Subscriber limit exceeded: There is a limit of 2500 tables per subscriber", ErrorKind::Limit),
    (
        "Failed to create replica: current TableMaxReadCapacityUnits value 40000 in region \
         eu-west-1 insufficient to match WarmThroughput",
        ErrorKind::Limit,
    ),
];

const RATES: &[Seen] = &[
    (
        "CreateTable",
        "ThrottlingException",
        "The rate of control plane requests made by this account is too high",
        ErrorKind::RateLimited,
    ),
    ("DescribeTimeToLive", "ThrottlingException", "Rate exceeded", ErrorKind::Throttled),
    ("AssumeRole", "Throttling", "Rate exceeded", ErrorKind::Throttled),
    (
        "UpdateTable",
        "ThrottlingException",
        "Deletion protection setting for table T modified within the previous 15000 milliseconds. \
         Please try again after 2026-10-08T23:07:38.207",
        ErrorKind::Cooldown(Cooldown::DeletionProtection),
    ),
    (
        "PutResourcePolicy",
        "ThrottlingException",
        "Resource-based policy for table T modified within the previous 15000 milliseconds. Please \
         try again after 2026-10-09T00:29:34.602Z.",
        ErrorKind::Cooldown(Cooldown::Policy),
    ),
    (
        "Scan",
        "ProvisionedThroughputExceededException",
        "The level of configured provisioned throughput for the table was exceeded.",
        ErrorKind::Throttled,
    ),
    ("Scan", "RequestLimitExceeded", "Throughput exceeds the limit", ErrorKind::Throttled),
];

/// `ValidationException`s.
const INVALID: &[(&str, &str, ErrorKind)] = &[
    (
        "UpdateTimeToLive",
        "Time to live has been modified multiple times within a fixed interval",
        ErrorKind::Cooldown(Cooldown::TimeToLive),
    ),
    (
        "DescribeTimeToLive",
        "Cannot describe time to live while table is in CREATING state",
        ErrorKind::Busy(Busy::NotActive),
    ),
    (
        "DescribeTimeToLive",
        "Cannot describe time to live while table is in DELETING state",
        ErrorKind::Busy(Busy::NotActive),
    ),
    (
        "UpdateContributorInsights",
        "Table or Index is not in a valid state to update Key Access Insights: TableStatus must \
         be ACTIVE",
        ErrorKind::Busy(Busy::NotActive),
    ),
    (
        "EnableKinesisStreamingDestination",
        "Table is not in a valid state to enable Kinesis Streaming Destination: TableStatus must \
         be ACTIVE",
        ErrorKind::Busy(Busy::NotActive),
    ),
    (
        "UpdateTable",
        "Operation cannot be performed while replica server-side encryption status is in UPDATING \
         state",
        ErrorKind::Busy(Busy::Replica),
    ),
    (
        "UpdateTable",
        "Create/Update/Delete of replica is not allowed while the replica is being added",
        ErrorKind::Busy(Busy::Replica),
    ),
    (
        "UpdateTable",
        "Replica cannot be deleted because it has acted as a source region for new replica(s) \
         being added to the table in the last 24 hours",
        ErrorKind::Cooldown(Cooldown::ReplicaSource),
    ),
    (
        "UpdateTable",
        "The provisioned throughput for the table will not change. The requested value equals the \
         current value.",
        ErrorKind::NoOp,
    ),
    ("UpdateTable", "The provisioned throughput for the index I will not change.", ErrorKind::NoOp),
    ("UpdateTable", "Table already has an enabled stream: TableName: T", ErrorKind::NoOp),
    ("UpdateTable", "Table has no stream to disable: TableName: T", ErrorKind::NoOp),
    ("UpdateTimeToLive", "TimeToLive is already enabled", ErrorKind::NoOp),
    ("UpdateTimeToLive", "TimeToLive is already disabled", ErrorKind::NoOp),
    (
        "UpdateTimeToLive",
        "TimeToLive is already enabled with a different attribute name",
        ErrorKind::Validation,
    ),
    (
        "UpdateTable",
        "One or more parameter values were invalid: Table is already encrypted by default",
        ErrorKind::NoOp,
    ),
    (
        "UpdateTable",
        "One or more parameter values were invalid: Table is already encrypted with given \
         KMSMasterKeyId",
        ErrorKind::NoOp,
    ),
    ("UpdateTable", "Attempting to create an index which already exists", ErrorKind::NoOp),
    ("UpdateTable", "Nothing to update", ErrorKind::Unsupported),
    (
        "UpdateTable",
        "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled is required",
        ErrorKind::NoOp,
    ),
    (
        "UpdateKinesisStreamingDestination",
        "Precision is already set to MILLISECOND",
        ErrorKind::NoOp,
    ),
    (
        "DeleteTable",
        "Resource cannot be deleted as it is currently protected against deletion. Disable \
         deletion protection first.",
        ErrorKind::Protected,
    ),
    ("CreateTable", "One or more parameter values were invalid", ErrorKind::Validation),
    // A text of one operation, quoted in the refusal of another.
    (
        "CreateTable",
        "Invalid attribute: [Time to live has been modified multiple times]",
        ErrorKind::Validation,
    ),
];

const MISSING: &[Seen] = &[
    (
        "DescribeTable",
        "ResourceNotFoundException",
        "Requested resource not found: Table: T not found",
        ErrorKind::NotFound,
    ),
    (
        "ListTagsOfResource",
        "ResourceNotFoundException",
        "Requested resource not found: ResourceArn: arn:aws:dynamodb:us-east-1:1:table/T not found",
        ErrorKind::NotFound,
    ),
    (
        "UpdateTable",
        "ResourceNotFoundException",
        "Requested resource not found: Index I for table T",
        ErrorKind::IndexNotFound,
    ),
    (
        "UpdateContinuousBackups",
        "TableNotFoundException",
        "Table not found: T",
        ErrorKind::NotFound,
    ),
    (
        "UpdateContinuousBackups",
        "ContinuousBackupsUnavailableException",
        "Backups are being enabled for the table: T. Please retry later",
        ErrorKind::Busy(Busy::Backups),
    ),
    ("DescribeBackup", "BackupNotFoundException", "Backup not found: B", ErrorKind::NotFound),
    // By the code alone: what these say was not seen.
    ("CreateBackup", "BackupInUseException", "", ErrorKind::Busy(Busy::Backups)),
    ("CreateBackup", "TableInUseException", "", ErrorKind::Busy(Busy::NotActive)),
];

const REFUSED: &[Seen] = &[
    (
        "CreateTable",
        "AccessDeniedException",
        "User: arn:aws:sts::1:assumed-role/ci/osem is not authorized to perform: \
         dynamodb:CreateTable on resource: arn:aws:dynamodb:us-east-1:1:table/T because no \
         identity-based policy allows the dynamodb:CreateTable action",
        ErrorKind::Denied,
    ),
    ("AssumeRole", "AccessDenied", "User: u is not authorized", ErrorKind::Denied),
    (
        "CreateTable",
        "ExpiredTokenException",
        "The security token included in the request is expired",
        ErrorKind::Credentials,
    ),
    (
        "CreateTable",
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
        ErrorKind::Credentials,
    ),
    (
        "CreateTable",
        "InvalidSignatureException",
        "Signature expired: 20261009T000000Z is now earlier than 20261009T001000Z",
        ErrorKind::Credentials,
    ),
    (
        "CreateTable",
        "UnknownOperationException",
        "Tagging is not currently supported in DynamoDB Local.",
        ErrorKind::Unsupported,
    ),
    ("UpdateContinuousBackups", "UnknownOperationException", "", ErrorKind::Unsupported),
    ("UpdateTable", "ValidationException", "Nothing to update", ErrorKind::Unsupported),
    ("UpdateTable", "ResourceInUseException", "Cannot enable stream", ErrorKind::Unsupported),
    (
        "UpdateTable",
        "ValidationException",
        "No provisioned throughput specified for the global secondary index",
        ErrorKind::Unsupported,
    ),
    (
        "UpdateTable",
        "ValidationException",
        "1 validation error detected: Value null at \
         'globalSecondaryIndexUpdates.1.member.update.provisionedThroughput' failed to satisfy \
         constraint: Member must not be null",
        ErrorKind::Unsupported,
    ),
];

const FAILED: &[Seen] = &[
    ("UpdateTable", "InternalFailure", "", ErrorKind::Unprocessable),
    ("CreateTable", "InternalFailure", "", ErrorKind::Unprocessable),
    ("CreateTable", "InternalFailure", "something went wrong", ErrorKind::Server),
    ("DescribeTable", "InternalFailure", "", ErrorKind::Server),
    ("CreateTable", "InternalServerError", "Internal server error", ErrorKind::Server),
    ("CreateTable", "SomethingNew", "", ErrorKind::Other),
];

/// All of them.
pub(super) fn seen() -> Vec<(&'static str, &'static str, String, ErrorKind)> {
    let whole = [EXISTS, RATES, MISSING, REFUSED, FAILED].into_iter().flatten();
    let whole = whole.map(|(operation, code, text, kind)| (*operation, *code, *text, *kind));
    let limits =
        LIMITS.iter().map(|(text, kind)| ("UpdateTable", "LimitExceededException", *text, *kind));
    let invalid = INVALID
        .iter()
        .map(|(operation, text, kind)| (*operation, "ValidationException", *text, *kind));
    let busy = BUSY.iter().flat_map(|(text, busy)| {
        [format!("{IN_USE}{text}"), (*text).to_owned()]
            .map(|text| ("DeleteTable", "ResourceInUseException", text, ErrorKind::Busy(*busy)))
    });
    let owned =
        |(operation, code, text, kind): (_, _, &str, _)| (operation, code, text.to_owned(), kind);
    whole.chain(limits).chain(invalid).map(owned).chain(busy).collect()
}
