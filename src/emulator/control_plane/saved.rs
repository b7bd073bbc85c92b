//! On-demand backups: they outlive their tables. Restoring from one is not simulated.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Answer, ApiError, Call, ControlPlane, Millis, errors, text, times};

/// The days after which the backup goes that the service makes when it deletes a table with
/// point-in-time recovery; the figure stands in its documentation.
const SYSTEM_DAYS: Millis = 35;

/// A backup. ARNs are the engine's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Backup {
    pub(super) arn: String,
    name: String,
    table_name: String,
    table_id: String,
    table_arn: String,
    created_at: Millis,
    available_at: Millis,
    /// When the service takes it away; `None` for those of users.
    expires_at: Option<Millis>,
    bytes: u64,
}

impl Backup {
    /// A backup of the table with this description.
    fn new(name: String, description: &Value, at: Millis) -> Self {
        let own = |member: &str| description[member].as_str().unwrap_or_default().to_owned();
        let (table_arn, table_id) = (own("TableArn"), own("TableId"));
        let tail: String = table_id.chars().filter(char::is_ascii_hexdigit).take(8).collect();
        Self {
            arn: format!("{table_arn}/backup/{at:014}-{tail}"),
            name,
            table_name: own("TableName"),
            table_id,
            table_arn,
            created_at: at,
            available_at: at,
            expires_at: None,
            bytes: description["TableSizeBytes"].as_u64().unwrap_or_default(),
        }
    }

    fn kind(&self) -> &'static str {
        if self.expires_at.is_some() { "SYSTEM" } else { "USER" }
    }

    fn details(&self, now: Millis) -> Value {
        let mut details = json!({
            "BackupArn": self.arn,
            "BackupName": self.name,
            "BackupSizeBytes": self.bytes,
            "BackupStatus": if now < self.available_at { "CREATING" } else { "AVAILABLE" },
            "BackupType": self.kind(),
            "BackupCreationDateTime": self.created_at / 1_000,
        });
        if let Some(at) = self.expires_at {
            details["BackupExpiryDateTime"] = json!(at / 1_000);
        }
        details
    }

    /// As lists have it: with the table, and flat.
    fn summary(&self, now: Millis) -> Value {
        let mut summary = self.details(now);
        for (member, value) in [
            ("TableName", &self.table_name),
            ("TableId", &self.table_id),
            ("TableArn", &self.table_arn),
        ] {
            summary[member] = json!(value);
        }
        summary
    }

    pub(super) fn has_expired(&self, now: Millis) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// As of [`Table::rescale`](super::record::Table::rescale), for what is still to come.
    pub(super) fn moments(&mut self) -> impl Iterator<Item = &mut Millis> {
        [&mut self.available_at].into_iter().chain(&mut self.expires_at)
    }
}

impl ControlPlane {
    pub(super) fn create_backup(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let (table, name) = (text(body, "TableName").to_owned(), text(body, "BackupName"));
        check_name(name)?;
        let record = self.backed_up(call, &table)?;
        if now < record.backups_at {
            return Err(errors::backups_unavailable(&table));
        }
        record.changes += 1;
        let (description, _) = self.existing(call, &table)?;
        let mut backup = Backup::new(name.to_owned(), &description, self.free_moment(now));
        backup.available_at = now.saturating_add(self.pick(&times::BACKUP, &table));
        self.touch(&table);
        let details = backup.details(now);
        self.keep_backup(backup);
        Ok(json!({ "BackupDetails": details }))
    }

    pub(super) fn describe_backup(&mut self, call: Call<'_>) -> Answer {
        let backup = self.backup(text(call.body, "BackupArn"))?;
        let source = json!({
            "TableName": backup.table_name,
            "TableId": backup.table_id,
            "TableArn": backup.table_arn,
        });
        Ok(json!({ "BackupDescription": {
            "BackupDetails": backup.details(call.now),
            "SourceTableDetails": source,
        } }))
    }

    pub(super) fn delete_backup(&mut self, call: Call<'_>) -> Answer {
        let backup = self.backup(text(call.body, "BackupArn"))?;
        if backup.expires_at.is_some() {
            // The service's words are not known.
            return Err(errors::validation("System backups cannot be deleted"));
        }
        let mut details = backup.details(call.now);
        details["BackupStatus"] = json!("DELETED");
        let arn = backup.arn.clone();
        self.backups.remove(&arn);
        self.touched_backups.insert(arn);
        Ok(json!({ "BackupDescription": { "BackupDetails": details } }))
    }

    /// All in one page, oldest first.
    #[expect(clippy::unnecessary_wraps, reason = "it is one of the handlers")]
    pub(super) fn list_backups(&mut self, call: Call<'_>) -> Answer {
        let Call { body, now, .. } = call;
        let wanted = match text(body, "BackupType") {
            "" => "USER",
            wanted => wanted,
        };
        let of_table = |backup: &&Backup| match text(body, "TableName") {
            "" => true,
            name => backup.table_name == name,
        };
        let all = self.backups.values().filter(of_table);
        let listed = all.filter(|backup| wanted == "ALL" || wanted == backup.kind());
        let listed: Vec<Value> = listed.map(|backup| backup.summary(now)).collect();
        Ok(json!({ "BackupSummaries": listed }))
    }

    /// What the service does when it deletes a table with point-in-time recovery.
    pub(super) fn keep_deleted(&mut self, name: &str, description: &Value, now: Millis) {
        if self.record(name).recovery.is_none() {
            return;
        }
        let at = self.free_moment(now);
        let mut backup = Backup::new(format!("{name}$DeletedTableBackup"), description, at);
        let days = self.scale.time(SYSTEM_DAYS * times::DAY);
        backup.expires_at = Some(now.saturating_add(days));
        self.keep_backup(backup);
    }

    /// Forgets the backups whose time is over.
    pub(super) fn expire_backups(&mut self, now: Millis) {
        let expired = self.backups.values().filter(|backup| backup.has_expired(now));
        let expired: Vec<String> = expired.map(|backup| backup.arn.clone()).collect();
        for arn in expired {
            self.backups.remove(&arn);
            self.touched_backups.insert(arn);
        }
    }

    fn keep_backup(&mut self, backup: Backup) {
        self.touched_backups.insert(backup.arn.clone());
        self.backups.insert(backup.arn.clone(), backup);
    }

    fn backup(&self, arn: &str) -> Result<&Backup, ApiError> {
        self.backups.get(arn).ok_or_else(|| errors::backup_not_found(arn))
    }

    /// A moment from `now` on that no backup was made at: it is a part of its ARN.
    fn free_moment(&self, now: Millis) -> Millis {
        let mut at = now;
        while self.backups.values().any(|backup| backup.created_at == at) {
            at += 1;
        }
        at
    }
}

/// 3 to 255 letters, digits, `_`, `.` and `-`, as the API reference says.
fn check_name(name: &str) -> Result<(), ApiError> {
    crate::model::check_resource_name(name).map_err(|_| {
        errors::validation(format!(
            "1 validation error detected: Value '{name}' at 'backupName' failed to satisfy \
             constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
        ))
    })
}
