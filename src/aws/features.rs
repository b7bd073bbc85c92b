//! Reads of settings that `DescribeTable` does not show.

use aws_sdk_dynamodb::types as sdk;

use crate::model::TableName;

use super::TableApi;
use super::error::ServiceError;

impl TableApi {
    /// `DescribeTimeToLive`: the attribute with the time of expiry, where it is on. The service does
    /// not tell whether it was ever on.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn time_to_live(&self, name: &TableName) -> Result<Option<String>, ServiceError> {
        const CALL: &str = "DescribeTimeToLive";
        let call = async {
            let answer = self.reads.describe_time_to_live().table_name(name.as_str()).send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(name.as_str()), &error))
        };
        let answer = self.observe(CALL, name.as_str(), call).await?;
        let on = |ttl: &&sdk::TimeToLiveDescription| {
            use sdk::TimeToLiveStatus::{Enabled, Enabling};
            matches!(ttl.time_to_live_status(), Some(Enabled | Enabling))
        };
        let described = answer.time_to_live_description().filter(on);
        Ok(described.and_then(|ttl| ttl.attribute_name()).map(str::to_owned))
    }

    /// `DescribeContinuousBackups`: how many days point-in-time recovery reaches back, where it is
    /// on.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn recovery(&self, name: &TableName) -> Result<Option<u8>, ServiceError> {
        const CALL: &str = "DescribeContinuousBackups";
        let call = async {
            let answer =
                self.reads.describe_continuous_backups().table_name(name.as_str()).send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(name.as_str()), &error))
        };
        let answer = self.observe(CALL, name.as_str(), call).await?;
        let backups = answer.continuous_backups_description();
        let recovery = backups.and_then(|backups| backups.point_in_time_recovery_description());
        let on = recovery.filter(|recovery| {
            let status = recovery.point_in_time_recovery_status();
            // The service was seen to say ENABLING, which its model does not know.
            status.is_some_and(|status| matches!(status.as_str(), "ENABLED" | "ENABLING"))
        });
        // Servers from before the period was made configurable say none.
        let days = |recovery: &sdk::PointInTimeRecoveryDescription| {
            recovery.recovery_period_in_days().and_then(|days| days.try_into().ok()).unwrap_or(35)
        };
        Ok(on.map(days))
    }
}
