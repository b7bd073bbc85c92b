//! `/_osem/`.

use serde_json::{Value, json};

use super::{Reply, Server, in_memory, table_request};
use crate::model::{Fault, FaultRule};

fn request(server: &Server, head: &str, headers: &str, body: &str) -> Reply {
    Reply::parse(&server.exchange(head, headers, body).unwrap())
}

#[tokio::test]
async fn only_the_token_proves_who_serves() {
    let server = in_memory(vec![]).await;
    let host = format!("host: {}\r\n", server.address());
    let token = server.emulator.token().unwrap();
    let proved = format!("{host}x-osem-token: {token}\r\n");
    assert_eq!(request(&server, "GET /_osem/ready", &proved, "").status, 204);
    let wrong = format!("{host}x-osem-token: {}\r\n", "0".repeat(32));
    assert_eq!(request(&server, "GET /_osem/ready", &wrong, "").status, 403);
    assert_eq!(server.get("/_osem/ready").status, 403);
}

#[tokio::test]
async fn the_clock_moves_for_the_token_only() {
    let server = in_memory(vec![]).await;
    let host = format!("host: {}\r\n", server.address());
    let body = r#"{"advance":"8m"}"#;
    assert_eq!(request(&server, "POST /_osem/clock", &host, body).status, 403);
    assert_eq!(server.advance("8m"), 480_000);
    assert_eq!(server.advance("1s"), 481_000);
    let token = format!("{host}x-osem-token: {}\r\n", server.emulator.token().unwrap());
    assert_eq!(request(&server, "POST /_osem/clock", &token, r#"{"advance":"soon"}"#).status, 400);
}

#[tokio::test]
async fn pages_of_other_sites_see_nothing() {
    let server = in_memory(vec![]).await;
    let address = server.address();
    for headers in [
        format!("host: {address}\r\norigin: http://{address}\r\n"),
        "host: osem.example\r\n".to_owned(),
        "host: 127.0.0.1.example:80\r\n".to_owned(),
        String::new(),
    ] {
        assert_eq!(request(&server, "GET /_osem/calls", &headers, "").status, 403, "{headers}");
    }
    for host in ["localhost", "LOCALHOST:80", "127.0.0.1:1", "[::1]:80"] {
        let headers = format!("host: {host}\r\n");
        assert_eq!(request(&server, "GET /_osem/calls", &headers, "").status, 200, "{host}");
    }
}

#[tokio::test]
async fn calls_are_listed_with_what_became_of_them() {
    let rule = |fault, on: &str, skip| {
        let on = Some(on.to_owned());
        FaultRule { fault, on, table: None, rate: 1.0, skip, count: Some(1) }
    };
    let faults =
        vec![rule(Fault::LoseResponse, "CreateTable", 0), rule(Fault::Throttle, "Scan", 0)];
    let server = in_memory(faults).await;
    server.raw_call("CreateTable", &table_request("orders")).unwrap();
    server.call("Scan", &json!({"TableName": "orders"}));
    server.call("CreateTable", &table_request("orders"));
    server.call("GetItem", &json!({"TableName": "nothing", "Key": {"id": {"S": "1"}}}));
    server.sts("Action=GetCallerIdentity");
    let lines = |path: &str| -> Vec<Value> {
        server.get(path).text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let seen: Vec<_> = lines("/_osem/calls")
        .iter()
        .map(|call| {
            let text = |member: &str| call[member].as_str().unwrap_or("-").to_owned();
            assert!(call["at"].as_u64().unwrap() > 1_000_000_000_000, "{call}");
            format!(
                "{} {} {} {} {}",
                call["n"],
                text("operation"),
                text("table"),
                text("outcome"),
                text("fault")
            )
        })
        .collect();
    let expected = [
        "1 CreateTable orders applied lose-response",
        "2 Scan orders ThrottlingException throttle",
        "3 CreateTable orders ResourceInUseException -",
        "4 GetItem nothing ResourceNotFoundException -",
        "5 GetCallerIdentity - applied -",
    ];
    assert_eq!(seen, expected);
    assert_eq!(lines("/_osem/calls?after=4").len(), 1);
    assert_eq!(server.get("/_osem/calls?after=x").status, 400);
    assert_eq!(server.get("/_osem/other").status, 404);
}

#[tokio::test]
async fn statistics_are_there_for_all() {
    let server = in_memory(vec![]).await;
    let statistics = server.get("/_osem/statistics").json();
    assert!(statistics["applied"].is_object(), "{statistics}");
    assert!(statistics["lowerBoundMs"].is_u64(), "{statistics}");
}
