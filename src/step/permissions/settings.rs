//! What declared settings and indexes ask for when they are read, changed, or given at creation.

use crate::model::{IndexKind, Setting, TableSpec};

use super::{DECRYPT, Permission, Resource, ServiceRole, decrypt, key_of, on_table};

/// What DynamoDB needs of a customer's key to encrypt a table with it, in the caller's name: AWS,
/// "DynamoDB encryption at rest: usage notes", "Authorizing use of a customer managed key".
const KEY_ACTIONS: [&str; 6] = [
    "kms:CreateGrant",
    DECRYPT,
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
];

/// What `CreateTable` takes beside its own action: those of the tags and of the policy that it
/// carries (AWS, "CreateTable": with tags it takes `TagResource`, with a policy
/// `PutResourcePolicy`), and the use of the key.
pub(in crate::step) fn at_creation(spec: &TableSpec) -> Vec<Permission> {
    let mut needed = Vec::new();
    if !spec.tags.is_empty() {
        needed.extend(on_table(spec, &["dynamodb:TagResource"]));
    }
    if spec.settings.iter().any(|setting| matches!(setting, Setting::ResourcePolicy(Some(_)))) {
        needed.extend(on_table(spec, &["dynamodb:PutResourcePolicy"]));
    }
    needed.extend(on_key(spec));
    needed
}

/// The reads of declared settings that `DescribeTable` does not show.
pub(in crate::step) fn reads(spec: &TableSpec) -> Vec<Permission> {
    let of_table = spec.settings.iter().flat_map(|setting| read(spec, setting));
    of_table.chain(on_indexes(spec, "dynamodb:DescribeContributorInsights")).collect()
}

/// All calls that may change declared settings and indexes, with the reads before them.
pub(in crate::step) fn writes(spec: &TableSpec) -> Vec<Permission> {
    let mut needed = reads(spec);
    if may_update_table(spec) {
        needed.extend(on_table(spec, &["dynamodb:UpdateTable"]));
    }
    needed.extend(on_key(spec));
    needed.extend(spec.settings.iter().flat_map(|setting| write(spec, setting)));
    let of_indexes = on_indexes(spec, "dynamodb:UpdateContributorInsights");
    if !of_indexes.is_empty() {
        needed.extend(of_indexes);
        let of_indexes = spec.indexes.iter().flat_map(|index| &index.settings);
        needed.extend(of_indexes.flat_map(|setting| insights(spec, setting)));
    }
    needed
}

/// Whether `UpdateTable` may be called at all: it changes billing, indexes, and what
/// `DescribeTable` shows of the settings.
fn may_update_table(spec: &TableSpec) -> bool {
    spec.billing.is_some()
        || spec.indexes.iter().any(|index| index.kind != IndexKind::Local)
        || !spec.vector_indexes.is_empty()
        || !spec.asked.prune.is_empty()
        || spec.settings.iter().any(|setting| !setting.has_own_call())
}

fn on_key(spec: &TableSpec) -> Vec<Permission> {
    let Some(key) = key_of(spec) else { return Vec::new() };
    let key = || Resource::Key(key.to_owned());
    KEY_ACTIONS.into_iter().map(|action| Permission::new(action, key())).collect()
}

fn read(spec: &TableSpec, setting: &Setting) -> Vec<Permission> {
    match setting {
        Setting::TimeToLive(_) => on_table(spec, &["dynamodb:DescribeTimeToLive"]),
        Setting::Recovery(_) => on_table(spec, &["dynamodb:DescribeContinuousBackups"]),
        Setting::ContributorInsights(_) => {
            on_table(spec, &["dynamodb:DescribeContributorInsights"])
        }
        Setting::KinesisStream(stream) => {
            let stream = stream.as_ref().map(|stream| stream.arn.clone());
            let on_stream = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary"]
                .map(|action| Permission::new(action, Resource::KinesisStream(stream.clone())));
            let mut needed = on_table(spec, &["dynamodb:DescribeKinesisStreamingDestination"]);
            needed.extend(on_stream);
            needed
        }
        Setting::ResourcePolicy(_) => on_table(spec, &["dynamodb:GetResourcePolicy"]),
        _ => Vec::new(),
    }
}

fn write(spec: &TableSpec, setting: &Setting) -> Vec<Permission> {
    match setting {
        Setting::TimeToLive(_) => on_table(spec, &["dynamodb:UpdateTimeToLive"]),
        Setting::Recovery(_) => on_table(spec, &["dynamodb:UpdateContinuousBackups"]),
        Setting::ContributorInsights(_) => {
            let mut needed = on_table(spec, &["dynamodb:UpdateContributorInsights"]);
            needed.extend(insights(spec, setting));
            needed
        }
        Setting::KinesisStream(stream) => {
            let mut needed = on_table(spec, &["dynamodb:DisableKinesisStreamingDestination"]);
            if let Some(stream) = stream {
                needed.extend(kinesis(spec, &stream.arn, stream.precision.is_some()));
            }
            needed
        }
        Setting::ResourcePolicy(Some(_)) => on_table(spec, &["dynamodb:PutResourcePolicy"]),
        Setting::ResourcePolicy(None) => on_table(spec, &["dynamodb:DeleteResourcePolicy"]),
        _ => Vec::new(),
    }
}

/// What contributor insights take beside their own action: the role, when they are first turned on
/// in the account, and the key of the table (AWS, "Using IAM with `CloudWatch` Contributor Insights
/// for DynamoDB").
fn insights(spec: &TableSpec, setting: &Setting) -> Vec<Permission> {
    let Setting::ContributorInsights(mode) = setting else { return Vec::new() };
    let role = mode.map(|_| first_use(ServiceRole::ContributorInsights));
    decrypt(spec).into_iter().chain(role).collect()
}

/// What it takes to feed a Kinesis stream: AWS, "Using IAM policies for Amazon Kinesis Data Streams
/// and Amazon DynamoDB".
fn kinesis(spec: &TableSpec, stream: &str, precise: bool) -> Vec<Permission> {
    let mut needed = on_table(spec, &["dynamodb:EnableKinesisStreamingDestination"]);
    if precise {
        needed.extend(on_table(spec, &["dynamodb:UpdateKinesisStreamingDestination"]));
    }
    let on_stream =
        |action| Permission::new(action, Resource::KinesisStream(Some(stream.to_owned())));
    needed.extend(["kinesis:DescribeStream", "kinesis:PutRecords"].map(on_stream));
    needed.push(Permission::new("kinesis:ListStreams", Resource::All));
    needed.push(first_use(ServiceRole::KinesisStreams));
    needed
}

fn first_use(role: ServiceRole) -> Permission {
    Permission::new("iam:CreateServiceLinkedRole", Resource::ServiceRole(role))
}

/// An action of contributor insights on the table and on each of its indexes that declares them:
/// the reference has the table as its required resource, and the index beside it.
fn on_indexes(spec: &TableSpec, action: &'static str) -> Vec<Permission> {
    let watched = spec.indexes.iter().filter(|index| {
        index.settings.iter().any(|own| matches!(own, Setting::ContributorInsights(_)))
    });
    let on_index = |name: &str| {
        let (table, path) = (spec.name.to_string(), format!("index/{name}"));
        Permission::new(action, Resource::Part { table, path })
    };
    let on_index: Vec<_> = watched.map(|index| on_index(&index.name)).collect();
    let table = if on_index.is_empty() { Vec::new() } else { on_table(spec, &[action]) };
    table.into_iter().chain(on_index).collect()
}
