//! From one process to the next.

use std::io::Read;
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::json;

use super::{Reply, Server, in_memory, open, table_request};
use crate::emulator::Purpose;
use crate::model::{EmulatorData, Fault, FaultRule};

const SERVE: Purpose = Purpose::Serve { port: 0 };

struct Folder {
    folder: tempfile::TempDir,
    data: EmulatorData,
}

impl Folder {
    fn new() -> Self {
        let data = EmulatorData::File(PathBuf::from("state/local.db"));
        Self { folder: tempfile::tempdir().unwrap(), data }
    }

    async fn open(&self, purpose: Purpose) -> Server {
        open(&self.data, self.folder.path(), purpose, vec![]).await
    }
}

#[tokio::test]
async fn tables_items_and_the_clock_are_there_again() {
    let folder = Folder::new();
    let server = folder.open(Purpose::Command).await;
    server.create("orders");
    let item = json!({"id": {"S": "1"}});
    server.call("PutItem", &json!({"TableName": "orders", "Item": item}));
    let offset = server.advance("8m");
    drop(server);
    let server = folder.open(Purpose::Command).await;
    assert_eq!(server.advance("0s"), offset);
    let reply = server.call("GetItem", &json!({"TableName": "orders", "Key": item}));
    assert_eq!(reply.json()["Item"], item);
    let reply = server.call("CreateTable", &table_request("orders"));
    assert_eq!(reply.code(), "ResourceInUseException");
}

#[tokio::test]
async fn a_command_uses_the_simulation_that_osem_local_serves() {
    let folder = Folder::new();
    let server = folder.open(SERVE).await;
    let command = folder.open(Purpose::Command).await;
    assert_eq!(command.emulator.url(), server.emulator.url());
    assert_eq!(command.emulator.token(), server.emulator.token());
    let description = command.emulator.description();
    assert!(description.starts_with("simulated control plane of `osem local` at http://127."));
    drop(command);
    assert_eq!(server.get("/_osem/statistics").status, 200);
}

#[tokio::test]
async fn the_description_says_that_it_is_a_simulation() {
    let folder = Folder::new();
    let server = folder.open(Purpose::Look).await;
    let expected = "simulated control plane (state/local.db, not there yet, time-scale 1000000)";
    assert_eq!(server.emulator.description(), expected);
    let server = folder.open(Purpose::Command).await;
    let expected = "simulated control plane (state/local.db, time-scale 1000000)";
    assert_eq!(server.emulator.description(), expected);
}

#[tokio::test]
async fn nothing_is_left_of_a_stopped_emulator() {
    let folder = Folder::new();
    let server = folder.open(SERVE).await;
    let address = server.address().to_owned();
    // A connection that nothing is sent on does not hold it up.
    let _idle = TcpStream::connect(&address).unwrap();
    let stopping = std::time::Instant::now();
    drop(server);
    assert!(stopping.elapsed() < Duration::from_secs(1));
    assert!(TcpStream::connect(&address).is_err());
    folder.open(SERVE).await;
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_it_stops() {
    let fault = Fault::Delay(Duration::from_millis(90));
    let late = FaultRule { fault, on: None, table: None, rate: 1.0, skip: 0, count: None };
    let server = in_memory(vec![late]).await;
    let body = table_request("orders").to_string();
    let mut stream = server.send("POST /", &server.target("CreateTable"), &body);
    while server.get("/_osem/calls").body.is_empty() {}
    drop(server);
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    assert_eq!(Reply::parse(&bytes).status, 200);
}
