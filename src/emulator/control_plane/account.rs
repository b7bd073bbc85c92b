//! What belongs to the account: its tables and its quotas.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::describe::describe;
use super::record::Kind;
use super::{Answer, ApiError, Call, ControlPlane, Engine, text};

impl ControlPlane {
    pub(super) fn describe_table(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let (description, table) = self.existing(call, text(body, "TableName"))?;
        Ok(json!({ "Table": describe(table, &description, now) }))
    }

    pub(super) fn list_tables(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, .. } = call;
        // The engine checks the request.
        engine.call("ListTables", body)?;
        let limit = body["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
        let start = text(body, "ExclusiveStartTableName");
        let deleting = |table: &&super::Table| table.under_way(Kind::Deleting).is_some();
        let mut names = self.names(engine)?.clone();
        names.extend(self.tables.values().filter(deleting).map(|table| table.name.clone()));
        let mut rest = names.into_iter().filter(|name| name.as_str() > start).peekable();
        let page: Vec<String> = rest.by_ref().take(limit.unwrap_or(100)).collect();
        let mut answer = json!({ "TableNames": page });
        if let (Some(_), Some(last)) = (rest.peek(), page.last()) {
            answer["LastEvaluatedTableName"] = last.as_str().into();
        }
        Ok(answer)
    }

    /// The names of all tables that are not being deleted. The engine is asked once: from then on
    /// only this control plane makes and deletes tables.
    pub(super) fn names(&mut self, engine: &dyn Engine) -> Result<&BTreeSet<String>, ApiError> {
        if self.names.is_none() {
            let mut names = BTreeSet::new();
            let mut request = json!({});
            loop {
                let page = engine.call("ListTables", &request)?;
                let listed = page["TableNames"].as_array().into_iter().flatten();
                names.extend(listed.filter_map(|name| name.as_str().map(str::to_owned)));
                let Some(last) = page["LastEvaluatedTableName"].as_str() else { break };
                request = json!({ "ExclusiveStartTableName": last });
            }
            self.names = Some(names);
        }
        Ok(self.names.get_or_insert_default())
    }
}

/// What `DescribeLimits` answers: AWS, "Quotas in Amazon DynamoDB".
pub(super) fn quotas() -> Value {
    json!({
        "AccountMaxReadCapacityUnits": 80_000,
        "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000,
        "TableMaxWriteCapacityUnits": 40_000,
    })
}
