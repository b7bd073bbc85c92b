//! A realistic emulator as a client on the network meets it.

mod admin;
mod api;
mod faults;
mod lifetime;

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::emulator::{Emulator, EmulatorOptions, Purpose};
use crate::model::{AccountId, ControlPlane, EmulatorData, FaultRule, Simulation};

const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-west-1";

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// A realistic emulator whose states last no time to speak of.
fn control_plane(faults: Vec<FaultRule>) -> ControlPlane {
    ControlPlane::Realistic(Simulation {
        time_scale: 1e6,
        account: AccountId::parse(ACCOUNT).unwrap(),
        faults,
        ..Simulation::default()
    })
}

async fn open(
    data: &EmulatorData,
    root: &Path,
    purpose: Purpose,
    faults: Vec<FaultRule>,
) -> Server {
    let control_plane = control_plane(faults);
    let options =
        EmulatorOptions { data, control_plane: &control_plane, region: REGION, root, purpose };
    let emulator = Emulator::open(options, |holder| panic!("waits for {holder}")).await.unwrap();
    Server { access_key: "AKIATEST".to_owned(), session_token: None, emulator }
}

async fn in_memory(faults: Vec<FaultRule>) -> Server {
    open(&EmulatorData::Memory, Path::new("."), Purpose::Command, faults).await
}

/// An emulator, and whose credentials sign requests to it.
struct Server {
    access_key: String,
    session_token: Option<String>,
    emulator: Emulator,
}

/// An answer as it comes over the wire.
#[derive(Debug)]
struct Reply {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Reply {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The code of an error, after its namespace.
    fn code(&self) -> String {
        let body = self.json();
        body["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned()
    }

    /// What stands between the tags of an answer of STS.
    fn element(&self, name: &str) -> &str {
        let (_, rest) = self.text().split_once(&format!("<{name}>")).unwrap();
        rest.split_once('<').unwrap().0
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }
}

impl Server {
    fn address(&self) -> &str {
        self.emulator.url().strip_prefix("http://").unwrap()
    }

    /// Sends a request and leaves the connection open.
    fn send(&self, head: &str, headers: &str, body: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let length = body.len();
        write!(
            stream,
            "{head} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        )
        .unwrap();
        stream
    }

    /// Everything that comes until the connection ends.
    fn exchange(&self, head: &str, headers: &str, body: &str) -> io::Result<Vec<u8>> {
        let mut stream = self.send(head, headers, body);
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map(|_| bytes)
    }

    fn signature(&self) -> String {
        let key = &self.access_key;
        let token =
            self.session_token.iter().map(|token| format!("x-amz-security-token: {token}\r\n"));
        format!(
            "host: {}\r\nx-amz-date: 20260101T000000Z\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential={key}/20260101/{REGION}/dynamodb/aws4_request, SignedHeaders=host, \
             Signature=0\r\n{}",
            self.address(),
            token.collect::<String>(),
        )
    }

    fn target(&self, operation: &str) -> String {
        format!(
            "{}content-type: application/x-amz-json-1.0\r\nx-amz-target: {}.{operation}\r\n",
            self.signature(),
            if operation.contains("Stream") {
                "DynamoDBStreams_20120810"
            } else {
                "DynamoDB_20120810"
            },
        )
    }

    /// The bytes that answer a call of DynamoDB, if any, or how the connection ends.
    fn raw_call(&self, operation: &str, request: &Value) -> io::Result<Vec<u8>> {
        self.exchange("POST /", &self.target(operation), &request.to_string())
    }

    fn call(&self, operation: &str, request: &Value) -> Reply {
        Reply::parse(&self.raw_call(operation, request).unwrap())
    }

    fn sts(&self, form: &str) -> Reply {
        let headers =
            format!("{}content-type: application/x-www-form-urlencoded\r\n", self.signature());
        Reply::parse(&self.exchange("POST /", &headers, form).unwrap())
    }

    fn get(&self, path: &str) -> Reply {
        let headers = format!("host: {}\r\n", self.address());
        Reply::parse(&self.exchange(&format!("GET {path}"), &headers, "").unwrap())
    }

    /// Moves the clock; how far it is ahead then.
    fn advance(&self, by: &str) -> u64 {
        let token = self.emulator.token().unwrap();
        let headers = format!("host: {}\r\nx-osem-token: {token}\r\n", self.address());
        let body = json!({"advance": by}).to_string();
        let reply = Reply::parse(&self.exchange("POST /_osem/clock", &headers, &body).unwrap());
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()["offsetMs"].as_u64().unwrap()
    }

    /// Makes a table and lets it settle.
    fn create(&self, table: &str) {
        let reply = self.call("CreateTable", &table_request(table));
        assert_eq!(reply.status, 200, "{reply:?}");
        self.advance("1h");
    }
}

fn table_request(table: &str) -> Value {
    json!({
        "TableName": table,
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"},
    })
}
