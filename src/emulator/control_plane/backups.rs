//! Point-in-time recovery: cannot be configured until a moment after the table is ACTIVE.

use serde_json::{Value, json};

use super::limits::Class;
use super::record::{Kind, Recovery, Table};
use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, text};

/// The recovery period where none is asked for, in days; turning recovery on again returns to it.
const USUAL_DAYS: u64 = 35;

impl ControlPlane {
    pub(super) fn update_continuous_backups(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let asked = &body["PointInTimeRecoverySpecification"];
        let Some(enabled) = asked["PointInTimeRecoveryEnabled"].as_bool() else {
            return Err(errors::validation(
                "1 validation error detected: Value null at \
                 'pointInTimeRecoverySpecification.pointInTimeRecoveryEnabled' failed to satisfy \
                 constraint: Member must not be null",
            ));
        };
        let days = match &asked["RecoveryPeriodInDays"] {
            Value::Null => USUAL_DAYS,
            days => days.as_u64().unwrap_or_default(),
        };
        if !(1..=USUAL_DAYS).contains(&days) {
            // The service's words are not known.
            return Err(errors::validation(format!(
                "1 validation error detected: Value '{days}' at \
                 'pointInTimeRecoverySpecification.recoveryPeriodInDays' failed to satisfy \
                 constraint: Member must have value between 1 and 35"
            )));
        }
        let name = text(body, "TableName").to_owned();
        let table = self.backed_up(call, &name)?;
        if now < table.backups_at {
            return Err(errors::backups_unavailable(&name));
        }
        let enabled_at = table.recovery.as_ref().map_or(now, |recovery| recovery.enabled_at);
        table.recovery = enabled.then_some(Recovery { enabled_at, days });
        let shown = shown(table, now);
        self.touch(&name);
        Ok(shown)
    }

    pub(super) fn describe_continuous_backups(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        self.limits.check(Class::DescribeBackups, now)?;
        let shown = shown(self.backed_up(call, text(body, "TableName"))?, now);
        self.limits.take(Class::DescribeBackups);
        Ok(shown)
    }

    /// The record of a table that is there for the backup operations.
    pub(super) fn backed_up(&mut self, call: Call<'_>, name: &str) -> Result<&mut Table, ApiError> {
        let not_found = || errors::backups_table_not_found(name);
        self.look_up(call, name)?.ok_or_else(not_found)?;
        let table = self.record(name);
        let there = table.under_way(Kind::Creating).or(table.under_way(Kind::Deleting)).is_none();
        if there { Ok(table) } else { Err(not_found()) }
    }
}

fn shown(table: &Table, now: Millis) -> Value {
    let recovery = table.recovery.as_ref().map_or_else(
        || json!({ "PointInTimeRecoveryStatus": "DISABLED" }),
        |recovery| {
            json!({
                "PointInTimeRecoveryStatus": "ENABLED",
                "RecoveryPeriodInDays": recovery.days,
                "EarliestRestorableDateTime": recovery.enabled_at / 1_000,
                "LatestRestorableDateTime": now / 1_000,
            })
        },
    );
    json!({ "ContinuousBackupsDescription": {
        "ContinuousBackupsStatus": "ENABLED",
        "PointInTimeRecoveryDescription": recovery,
    } })
}
