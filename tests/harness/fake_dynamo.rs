//! A DynamoDB that keeps tables in memory and fails where a test wants it to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use serde_json::{Value, json};

use super::{Answer, Fake, Request};

/// What to do instead of a plain answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// Carries the call out and closes the connection.
    LoseAnswer,
    /// Carries the call out and answers with an error.
    ErrorAfter(u16, &'static str, &'static str),
    /// Closes the connection.
    Hangup,
    /// Never answers.
    Silence,
    /// An error of the service.
    Error(u16, &'static str, &'static str),
    /// Something that is not the protocol.
    Html(u16),
    /// A description with this status.
    Status(&'static str),
    /// A description with other keys.
    OtherKeys,
}

/// How often each operation was asked for, this time not counted.
#[derive(Default)]
pub(crate) struct Asked(HashMap<String, usize>);

impl Asked {
    /// How often this one was.
    pub(crate) fn times(&self, operation: &str) -> usize {
        self.0.get(operation).copied().unwrap_or_default()
    }
}

#[derive(Default)]
struct State {
    tables: BTreeMap<String, Value>,
    asked: Asked,
}

/// A server that works, but for what `fault` says about an operation.
pub(crate) fn dynamo_with(
    fault: impl Fn(&str, &Asked) -> Option<Fault> + Send + Sync + 'static,
) -> Fake {
    let state = Mutex::new(State::default());
    Fake::start(move |request| {
        let mut state = state.lock().unwrap();
        let fault = fault(&request.operation, &state.asked);
        *state.asked.0.entry(request.operation.clone()).or_default() += 1;
        match fault {
            None => state.answer(request, "ACTIVE"),
            Some(Fault::Status(status)) => state.answer(request, status),
            Some(Fault::LoseAnswer) => {
                state.answer(request, "ACTIVE");
                Answer::Hangup
            }
            Some(Fault::ErrorAfter(status, code, message)) => {
                state.answer(request, "ACTIVE");
                error(status, code, message)
            }
            Some(Fault::OtherKeys) => match state.answer(request, "ACTIVE") {
                Answer::Json(status, body) => Answer::Json(status, body.replace("userId", "id")),
                other => other,
            },
            Some(Fault::Hangup) => Answer::Hangup,
            Some(Fault::Silence) => Answer::Silence,
            Some(Fault::Error(status, code, message)) => error(status, code, message),
            Some(Fault::Html(status)) => Answer::Xml(status, "<html>oops</html>".to_owned()),
        }
    })
}

impl State {
    fn answer(&mut self, request: &Request, status: &str) -> Answer {
        let body: Value = serde_json::from_str(&request.body).unwrap();
        let name = body["TableName"].as_str().unwrap_or_default().to_owned();
        let answer = match request.operation.as_str() {
            "ListTables" => json!({ "TableNames": self.tables.keys().collect::<Vec<_>>() }),
            "CreateTable" if self.tables.contains_key(&name) => {
                let message = format!("Table already exists: {name}");
                return error(400, "ResourceInUseException", &message);
            }
            "CreateTable" => {
                self.tables.insert(name, body.clone());
                json!({ "TableDescription": description(&body, status) })
            }
            "DescribeTable" => match self.tables.get(&name) {
                Some(table) => json!({ "Table": description(table, status) }),
                None => return not_found(),
            },
            "DeleteTable" => match self.tables.remove(&name) {
                Some(table) => json!({ "TableDescription": description(&table, "DELETING") }),
                None => return not_found(),
            },
            "ListTagsOfResource" => {
                let arn = body["ResourceArn"].as_str().unwrap();
                let table = arn.rsplit('/').next().unwrap();
                json!({ "Tags": self.tables[table]["Tags"].as_array().cloned().unwrap_or_default() })
            }
            "Scan" => json!({ "Count": 0, "ScannedCount": 0, "Items": [] }),
            _ => return error(400, "UnknownOperationException", ""),
        };
        Answer::Json(200, answer.to_string())
    }
}

fn description(request: &Value, status: &str) -> Value {
    let name = request["TableName"].as_str().unwrap();
    let indexes = request["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
    let indexes = indexes.into_iter().map(|mut index| {
        index["IndexStatus"] = json!("ACTIVE");
        index
    });
    json!({
        "TableName": name, "TableStatus": status, "ItemCount": 0,
        "TableArn": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{name}"),
        "KeySchema": request["KeySchema"],
        "AttributeDefinitions": request["AttributeDefinitions"],
        "GlobalSecondaryIndexes": indexes.collect::<Vec<_>>(),
        "BillingModeSummary": { "BillingMode": "PAY_PER_REQUEST" },
    })
}

fn not_found() -> Answer {
    error(400, "ResourceNotFoundException", "Requested resource not found")
}

fn error(status: u16, code: &str, message: &str) -> Answer {
    let ty = format!("com.amazonaws.dynamodb.v20120810#{code}");
    Answer::Json(status, json!({ "__type": ty, "message": message }).to_string())
}
