//! Resources as ARNs, and the conditions that they are used under.

use crate::step::{Resource, ServiceRole};

use super::PolicyPlace;

/// The partitions of AWS by how their regions start; all others are in `aws`: AWS, "IAM Identifiers"
/// and the SDKs' `partitions.json`.
const PARTITIONS: [(&str, &str); 7] = [
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-iso-", "aws-iso"),
    ("us-isob-", "aws-iso-b"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-isof-", "aws-iso-f"),
    ("eusc-", "aws-eusc"),
];

pub(super) fn partition(region: &str) -> &'static str {
    let found = PARTITIONS.iter().find(|(start, _)| region.starts_with(start));
    found.map_or("aws", |(_, partition)| partition)
}

/// The resource as a policy names it.
pub(super) fn arn(resource: &Resource, place: PolicyPlace<'_>) -> String {
    match resource {
        Resource::All => "*".to_owned(),
        Resource::Table(table) => in_dynamodb(table, None, place),
        Resource::Part { table, path } => in_dynamodb(table, Some(path), place),
        Resource::TablesLike(start) => in_dynamodb(&format!("{start}*"), None, place),
        Resource::KinesisStream(Some(arn)) | Resource::Key(arn) => arn.clone(),
        Resource::KinesisStream(None) => of_region("kinesis", "stream/*", place),
        Resource::ServiceRole(role) => {
            let (service, name) = service_role(*role);
            let (partition, account) = (partition(place.region), account(place));
            format!("arn:{partition}:iam::{account}:role/aws-service-role/{service}/{name}")
        }
    }
}

/// The operator and value are those of AWS's own examples: "Using IAM with `CloudWatch` Contributor
/// Insights for DynamoDB", and "DynamoDB encryption at rest: usage notes", whose key policy is for
/// calls through DynamoDB. Here only through that of the region; the end of its name differs between
/// partitions.
pub(super) fn condition(
    resource: &Resource,
    place: PolicyPlace<'_>,
) -> Option<(&'static str, String)> {
    match resource {
        Resource::Key(_) => Some(("kms:ViaService", format!("dynamodb.{}.*", place.region))),
        Resource::ServiceRole(role) => {
            Some(("iam:AWSServiceName", service_role(*role).0.to_owned()))
        }
        _ => None,
    }
}

/// The service that a role is for, and the role's name.
const fn service_role(role: ServiceRole) -> (&'static str, &'static str) {
    match role {
        ServiceRole::ContributorInsights => (
            "contributorinsights.dynamodb.amazonaws.com",
            "AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
        ),
        ServiceRole::KinesisStreams => (
            "kinesisreplication.dynamodb.amazonaws.com",
            "AWSServiceRoleForDynamoDBKinesisDataStreamsReplication",
        ),
    }
}

/// A table, or what is below it. Where all tables of the prefix are allowed, what stands below them
/// is too: `*` matches any text.
fn in_dynamodb(table: &str, path: Option<&str>, place: PolicyPlace<'_>) -> String {
    let prefix = place.table_prefix;
    if place.wildcard && !prefix.is_empty() && table.starts_with(prefix) {
        return of_region("dynamodb", &format!("table/{prefix}*"), place);
    }
    let below = path.map_or_else(String::new, |path| format!("/{path}"));
    of_region("dynamodb", &format!("table/{table}{below}"), place)
}

fn of_region(service: &str, resource: &str, place: PolicyPlace<'_>) -> String {
    let (partition, account) = (partition(place.region), account(place));
    format!("arn:{partition}:{service}:{}:{account}:{resource}", place.region)
}

fn account(place: PolicyPlace<'_>) -> &str {
    place.account.map_or("*", |account| account.as_str())
}
