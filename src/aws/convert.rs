//! From the SDK's description of a table to [`TableState`].

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types as sdk;

use crate::model::{
    IndexKind, IndexState, KeyAttribute, KeySchema, Projection, ScalarType, TableName, TableState,
    Throughput,
};

type AttributeTypes = BTreeMap<String, ScalarType>;

/// Normalises a description; fields that an emulator leaves out take the service's defaults.
pub(super) fn table_state(name: &TableName, table: &sdk::TableDescription) -> TableState {
    let types = attribute_types(table);
    let pay_per_request = table.billing_mode_summary().and_then(|summary| summary.billing_mode())
        == Some(&sdk::BillingMode::PayPerRequest);
    let throughput = |described: Option<&sdk::ProvisionedThroughputDescription>| {
        described.filter(|_| !pay_per_request).map(throughput)
    };
    let global = table.global_secondary_indexes().iter().map(|index| IndexState {
        kind: IndexKind::Global,
        name: index.index_name().unwrap_or_default().to_owned(),
        keys: key_schema(index.key_schema(), &types),
        projection: projection(index.projection()),
        status: index.index_status().map(|status| status.as_str().to_owned()),
        backfilling: index.backfilling().unwrap_or(false),
        throughput: throughput(index.provisioned_throughput()),
    });
    let local = table.local_secondary_indexes().iter().map(|index| IndexState {
        kind: IndexKind::Local,
        name: index.index_name().unwrap_or_default().to_owned(),
        keys: key_schema(index.key_schema(), &types),
        projection: projection(index.projection()),
        status: None,
        backfilling: false,
        throughput: None,
    });
    TableState {
        name: name.clone(),
        arn: table.table_arn().map(str::to_owned),
        id: table.table_id().map(str::to_owned),
        status: table.table_status().map_or("ACTIVE", sdk::TableStatus::as_str).to_owned(),
        created_at: table.creation_date_time().and_then(|time| time.to_millis().ok()),
        keys: key_schema(table.key_schema(), &types),
        indexes: global.chain(local).collect(),
        pay_per_request,
        throughput: throughput(table.provisioned_throughput()),
        deletion_protection: table.deletion_protection_enabled().unwrap_or(false),
        settling: settling(table),
        approximate_items: table.item_count(),
        replicas: replicas(table),
        stream_arn: table.latest_stream_arn().map(str::to_owned),
    }
}

/// The regions of replicas, in whatever state.
fn replicas(table: &sdk::TableDescription) -> Vec<String> {
    let region = |replica: &sdk::ReplicaDescription| replica.region_name().map(str::to_owned);
    table.replicas().iter().filter_map(region).collect()
}

fn attribute_types(table: &sdk::TableDescription) -> AttributeTypes {
    let typed = table.attribute_definitions().iter().filter_map(|definition| {
        let ty = ScalarType::parse(definition.attribute_type().as_str())?;
        Some((definition.attribute_name().to_owned(), ty))
    });
    typed.collect()
}

fn key_schema(elements: &[sdk::KeySchemaElement], types: &AttributeTypes) -> KeySchema {
    let with_role = |role: &sdk::KeyType| {
        elements
            .iter()
            .filter(|element| element.key_type() == role)
            .map(|element| KeyAttribute {
                name: element.attribute_name().to_owned(),
                // The service always defines key attributes; S only stands in for a broken answer.
                ty: types.get(element.attribute_name()).copied().unwrap_or(ScalarType::S),
            })
            .collect()
    };
    KeySchema { hash: with_role(&sdk::KeyType::Hash), range: with_role(&sdk::KeyType::Range) }
}

fn projection(projection: Option<&sdk::Projection>) -> Projection {
    match projection.and_then(sdk::Projection::projection_type) {
        Some(sdk::ProjectionType::KeysOnly) => Projection::KeysOnly,
        Some(sdk::ProjectionType::Include) => {
            let names = projection.map(sdk::Projection::non_key_attributes).unwrap_or_default();
            Projection::Include(names.iter().cloned().collect())
        }
        _ => Projection::All,
    }
}

fn throughput(described: &sdk::ProvisionedThroughputDescription) -> Throughput {
    let units = |value: Option<i64>| value.and_then(|units| units.try_into().ok()).unwrap_or(0);
    Throughput {
        read: units(described.read_capacity_units()),
        write: units(described.write_capacity_units()),
    }
}

/// Settings that go on changing while the table is `ACTIVE`.
fn settling(table: &sdk::TableDescription) -> Option<String> {
    let encryption = table.sse_description().and_then(sdk::SseDescription::status);
    let encryption = encryption
        .map(sdk::SseStatus::as_str)
        .filter(|status| matches!(*status, "ENABLING" | "DISABLING" | "UPDATING"));
    let warm = table
        .warm_throughput()
        .and_then(|warm| warm.status())
        .map(sdk::TableStatus::as_str)
        .filter(|status| *status == "UPDATING");
    encryption
        .map(|status| format!("encryption {status}"))
        .or_else(|| warm.map(|status| format!("warm throughput {status}")))
}
