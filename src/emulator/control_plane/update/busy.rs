//! What a table that is changing refuses.

use super::super::record::{Kind, Pending, Table};
use super::super::{ApiError, Millis, errors};
use super::request::Change;

/// The refusal of the first change that cannot begin now.
pub(super) fn check(table: &Table, changes: &[Change], now: Millis) -> Result<(), ApiError> {
    let name = &table.name;
    if table.under_way(Kind::Creating).is_some() {
        return Err(errors::being_created(name));
    }
    if table.under_way(Kind::Deleting).is_some() {
        return Err(errors::being_deleted(name));
    }
    if table.policy.as_ref().is_some_and(|policy| now < policy.locked_until) {
        let detail = format!("Table: {name} has a pending resource-based policy update.");
        return Err(errors::in_use(detail));
    }
    for change in changes {
        for pending in &table.pending {
            if let Some(error) = refusal(table, change, pending, now) {
                return Err(error);
            }
        }
    }
    Ok(())
}

/// Why a change cannot begin while another is under way; `None` where it can.
fn refusal(table: &Table, change: &Change, pending: &Pending, now: Millis) -> Option<ApiError> {
    use Change as C;
    let name = &table.name;
    let updating = now < pending.table_until;
    if let C::Protection(_) | C::DisassociationProtection(_) = change {
        let text = "Table needs to be in ACTIVE status to modify deletion protection setting.";
        return updating.then(|| errors::in_use_plainly(text));
    }
    if let Kind::IndexCreating | Kind::IndexDeleting | Kind::IndexUpdating = pending.kind {
        return index_refusal(name, change, pending, now);
    }
    let detail = match (pending.kind, change) {
        (Kind::Billing, C::OnDemand(_) | C::IndexOnDemand(..)) => {
            "OnDemandThroughput cannot be updated while BillingMode update is in progress"
                .to_owned()
        }
        // The reversal of a switch that runs is not refused, only dropped.
        (Kind::Billing, C::Billing(_)) => return None,
        (Kind::Billing | Kind::Throughput, C::Stream(_)) => {
            "Can't enable or disable stream while table IOPS are being updated".to_owned()
        }
        (
            Kind::Billing | Kind::Throughput,
            C::Billing(_) | C::Throughput(_) | C::IndexThroughput(..),
        ) => {
            format!("Table IOPS are currently being updated. Table: {name}")
        }
        (Kind::Stream, C::Stream(_)) => {
            "A stream status change is currently in progress".to_owned()
        }
        (Kind::Stream, C::Billing(_) | C::Throughput(_) | C::IndexThroughput(..)) => {
            "Can't change table IOPS when stream status is being updated".to_owned()
        }
        (Kind::Class, C::Class(_)) => {
            "Can't update table class when a table class update is in progress".to_owned()
        }
        (Kind::Encryption, C::Encryption(_)) => {
            "Server-Side Encryption is still being updated".to_owned()
        }
        // Both run while the table is ACTIVE, and hold up nothing but themselves.
        (Kind::Encryption, _) => return None,
        (Kind::WarmThroughput, other) if !matches!(other, C::Warm(_) | C::IndexWarm(..)) => {
            return None;
        }
        _ => format!("Table: {name} is in the process of being updated."),
    };
    Some(errors::in_use(detail))
}

fn index_refusal(name: &str, change: &Change, pending: &Pending, now: Millis) -> Option<ApiError> {
    let index = pending.index.as_deref().unwrap_or_default();
    let allocating = now < pending.table_until;
    match (pending.kind, change) {
        (Kind::IndexCreating, Change::IndexDelete(own)) if own == index => {
            let detail = "Index creation is in resource allocation phase. Retry deletion during \
                          backfilling phase or when the index is active.";
            allocating.then(|| errors::in_use(format!("{detail} Table: {name} Index: {index}")))
        }
        (Kind::IndexUpdating, Change::IndexThroughput(own, _) | Change::IndexDelete(own))
            if own == index =>
        {
            Some(errors::in_use(format!("Index is being updated. Table: {name} Index: {index}")))
        }
        (Kind::IndexDeleting, Change::IndexThroughput(own, _) | Change::IndexDelete(own))
            if own == index =>
        {
            Some(errors::in_use(format!("Index is being deleted. Table: {name} Index: {index}")))
        }
        (
            Kind::IndexCreating | Kind::IndexDeleting,
            Change::IndexCreate { .. } | Change::IndexDelete(_),
        ) => Some(errors::one_online_index()),
        (Kind::IndexCreating, Change::IndexThroughput(own, _)) if own == index => {
            allocating.then(|| errors::in_use("Index is being created but is not backfilling yet."))
        }
        (Kind::IndexCreating, Change::Billing(_) | Change::Throughput(_)) => {
            Some(errors::in_use("Can't change table IOPS when an index is being created"))
        }
        // Once the index is being filled, the table is ACTIVE again.
        _ => allocating
            .then(|| errors::in_use(format!("Table: {name} is in the process of being updated."))),
    }
}
