//! A DynamoDB client that shares no code with osem: JSON over a socket, unsigned.
//!
//! Servers that check signatures are spoken to through boto3 ([`super::python`]).

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::LONGEST;

/// A client of one server.
pub(crate) struct Dynamo {
    address: String,
    region: String,
}

impl Dynamo {
    /// A client in `us-east-1`.
    pub(crate) fn new(url: &str) -> Self {
        let address = url.strip_prefix("http://").unwrap().trim_end_matches('/');
        Self { address: address.to_owned(), region: "us-east-1".to_owned() }
    }

    /// The answer, or status and body of an error.
    pub(crate) fn try_call(&self, operation: &str, body: &Value) -> Result<Value, (u16, String)> {
        let body = body.to_string();
        // Version 1.0, so that no answer comes in chunks.
        let request = format!(
            "POST / HTTP/1.0\r\nHost: {}\r\nContent-Type: application/x-amz-json-1.0\r\n\
             X-Amz-Target: DynamoDB_20120810.{operation}\r\nX-Amz-Date: 20260101T000000Z\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=osem/20260101/{}/dynamodb/aws4_request, \
             SignedHeaders=host;x-amz-date;x-amz-target, Signature=0\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.region,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LONGEST)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        match status {
            200 => Ok(serde_json::from_str(body).unwrap_or(Value::Null)),
            _ => Err((status, body.to_owned())),
        }
    }

    /// The answer, which must be no error. What is throttled is sent again.
    #[track_caller]
    pub(crate) fn call(&self, operation: &str, body: &Value) -> Value {
        let started = Instant::now();
        loop {
            match self.try_call(operation, body) {
                Ok(answer) => return answer,
                Err((_, text))
                    if text.contains("ThrottlingException") && started.elapsed() < LONGEST =>
                {
                    thread::sleep(Duration::from_millis(100));
                }
                Err((status, text)) => panic!("{operation}: {status} {text}"),
            }
        }
    }

    /// All table names, sorted.
    #[track_caller]
    pub(crate) fn tables(&self) -> Vec<String> {
        let mut names = Vec::new();
        let mut from = json!({});
        loop {
            let page = self.call("ListTables", &from);
            names.extend(
                page["TableNames"].as_array().unwrap().iter().map(|n| n.as_str().unwrap().into()),
            );
            let Some(last) = page["LastEvaluatedTableName"].as_str() else { break };
            from = json!({ "ExclusiveStartTableName": last });
        }
        names.sort();
        names
    }

    /// All table names that start like this, sorted.
    #[track_caller]
    pub(crate) fn tables_of(&self, prefix: &str) -> Vec<String> {
        let mut names = self.tables();
        names.retain(|name| name.starts_with(prefix));
        names
    }

    /// A table with one partition key, of strings.
    #[track_caller]
    pub(crate) fn create(&self, name: &str, hash: &str) {
        self.call(
            "CreateTable",
            &json!({
                "TableName": name, "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{ "AttributeName": hash, "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": hash, "AttributeType": "S" }],
            }),
        );
    }

    /// One item with nothing but its key.
    #[track_caller]
    pub(crate) fn put(&self, table: &str, hash: &str) {
        self.call("PutItem", &json!({ "TableName": table, "Item": { hash: { "S": "1" } } }));
    }

    /// Deletes all tables that start like this, and waits until they are gone: what an earlier
    /// call of the tests left behind.
    #[track_caller]
    pub(crate) fn wipe(&self, prefix: &str) {
        let started = Instant::now();
        let mut deleted = Vec::new();
        loop {
            let left = self.tables_of(prefix);
            if left.is_empty() {
                return;
            }
            // Once each: dynalite would delete a table of the same name that is made later.
            for name in left.iter().filter(|name| !deleted.contains(*name)).collect::<Vec<_>>() {
                let unprotected = json!({ "TableName": name, "DeletionProtectionEnabled": false });
                let _ = self.try_call("UpdateTable", &unprotected);
                // One that is being created refuses; the next round tries again.
                if self.try_call("DeleteTable", &json!({ "TableName": name })).is_ok() {
                    deleted.push(name.clone());
                }
            }
            assert!(started.elapsed() < LONGEST, "{left:?} cannot be deleted");
            thread::sleep(Duration::from_millis(50));
        }
    }
}
