//! The service's refusals, in its own codes and words.
//!
//! The texts are those of the service as of October 2026 (ACK project, `docs/api-quirks`); parts
//! that no source quotes are filled in and say so.

use std::time::{Duration, SystemTime};

use super::Millis;

const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810#";
const CORAL: &str = "com.amazon.coral.service#";
const VALIDATE: &str = "com.amazon.coral.validate#";

/// An error as it goes over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emulator) struct ApiError {
    /// The HTTP status.
    pub(in crate::emulator) status: u16,
    /// The whole `__type`: namespace, `#`, code.
    pub(in crate::emulator) kind: String,
    /// The message; may be empty.
    pub(in crate::emulator) message: String,
}

impl ApiError {
    fn new(status: u16, namespace: &str, code: &str, message: impl Into<String>) -> Self {
        Self { status, kind: format!("{namespace}{code}"), message: message.into() }
    }

    /// The part of the type after the namespace.
    pub(in crate::emulator) fn code(&self) -> &str {
        self.kind.rsplit('#').next().unwrap_or(&self.kind)
    }
}

pub(super) fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new(400, VALIDATE, "ValidationException", message)
}

/// A member of the wrong type.
pub(super) fn serialization(message: impl Into<String>) -> ApiError {
    ApiError::new(400, CORAL, "SerializationException", message)
}

pub(super) fn in_use(detail: impl AsRef<str>) -> ApiError {
    let message =
        format!("Attempt to change a resource which is still in use: {}", detail.as_ref());
    ApiError::new(400, DYNAMODB, "ResourceInUseException", message)
}

pub(super) fn being_created(table: &str) -> ApiError {
    in_use(format!("Table is being created: {table}"))
}

pub(super) fn being_deleted(table: &str) -> ApiError {
    in_use(format!("Table is being deleted: {table}"))
}

pub(super) fn in_use_plainly(message: impl Into<String>) -> ApiError {
    ApiError::new(400, DYNAMODB, "ResourceInUseException", message)
}

pub(super) fn already_exists(table: &str) -> ApiError {
    in_use_plainly(format!("Table already exists: {table}"))
}

pub(super) fn table_not_found(table: &str) -> ApiError {
    not_found(&format!("Table: {table} not found"))
}

pub(super) fn arn_not_found(arn: &str) -> ApiError {
    not_found(&format!("ResourceArn: {arn} not found"))
}

pub(super) fn index_not_found(index: &str, table: &str) -> ApiError {
    not_found(&format!("Index {index} for table {table}"))
}

fn not_found(what: &str) -> ApiError {
    let message = format!("Requested resource not found: {what}");
    ApiError::new(400, DYNAMODB, "ResourceNotFoundException", message)
}

/// What calls on items are told of a table that is being made or deleted.
pub(super) fn resource_not_found() -> ApiError {
    ApiError::new(400, DYNAMODB, "ResourceNotFoundException", "Requested resource not found")
}

/// What the backup operations say instead of `ResourceNotFoundException`.
pub(super) fn backups_table_not_found(table: &str) -> ApiError {
    let message = format!("Table not found: {table}");
    ApiError::new(400, DYNAMODB, "TableNotFoundException", message)
}

pub(super) fn backup_not_found(arn: &str) -> ApiError {
    ApiError::new(400, DYNAMODB, "BackupNotFoundException", format!("Backup not found: {arn}"))
}

pub(super) fn backups_unavailable(table: &str) -> ApiError {
    let message = format!("Backups are being enabled for the table: {table}. Please retry later");
    ApiError::new(400, DYNAMODB, "ContinuousBackupsUnavailableException", message)
}

pub(super) fn policy_not_found(arn: &str) -> ApiError {
    // The service's words are not known.
    let message = format!("Resource-based policy not found for the provided ResourceArn: {arn}");
    ApiError::new(400, DYNAMODB, "PolicyNotFoundException", message)
}

pub(super) fn limit(detail: impl AsRef<str>) -> ApiError {
    let message = format!("Subscriber limit exceeded: {}", detail.as_ref());
    ApiError::new(400, DYNAMODB, "LimitExceededException", message)
}

pub(super) fn limit_plainly(message: impl Into<String>) -> ApiError {
    ApiError::new(400, DYNAMODB, "LimitExceededException", message)
}

pub(super) fn one_online_index() -> ApiError {
    limit("Only 1 online index can be created or deleted simultaneously per table")
}

pub(super) fn tags_locked(table: &str) -> ApiError {
    limit(format!("Table tags are being updated: {table}"))
}

fn throttled(message: impl Into<String>) -> ApiError {
    ApiError::new(400, CORAL, "ThrottlingException", message)
}

/// The account's limit on mutating calls.
pub(in crate::emulator) fn account_throttled() -> ApiError {
    throttled("The rate of control plane requests made by this account is too high")
}

/// The limit on calls of one operation.
pub(in crate::emulator) fn rate_exceeded() -> ApiError {
    throttled("Rate exceeded")
}

/// A setting that was changed less than 15 seconds ago; `what` is the start of the sentence and
/// `end` its last character, which one of the two texts has.
pub(super) fn cooling_down(what: &str, until: Millis, end: &str) -> ApiError {
    let until = timestamp(until);
    throttled(format!(
        "{what} modified within the previous 15000 milliseconds. Please try again after {until}{end}"
    ))
}

/// The failure with no message that a few requests always meet.
pub(super) fn internal_failure() -> ApiError {
    ApiError::new(500, CORAL, "InternalFailure", "")
}

/// What this simulation does not have.
pub(super) fn unknown_operation() -> ApiError {
    ApiError::new(400, CORAL, "UnknownOperationException", "")
}

/// The last moment that has a text: the end of the year 9999.
const LAST: Millis = 253_402_300_799_999;

/// As the service writes times into messages.
pub(super) fn timestamp(at: Millis) -> String {
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(at.min(LAST));
    humantime::format_rfc3339_millis(at).to_string()
}
