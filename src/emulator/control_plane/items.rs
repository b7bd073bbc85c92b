//! Calls on items while their table or index is being made.

use serde_json::Value;

use super::record::Kind;
use super::{ApiError, ControlPlane, Millis, errors, text};

impl ControlPlane {
    /// Whether a call on items may go to the engine now: not while its table is being made or
    /// deleted, nor to an index that is being filled.
    pub(in crate::emulator) fn admit(
        &self,
        operation: &str,
        body: &Value,
        now: Millis,
    ) -> Result<(), ApiError> {
        let mut named = Vec::new();
        tables_of(operation, body, &mut named);
        for name in named {
            let name = self.plain_name(name);
            let Some(table) = self.tables.get(name) else { continue };
            let busy = |kind| table.under_way(kind).is_some_and(|pending| now < pending.until);
            if busy(Kind::Creating) || busy(Kind::Deleting) {
                return Err(errors::resource_not_found());
            }
            let index = text(body, "IndexName");
            let pending = table.index_change(index).filter(|pending| now < pending.until);
            if pending.is_some_and(|pending| pending.kind == Kind::IndexCreating) {
                return Err(errors::validation(format!(
                    "Cannot read from backfilling global secondary index: {index}"
                )));
            }
        }
        Ok(())
    }

    /// The name of a table that may be named by its ARN.
    fn plain_name<'a>(&self, name: &'a str) -> &'a str {
        let own = name.strip_prefix(self.arn_prefix().as_str());
        own.and_then(|rest| rest.strip_prefix("table/")).unwrap_or(name)
    }
}

/// The tables that a request on items names.
fn tables_of<'a>(operation: &str, body: &'a Value, named: &mut Vec<&'a str>) {
    named.extend(body["TableName"].as_str());
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let requests = body["RequestItems"].as_object();
            named.extend(requests.into_iter().flatten().map(|(table, _)| table.as_str()));
        }
        "TransactGetItems" | "TransactWriteItems" => {
            let items = body["TransactItems"].as_array().into_iter().flatten();
            let actions = items.filter_map(Value::as_object).flat_map(|item| item.values());
            named.extend(actions.filter_map(|action| action["TableName"].as_str()));
        }
        _ => {}
    }
}
