//! What a table refuses for good, and what would change nothing.

use serde_json::{Value, json};

use super::super::describe::index_entry;
use super::super::{ApiError, errors};
use super::request::Change;

/// Global secondary indexes of a table: AWS, "Quotas in Amazon DynamoDB".
const MOST_INDEXES: usize = 20;
/// Vector indexes of a table: the same page.
const MOST_VECTOR_INDEXES: usize = 5;
/// Capacity units of a table.
const MOST_UNITS: u64 = 40_000;

/// Refuses what cannot be, whatever the table's state. `home` is `region:account`.
pub(super) fn semantics(
    name: &str,
    live: &Value,
    changes: &[Change],
    home: &str,
) -> Result<(), ApiError> {
    for change in changes {
        match change {
            Change::Stream(enabled) => stream(name, live, *enabled)?,
            Change::Encryption(asked) => encryption(live, asked, home)?,
            Change::Throughput(asked) => units(asked, home)?,
            Change::IndexThroughput(index, asked) => {
                let entry = index_entry(live, index);
                let entry = entry.ok_or_else(|| errors::index_not_found(index, name))?;
                units(asked, home)?;
                index_throughput(index, entry, asked)?;
            }
            Change::OnDemand(asked) => ceilings(asked)?,
            Change::IndexWarm(index, asked) => {
                // The service fails on an index that is not there, each time.
                warm(index_entry(live, index).ok_or_else(errors::internal_failure)?, asked)?;
            }
            Change::Billing(mode) if mode == "PROVISIONED" => to_provisioned(live, changes)?,
            Change::IndexCreate { name: index, vector, entry } => {
                create(live, index, *vector)?;
                if !vector
                    && billing(live) == "PROVISIONED"
                    && !entry["ProvisionedThroughput"].is_object()
                {
                    return Err(without_capacity(index));
                }
            }
            Change::IndexDelete(index) => {
                index_entry(live, index).ok_or_else(|| errors::index_not_found(index, name))?;
            }
            Change::IndexOnDemand(index, asked) => {
                index_entry(live, index).ok_or_else(|| errors::index_not_found(index, name))?;
                ceilings(asked)?;
            }
            Change::Warm(asked) => warm(live, asked)?,
            _ => {}
        }
    }
    Ok(())
}

/// Whether the service answers 200 and does nothing.
pub(super) fn is_no_op(change: &Change, live: &Value) -> bool {
    match change {
        Change::Billing(mode) => mode == billing(live),
        Change::Class(class) => class == self::class(live),
        Change::Protection(on) => {
            live["DeletionProtectionEnabled"].as_bool().unwrap_or(false) == *on
        }
        Change::Warm(asked) => !raises(live, asked),
        Change::IndexWarm(index, asked) => {
            index_entry(live, index).is_some_and(|entry| !raises(entry, asked))
        }
        _ => false,
    }
}

/// An absent summary means provisioned.
fn billing(live: &Value) -> &str {
    live["BillingModeSummary"]["BillingMode"].as_str().unwrap_or("PROVISIONED")
}

/// An absent summary means standard.
fn class(live: &Value) -> &str {
    live["TableClassSummary"]["TableClass"].as_str().unwrap_or("STANDARD")
}

fn stream(name: &str, live: &Value, enabled: bool) -> Result<(), ApiError> {
    let is_enabled = live["StreamSpecification"]["StreamEnabled"] == true;
    match (is_enabled, enabled) {
        (true, true) => Err(errors::validation(format!(
            "Table already has an enabled stream: TableName: {name}"
        ))),
        (false, false) => {
            Err(errors::validation(format!("Table has no stream to disable: TableName: {name}")))
        }
        _ => Ok(()),
    }
}

fn encryption(live: &Value, asked: &Value, home: &str) -> Result<(), ApiError> {
    let is_managed = live["SSEDescription"].is_object();
    if asked["Enabled"] != true {
        return if is_managed {
            Ok(())
        } else {
            Err(errors::validation("Table is already encrypted by default"))
        };
    }
    let key = &live["SSEDescription"]["KMSMasterKeyArn"];
    if is_managed && *key == super::apply::key_arn(asked, home) {
        let text = "Table is already encrypted with given KMSMasterKeyId";
        return Err(errors::validation(text));
    }
    Ok(())
}

/// What a table or an index may have at most. `home` starts with the region.
pub(in super::super) fn units(asked: &Value, home: &str) -> Result<(), ApiError> {
    let region = home.split(':').next().unwrap_or_default();
    for member in ["ReadCapacityUnits", "WriteCapacityUnits"] {
        let units = asked[member].as_u64().unwrap_or_default();
        if units > MOST_UNITS {
            return Err(errors::limit_plainly(format!(
                "The requested {member}, {units}, is above the per table maximum for the account \
                 in {region}. Per table maximum: {MOST_UNITS}"
            )));
        }
    }
    Ok(())
}

fn index_throughput(index: &str, entry: &Value, asked: &Value) -> Result<(), ApiError> {
    let live = &entry["ProvisionedThroughput"];
    let [read, write] = ["ReadCapacityUnits", "WriteCapacityUnits"];
    if asked[read] != live[read] || asked[write] != live[write] {
        return Ok(());
    }
    Err(errors::validation(format!(
        "The provisioned throughput for the index {index} will not change. The requested value \
         equals the current value. Current ReadCapacityUnits provisioned for the index: {0}. \
         Requested ReadCapacityUnits: {0}. Current WriteCapacityUnits provisioned for the index: \
         {1}. Requested WriteCapacityUnits: {1}. Refer to the Amazon DynamoDB Developer Guide for \
         current limits and how to request higher limits.",
        live[read], live[write],
    )))
}

/// The ceilings of on-demand throughput; the end of the service's text is not quoted anywhere.
pub(in super::super) fn ceilings(asked: &Value) -> Result<(), ApiError> {
    for (member, quota) in [("MaxReadRequestUnits", "Read"), ("MaxWriteRequestUnits", "Write")] {
        if asked[member].as_i64().is_some_and(|units| units > 40_000) {
            return Err(errors::limit_plainly(format!(
                "Requested {member} for OnDemandThroughput for table exceeds \
                 TableMax{quota}CapacityUnits"
            )));
        }
    }
    Ok(())
}

/// Nothing is defaulted: the table and every live index need their capacity in the same call.
fn to_provisioned(live: &Value, changes: &[Change]) -> Result<(), ApiError> {
    if billing(live) == "PROVISIONED" {
        return Ok(());
    }
    let given = |index: &str| {
        let of_index =
            |change: &Change| matches!(change, Change::IndexThroughput(own, _) if own == index);
        changes.iter().any(of_index)
    };
    let indexes = live["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
    for index in indexes.filter_map(|index| index["IndexName"].as_str()) {
        if !given(index) {
            return Err(without_capacity(index));
        }
    }
    Ok(())
}

fn without_capacity(index: &str) -> ApiError {
    errors::validation(format!(
        "One or more parameter values were invalid: ProvisionedThroughput must be specified for \
         index: {index}"
    ))
}

fn create(live: &Value, index: &str, vector: bool) -> Result<(), ApiError> {
    if index_entry(live, index).is_some() {
        return Err(errors::validation("Attempting to create an index which already exists"));
    }
    let count = |list: &str| live[list].as_array().map_or(0, Vec::len);
    if !vector && count("GlobalSecondaryIndexes") >= MOST_INDEXES {
        return Err(errors::limit_plainly(
            "Number of global secondary indexes exceeds per-table limit of 20",
        ));
    }
    // `CreateTable` says this with another code and other words, which the engine has.
    if vector && count("VectorIndexes") >= MOST_VECTOR_INDEXES {
        return Err(errors::limit(
            "Number of vector secondary indexes exceeds per-table limit of 5",
        ));
    }
    Ok(())
}

/// Warm throughput only grows; the service's words for less are not known.
fn warm(live: &Value, asked: &Value) -> Result<(), ApiError> {
    let member = |member: &str| {
        let (now, asked) = (live["WarmThroughput"][member].as_u64(), asked[member].as_u64());
        asked < now && asked.is_some()
    };
    if member("ReadUnitsPerSecond") || member("WriteUnitsPerSecond") {
        return Err(errors::validation(
            "One or more parameter values were invalid: WarmThroughput cannot be decreased",
        ));
    }
    Ok(())
}

fn raises(live: &Value, asked: &Value) -> bool {
    let members = ["ReadUnitsPerSecond", "WriteUnitsPerSecond"];
    members.iter().any(|member| asked[member].as_u64() > live["WarmThroughput"][member].as_u64())
        || live["WarmThroughput"] == json!(null)
}
