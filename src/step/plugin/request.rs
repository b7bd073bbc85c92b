//! The object that a plugin gets on stdin.

use serde_json::{Map, Value};

use crate::model::{Failure, KeyAttribute, ParamValue, TableSpec};
use crate::plugin::{Environment, Index, PROTOCOL, Request, Run, Table, Verb};

use super::super::StepContext;
use super::super::command::filled;

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

/// The parameters of a step's command, with their values.
///
/// # Errors
/// For an output that its step did not put out.
pub(super) fn params(cx: &StepContext) -> Result<Map<String, Value>, Failure> {
    let value = |value: &ParamValue| -> Result<Value, Failure> {
        Ok(match value {
            ParamValue::Text(text) => Value::from(filled(cx, text)?),
            ParamValue::Number(number) => Value::from(*number),
            ParamValue::Bool(on) => Value::from(*on),
        })
    };
    let params = cx.command.command().params.iter();
    params.map(|(name, of)| Ok((name.clone(), value(of)?))).collect()
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
    }
}
