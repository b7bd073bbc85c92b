//! Facts sorted into the lists of the `--json` document.

use crate::journal::UndoOutcome;
use crate::step::{Created, Fact};

use super::super::{RollbackEntry, RunFold};
use super::{
    BackupEntry, Check, CheckIssue, CheckSummary, Data, ItemsEntry, RemainsEntry, StepEntry,
    TableEntry,
};

impl Data {
    /// What a run did and found.
    pub(super) fn of_run(run: &RunFold) -> Self {
        let mut data = Self {
            total_tables: run.header().map_or(0, |header| header.total_tables),
            steps: run.results().into_iter().map(StepEntry::from).collect(),
            rollback: run.undone().iter().map(RollbackEntry::from).collect(),
            outstanding: run.header().map_or_else(Vec::new, |header| header.outstanding.clone()),
            retries: Some(run.retries()).filter(|retries| retries.total > 0),
            warnings: run.warnings(),
            ..Self::default()
        };
        let durations = run.table_durations();
        for (result, fact) in run.facts() {
            let of_table = result.table.as_ref().and_then(|table| durations.get(table.as_str()));
            let gone = result.rollback == Some(UndoOutcome::RolledBack);
            data.take(fact, of_table.copied().unwrap_or(result.duration_ms), gone);
        }
        let left_out = |name| format!("not offered by this endpoint, left out: {name}");
        data.warnings.extend(run.unsupported().into_iter().map(left_out));
        data.summary = data.checks.as_deref().map(CheckSummary::of);
        data
    }

    fn take(&mut self, fact: &Fact, duration: u64, gone: bool) {
        let (list, table_name, status) = match fact {
            Fact::TableCreated { table_name, .. } => {
                (&mut self.tables_created, table_name, "created")
            }
            Fact::TableAdopted { table_name } => {
                (&mut self.tables_created, table_name, "unchanged")
            }
            Fact::TableDeleted { table_name } => (&mut self.tables_deleted, table_name, "deleted"),
            Fact::TableTagged { table_name, .. } => (&mut self.tables_tagged, table_name, "tagged"),
            Fact::TableUpdated { table_name, .. } => {
                (&mut self.tables_updated, table_name, "updated")
            }
            Fact::TableVerified { table_name, status, issues } => {
                let passed = issues.is_empty();
                self.checks.get_or_insert_default().push(Check {
                    table_name: table_name.clone(),
                    status: status.clone(),
                    passed,
                    issues: issues.iter().map(CheckIssue::from).collect(),
                });
                let status = if passed { "passed" } else { "failed" };
                (&mut self.tables_verified, table_name, status)
            }
            Fact::Tables { tables } => {
                self.tables.get_or_insert_default().extend(tables.iter().cloned());
                return;
            }
            Fact::ItemsPut { table_name, file, items, put, there, throttled, .. } => {
                self.items_put.get_or_insert_default().push(ItemsEntry {
                    table_name: table_name.clone(),
                    file: file.clone(),
                    items: *items,
                    put: *put,
                    already_there: *there,
                    throttled: *throttled,
                });
                return;
            }
            Fact::TableBackedUp { table_name, backup_name, arn } => {
                self.backups.push(BackupEntry {
                    table_name: table_name.clone(),
                    backup_name: backup_name.clone(),
                    backup_arn: arn.clone(),
                });
                return;
            }
            Fact::Remains { table_name, what } => {
                self.remains
                    .push(RemainsEntry { table_name: table_name.clone(), what: what.clone() });
                return;
            }
            Fact::Unsupported { .. } | Fact::Identity { .. } => return,
        };
        list.push(TableEntry {
            table_name: table_name.clone(),
            status: if gone { "rolled-back" } else { status },
            answer: lost_answer(fact).then_some("lost"),
            duration,
        });
    }
}

const fn lost_answer(fact: &Fact) -> bool {
    matches!(fact, Fact::TableCreated { created: Created::Unknown, .. })
}

impl CheckSummary {
    fn of(checks: &[Check]) -> Self {
        let found = checks.iter().filter(|check| check.status.is_some());
        let tables_found = found.clone().count();
        Self {
            total_tables: checks.len(),
            tables_found,
            tables_missing: checks.len() - tables_found,
            tables_with_issues: found.filter(|check| !check.passed).count(),
        }
    }
}
