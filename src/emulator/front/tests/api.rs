//! What an AWS SDK sends, answered.

use std::io::{Read, Write};

use serde_json::json;

use super::super::LONGEST_BODY;
use super::super::answer::crc32;
use super::{ACCOUNT, REGION, Reply, in_memory};

#[tokio::test]
async fn sts_says_whose_the_credentials_are() {
    let server = in_memory(vec![]).await;
    let reply = server.sts("Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), Some("text/xml"));
    assert_eq!(reply.element("Account"), ACCOUNT);
    assert_eq!(reply.element("Arn"), format!("arn:aws:iam::{ACCOUNT}:user/osem"));
}

#[tokio::test]
async fn the_session_of_an_assumed_role_is_known_by_its_token() {
    let mut server = in_memory(vec![]).await;
    let role = "arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fci%2Fdeploy";
    let form = format!("Action=AssumeRole&RoleArn={role}&RoleSessionName=osem&DurationSeconds=900");
    let reply = server.sts(&form);
    assert_eq!(reply.status, 200, "{reply:?}");
    server.access_key = reply.element("AccessKeyId").to_owned();
    server.session_token = Some(reply.element("SessionToken").to_owned());
    let expires = humantime::parse_rfc3339(reply.element("Expiration")).unwrap();
    assert!(expires > std::time::SystemTime::now() + std::time::Duration::from_secs(800));
    let reply = server.sts("Action=GetCallerIdentity");
    assert_eq!(reply.element("Arn"), "arn:aws:sts::111122223333:assumed-role/deploy/osem");
    assert!(reply.element("UserId").ends_with(":osem"));
}

#[tokio::test]
async fn sts_refuses_in_its_own_shape() {
    let server = in_memory(vec![]).await;
    let reply = server.sts("Action=AssumeRole&RoleSessionName=osem");
    assert_eq!((reply.status, reply.element("Code")), (400, "ValidationError"));
    let reply = server.sts("Action=GetFederationToken&Name=%3Cb%3E");
    assert_eq!((reply.status, reply.element("Code")), (400, "InvalidAction"));
    let reply = server.exchange("POST /", "host: localhost\r\n", "Action=GetCallerIdentity");
    let reply = Reply::parse(&reply.unwrap());
    assert_eq!((reply.status, reply.element("Code")), (403, "MissingAuthenticationToken"));
}

#[tokio::test]
async fn items_are_kept_by_the_engine() {
    let server = in_memory(vec![]).await;
    server.create("orders");
    // As the service, it takes an ARN for a table's name; ARNs in items are the user's.
    let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders");
    let item = json!({"id": {"S": arn}, "total": {"N": "1.50"}});
    let reply = server.call("PutItem", &json!({"TableName": arn, "Item": item}));
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("content-type"), Some("application/x-amz-json-1.0"));
    assert_eq!(reply.header("x-amz-crc32"), Some(&*crc32(&reply.body).to_string()));
    let key = json!({"id": {"S": arn}});
    let reply = server.call("GetItem", &json!({"TableName": "orders", "Key": key}));
    assert_eq!(reply.json()["Item"]["id"]["S"], *arn);
    assert_eq!(reply.json()["Item"]["total"]["N"], "1.5");
}

#[tokio::test]
async fn streams_are_named_after_the_simulated_account() {
    let server = in_memory(vec![]).await;
    server.create("orders");
    server.call("PutItem", &json!({"TableName": "orders", "Item": {"id": {"S": "1"}}}));
    let reply = server.call("ListStreams", &json!({}));
    let arn = reply.json()["Streams"][0]["StreamArn"].as_str().unwrap().to_owned();
    assert!(arn.starts_with(&format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/stream/")));
    assert_eq!(reply.header("x-amz-crc32"), Some(&*crc32(&reply.body).to_string()));
    let described = server.call("DescribeStream", &json!({"StreamArn": arn})).json();
    assert_eq!(described["StreamDescription"]["StreamArn"], *arn);
    let shard = &described["StreamDescription"]["Shards"][0]["ShardId"];
    let request = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let headers = server.target("GetShardIterator");
    let reply = server.exchange("POST /", &headers, &request.to_string()).unwrap();
    let iterator = &Reply::parse(&reply).json()["ShardIterator"];
    let records = server.call("GetRecords", &json!({"ShardIterator": iterator})).json();
    assert_eq!(records["Records"][0]["awsRegion"], REGION);
}

#[tokio::test]
async fn unsigned_calls_and_unknown_operations_are_refused() {
    let server = in_memory(vec![]).await;
    for operation in ["CreateTable", "GetItem"] {
        let signed = server.target(operation);
        let unsigned: String = signed
            .split_inclusive("\r\n")
            .filter(|line| !line.starts_with("authorization"))
            .collect();
        let reply = Reply::parse(&server.exchange("POST /", &unsigned, "{}").unwrap());
        assert_eq!((reply.status, &*reply.code()), (400, "MissingAuthenticationTokenException"));
    }
    let reply = server.call("MakeCoffee", &json!({}));
    assert_eq!((reply.status, &*reply.code()), (400, "UnknownOperationException"));
    let headers = server.target("CreateTable");
    let reply = Reply::parse(&server.exchange("POST /", &headers, "{").unwrap());
    assert_eq!((reply.status, &*reply.code()), (400, "SerializationException"));
    let reply = server.get("/");
    assert!(reply.text().starts_with("healthy"), "{reply:?}");
}

#[tokio::test]
async fn one_connection_carries_many_calls() {
    let server = in_memory(vec![]).await;
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
    for operation in ["ListStreams", "CreateTable", "ListStreams"] {
        let headers = server.target(operation);
        let body = super::table_request("orders").to_string();
        let length = body.len();
        write!(stream, "POST / HTTP/1.1\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let reply = Reply::parse(&head);
        assert_eq!(reply.status, 200, "{reply:?}");
        let mut body = vec![0; reply.header("content-length").unwrap().parse().unwrap()];
        stream.read_exact(&mut body).unwrap();
        serde_json::from_slice::<serde_json::Value>(&body).unwrap();
    }
}

#[tokio::test]
async fn a_request_that_is_too_large_is_not_read_to_its_end() {
    let server = in_memory(vec![]).await;
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(super::PATIENCE)).unwrap();
    let headers = server.target("PutItem");
    let length = 2 * LONGEST_BODY;
    write!(stream, "POST / HTTP/1.1\r\ncontent-length: {length}\r\n{headers}\r\n").unwrap();
    stream.write_all(&vec![b' '; LONGEST_BODY + 1]).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(Reply::parse(&bytes).status, 413);
}
