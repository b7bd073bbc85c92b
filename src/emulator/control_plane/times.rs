//! How long states last, and how long what was changed may not be changed again.
//!
//! Measured on the service in us-west-2 and us-east-1 in October 2026 by the ACK project's
//! `docs/api-quirks` (aws-controllers-k8s/dynamodb-controller), unless another source is named. All
//! are milliseconds of the service's time; [`Scale`] turns them into the simulation's.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::RangeInclusive;

use super::Millis;

type Span = RangeInclusive<Millis>;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
/// A day, as budgets count it.
pub(super) const DAY: Millis = 24 * HOUR;

/// `CreateTable` without indexes, until ACTIVE.
pub(super) const CREATE: Span = SECOND..=6 * SECOND;
/// `CreateTable` with indexes, however many.
pub(super) const CREATE_INDEXED: Span = 14 * SECOND..=22 * SECOND;
/// `DeleteTable`, until the table is gone.
pub(super) const DELETE: Span = 4 * SECOND..=6 * SECOND;
/// Provisioned capacity of the table.
pub(super) const THROUGHPUT: Span = SECOND..=2 * SECOND;
/// Provisioned capacity of indexes.
pub(super) const INDEX_THROUGHPUT: Span = 2 * SECOND..=4 * SECOND;
/// On demand to provisioned.
pub(super) const TO_PROVISIONED: Span = 60 * SECOND..=98 * SECOND;
/// On demand to provisioned, of a table with global secondary indexes.
pub(super) const TO_PROVISIONED_INDEXED: Span = 83 * SECOND..=113 * SECOND;
/// Provisioned to on demand, the first time.
pub(super) const TO_ON_DEMAND: Span = 128 * SECOND..=172 * SECOND;
/// Provisioned to on demand, on a table that was on demand before.
pub(super) const BACK_TO_ON_DEMAND: Span = 4 * SECOND..=5 * SECOND;
/// A stream enabled or disabled.
pub(super) const STREAM: Span = 4 * SECOND..=5 * SECOND;
/// The table class.
pub(super) const CLASS: Span = 3_600..=6 * SECOND;
/// Encryption; the table stays ACTIVE.
pub(super) const ENCRYPTION: Span = 21 * SECOND..=23 * SECOND;
/// Warm throughput raised; the table stays ACTIVE.
pub(super) const WARM_THROUGHPUT: Span = 270 * SECOND..=510 * SECOND;
/// The first phase of an index that is added: the table is UPDATING.
pub(super) const INDEX_ALLOCATION: Span = 24 * SECOND..=56 * SECOND;
/// A global secondary index added to a table, both phases.
pub(super) const INDEX_CREATE: Span = 506 * SECOND..=539 * SECOND;
/// A vector index added to a table, both phases: once measured, 8 min 33 s.
pub(super) const VECTOR_INDEX_CREATE: Span = 513 * SECOND..=513 * SECOND;
/// An index deleted.
pub(super) const INDEX_DELETE: Span = 2_600..=5_100;
/// After a tag write, until the tags may be written again and the table be deleted.
pub(super) const TAG_LOCK: Span = 1_500..=1_800;
/// After a tag write, until the new tags are read.
pub(super) const TAGS_VISIBLE: Span = 1_300..=3_000;
/// After ACTIVE, until backups can be configured.
pub(super) const BACKUPS_READY: Span = 1_400..=2_700;
/// A backup, until it can be restored from. The documentation says seconds; it was not measured.
pub(super) const BACKUP: Span = SECOND..=5 * SECOND;
/// After a policy write, until the table may be deleted.
pub(super) const POLICY_LOCK: Span = 2 * SECOND..=2 * SECOND;
/// After a policy write, until the new policy is read.
pub(super) const POLICY_VISIBLE: Span = SECOND..=2_700;
/// Contributor insights, until ENABLED or DISABLED.
pub(super) const INSIGHTS: Span = SECOND..=16 * SECOND;
/// A Kinesis destination, until ACTIVE or DISABLED.
pub(super) const KINESIS: Span = 2 * SECOND..=7 * SECOND;

/// Between two changes of time to live: 31 minutes measured, an hour in the documentation.
pub(super) const TTL_COOLDOWN: Millis = 31 * MINUTE;
/// Between two changes of deletion protection, and of a resource policy. The figure stands in the
/// service's message.
pub(super) const SETTING_COOLDOWN: Millis = 15 * SECOND;
/// Encryption: four changes in 24 hours, then one in this time.
pub(super) const ENCRYPTION_INTERVAL: Millis = 6 * HOUR;
/// Table class: two changes in this time.
pub(super) const CLASS_WINDOW: Millis = 30 * DAY;
/// Decreases of capacity: four in a UTC day, then one in this time.
pub(super) const DECREASE_INTERVAL: Millis = HOUR;

/// Turns the service's times into the simulation's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale {
    /// How many times faster.
    pub(super) factor: f64,
    /// The seed of durations within their ranges.
    pub(super) seed: u64,
}

impl Scale {
    /// A fixed time; at least a millisecond, so that nothing ends before it began.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "times are far below 2^52 ms, and the factor is above 0"
    )]
    pub(super) fn time(self, millis: Millis) -> Millis {
        ((millis as f64 / self.factor) as Millis).max(1)
    }

    /// A time within a range. The same seed, table and change give the same time, whatever else
    /// goes on meanwhile.
    pub(super) fn pick(self, span: &Span, table: &str, change: u64) -> Millis {
        let mut hasher = DefaultHasher::new();
        (self.seed, table, change, span.start(), span.end()).hash(&mut hasher);
        self.time(fastrand::Rng::with_seed(hasher.finish()).u64(span.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_scaled_and_depend_on_nothing_but_seed_table_and_change() {
        let scale = Scale { factor: 20.0, seed: 7 };
        assert_eq!(scale.time(TTL_COOLDOWN), 93_000);
        let first = scale.pick(&INDEX_CREATE, "T", 3);
        assert!((506_000 / 20..=539_000 / 20).contains(&first));
        assert_eq!(first, scale.pick(&INDEX_CREATE, "T", 3));
        let others = (4..20).map(|change| scale.pick(&INDEX_CREATE, "T", change));
        assert!(others.into_iter().any(|time| time != first));
    }
}
