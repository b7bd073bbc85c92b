//! `DeleteTable`.

use serde_json::json;

use super::describe::{describe, settled};
use super::limits::Class;
use super::record::{Kind, Table};
use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, text, times};

impl ControlPlane {
    pub(super) fn delete_table(&mut self, call: Call<'_>) -> Answer {
        let Call { engine, body, now } = call;
        let name = text(body, "TableName").to_owned();
        let (description, table) = self.existing(call, &name)?;
        free_to_delete(table, now)?;
        if settled(table, &description)["DeletionProtectionEnabled"] == true {
            return Err(errors::validation(
                "Resource cannot be deleted as it is currently protected against deletion. \
                 Disable deletion protection first.",
            ));
        }
        self.check_operations(&name, false)?;
        self.limits.check(Class::Mutation, now)?;
        engine.call("DeleteTable", body)?;
        self.limits.take(Class::Mutation);
        if let Some(names) = &mut self.names {
            names.remove(&name);
        }
        self.keep_deleted(&name, &description, now);
        let table = self.record(&name);
        table.last = Some(settled(table, &description));
        let whole = self.pick(&times::DELETE, &name);
        self.begin(&name, Kind::Deleting, now, whole, whole);
        let shown = describe(self.record(&name), &description, now);
        Ok(json!({ "TableDescription": shown }))
    }
}

/// Nothing of the table may be changing.
fn free_to_delete(table: &Table, now: Millis) -> Result<(), ApiError> {
    let name = &table.name;
    if let Some(pending) = table.pending.first() {
        return Err(errors::in_use(match pending.kind {
            Kind::Creating => return Err(errors::being_created(name)),
            Kind::Deleting => return Err(errors::being_deleted(name)),
            Kind::Stream => {
                "Cannot delete table while stream is being enabled/disabled.".to_owned()
            }
            Kind::Encryption => "Server-Side Encryption is still being updated".to_owned(),
            Kind::IndexCreating | Kind::IndexUpdating | Kind::IndexDeleting => {
                "Cannot delete table while indexes are being created, updated, or deleted."
                    .to_owned()
            }
            Kind::Billing | Kind::Throughput => {
                format!("Table IOPS are currently being updated. Table: {name}")
            }
            Kind::Class | Kind::WarmThroughput => {
                format!("Table: {name} is in the process of being updated.")
            }
        }));
    }
    if table.tags.as_ref().is_some_and(|tags| now < tags.locked_until) {
        return Err(errors::in_use(format!("Table tags are being updated: {name}")));
    }
    if table.policy.as_ref().is_some_and(|policy| now < policy.locked_until) {
        let detail = format!("Table is pending previous resource-based policy update: {name}");
        return Err(errors::in_use(detail));
    }
    Ok(())
}
