//! `UpdateTable`: one logical change a call.

mod apply;
mod budget;
mod busy;
pub(super) mod check;
mod request;

use serde_json::json;

use super::describe::{describe, settled};
use super::limits::Class;
use super::{Answer, Call, ControlPlane, errors, text};
pub(super) use apply::encryption;
use request::Change;

impl ControlPlane {
    /// In the service's order: the request's shape, then the table, then its state.
    pub(super) fn update_table(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, now } = call;
        let changes = request::changes(body)?;
        if changes.is_empty() {
            // The engine says what is missing.
            return engine.call("UpdateTable", body);
        }
        let name = text(body, "TableName").to_owned();
        let (description, table) = self.existing(call, &name)?;
        let live = settled(table, &description);
        let before = describe(table, &description, now);
        busy::check(table, &changes, now)?;
        if request::is_dropped_reversal(table, &changes) {
            return Ok(json!({ "TableDescription": before }));
        }
        check::semantics(&name, &live, &changes, &self.home())?;
        let changes: Vec<Change> =
            changes.into_iter().filter(|change| !check::is_no_op(change, &live)).collect();
        if changes.is_empty() {
            return Ok(json!({ "TableDescription": before }));
        }
        let scale = self.scale;
        budget::check(self.record(&name), &live, &changes, scale, now)?;
        let limited = changes.iter().any(Change::is_limited);
        if limited {
            self.check_operations(&name, false)?;
            self.limits.check(Class::Mutation, now)?;
        }
        if let Some(forwarded) = request::for_engine(body) {
            engine.call("UpdateTable", &forwarded)?;
        }
        if limited {
            self.limits.take(Class::Mutation);
        }
        for change in &changes {
            self.apply(&name, change, &live, now);
        }
        self.touch(&name);
        // The service answers with what was, on its way to what will be.
        let description =
            self.look_up(call, &name)?.ok_or_else(|| errors::table_not_found(&name))?;
        let mut answer = before;
        answer["TableStatus"] = self.record(&name).status(now).into();
        let shown = describe(self.record(&name), &description, now);
        for list in super::describe::INDEX_LISTS {
            if let Some(indexes) = shown.get(list) {
                answer[list] = indexes.clone();
            }
        }
        if changes.iter().any(|change| matches!(change, Change::Protection(_))) {
            answer["DeletionProtectionEnabled"] = shown["DeletionProtectionEnabled"].clone();
        }
        Ok(json!({ "TableDescription": answer }))
    }
}
