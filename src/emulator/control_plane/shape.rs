//! What a request must look like, for the members that the engine never sees.
//!
//! The service checks a request's shape before it looks for the table.

use serde_json::Value;

use super::{ApiError, errors};

/// The objects of requests that the engine has no room for, with their members.
const OBJECTS: [(&str, &[(&str, Kind)]); 4] = [
    ("WarmThroughput", &[("ReadUnitsPerSecond", Kind::Long), ("WriteUnitsPerSecond", Kind::Long)]),
    (
        "OnDemandThroughput",
        &[("MaxReadRequestUnits", Kind::Long), ("MaxWriteRequestUnits", Kind::Long)],
    ),
    (
        "ProvisionedThroughput",
        &[("ReadCapacityUnits", Kind::Long), ("WriteCapacityUnits", Kind::Long)],
    ),
    (
        "SSESpecification",
        &[("Enabled", Kind::Boolean), ("SSEType", Kind::String), ("KMSMasterKeyId", Kind::String)],
    ),
];

/// The type of a member, in the service's words.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Boolean,
    Long,
    String,
}

/// Capacity is at least one unit.
fn at_least_one(capacity: &Value) -> Result<(), ApiError> {
    for member in ["readCapacityUnits", "writeCapacityUnits"] {
        let units = &capacity[format!("{}{}", member[..1].to_uppercase(), &member[1..])];
        if let Some(units) = units.as_i64().filter(|units| *units < 1) {
            return Err(errors::validation(format!(
                "1 validation error detected: Value '{units}' at 'provisionedThroughput.{member}' \
                 failed to satisfy constraint: Member must have value greater than or equal to 1"
            )));
        }
    }
    Ok(())
}

/// Checks a request on a table, and the entries of its indexes.
pub(super) fn check(body: &Value) -> Result<(), ApiError> {
    for (name, members) in OBJECTS {
        object(&body[name], members)?;
    }
    at_least_one(&body["ProvisionedThroughput"])?;
    let flags = ["DeletionProtectionEnabled", "DisassociationProtectionEnabled"];
    flags.iter().try_for_each(|flag| member(&body[*flag], Kind::Boolean))?;
    for list in ["GlobalSecondaryIndexes", "GlobalSecondaryIndexUpdates"] {
        for entry in items(&body[list])? {
            check(entry)?;
            ["Create", "Update"].iter().try_for_each(|action| check(&entry[*action]))?;
        }
    }
    Ok(())
}

fn items(list: &Value) -> Result<&[Value], ApiError> {
    match list {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(errors::serialization("Unexpected field type")),
    }
}

fn object(value: &Value, members: &[(&str, Kind)]) -> Result<(), ApiError> {
    match value {
        Value::Null => Ok(()),
        Value::Object(fields) => {
            members.iter().try_for_each(|(name, kind)| match fields.get(*name) {
                Some(value) => member(value, *kind),
                None => Ok(()),
            })
        }
        _ => Err(errors::serialization("Unexpected field type")),
    }
}

fn member(value: &Value, kind: Kind) -> Result<(), ApiError> {
    let fits = match kind {
        Kind::Boolean => value.is_boolean(),
        Kind::Long => value.is_i64(),
        Kind::String => value.is_string(),
    };
    if fits || value.is_null() {
        return Ok(());
    }
    let found = match value {
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Number(number) if number.is_f64() => "DECIMAL_VALUE",
        Value::Number(_) => "NUMBER_VALUE",
        Value::String(_) => "STRING_VALUE",
        _ => return Err(errors::serialization("Unexpected field type")),
    };
    Err(errors::serialization(format!("{found} cannot be converted to {kind:?}")))
}

/// The characters that tags may have: letters, digits and spaces of any script, and these.
const TAG_SIGNS: &str = "+-=._:/@";

/// Checks the tags of a request: one that is wrong fails the whole request.
pub(super) fn tags(tags: &Value) -> Result<(), ApiError> {
    let allowed = |c: char| c.is_alphanumeric() || c.is_whitespace() || TAG_SIGNS.contains(c);
    for (position, tag) in tags.as_array().into_iter().flatten().enumerate() {
        for part in ["Key", "Value"] {
            let text = super::text(tag, part);
            if !text.chars().all(allowed) {
                // The pattern as the service's model has it; its exact words are not known.
                return Err(errors::validation(format!(
                    "1 validation error detected: Value '{text}' at 'tags.{}.member.{}' failed to \
                     satisfy constraint: Member must satisfy regular expression pattern: \
                     ^([\\p{{L}}\\p{{Z}}\\p{{N}}_.:/=+\\-@]*)$",
                    position + 1,
                    part.to_lowercase(),
                )));
            }
        }
    }
    Ok(())
}
