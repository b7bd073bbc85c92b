//! Batches of which a server leaves some items.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::{PUT, project, put, users};
use crate::harness::{Answer, Fake, Request};

const TABLE: &str = "put-dev-Users";

/// What was put by key, and how often.
type Written = Arc<Mutex<BTreeMap<String, usize>>>;

/// Takes a third of each batch, and leaves the rest.
fn server(written: &Written) -> Fake {
    let written = Arc::clone(written);
    Fake::start(move |request| answer(request, &written))
}

fn answer(request: &Request, written: &Written) -> Answer {
    let answer = match request.operation.as_str() {
        "DescribeTable" => json!({ "Table": {
            "TableName": TABLE, "TableStatus": "ACTIVE", "TableId": "id-1", "ItemCount": 0,
            "TableArn": format!("arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}"),
            "CreationDateTime": 1.0,
            "KeySchema": [{ "AttributeName": "userId", "KeyType": "HASH" }],
            "AttributeDefinitions": [{ "AttributeName": "userId", "AttributeType": "S" }],
        } }),
        "BatchWriteItem" => {
            let body: Value = serde_json::from_str(&request.body).unwrap();
            let puts = body["RequestItems"][TABLE].as_array().unwrap();
            assert!(puts.len() <= 25);
            let taken = puts.len().div_ceil(3);
            let mut written = written.lock().unwrap();
            for put in &puts[..taken] {
                let key = put["PutRequest"]["Item"]["userId"]["S"].as_str().unwrap();
                *written.entry(key.to_owned()).or_default() += 1;
            }
            match &puts[taken..] {
                [] => json!({ "UnprocessedItems": {} }),
                left => json!({ "UnprocessedItems": { TABLE: left } }),
            }
        }
        "ListTables" => json!({ "TableNames": [TABLE] }),
        other => panic!("{other} is not asked for"),
    };
    Answer::Json(200, answer.to_string())
}

#[test]
fn what_a_server_leaves_of_a_batch_is_put_again_and_nothing_twice() {
    let written = Written::default();
    let server = server(&written);
    let project = project(&PUT.replace(';', " on-existing=overwrite;"), users(60));
    let run = project.osem("run put --env dev --confirm dev --endpoint-url").args([server.url()]);
    let document = run.json(0);
    assert_eq!(put(&document), (60, 60, 0));
    let written = written.lock().unwrap();
    assert_eq!(written.len(), 60);
    assert!(written.values().all(|times| *times == 1), "{written:?}");
}
