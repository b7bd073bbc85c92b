//! More tables than one page of `ListTables` holds.

use std::fmt::Write as _;

use crate::harness::{DYNALITE, DYNAMODB_LOCAL, MINISTACK, MOTO, Project, Server, serve};

#[test]
fn a_hundred_and_ten_tables_are_listed_by_the_emulator() {
    let project = project();
    let (_local, url) = serve(&project);
    hundred_and_ten(&project, &url);
}

#[test]
fn a_hundred_and_ten_tables_are_listed_by_ministack() {
    on(&MINISTACK);
}

#[test]
fn a_hundred_and_ten_tables_are_listed_by_dynamodb_local() {
    on(&DYNAMODB_LOCAL);
}

#[test]
fn a_hundred_and_ten_tables_are_listed_by_moto() {
    on(&MOTO);
}

#[test]
fn a_hundred_and_ten_tables_are_listed_by_dynalite() {
    on(&DYNALITE);
}

fn on(server: &'static Server) {
    let Some(claim) = server.claim("many-") else { return };
    hundred_and_ten(&project(), &claim.url);
    claim.dynamo.wipe("many-");
}

fn project() -> Project {
    let mut text = "\
osem 1
project many { table-name \"many-{env}-{table}\"; jobs 16; }
environment dev default=#true { region us-east-1; emulator; allow-destroy; }
task setup { for-each table { step create-table; step wait-active; step verify; }; }
task list-tables { step list-tables; }
task delete-tables {
    allow-in dev
    for-each table { step delete-table missing=ok; step wait-deleted; }
}
"
    .to_owned();
    for number in 0..110 {
        writeln!(text, "table T{number:03} hash=id").unwrap();
    }
    Project::of(text)
}

fn hundred_and_ten(project: &Project, url: &str) {
    let osem = |line: &str| project.osem(line).args(["--endpoint-url", url]);
    osem("setup").success();
    let listed = osem("list-tables").json(0);
    let tables = listed["data"]["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 110);
    let missing: Vec<_> = tables.iter().filter(|table| table["status"].is_null()).collect();
    assert!(missing.is_empty(), "{} are not seen, as {}", missing.len(), missing[0]);
    osem("delete-tables --confirm dev").success();
}
