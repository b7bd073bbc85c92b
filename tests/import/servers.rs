//! Servers that others wrote.

use crate::harness::{DYNALITE, DYNAMODB_LOCAL, MINISTACK, MOTO, Project, Server};

use super::{empty_project, expect_nothing_to_do, osem};

#[test]
fn the_tables_of_the_application_are_imported_from_ministack() {
    application(&MINISTACK);
}

#[test]
fn the_tables_of_the_application_are_imported_from_dynamodb_local() {
    application(&DYNAMODB_LOCAL);
}

#[test]
fn the_tables_of_the_application_are_imported_from_moto() {
    application(&MOTO);
}

#[test]
fn the_tables_of_the_application_are_imported_from_dynalite() {
    application(&DYNALITE);
}

fn application(server: &'static Server) {
    let Some(claim) = server.claim("import-") else { return };
    let declared = Project::with_prefix("import");
    osem(&declared, "setup --env dev", &claim.url).success();
    let settings = "billing pay-per-request\n\
                    tag Environment \"{env}\"; tag Application osem-ladders";
    let project = empty_project("import-{env}-{table}", settings, "");
    let document = osem(&project, "import --out imported/tables.kdl", &claim.url).json(0);
    assert_eq!(document["data"]["totalTables"], 6, "{document:#}");
    expect_nothing_to_do(&project, &claim.url, 6);
    claim.dynamo.wipe("import-");
}
