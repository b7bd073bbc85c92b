//! Changes that the service allows only so often. It keeps the count to itself.

use serde_json::Value;

use super::super::describe::index_entry;
use super::super::record::{History, Table};
use super::super::times::SETTING_COOLDOWN;
use super::super::times::{CLASS_WINDOW, DAY, DECREASE_INTERVAL, ENCRYPTION_INTERVAL, Scale};
use super::super::{ApiError, Millis, errors};
use super::request::Change;

/// Changes that are free in a window.
const FREE_ENCRYPTION_CHANGES: usize = 4;
const CLASS_CHANGES: usize = 2;
const FREE_DECREASES: usize = 4;

/// Refuses the first change whose budget is spent.
pub(super) fn check(
    table: &Table,
    live: &Value,
    changes: &[Change],
    scale: Scale,
    now: Millis,
) -> Result<(), ApiError> {
    let history = &table.history;
    for change in changes {
        match change {
            Change::Protection(_) => protection(&table.name, history, scale, now)?,
            Change::Encryption(_) => encryption(history, scale, now)?,
            Change::Class(_) => class(history, scale, now)?,
            Change::Throughput(asked) if is_decrease(live, asked) => {
                decrease(&history.decreases, scale, now)?;
            }
            Change::IndexThroughput(index, asked) => {
                let entry = index_entry(live, index);
                let earlier = history.index_decreases.get(index);
                if let (Some(entry), Some(earlier)) = (entry, earlier)
                    && is_decrease(entry, asked)
                {
                    decrease(earlier, scale, now)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn protection(name: &str, history: &History, scale: Scale, now: Millis) -> Result<(), ApiError> {
    let until = |changed| changed + scale.time(SETTING_COOLDOWN);
    match history.deletion_protection {
        Some(changed) if now < until(changed) => {
            let what = format!("Deletion protection setting for table {name}");
            Err(errors::cooling_down(&what, until(changed), ""))
        }
        _ => Ok(()),
    }
}

fn encryption(history: &History, scale: Scale, now: Millis) -> Result<(), ApiError> {
    let window = scale.time(DAY);
    let recent = history.encryption.iter().filter(|at| now < **at + window).count();
    let last = history.encryption.last().copied().unwrap_or_default();
    let next = last + scale.time(ENCRYPTION_INTERVAL);
    if recent < FREE_ENCRYPTION_CHANGES || now >= next {
        return Ok(());
    }
    // The middle of the service's text is not quoted anywhere.
    Err(errors::limit(format!(
        "Encryption mode changes are limited in the 24h window ending at {}. After the first 4 \
         change, each subsequent change in the same window can be performed at most once every \
         21600 seconds. Number of encryption mode changes in the window: {recent}. Last change at \
         {}. Next changes can be made at {}.",
        errors::timestamp(now),
        errors::timestamp(last),
        errors::timestamp(next),
    )))
}

fn class(history: &History, scale: Scale, now: Millis) -> Result<(), ApiError> {
    let window = scale.time(CLASS_WINDOW);
    let recent = history.class.iter().filter(|at| now < **at + window).count();
    if recent < CLASS_CHANGES {
        return Ok(());
    }
    Err(errors::limit("Updates to TableClass are limited to 2 times in 30 day(s)."))
}

fn decrease(decreases: &[Millis], scale: Scale, now: Millis) -> Result<(), ApiError> {
    let day = scale.time(DAY);
    let today = decreases.iter().filter(|at| **at / day == now / day).count();
    let last = decreases.last().copied().unwrap_or_default();
    let next = last + scale.time(DECREASE_INTERVAL);
    if today < FREE_DECREASES || now >= next {
        return Ok(());
    }
    // The middle of the service's text is not quoted anywhere.
    Err(errors::limit(format!(
        "Provisioned throughput decreases are limited within a given UTC day. After the first 4 \
         decreases, each subsequent decrease in the same UTC day can be performed at most once \
         every 3600 seconds. Number of decreases today: {today}. Last decrease at {}. Next \
         decrease can be made at {}",
        errors::timestamp(last),
        errors::timestamp(next),
    )))
}

/// Whether either kind of capacity becomes less.
pub(super) fn is_decrease(live: &Value, asked: &Value) -> bool {
    let members = ["ReadCapacityUnits", "WriteCapacityUnits"];
    let live = &live["ProvisionedThroughput"];
    members.iter().any(|member| asked[member].as_u64() < live[member].as_u64())
}
