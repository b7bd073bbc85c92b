//! The object that a plugin gets on stdin.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::model::{Failure, KeyAttribute, ParamValue, TableSpec};
use crate::plugin::{Environment, Index, PROTOCOL, Request, Run, Table, VectorIndex, Verb};

use super::super::StepContext;
use super::super::command::{filled, filled_record, recorded_secrets};

pub(super) fn of(
    cx: &StepContext,
    verb: Verb,
    params: Map<String, Value>,
    undo: Option<Value>,
) -> Request {
    let surroundings = &cx.command.surroundings;
    Request {
        protocol: PROTOCOL,
        verb,
        run: Run {
            id: surroundings.run.clone(),
            task: surroundings.task.clone(),
            step: cx.command.step.to_string(),
        },
        environment: Environment {
            name: cx.facts.environment.clone(),
            region: cx.facts.region.clone(),
            is_service: cx.facts.is_service,
            allow_destroy: cx.facts.allow_destroy,
        },
        table: cx.table.as_deref().map(table),
        tables: cx.all_tables.iter().map(table).collect(),
        params,
        outputs: surroundings.outputs.all(),
        attempt: cx.command.attempt,
        undo,
    }
}

/// The parameters of a step's command, with their values but those of secret ones.
///
/// # Errors
/// For an output that its step did not put out.
pub(super) fn params(cx: &StepContext) -> Result<Map<String, Value>, Failure> {
    let value = |value: &ParamValue| match value {
        ParamValue::Text(text) => Some(filled(cx, text).map(Value::from)),
        ParamValue::Secret(_) => None,
        ParamValue::Number(number) => Some(Ok(Value::from(*number))),
        ParamValue::Bool(on) => Some(Ok(Value::from(*on))),
    };
    let params = cx.command.command().params.iter();
    params.filter_map(|(name, of)| Some(value(of)?.map(|value| (name.clone(), value)))).collect()
}

/// All parameters of a step's command, the secret ones too: for stdin alone.
///
/// # Errors
/// As [`params`].
pub(super) fn all_params(cx: &StepContext) -> Result<Map<String, Value>, Failure> {
    with_secrets(cx, params(cx)?, &recorded_secrets(cx)?)
}

/// Parameters with the secret ones that a record has beside them.
///
/// # Errors
/// For a secret that has no value by now.
pub(super) fn with_secrets(
    cx: &StepContext,
    mut params: Map<String, Value>,
    secrets: &BTreeMap<String, String>,
) -> Result<Map<String, Value>, Failure> {
    let secrets = filled_record(cx, secrets)?.into_iter();
    params.extend(secrets.map(|(name, value)| (name, Value::from(value))));
    Ok(params)
}

fn table(spec: &TableSpec) -> Table {
    let names =
        |keys: &[KeyAttribute]| keys.iter().map(|key| key.name.clone()).collect::<Vec<String>>();
    let index = |index: &crate::model::IndexSpec| Index {
        name: index.name.clone(),
        hash: names(&index.keys.hash),
        range: names(&index.keys.range),
    };
    Table {
        declared: spec.declared.clone(),
        name: spec.name.to_string(),
        hash: names(&spec.keys.hash),
        range: names(&spec.keys.range),
        indexes: spec.indexes.iter().map(index).collect(),
        vector_indexes: spec.vector_indexes.iter().map(vector_index).collect(),
    }
}

fn vector_index(index: &crate::model::VectorIndex) -> VectorIndex {
    VectorIndex {
        name: index.name.clone(),
        attribute: index.attribute.clone(),
        dimensions: index.dimensions,
        distance: index.distance.to_string(),
        hash: index.hash.as_ref().map(|key| key.name.clone()),
        filters: index.filters.iter().map(|key| key.name.clone()).collect(),
    }
}
