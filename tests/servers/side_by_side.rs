//! `dev`, `staging` and `prod` on one server: none touches another.

use serde_json::json;

use crate::harness::{DYNAMODB_LOCAL, MINISTACK, MOTO, Project, Server, full_names};

#[test]
fn three_environments_live_side_by_side_on_ministack() {
    side_by_side(&MINISTACK);
}

#[test]
fn three_environments_live_side_by_side_on_dynamodb_local() {
    side_by_side(&DYNAMODB_LOCAL);
}

#[test]
fn three_environments_live_side_by_side_on_moto() {
    side_by_side(&MOTO);
}

fn side_by_side(server: &'static Server) {
    let Some(claim) = server.claim("osem-") else { return };
    let project = Project::new();
    let osem = |line: &str, environment: &str| {
        project.osem(line).args(["--env", environment, "--endpoint-url", &claim.url])
    };
    let created = |environment: &str| {
        let describe = |name: &String| {
            let table = claim.dynamo.call("DescribeTable", &json!({ "TableName": name }));
            table["Table"]["CreationDateTime"].to_string()
        };
        full_names(environment).iter().map(describe).collect::<Vec<_>>()
    };

    osem("setup", "dev").success();
    let dev = created("dev");
    osem("setup", "staging").success();
    osem("setup", "prod").status(77);
    osem("setup --yes", "prod").status(77);
    assert_eq!(claim.dynamo.tables_of("osem-prod-"), Vec::<String>::new());
    osem("setup --confirm prod", "prod").success();
    let (staging, prod) = (created("staging"), created("prod"));
    assert_eq!(claim.dynamo.tables_of("osem-").len(), 18);

    for environment in ["dev", "staging", "prod"] {
        osem("verify", environment).success();
        let listed = osem("list-tables", environment).json(0);
        let names: Vec<&str> = listed["data"]["tables"]
            .as_array()
            .unwrap()
            .iter()
            .map(|table| table["tableName"].as_str().unwrap())
            .collect();
        let prefix = format!("osem-{environment}-");
        assert!(
            names.len() == 6 && names.iter().all(|name| name.starts_with(&prefix)),
            "{names:?}"
        );
    }

    osem("delete-tables --confirm prod", "prod").status(65);
    osem("delete-tables --confirm staging", "staging").status(65);
    osem("delete-tables --confirm dev", "dev").success();
    assert_eq!(claim.dynamo.tables_of("osem-dev-"), Vec::<String>::new());
    assert_eq!((created("staging"), created("prod")), (staging, prod));
    osem("setup", "dev").success();
    assert_ne!(dev, Vec::<String>::new());
    osem("verify", "staging").success();
    osem("verify", "prod").success();
    claim.dynamo.wipe("osem-");
}
