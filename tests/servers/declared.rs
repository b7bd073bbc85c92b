//! A server that the environment declares, with an account that its STS must confirm.

use serde_json::Value;

use crate::harness::{DYNALITE, DYNAMODB_LOCAL, Lack, MINISTACK, MOTO, Project, Server};

#[test]
fn the_account_of_ministack_is_confirmed() {
    confirmed(&MINISTACK, "000000000000");
}

#[test]
fn the_account_of_moto_is_confirmed() {
    confirmed(&MOTO, "123456789012");
}

#[test]
fn dynamodb_local_confirms_no_account() {
    not_confirmed(&DYNAMODB_LOCAL);
}

#[test]
fn dynalite_confirms_no_account() {
    not_confirmed(&DYNALITE);
}

fn project(url: &str, account: &str) -> Project {
    Project::with_prefix("declared")
        .edit("account \"111111111111\"", &format!("account \"{account}\""))
        .edit("profile osem-dev", &format!("endpoint \"{url}\" sts=\"{url}\""))
}

fn confirmed(server: &'static Server, account: &str) {
    assert!(!server.lacks(Lack::Sts));
    let Some(claim) = server.claim("declared-") else { return };
    let osem = |project: &Project, line: &str| {
        let line = format!("{line} --env dev");
        project.osem(&line).keys("test", "test")
    };
    let wrong = osem(&project(&claim.url, "999999999999"), "setup").json(1);
    assert_eq!(wrong["error"]["code"], "AWS_ACCOUNT_MISMATCH");
    assert_eq!(claim.dynamo.tables_of("declared-"), Vec::<String>::new());

    let right = project(&claim.url, account);
    osem(&right, "setup").success().expect_stderr(&format!("in account {account}"));
    osem(&right, "verify").success();
    assert_eq!(claim.dynamo.tables_of("declared-").len(), 6);
    osem(&right, "delete-tables --confirm dev").success();
    assert_eq!(claim.dynamo.tables_of("declared-"), Vec::<String>::new());
}

fn not_confirmed(server: &'static Server) {
    assert!(server.lacks(Lack::Sts));
    let Some(claim) = server.claim("declared-") else { return };
    let project = project(&claim.url, "000000000000");
    let document = project.osem("setup --env dev").keys("test", "test").json(1);
    assert_eq!(document["runId"], Value::Null);
    assert_eq!(claim.dynamo.tables_of("declared-"), Vec::<String>::new());
}
