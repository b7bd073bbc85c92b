//! What documentation says of the built-in kinds beyond what checks need: the IAM actions that a step
//! may call, and what takes back what it did.

/// Name, IAM actions, undo.
type Row = (&'static str, &'static [&'static str], Option<&'static str>);

/// Reads of settings that `DescribeTable` does not show, each made where the setting is declared.
const VERIFY: &[&str] = &[
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetResourcePolicy",
    "dynamodb:ListTagsOfResource",
];

const UPDATE: &[&str] = &[
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeContributorInsights",
    "dynamodb:DescribeKinesisStreamingDestination",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:DisableKinesisStreamingDestination",
    "dynamodb:EnableKinesisStreamingDestination",
    "dynamodb:GetResourcePolicy",
    "dynamodb:PutResourcePolicy",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateContributorInsights",
    "dynamodb:UpdateKinesisStreamingDestination",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
];

const ROWS: &[Row] = &[
    (
        "backup-table",
        &[
            "dynamodb:CreateBackup",
            "dynamodb:DescribeBackup",
            "dynamodb:DescribeTable",
            "dynamodb:ListBackups",
        ],
        None,
    ),
    (
        "create-table",
        &[
            "dynamodb:CreateTable",
            "dynamodb:DescribeTable",
            "dynamodb:PutResourcePolicy",
            "dynamodb:TagResource",
        ],
        Some("deletes the table, while it is empty and the one that the run created"),
    ),
    (
        "delete-table",
        &[
            "dynamodb:DeleteTable",
            "dynamodb:DescribeContinuousBackups",
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:Scan",
        ],
        None,
    ),
    ("exec", &[], None),
    ("list-tables", &["dynamodb:DescribeTable", "dynamodb:ListTables"], None),
    (
        "put-items",
        &["dynamodb:BatchWriteItem", "dynamodb:DescribeTable", "dynamodb:PutItem"],
        Some("takes out the items that it put, where they still are as they were put"),
    ),
    ("shell", &[], None),
    (
        "tag",
        &[
            "dynamodb:DescribeTable",
            "dynamodb:ListTagsOfResource",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
        ],
        Some("restores the tags, where they still are as the run left them"),
    ),
    ("update-table", UPDATE, None),
    ("validate-credentials", &["sts:GetCallerIdentity"], None),
    ("verify", VERIFY, None),
    ("wait-active", &["dynamodb:DescribeTable"], None),
    ("wait-deleted", &["dynamodb:DescribeTable"], None),
];

fn row(kind: &str) -> Option<&'static Row> {
    ROWS.iter().find(|(name, ..)| *name == kind)
}

/// Whether a kind is built in.
pub(super) fn is_built_in(kind: &str) -> bool {
    row(kind).is_some()
}

/// The IAM actions that a step of a built-in kind may call, sorted.
#[must_use]
pub fn iam_actions(kind: &str) -> &'static [&'static str] {
    row(kind).map_or(&[], |(_, actions, _)| actions)
}

/// What takes back what a step of a built-in kind did, for people.
#[must_use]
pub fn undo_of(kind: &str) -> Option<&'static str> {
    row(kind).and_then(|(.., undo)| *undo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::step::Registry;

    #[test]
    fn every_built_in_kind_is_documented_and_no_other() {
        let catalog = Registry::built_in().catalog();
        let documented: Vec<&str> = ROWS.iter().map(|(name, ..)| *name).collect();
        assert_eq!(documented, catalog.names().collect::<Vec<_>>(), "in the order of their names");
        for (name, actions, _) in ROWS {
            assert!(actions.is_sorted(), "{name}");
        }
    }
}
