//! From the SDK's description of a table to [`TableState`].

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types as sdk;

use crate::model::{
    DistanceFunction, Encryption, IndexKind, IndexState, KeyAttribute, KeySchema, Projection,
    ScalarType, StreamView, TableClass, TableName, TableState, Throughput, Units, VectorIndex,
    VectorIndexState,
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
        on_demand_max: on_demand_max(index.on_demand_throughput()),
        warm: index.warm_throughput().map(|warm| Units {
            read: units(warm.read_units_per_second()),
            write: units(warm.write_units_per_second()),
        }),
    });
    let local = table.local_secondary_indexes().iter().map(|index| IndexState {
        kind: IndexKind::Local,
        name: index.index_name().unwrap_or_default().to_owned(),
        keys: key_schema(index.key_schema(), &types),
        projection: projection(index.projection()),
        status: None,
        backfilling: false,
        throughput: None,
        on_demand_max: Units::default(),
        warm: None,
    });
    TableState {
        name: name.clone(),
        arn: table.table_arn().map(str::to_owned),
        id: table.table_id().map(str::to_owned),
        status: table.table_status().map_or("ACTIVE", sdk::TableStatus::as_str).to_owned(),
        created_at: table.creation_date_time().and_then(|time| time.to_millis().ok()),
        keys: key_schema(table.key_schema(), &types),
        indexes: global.chain(local).collect(),
        vector_indexes: vector_indexes(table, &types),
        pay_per_request,
        throughput: throughput(table.provisioned_throughput()),
        deletion_protection: table.deletion_protection_enabled().unwrap_or(false),
        on_demand_max: on_demand_max(table.on_demand_throughput()),
        stream: stream(table),
        encryption: encryption(table),
        class: class(table),
        warm: table.warm_throughput().map(|warm| Units {
            read: units(warm.read_units_per_second()),
            write: units(warm.write_units_per_second()),
        }),
        disassociation_protection: table.disassociation_protection_enabled().unwrap_or(false),
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

fn vector_indexes(table: &sdk::TableDescription, types: &AttributeTypes) -> Vec<VectorIndexState> {
    let state = |index: &sdk::VectorIndexDescription| VectorIndexState {
        index: vector_index(index, types),
        status: index.index_status().map(|status| status.as_str().to_owned()),
        backfilling: index.backfilling().unwrap_or(false),
    };
    table.vector_indexes().iter().map(state).collect()
}

fn vector_index(index: &sdk::VectorIndexDescription, types: &AttributeTypes) -> VectorIndex {
    let with_role = |role: sdk::SearchSchemaElementType| {
        let schema = index.search_schema().iter();
        let elements = schema.filter(move |element| *element.search_schema_element_type() == role);
        elements.map(|element| key_attribute(element.attribute_name(), types))
    };
    let attribute = index.vector_attribute().map(|attribute| attribute.attribute_name().to_owned());
    let distance = index.distance_function().map_or("COSINE", sdk::VectorDistanceFunction::as_str);
    VectorIndex {
        name: index.index_name().unwrap_or_default().to_owned(),
        attribute: attribute.unwrap_or_default(),
        dimensions: index.dimensions().and_then(|count| count.try_into().ok()).unwrap_or(0),
        distance: DistanceFunction::of_service(distance),
        hash: with_role(sdk::SearchSchemaElementType::Hash).next(),
        filters: with_role(sdk::SearchSchemaElementType::InlineFilter).collect(),
        projection: projection(index.projection()),
    }
}

fn key_attribute(name: &str, types: &AttributeTypes) -> KeyAttribute {
    // The service always defines key attributes; S only stands in for a broken answer.
    let ty = types.get(name).copied().unwrap_or(ScalarType::S);
    KeyAttribute { name: name.to_owned(), ty }
}

fn key_schema(elements: &[sdk::KeySchemaElement], types: &AttributeTypes) -> KeySchema {
    let with_role = |role: &sdk::KeyType| {
        elements
            .iter()
            .filter(|element| element.key_type() == role)
            .map(|element| key_attribute(element.attribute_name(), types))
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

fn units(value: Option<i64>) -> Option<u64> {
    value.and_then(|units| units.try_into().ok())
}

/// The service says -1, or nothing, for no ceiling.
fn on_demand_max(described: Option<&sdk::OnDemandThroughput>) -> Units {
    described.map_or_else(Units::default, |most| Units {
        read: units(most.max_read_request_units()),
        write: units(most.max_write_request_units()),
    })
}

/// A stream that was disabled leaves its last ARN behind, but no specification.
fn stream(table: &sdk::TableDescription) -> Option<StreamView> {
    let specification = table.stream_specification().filter(|stream| stream.stream_enabled())?;
    let view = specification.stream_view_type()?.as_str();
    StreamView::ALL.into_iter().find(|(_, _, name)| *name == view).map(|(view, ..)| view)
}

fn encryption(table: &sdk::TableDescription) -> Encryption {
    let on = |sse: &&sdk::SseDescription| {
        !matches!(sse.status(), Some(sdk::SseStatus::Disabled | sdk::SseStatus::Disabling))
    };
    let Some(described) = table.sse_description().filter(on) else { return Encryption::AwsOwned };
    match described.kms_master_key_arn() {
        Some(arn) if !arn.ends_with(":alias/aws/dynamodb") => Encryption::Key(arn.to_owned()),
        _ => Encryption::AwsManaged,
    }
}

fn class(table: &sdk::TableDescription) -> TableClass {
    match table.table_class_summary().and_then(|summary| summary.table_class()) {
        Some(sdk::TableClass::StandardInfrequentAccess) => TableClass::StandardInfrequentAccess,
        _ => TableClass::Standard,
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
    let of_index = table.global_secondary_indexes().iter().find_map(|index| {
        let status = index.warm_throughput()?.status()?.as_str();
        let name = index.index_name().unwrap_or_default();
        (status == "UPDATING").then(|| format!("warm throughput of index {name} UPDATING"))
    });
    encryption
        .map(|status| format!("encryption {status}"))
        .or_else(|| warm.map(|status| format!("warm throughput {status}")))
        .or(of_index)
}
