//! What steps ask for that run programs: what the `iam` of their kind says.

use std::sync::Arc;

use crate::model::{KindDecl, TableSpec};
use crate::step::{Permission, Permissions, Resource};

use super::super::{Plan, PlannedStep};

/// Actions of DynamoDB that know no narrower resource: AWS, "Service Authorization Reference:
/// Amazon DynamoDB".
const OF_THE_ACCOUNT: [&str; 10] = [
    "DescribeEndpoints",
    "DescribeLimits",
    "DescribeReservedCapacity",
    "DescribeReservedCapacityOfferings",
    "ListBackups",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListTables",
    "PurchaseReservedCapacityOfferings",
];

/// Those that are on a stream of the table.
const ON_STREAMS: [&str; 4] = ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"];

/// Those that are on a backup of the table.
const ON_BACKUPS: [&str; 2] = ["DeleteBackup", "DescribeBackup"];

/// Those that may be on an index of the table.
const ON_INDEXES: [&str; 6] = [
    "DescribeContributorInsights",
    "PartiQLSelect",
    "Query",
    "Scan",
    "SearchVectors",
    "UpdateContributorInsights",
];

/// What the step's kind says that its program asks for: on the step's table, or on all tables of the
/// environment where it has none; so for the steps of its `rollback`. `None` where one of them gets
/// credentials and does not say.
pub(super) fn asked_for(
    plan: &Plan,
    step: &PlannedStep,
    kinds: &[Arc<KindDecl>],
) -> Option<Permissions> {
    let tables: Vec<&TableSpec> = match step.table.as_deref() {
        Some(table) => vec![table],
        None => plan.tables.iter().collect(),
    };
    let of_kind = |name: &str, asks_as_osem: bool| {
        let kind = kinds.iter().find(|kind| kind.name.value == name);
        let actions = kind.map_or(&[][..], |kind| &kind.iam);
        let known = !actions.is_empty() || !asks_as_osem;
        known.then(|| actions.iter().flat_map(|action| on_tables(&action.value, &tables)).collect())
    };
    let run: Vec<Permission> =
        of_kind(&step.kind, step.command.as_ref().is_none_or(|command| command.credentials))?;
    let rollback = step.command.iter().flat_map(|command| &command.rollback);
    let undo = rollback.map(|undo| of_kind(&undo.kind, undo.command.credentials));
    let undo = undo.collect::<Option<Vec<Vec<Permission>>>>()?.concat();
    Some(Permissions { run, undo })
}

/// The action on what it can be on.
fn on_tables(action: &str, tables: &[&TableSpec]) -> Vec<Permission> {
    let one = |resource| Permission::new(action.to_owned(), resource);
    let Some(name) = action.strip_prefix("dynamodb:") else { return vec![one(Resource::All)] };
    if OF_THE_ACCOUNT.contains(&name) {
        return vec![one(Resource::All)];
    }
    let is_pattern = name.contains(['*', '?']);
    let on_indexes = is_pattern || ON_INDEXES.contains(&name);
    let resources = tables.iter().flat_map(|spec| {
        let table = spec.name.to_string();
        let part = |path: &str| Resource::Part { table: table.clone(), path: path.to_owned() };
        if ON_STREAMS.contains(&name) {
            return vec![part("stream/*")];
        }
        if ON_BACKUPS.contains(&name) {
            return vec![part("backup/*")];
        }
        let whole = Resource::Table(table.clone());
        let indexes = (on_indexes && has_indexes(spec)).then(|| part("index/*"));
        std::iter::once(whole).chain(indexes).collect()
    });
    resources.map(one).collect()
}

const fn has_indexes(spec: &TableSpec) -> bool {
    !spec.indexes.is_empty() || !spec.vector_indexes.is_empty()
}
