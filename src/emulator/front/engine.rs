//! The engine as the control plane sees it: JSON in, JSON out, no network.

use std::fmt;
use std::sync::OnceLock;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::super::control_plane::{ApiError, Engine};
use super::errors;

/// The engine's typed interface.
pub(in crate::emulator) struct TypedEngine {
    database: Database,
    /// Where requests are tried that may not leave a trace.
    scratch: OnceLock<Database>,
}

impl fmt::Debug for TypedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedEngine").finish_non_exhaustive()
    }
}

impl TypedEngine {
    pub(in crate::emulator) fn new(database: Database) -> Self {
        Self { database, scratch: OnceLock::new() }
    }
}

impl Engine for TypedEngine {
    fn call(&self, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let engine = &self.database;
        match operation {
            "BatchGetItem" => run(body, |request| engine.batch_get_item(request)),
            "BatchWriteItem" => run(body, |request| engine.batch_write_item(request)),
            "CreateTable" => run(body, |request| engine.create_table(request)),
            "DeleteItem" => run(body, |request| engine.delete_item(request)),
            "DeleteTable" => run(body, |request| engine.delete_table(request)),
            "DescribeTable" => run(body, |request| engine.describe_table(request)),
            "DescribeTimeToLive" => run(body, |request| engine.describe_time_to_live(request)),
            "GetItem" => run(body, |request| engine.get_item(request)),
            "ListTables" => run(body, |request| engine.list_tables(request)),
            "ListTagsOfResource" => run(body, |request| engine.list_tags_of_resource(request)),
            "PutItem" => run(body, |request| engine.put_item(request)),
            "Query" => run(body, |request| engine.query(request)),
            "Scan" => run(body, |request| engine.scan(request)),
            "TagResource" => run(body, |request| engine.tag_resource(request)),
            "UntagResource" => run(body, |request| engine.untag_resource(request)),
            "UpdateItem" => run(body, |request| engine.update_item(request)),
            "UpdateTable" => run(body, |request| engine.update_table(request)),
            "UpdateTimeToLive" => run(body, |request| engine.update_time_to_live(request)),
            _ => Err(errors::usual("UnknownOperationException")),
        }
    }

    fn check_create(&self, body: &Value) -> Result<(), ApiError> {
        let scratch = self.scratch.get_or_init(|| {
            Database::memory().expect("a database in memory needs nothing that could be missing")
        });
        let mut body = body.clone();
        if let Some(members) = body.as_object_mut() {
            members.remove("DeletionProtectionEnabled");
        }
        run(&body, |request| scratch.create_table(request))?;
        let name = json!({ "TableName": body["TableName"] });
        run(&name, |request| scratch.delete_table(request)).map(drop)
    }
}

fn run<Request: DeserializeOwned, Response: Serialize>(
    body: &Value,
    call: impl FnOnce(Request) -> dynoxide::Result<Response>,
) -> Result<Value, ApiError> {
    let request = Request::deserialize(body).map_err(|error| unreadable(&error.to_string()))?;
    let response = call(request).map_err(|error| refused(&error))?;
    Ok(serde_json::to_value(response).expect("answers have only texts as keys"))
}

fn refused(error: &DynoxideError) -> ApiError {
    ApiError {
        status: error.status_code(),
        kind: error.error_type().to_owned(),
        message: error.to_string(),
    }
}

/// The engine's requests say by a prefix which error they mean; what has none, serde says.
fn unreadable(message: &str) -> ApiError {
    const VALIDATION: [&str; 3] = ["VALIDATION_AS_READ:", "VALIDATION_REQUEST:", "VALIDATION:"];
    const SERIALIZATION: [&str; 2] = ["SERIALIZATION_AS_READ:", "SERIALIZATION:"];
    const INCOMPLETE: [&str; 3] = ["missing field", "unknown variant", "invalid type: null"];
    let after = |prefixes: &[&str]| {
        prefixes.iter().find_map(|prefix| message.strip_prefix(prefix).map(str::to_owned))
    };
    if let Some(message) = after(&VALIDATION) {
        errors::named("ValidationException", &message)
    } else if let Some(message) = after(&SERIALIZATION) {
        errors::named("SerializationException", &message)
    } else if INCOMPLETE.iter().any(|part| message.contains(part)) {
        errors::named("ValidationException", message)
    } else {
        errors::named("SerializationException", &mismatch(message))
    }
}

/// `invalid type: integer `3`, expected a string` in the service's words.
fn mismatch(message: &str) -> String {
    const STRUCTURE: &str = "Start of structure or map found where not expected";
    let types =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "));
    let Some((found, expected)) = types else { return message.to_owned() };
    let wanted = match expected {
        "a string" => "String",
        "a boolean" => "Boolean",
        "i64" | "u64" => "Long",
        _ if found == "map" => return STRUCTURE.to_owned(),
        _ => return "Unexpected field type".to_owned(),
    };
    let value = match found.split(' ').next().unwrap_or_default() {
        "map" => return STRUCTURE.to_owned(),
        "sequence" => return format!("Unrecognized collection type class java.lang.{wanted}"),
        "integer" => "NUMBER_VALUE",
        "floating" => "DECIMAL_VALUE",
        "boolean" if found.contains("true") => "TRUE_VALUE",
        "boolean" => "FALSE_VALUE",
        _ if wanted == "Boolean" => return "Unexpected token received from parser".to_owned(),
        _ => "STRING_VALUE",
    };
    format!("{value} cannot be converted to {wanted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engine() -> TypedEngine {
        TypedEngine::new(Database::memory().unwrap())
    }

    #[test]
    fn a_table_is_made_and_described() {
        let engine = engine();
        let request = json!({
            "TableName": "orders",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        });
        engine.call("CreateTable", &request).unwrap();
        let described = engine.call("DescribeTable", &json!({"TableName": "orders"})).unwrap();
        assert_eq!(described["Table"]["TableStatus"], "ACTIVE");
        let again = engine.call("CreateTable", &request).unwrap_err();
        assert_eq!(again.code(), "ResourceInUseException");
        assert_eq!(again.status, 400);
    }

    #[test]
    fn refusals_have_the_services_codes() {
        let code = |operation: &str, body: Value| {
            let error = engine().call(operation, &body).unwrap_err();
            error.code().to_owned()
        };
        assert_eq!(
            code("DescribeTable", json!({"TableName": "nope"})),
            "ResourceNotFoundException"
        );
        assert_eq!(code("DescribeTable", json!({"TableName": "x"})), "ValidationException");
        assert_eq!(code("DescribeTable", json!({"TableName": 3})), "SerializationException");
        assert_eq!(code("DescribeLimits", json!({})), "UnknownOperationException");
    }

    #[test]
    fn wrong_types_are_named_in_the_services_words() {
        let say = |message: &str| unreadable(message).message;
        let number = say("invalid type: integer `3`, expected a string");
        assert_eq!(number, "NUMBER_VALUE cannot be converted to String");
        let list = say("invalid type: sequence, expected a boolean");
        assert_eq!(list, "Unrecognized collection type class java.lang.Boolean");
        assert_eq!(say("VALIDATION:as it is"), "as it is");
        assert_eq!(say("SERIALIZATION:as it is"), "as it is");
    }
}
