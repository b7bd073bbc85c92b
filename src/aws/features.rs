//! Reads of settings that `DescribeTable` does not show.

use aws_sdk_dynamodb::types as sdk;

use crate::model::{
    Features, InsightsMode, KinesisStream, Precision, Setting, TableName, TableState,
};

use super::TableApi;
use super::error::ServiceError;

impl TableApi {
    /// How a setting of a table, or of one of its indexes, is live. Nothing is asked where
    /// `DescribeTable` shows the setting.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn feature(
        &self,
        state: &TableState,
        setting: &Setting,
        index: Option<&str>,
    ) -> Result<Features, ServiceError> {
        let (name, mut read) = (&state.name, Features::default());
        match setting {
            Setting::TimeToLive(_) => read.time_to_live = Some(self.time_to_live(name).await?),
            Setting::Recovery(_) => read.recovery = Some(self.recovery(name).await?),
            Setting::ContributorInsights(_) => {
                let (mode, busy) = self.insights(name, index).await?;
                read.insights.insert(index.unwrap_or_default().to_owned(), mode);
                read.busy = busy;
            }
            Setting::KinesisStream(_) => {
                let (streams, busy) = self.kinesis(name).await?;
                (read.kinesis, read.busy) = (Some(streams), busy);
            }
            Setting::ResourcePolicy(_) => {
                // Without an ARN nothing can be asked; some emulators send none.
                if let Some(arn) = state.arn.as_deref() {
                    let policy = self.policy(arn).await?;
                    read.policy = Some(policy.map(|policy| canonical(&policy)));
                }
            }
            _ => {}
        }
        Ok(read)
    }

    /// `DescribeTimeToLive`: the attribute with the time of expiry, where it is on. The service does
    /// not tell whether it was ever on.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    async fn time_to_live(&self, name: &TableName) -> Result<Option<String>, ServiceError> {
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

    /// `DescribeContributorInsights` of a table or an index: whether and how they are on, and what
    /// is still changing.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    async fn insights(
        &self,
        name: &TableName,
        index: Option<&str>,
    ) -> Result<(Option<InsightsMode>, Option<String>), ServiceError> {
        const CALL: &str = "DescribeContributorInsights";
        let call = async {
            let call = self.reads.describe_contributor_insights().table_name(name.as_str());
            let answer = call.set_index_name(index.map(str::to_owned)).send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(name.as_str()), &error))
        };
        let answer = self.observe(CALL, name.as_str(), call).await?;
        let status = answer.contributor_insights_status().map_or("DISABLED", |own| own.as_str());
        let throttled = sdk::ContributorInsightsMode::ThrottledKeys;
        let mode = match answer.contributor_insights_mode() {
            Some(mode) if *mode == throttled => InsightsMode::ThrottledKeys,
            _ => InsightsMode::AccessedAndThrottledKeys,
        };
        let on = matches!(status, "ENABLED" | "ENABLING").then_some(mode);
        let busy = matches!(status, "ENABLING" | "DISABLING");
        Ok((on, busy.then(|| format!("contributor insights {status}"))))
    }

    /// `DescribeKinesisStreamingDestination`: the streams that get the changes, and what is still
    /// changing.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    async fn kinesis(
        &self,
        name: &TableName,
    ) -> Result<(Vec<KinesisStream>, Option<String>), ServiceError> {
        const CALL: &str = "DescribeKinesisStreamingDestination";
        let call = async {
            let call = self.reads.describe_kinesis_streaming_destination();
            let answer = call.table_name(name.as_str()).send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(name.as_str()), &error))
        };
        let answer = self.observe(CALL, name.as_str(), call).await?;
        let (mut streams, mut busy) = (Vec::new(), None);
        for destination in answer.kinesis_data_stream_destinations() {
            let status = destination.destination_status().map_or("ACTIVE", |own| own.as_str());
            if matches!(status, "ENABLING" | "DISABLING" | "UPDATING") {
                busy = Some(format!("Kinesis stream {status}"));
            }
            if matches!(status, "ENABLING" | "ACTIVE" | "UPDATING") {
                streams.push(kinesis_stream(destination));
            }
        }
        Ok((streams, busy))
    }

    /// `GetResourcePolicy`: the policy of a table, as it is written.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    async fn policy(&self, arn: &str) -> Result<Option<String>, ServiceError> {
        const CALL: &str = "GetResourcePolicy";
        let call = async {
            let answer = self.reads.get_resource_policy().resource_arn(arn).send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(arn), &error))
        };
        match self.observe(CALL, arn, call).await {
            Ok(answer) => Ok(answer.policy().map(str::to_owned)),
            Err(error) if error.code.as_deref() == Some("PolicyNotFoundException") => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A policy as it is compared: the order of members and white space mean nothing.
fn canonical(policy: &str) -> String {
    let document = serde_json::from_str::<serde_json::Value>(policy);
    document.map_or_else(|_| policy.to_owned(), |document| document.to_string())
}

fn kinesis_stream(destination: &sdk::KinesisDataStreamDestination) -> KinesisStream {
    use sdk::ApproximateCreationDateTimePrecision::Microsecond;
    let precision = match destination.approximate_creation_date_time_precision() {
        Some(Microsecond) => Precision::Microsecond,
        _ => Precision::Millisecond,
    };
    let arn = destination.stream_arn().unwrap_or_default().to_owned();
    KinesisStream { arn, precision: Some(precision) }
}
