//! From a [`TableSpec`] to the SDK's `CreateTable`.

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableInputBuilder;
use aws_sdk_dynamodb::types as sdk;

use crate::model::{
    Billing, IndexKind, IndexSpec, KeySchema, Projection, ScalarType, TableSpec, Tags, Throughput,
};

/// Everything that `CreateTable` accepts of a declaration, indexes and tags inline.
pub(super) fn create_table(spec: &TableSpec) -> Result<CreateTableInputBuilder, BuildError> {
    let mut request = CreateTableInputBuilder::default()
        .table_name(spec.name.as_str())
        .set_key_schema(Some(key_schema(&spec.keys)?));
    for attribute in spec.attribute_definitions() {
        let definition = sdk::AttributeDefinition::builder()
            .attribute_name(&attribute.name)
            .attribute_type(match attribute.ty {
                ScalarType::S => sdk::ScalarAttributeType::S,
                ScalarType::N => sdk::ScalarAttributeType::N,
                ScalarType::B => sdk::ScalarAttributeType::B,
            });
        request = request.attribute_definitions(definition.build()?);
    }
    for index in &spec.indexes {
        request = match index.kind {
            IndexKind::Global => request.global_secondary_indexes(global_index(index)?),
            IndexKind::Local => request.local_secondary_indexes(local_index(index)?),
        };
    }
    request = match spec.billing_at_creation() {
        Billing::PayPerRequest => request.billing_mode(sdk::BillingMode::PayPerRequest),
        Billing::Provisioned { throughput, .. } => request
            .billing_mode(sdk::BillingMode::Provisioned)
            .provisioned_throughput(capacity(throughput)?),
    };
    let tags = (!spec.tags.is_empty()).then(|| tags(&spec.tags)).transpose()?;
    Ok(request.set_tags(tags))
}

/// Tags in the service's form.
pub(super) fn tags(tags: &Tags) -> Result<Vec<sdk::Tag>, BuildError> {
    tags.iter().map(|(key, value)| sdk::Tag::builder().key(key).value(value).build()).collect()
}

fn key_schema(keys: &KeySchema) -> Result<Vec<sdk::KeySchemaElement>, BuildError> {
    let element = |name: &str, role: sdk::KeyType| {
        sdk::KeySchemaElement::builder().attribute_name(name).key_type(role).build()
    };
    let hash = keys.hash.iter().map(|key| element(&key.name, sdk::KeyType::Hash));
    let range = keys.range.iter().map(|key| element(&key.name, sdk::KeyType::Range));
    hash.chain(range).collect()
}

fn projection(projection: &Projection) -> sdk::Projection {
    let builder = sdk::Projection::builder();
    match projection {
        Projection::All => builder.projection_type(sdk::ProjectionType::All),
        Projection::KeysOnly => builder.projection_type(sdk::ProjectionType::KeysOnly),
        Projection::Include(names) => builder
            .projection_type(sdk::ProjectionType::Include)
            .set_non_key_attributes(Some(names.iter().cloned().collect())),
    }
    .build()
}

fn global_index(index: &IndexSpec) -> Result<sdk::GlobalSecondaryIndex, BuildError> {
    sdk::GlobalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.keys)?))
        .projection(projection(&index.projection))
        .set_provisioned_throughput(index.throughput.map(capacity).transpose()?)
        .build()
}

fn local_index(index: &IndexSpec) -> Result<sdk::LocalSecondaryIndex, BuildError> {
    sdk::LocalSecondaryIndex::builder()
        .index_name(&index.name)
        .set_key_schema(Some(key_schema(&index.keys)?))
        .projection(projection(&index.projection))
        .build()
}

fn capacity(throughput: Throughput) -> Result<sdk::ProvisionedThroughput, BuildError> {
    // Units beyond i64 do not exist; the service refuses far smaller numbers.
    let units = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    sdk::ProvisionedThroughput::builder()
        .read_capacity_units(units(throughput.read))
        .write_capacity_units(units(throughput.write))
        .build()
}
