//! What has to end first, and when to come back.

use std::time::SystemTime;

use crate::model::{ErrorCode, Failure, FailureClass};

use super::super::error::{Busy, Cooldown, ServiceError};

/// What is under way, and how long that usually takes.
pub(super) const fn on(busy: Busy) -> &'static str {
    match busy {
        Busy::Creating => "the table is being created; this takes up to 22 seconds",
        Busy::Deleting => "the table is being deleted; this takes 4 to 6 seconds",
        Busy::Updating => "the table is being updated; this takes seconds to minutes",
        Busy::Throughput => "capacity is being changed; this takes up to 130 seconds",
        Busy::Billing => "the billing mode is being changed; this takes 1 to 3 minutes",
        Busy::Stream => "the stream is being enabled or disabled; this takes 4 to 5 seconds",
        Busy::TableClass => "the table class is being changed; this takes 4 to 6 seconds",
        Busy::Encryption => "encryption is being changed; this takes some 22 seconds",
        Busy::Index => {
            "an index is being created, changed or deleted; creating one takes 8 to 17 minutes"
        }
        Busy::Tags => "tags are being written; this takes 2 to 3 seconds",
        Busy::Policy => "the resource-based policy is being written; this takes some 2 seconds",
        Busy::Backups => "backups are being enabled; this takes some 3 seconds",
        Busy::Replica => {
            "a replica is being added, changed or removed; this takes up to 12 minutes"
        }
        Busy::Restore => "a restore uses the table",
        Busy::NotActive => "the table or the index is not ACTIVE yet",
        Busy::Unnamed => "another change of the table has not ended",
    }
}

/// Why a cooldown holds, and when it is over where the service does not say it.
const fn of(cooldown: Cooldown) -> (&'static str, &'static str) {
    match cooldown {
        Cooldown::DeletionProtection => {
            ("deletion protection was changed less than 15 seconds ago", "run again in 15 seconds")
        }
        Cooldown::Policy => (
            "the resource-based policy was changed less than 15 seconds ago",
            "run again in 15 seconds",
        ),
        Cooldown::TimeToLive => (
            "time to live of the table was changed less than an hour ago",
            "run again in an hour; half an hour was seen to suffice",
        ),
        Cooldown::Decreases => (
            "capacity was decreased four times today (UTC); from then on it can be once an hour",
            "run again an hour after the last decrease, or after 00:00 UTC",
        ),
        Cooldown::Encryption => (
            "encryption was changed four times in 24 hours; from then on it can be once in 6 hours",
            "run again 6 hours after the last change",
        ),
        Cooldown::TableClass => (
            "the table class was changed twice in 30 days",
            "run again when the older of the two changes is 30 days old",
        ),
        Cooldown::Billing => (
            "the table was switched to on-demand too often within 24 hours",
            "run again 24 hours after the last switch",
        ),
        Cooldown::ReplicaSource => (
            "another replica was made from this one less than 24 hours ago",
            "run again when that is 24 hours past",
        ),
    }
}

/// Changed too short a time ago. Where the service names the time, or it is a matter of seconds,
/// the step can wait for it; else this run cannot do it.
pub(super) fn cooldown(error: &ServiceError, cooldown: Cooldown, what: &str) -> Failure {
    let (cause, fix) = of(cooldown);
    let code =
        if cooldown.is_short() { ErrorCode::Throttled } else { ErrorCode::TableLimitExceeded };
    let ends = cooldown.is_short() || error.not_before().is_some();
    Failure::new(code, format!("{what}: too soon after the last change"))
        .class(if ends { FailureClass::Wait } else { FailureClass::Permanent })
        .cause(cause)
        .fix(fix)
}

/// The service names the time at which the call can succeed.
pub(super) fn until(failure: Failure, time: SystemTime) -> Failure {
    let shown = humantime::format_rfc3339_millis(time).to_string();
    let failure = failure.fix(format!("run again after {shown}"));
    Failure { not_before: Some(time), ..failure.detail("retryAt", shown) }
}
