//! What a request asks for.

use std::collections::BTreeMap;

use http::request::Parts;
use http::{HeaderMap, Method};
use serde_json::Value;

use super::Front;

const TARGETS: [&str; 2] = ["DynamoDB_20120810.", "DynamoDBStreams_20120810."];

/// The members that name a table, or an ARN below one.
const TABLE_MEMBERS: [&str; 5] =
    ["TableName", "ResourceArn", "TableArn", "StreamArn", "SourceTableName"];

/// One call of DynamoDB or STS.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) operation: String,
    /// The tables that it names.
    pub(super) tables: Vec<String>,
    /// Whose credentials sign it; `None` where it is not signed.
    pub(super) access_key: Option<String>,
    /// The session that the credentials belong to.
    pub(super) session_token: Option<String>,
    pub(super) payload: Payload,
}

/// Who answers a call, and what it brings.
#[derive(Debug)]
pub(super) enum Payload {
    /// The control plane.
    Table(Value),
    /// The engine.
    Item {
        /// Null when it is no JSON: what to say to that is the engine's business.
        request: Value,
        /// Whether the request is no longer what the client sent.
        changed: bool,
    },
    /// STS.
    Sts(BTreeMap<String, String>),
}

impl Call {
    /// `None` when the request is no call of either service.
    pub(super) fn read(head: &Parts, body: &[u8]) -> Option<Self> {
        if head.method != Method::POST || head.uri.path() != "/" {
            return None;
        }
        let (operation, payload) = match text(&head.headers, "x-amz-target") {
            Some(target) => table_call(target, body)?,
            None => sts_call(body)?,
        };
        let query = head.uri.query().unwrap_or_default();
        Some(Self {
            operation,
            tables: payload.request().map(tables).unwrap_or_default(),
            access_key: access_key(&head.headers, query),
            session_token: text(&head.headers, "x-amz-security-token").map(str::to_owned),
            payload,
        })
    }
}

impl Payload {
    fn request(&self) -> Option<&Value> {
        match self {
            Self::Table(request) | Self::Item { request, .. } => Some(request),
            Self::Sts(_) => None,
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn table_call(target: &str, body: &[u8]) -> Option<(String, Payload)> {
    let operation = TARGETS.iter().find_map(|prefix| target.strip_prefix(prefix))?;
    let request = serde_json::from_slice(body);
    let payload = if Front::owns(operation) {
        // What is not JSON is refused as an engine refuses it.
        Payload::Table(request.ok()?)
    } else {
        Payload::Item { request: request.unwrap_or_default(), changed: false }
    };
    Some((operation.to_owned(), payload))
}

fn sts_call(body: &[u8]) -> Option<(String, Payload)> {
    let body = std::str::from_utf8(body).ok()?;
    let parameters: BTreeMap<_, _> = body
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    let operation = parameters.get("Action")?.clone();
    Some((operation, Payload::Sts(parameters)))
}

/// A name or value of a form.
fn decode(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = if *first == b'%' { after.get(..2).and_then(hexadecimal) } else { None };
        decoded.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hexadecimal(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// From the header of a signed request, or from the query of a presigned one.
fn access_key(headers: &HeaderMap, query: &str) -> Option<String> {
    let header = text(headers, "authorization").filter(|header| header.starts_with("AWS4-"));
    let credential = header.and_then(|header| header.split_once("Credential=")).or_else(|| {
        let presigned = query.split('&').any(|pair| pair.starts_with("X-Amz-Algorithm="));
        query.split_once("X-Amz-Credential=").filter(|_| presigned)
    });
    let key = decode(credential?.1);
    let key = key.split(['/', ',', ' ', '&']).next().unwrap_or_default();
    (!key.is_empty()).then(|| key.to_owned())
}

impl Call {
    /// Whether it makes a table with tags.
    pub(super) fn tags(&self) -> bool {
        let Payload::Table(request) = &self.payload else { return false };
        let tags = request["Tags"].as_array().is_some_and(|tags| !tags.is_empty());
        self.operation == "CreateTable" && tags
    }
}

/// The table that a `PartiQL` statement names, after one of three words; `"table"."index"` names it
/// too.
fn table_of_statement(statement: &str) -> Option<&str> {
    const BEFORE: [&str; 3] = ["INTO", "FROM", "UPDATE"];
    let mut words = statement.split_whitespace();
    words.find(|word| BEFORE.iter().any(|before| word.eq_ignore_ascii_case(before)))?;
    words.next()?.split('.').next().map(|table| table.trim_matches('"'))
}

/// The tables that a request names, each once.
fn tables(request: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |name: &str| {
        let name = name.split_once(":table/").map_or(name, |(_, resource)| resource);
        let name = name.split('/').next().unwrap_or_default();
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    };
    for member in TABLE_MEMBERS {
        request[member].as_str().into_iter().for_each(&mut add);
    }
    request["RequestItems"].as_object().into_iter().flatten().for_each(|(name, _)| add(name));
    for item in request["TransactItems"].as_array().into_iter().flatten() {
        let parts = item.as_object().into_iter().flat_map(|item| item.values());
        parts.filter_map(|part| part["TableName"].as_str()).for_each(&mut add);
    }
    let lists = ["Statements", "TransactStatements"].iter().map(|list| request[*list].as_array());
    let statements = lists.flatten().flatten().chain([request]);
    let statements = statements.filter_map(|part| part["Statement"].as_str());
    statements.filter_map(table_of_statement).for_each(&mut add);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(headers: &[(&str, &str)], uri: &str, body: &str) -> Option<Call> {
        let mut request = http::Request::post(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Call::read(&request.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    #[test]
    fn the_target_names_the_operation_and_the_body_its_tables() {
        let headers = [
            ("x-amz-target", "DynamoDB_20120810.PutItem"),
            ("authorization", "AWS4-HMAC-SHA256 Credential=AKIA1/20260101/us-east-1/dynamodb, X=1"),
        ];
        let call = call(&headers, "/", r#"{"TableName":"orders"}"#).unwrap();
        assert_eq!(call.operation, "PutItem");
        assert_eq!(call.tables, ["orders"]);
        assert_eq!(call.access_key.as_deref(), Some("AKIA1"));
    }

    #[test]
    fn a_form_names_an_operation_of_sts() {
        let call = call(&[], "/", "Action=AssumeRole&RoleArn=arn%3Aaws%3Aiam&RoleSessionName=a+b");
        let call = call.unwrap();
        assert_eq!(call.operation, "AssumeRole");
        let Payload::Sts(parameters) = call.payload else { panic!("not STS") };
        assert_eq!(parameters["RoleArn"], "arn:aws:iam");
        assert_eq!(parameters["RoleSessionName"], "a b");
        assert_eq!(call.access_key, None);
    }

    #[test]
    fn a_presigned_request_is_signed() {
        let target = [("x-amz-target", "DynamoDB_20120810.Scan")];
        let uri =
            "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA2%2F20260101&X-Amz-Date=1";
        let call = call(&target, uri, "{}").unwrap();
        assert_eq!(call.access_key.as_deref(), Some("AKIA2"));
    }

    #[test]
    fn other_requests_are_no_calls() {
        assert!(call(&[], "/", "{}").is_none());
        assert!(call(&[("x-amz-target", "Kinesis_20131202.PutRecord")], "/", "{}").is_none());
        assert!(call(&[("x-amz-target", "DynamoDB_20120810.Scan")], "/other", "{}").is_none());
    }

    #[test]
    fn escapes_that_are_none_stay() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%41"), "%zzA");
    }

    #[test]
    fn tables_are_found_wherever_a_request_names_them() {
        let named = |request: Value| tables(&request);
        let arn = "arn:aws:dynamodb:us-east-1:111122223333:table/orders/stream/2026";
        assert_eq!(named(json!({"ResourceArn": arn})), ["orders"]);
        assert_eq!(named(json!({"RequestItems": {"a": [], "b": []}})), ["a", "b"]);
        let transaction = json!({"TransactItems": [
            {"Put": {"TableName": "a"}}, {"Delete": {"TableName": "b"}}, {"Put": {"TableName": "a"}},
        ]});
        assert_eq!(named(transaction), ["a", "b"]);
        assert!(named(json!(null)).is_empty());
        let statement = |text: &str| named(json!({ "Statement": text }));
        assert_eq!(statement("INSERT INTO \"a-b\" VALUE {'id':'1'}"), ["a-b"]);
        assert_eq!(statement("select * from \"a\".\"by-name\" where x=1"), ["a"]);
        assert_eq!(named(json!({"Statements": [{"Statement": "UPDATE b SET x=1"}]})), ["b"]);
    }
}
