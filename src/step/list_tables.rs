//! `list-tables`: the tables of the environment, declared and live.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, TryStreamExt};

use crate::model::{Effect, Failure, Inputs, KindScope, KindSpec, TableName, TableSpec};

use super::permissions::on_table;
use super::{
    Fact, ListedTable, Permission, PermissionScope, Permissions, Preview, Resource, Step,
    StepContext, StepError, StepKind, StepSuccess, kind,
};

/// Descriptions fetched at once.
const AT_ONCE: usize = 8;

pub(super) struct ListTables;

impl StepKind for ListTables {
    fn spec(&self) -> KindSpec {
        kind::spec(
            "list-tables",
            "List the declared tables with their state, and live ones of the same name prefix",
            Effect::Read,
            KindScope::Environment,
            (60, 200),
        )
    }

    fn prepare(&self, _: &Inputs) -> Arc<dyn Step> {
        Arc::new(Self)
    }
}

impl Step for ListTables {
    fn preview<'a>(&'a self, _: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>> {
        async { Ok(Preview::default()) }.boxed()
    }

    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>> {
        async move {
            let live: BTreeSet<String> = cx.read(cx.tables.list()).await?.into_iter().collect();
            let calls: Vec<_> = wanted(cx, &live)
                .into_iter()
                .map(|(name, spec)| row(cx, name, spec, &live))
                .collect();
            let rows: Vec<ListedTable> =
                futures::stream::iter(calls).buffered(AT_ONCE).try_collect().await?;
            let found = rows.iter().filter(|row| row.status.is_some()).count();
            let noun = if found == 1 { "table" } else { "tables" };
            let message = format!("{found} {noun}, {} declared", cx.all_tables.len());
            Ok(StepSuccess::unchanged(message).fact(Fact::Tables { tables: rows }))
        }
        .boxed()
    }

    fn permissions(&self, scope: &PermissionScope<'_>) -> Option<Permissions> {
        let mut run = vec![Permission::new("dynamodb:ListTables", Resource::All)];
        // Live tables that are named like the declared ones are described too.
        if scope.table_prefix.is_empty() {
            let described = scope.all_tables.iter();
            run.extend(described.flat_map(|spec| on_table(spec, &["dynamodb:DescribeTable"])));
        } else {
            let alike = Resource::TablesLike(scope.table_prefix.to_owned());
            run.push(Permission::new("dynamodb:DescribeTable", alike));
        }
        Some(Permissions::of_run(run))
    }
}

/// Declared tables in order, then live ones whose names start like theirs.
fn wanted<'a>(
    cx: &'a StepContext,
    live: &BTreeSet<String>,
) -> Vec<(TableName, Option<&'a TableSpec>)> {
    let prefix = cx.facts.table_prefix.as_str();
    let declared: BTreeSet<&str> = cx.all_tables.iter().map(|spec| spec.name.as_str()).collect();
    let others = live
        .iter()
        .filter(|name| !prefix.is_empty() && name.starts_with(prefix))
        .filter(|name| !declared.contains(name.as_str()))
        .filter_map(|name| TableName::parse(name).ok().map(|name| (name, None)));
    cx.all_tables.iter().map(|spec| (spec.name.clone(), Some(spec))).chain(others).collect()
}

async fn row(
    cx: &StepContext,
    name: TableName,
    spec: Option<&TableSpec>,
    live: &BTreeSet<String>,
) -> Result<ListedTable, Failure> {
    let state =
        if live.contains(name.as_str()) { cx.read(cx.tables.describe(&name)).await? } else { None };
    let keys = spec.map(|spec| &spec.keys).or_else(|| state.as_ref().map(|state| &state.keys));
    Ok(ListedTable {
        table_name: name.to_string(),
        declared: spec.is_some(),
        keys: keys.map(ToString::to_string).unwrap_or_default(),
        indexes: match (&state, spec) {
            (Some(state), _) => state.index_count(),
            (None, spec) => spec.map_or(0, TableSpec::index_count),
        },
        status: state.as_ref().map(|state| state.status.clone()),
        approximate_items: state.and_then(|state| state.approximate_items),
    })
}
