//! The operations that a fault can be tied to.

use crate::diagnostic::{Diagnostic, did_you_mean};

use super::Value;

/// The operations of DynamoDB and its streams, and those of STS that say who calls.
const OPERATIONS: &[&str] = &[
    "AssumeRole",
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "CreateBackup",
    "CreateGlobalTable",
    "CreateTable",
    "DeleteBackup",
    "DeleteItem",
    "DeleteResourcePolicy",
    "DeleteTable",
    "DescribeBackup",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeEndpoints",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeLimits",
    "DescribeStream",
    "DescribeTable",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExecuteStatement",
    "ExecuteTransaction",
    "ExportTableToPointInTime",
    "GetCallerIdentity",
    "GetItem",
    "GetRecords",
    "GetResourcePolicy",
    "GetShardIterator",
    "ImportTable",
    "ListBackups",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListStreams",
    "ListTables",
    "ListTagsOfResource",
    "PutItem",
    "PutResourcePolicy",
    "Query",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "Scan",
    "SearchVectors",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateItem",
    "UpdateKinesisStreamingDestination",
    "UpdateTable",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
];

impl Value<'_> {
    /// An operation of DynamoDB or STS by its name.
    ///
    /// # Errors
    /// For any other text: it would never be met.
    pub fn operation(&self, what: &str) -> Result<&'static str, Diagnostic> {
        let text = self.string(what)?.value;
        if let Some(known) = OPERATIONS.iter().find(|known| **known == text) {
            return Ok(known);
        }
        let message = format!("no operation of DynamoDB or STS is called `{text}`");
        let help = did_you_mean(text, OPERATIONS.iter().copied()).map_or_else(
            || "examples: CreateTable, DescribeTable, TagResource, GetCallerIdentity".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        Err(self.problem("osem::unknown-name", message).help(help))
    }
}

#[cfg(test)]
mod tests {
    use super::OPERATIONS;

    #[test]
    fn operations_are_sorted_and_named_once() {
        assert!(OPERATIONS.is_sorted_by(|one, next| one < next));
    }
}
