//! Each fault, as the client at the other end of the wire meets it.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use serde_json::json;

use super::{ACCOUNT, REGION, Server, in_memory, table_request};
use crate::model::{Fault, FaultRule};

/// A fault that meets the first call of this operation.
fn once(fault: Fault, on: &str) -> FaultRule {
    let on = Some(on.to_owned());
    FaultRule { fault, on, table: None, rate: 1.0, skip: 0, count: Some(1) }
}

async fn with(fault: Fault, on: &str) -> Server {
    in_memory(vec![once(fault, on)]).await
}

/// Whether the engine has the table: then it cannot be made once more.
fn is_there(server: &Server, table: &str) -> bool {
    let reply = server.call("CreateTable", &table_request(table));
    assert!(reply.status == 200 || reply.code() == "ResourceInUseException", "{reply:?}");
    reply.status != 200
}

fn error(code: &str, message: Option<&str>) -> Fault {
    Fault::Error { code: code.to_owned(), message: message.map(str::to_owned) }
}

#[tokio::test]
async fn a_throttled_call_is_not_applied() {
    let faults = vec![once(Fault::Throttle, "CreateTable"), once(Fault::Throttle, "GetItem")];
    let server = in_memory(faults).await;
    let reply = server.call("CreateTable", &table_request("orders"));
    assert_eq!((reply.status, &*reply.code()), (400, "ThrottlingException"));
    let says = "The rate of control plane requests made by this account is too high";
    assert_eq!(reply.json()["message"], says);
    assert!(!is_there(&server, "orders"));
    let reply = server.call("GetItem", &json!({"TableName": "orders"}));
    assert_eq!(reply.json()["message"], "Rate exceeded");
}

#[tokio::test]
async fn an_error_has_the_status_and_the_namespace_of_its_code() {
    for (code, message, status, kind, says) in [
        (
            "InternalServerError",
            None,
            500,
            "com.amazonaws.dynamodb.v20120810#InternalServerError",
            json!("Internal server error"),
        ),
        ("InternalFailure", None, 500, "com.amazon.coral.service#InternalFailure", json!(null)),
        (
            "LimitExceededException",
            Some("Subscriber limit exceeded"),
            400,
            "com.amazonaws.dynamodb.v20120810#LimitExceededException",
            json!("Subscriber limit exceeded"),
        ),
    ] {
        let server = with(error(code, message), "CreateTable").await;
        let reply = server.call("CreateTable", &table_request("orders"));
        assert_eq!(reply.status, status);
        assert_eq!(reply.json()["__type"], kind);
        assert_eq!(reply.json()["message"], says);
        assert!(!is_there(&server, "orders"));
    }
}

#[tokio::test]
async fn a_denial_names_the_caller_the_action_and_the_resource() {
    let server = in_memory(vec![once(Fault::Deny, "CreateTable"), once(Fault::Deny, "Scan")]).await;
    let reply = server.call("CreateTable", &table_request("orders"));
    assert_eq!((reply.status, &*reply.code()), (400, "AccessDeniedException"));
    let expected = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/osem is not authorized to perform: \
         dynamodb:CreateTable on resource: arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders \
         because no identity-based policy allows the dynamodb:CreateTable action"
    );
    assert_eq!(reply.json()["Message"], *expected);
    assert!(!is_there(&server, "orders"));
}

#[tokio::test]
async fn a_lost_response_was_applied_and_the_connection_is_closed() {
    let server = with(Fault::LoseResponse, "CreateTable").await;
    let bytes = server.raw_call("CreateTable", &table_request("orders")).unwrap();
    assert!(bytes.is_empty(), "{bytes:?}");
    assert!(is_there(&server, "orders"));
}

#[tokio::test]
async fn a_response_of_the_engine_is_lost_after_the_write() {
    let server = with(Fault::LoseResponse, "PutItem").await;
    server.create("orders");
    let item = json!({"id": {"S": "1"}});
    let put = server.raw_call("PutItem", &json!({"TableName": "orders", "Item": item}));
    assert!(put.unwrap().is_empty());
    let reply = server.call("GetItem", &json!({"TableName": "orders", "Key": item}));
    assert_eq!(reply.json()["Item"], item);
}

#[tokio::test]
async fn a_reset_connection_was_not_applied() {
    let server = with(Fault::Reset, "CreateTable").await;
    let error = server.raw_call("CreateTable", &table_request("orders")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert!(!is_there(&server, "orders"));
}

#[tokio::test]
async fn a_call_hangs_until_the_server_stops() {
    let server = with(Fault::Hang, "CreateTable").await;
    let body = table_request("orders").to_string();
    let mut stream = server.send("POST /", &server.target("CreateTable"), &body);
    stream.set_read_timeout(Some(Duration::from_millis(60))).unwrap();
    let mut byte = [0];
    let error = stream.read(&mut byte).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    assert!(!is_there(&server, "orders"));
    // Far below the time that requests under way get: nobody waits for it.
    let stopping = Instant::now();
    drop(server);
    assert!(stopping.elapsed() < Duration::from_secs(1));
    assert_eq!(stream.read(&mut byte).unwrap(), 0);
}

#[tokio::test]
async fn garbage_comes_with_status_200_and_was_applied() {
    let server = with(Fault::Garbage, "CreateTable").await;
    let reply = server.call("CreateTable", &table_request("orders"));
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_slice::<serde_json::Value>(&reply.body).is_err());
    assert!(is_there(&server, "orders"));
}

#[tokio::test]
async fn a_delayed_answer_comes_later() {
    let delay = Duration::from_millis(60);
    let server = with(Fault::Delay(delay), "CreateTable").await;
    let started = Instant::now();
    assert_eq!(server.call("CreateTable", &table_request("orders")).status, 200);
    assert!(started.elapsed() >= delay);
}

#[tokio::test]
async fn credentials_expire_by_the_simulated_clock() {
    let expiry = Fault::ExpireCredentials(Duration::from_mins(15));
    let rule = FaultRule { fault: expiry, on: None, table: None, rate: 1.0, skip: 0, count: None };
    let mut server = in_memory(vec![rule]).await;
    assert_eq!(server.sts("Action=GetCallerIdentity").status, 200);
    server.advance("15m");
    let reply = server.call("CreateTable", &table_request("orders"));
    assert_eq!((reply.status, &*reply.code()), (400, "ExpiredTokenException"));
    assert_eq!(reply.json()["message"], "The security token included in the request is expired");
    let reply = server.sts("Action=GetCallerIdentity");
    assert_eq!((reply.status, reply.element("Code")), (403, "ExpiredToken"));
    "AKIANEW".clone_into(&mut server.access_key);
    assert_eq!(server.call("CreateTable", &table_request("orders")).status, 200);
}

#[tokio::test]
async fn sts_is_met_as_well() {
    let on = "GetCallerIdentity";
    let faults = [Fault::Throttle, Fault::Deny, error("InternalFailure", None)];
    let server = in_memory(faults.map(|fault| once(fault, on)).into()).await;
    // The first that is declared counts; the others count the same call.
    let reply = server.sts("Action=GetCallerIdentity");
    assert_eq!((reply.status, reply.element("Code")), (400, "Throttling"));
    assert_eq!(server.sts("Action=GetCallerIdentity").status, 200);
}
