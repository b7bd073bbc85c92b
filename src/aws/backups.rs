//! On-demand backups of tables.

use aws_sdk_dynamodb::types as sdk;

use crate::model::TableName;

use super::TableApi;
use super::error::ServiceError;
use super::table_api::{garbled, spawned};

/// An on-demand backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its ARN.
    pub arn: String,
    /// `CREATING`, `AVAILABLE` or `DELETED`.
    pub status: String,
}

impl TableApi {
    /// `CreateBackup`. Names need not be unique: called twice, it makes two.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn create_backup(
        &self,
        table: &TableName,
        name: &str,
    ) -> Result<Backup, ServiceError> {
        const CALL: &str = "CreateBackup";
        let request = self.writes.create_backup().table_name(table.as_str()).backup_name(name);
        let target = table.clone();
        let call = spawned(CALL, table.as_str(), async move {
            let answer = request.send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(target.as_str()), &error))
        });
        let answer = self.observe(CALL, table.as_str(), call).await?;
        let backup = answer.backup_details().map(|details| Backup {
            arn: details.backup_arn().to_owned(),
            status: details.backup_status().as_str().to_owned(),
        });
        backup.ok_or_else(|| garbled(CALL, table.as_str(), "the answer holds no backup"))
    }

    /// `DescribeBackup`: its status.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn backup_status(&self, arn: &str) -> Result<String, ServiceError> {
        const CALL: &str = "DescribeBackup";
        let call = async {
            let answer = self.reads.describe_backup().backup_arn(arn).send().await;
            answer.map_err(|error| ServiceError::new(CALL, Some(arn), &error))
        };
        let answer = self.observe(CALL, arn, call).await?;
        let details = answer.backup_description().and_then(|own| own.backup_details());
        let status = details.map(|details| details.backup_status().as_str().to_owned());
        status.ok_or_else(|| garbled(CALL, arn, "the answer holds no backup"))
    }

    /// `ListBackups` of a table, up to the backup of this name.
    ///
    /// # Errors
    /// Whatever the service or the network says.
    pub async fn backup_named(
        &self,
        table: &TableName,
        name: &str,
    ) -> Result<Option<Backup>, ServiceError> {
        const CALL: &str = "ListBackups";
        let mut start: Option<String> = None;
        loop {
            let request = self.reads.list_backups().table_name(table.as_str());
            let request = request.set_exclusive_start_backup_arn(start.clone());
            let call = async {
                let answer = request.send().await;
                answer.map_err(|error| ServiceError::new(CALL, Some(table.as_str()), &error))
            };
            let answer = self.observe(CALL, table.as_str(), call).await?;
            let found =
                answer.backup_summaries().iter().find(|own| own.backup_name() == Some(name));
            if let Some(backup) = found.and_then(listed) {
                return Ok(Some(backup));
            }
            let next = answer.last_evaluated_backup_arn().map(str::to_owned);
            // A server that repeats itself would be asked for ever.
            if next.is_none() || next == start {
                return Ok(None);
            }
            start = next;
        }
    }
}

fn listed(summary: &sdk::BackupSummary) -> Option<Backup> {
    let status = summary.backup_status().map_or("CREATING", sdk::BackupStatus::as_str).to_owned();
    summary.backup_arn().map(|arn| Backup { arn: arn.to_owned(), status })
}
