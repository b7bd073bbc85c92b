//! The complete example.

use crate::model::{
    Billing, Block, EmulatorData, IndexKind, Link, OnFailure, Order, Projection, ScalarType,
    StepDecl,
};

use super::*;

#[test]
fn the_example_loads_without_diagnostics() {
    let config = load_text(EXAMPLE).unwrap_or_else(|found| panic!("{}", shown(&found)));
    assert_eq!(config.warnings, []);
    assert_eq!(config.project.name.value, "osem-ladders");
    assert_eq!(config.project.jobs, Some(8));
    assert_eq!(config.default_environment().unwrap().name.value, "local");
    let local = config.environment("local").unwrap().emulator.as_ref().unwrap();
    assert_eq!(local.data, EmulatorData::File(".osem/local.db".into()));
    let prod = config.environment("prod").unwrap();
    assert!(prod.protected && !prod.allow_destroy);
    assert_eq!(prod.account.as_ref().unwrap().value.as_str(), "033333333333");
    assert_eq!(prod.assume_role.as_ref().unwrap().session_name.as_deref(), Some("osem"));
    let retry = config.defaults.step.retry.unwrap();
    assert_eq!((retry.retries, retry.max_delay), (4, Duration::from_secs(20)));
    assert_eq!(config.defaults.step.timeout, Some(Duration::from_mins(2)));
}

#[test]
fn the_example_has_its_tasks() {
    let config = load_text(EXAMPLE).unwrap();
    let names: Vec<_> = config.tasks.iter().map(|task| task.name.value.as_str()).collect();
    assert_eq!(names, ["setup", "verify", "list-tables", "delete-tables"]);
    let setup = config.task("setup").unwrap();
    let Block::ForEachTable(chain) = &setup.body[1] else { panic!("a chain") };
    assert_eq!(chain.on_failure, Some(OnFailure::KeepGoing));
    let steps: Vec<_> = chain.links.iter().flat_map(Link::steps).map(StepDecl::name).collect();
    assert_eq!(steps, ["create-table", "wait-active", "verify", "tag"]);
    assert_eq!(chain.links[1].steps()[0].policy.timeout, Some(Duration::from_mins(10)));
    let delete = config.task("delete-tables").unwrap();
    let Block::ForEachTable(chain) = &delete.body[1] else { panic!("a chain") };
    assert_eq!(chain.order, Order::Reverse);
    assert!(chain.links[0].steps()[0].inputs.contains_key("missing"));
}

#[test]
fn the_example_resolves_to_six_tables_with_eight_indexes() {
    let config = load_text(EXAMPLE).unwrap();
    let dev = config.environment("dev").unwrap();
    let tables = config.tables_in(dev, "us-east-1", None).unwrap();
    let names: Vec<_> = tables.iter().map(|table| table.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "osem-dev-Users",
            "osem-dev-Teams",
            "osem-dev-AssessmentPlans",
            "osem-dev-Assessments",
            "osem-dev-AssessmentReports",
            "osem-dev-ConfigVersions"
        ]
    );
    assert_eq!(tables.iter().map(|table| table.indexes.len()).sum::<usize>(), 8);
    let index = &tables[5].indexes[0];
    assert_eq!((index.kind, &index.projection), (IndexKind::Global, &Projection::All));
    assert_eq!(index.keys.to_string(), "isActive N + createdAt N");
    assert_eq!(tables[5].keys.hash[0].ty, ScalarType::S);
    assert_eq!(tables[0].billing, Some(Billing::PayPerRequest));
    assert_eq!(tables[0].tags["Environment"], "dev");
    assert_eq!(tables[0].tags["Application"], "osem-ladders");
}

#[test]
fn later_settings_win_and_tags_merge_by_key() {
    let config = load_text(
        "osem 1\nproject x\n\
         defaults { table { tag A base; tag B base; tag C base; tag D base; projection keys-only; } }\n\
         environment dev { tag C env; table { tag D env; }; }\n\
         table T hash=a { gsi ind hash=b; tag B table; tag C table; tag D #false\n\
         in dev { tag D in; tag E \"{table.name}\"; tag A #false; }\n}",
    )
    .unwrap_or_else(|found| panic!("{}", shown(&found)));
    let tables = config.tables_in(&config.environments[0], "us-east-1", None).unwrap();
    let tags: Vec<_> = tables[0].tags.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(tags, ["B=table", "C=env", "D=in", "E=x-dev-T"]);
    assert_eq!(tables[0].absent_tags.iter().collect::<Vec<_>>(), ["A"]);
    assert_eq!(tables[0].indexes[0].projection, Projection::KeysOnly);
    assert_eq!(tables[0].name.as_str(), "x-dev-T");
}

#[test]
fn a_prefix_replaces_everything_before_the_table() {
    let config = load_text(EXAMPLE).unwrap();
    let dev = config.environment("dev").unwrap();
    let tables = config.tables_in(dev, "us-east-1", Some("ci-7-")).unwrap();
    assert_eq!(tables[0].name.as_str(), "ci-7-Users");
}

#[test]
fn tables_stay_out_of_environments_that_do_not_have_them() {
    let config = load_text(
        "osem 1\nproject x\nenvironment dev\nenvironment prod\n\
         table A hash=a { only-in dev; }\ntable B hash=a { except-in dev; }",
    )
    .unwrap();
    let names = |environment: &str| {
        let environment = config.environment(environment).unwrap();
        let tables = config.tables_in(environment, "us-east-1", None).unwrap();
        tables.into_iter().map(|table| table.declared).collect::<String>()
    };
    assert_eq!((names("dev"), names("prod")), ("A".to_owned(), "B".to_owned()));
}

#[test]
fn capacity_of_indexes_counts_only_where_the_table_is_provisioned() {
    let config = load_text(
        "osem 1\nproject x\nenvironment dev\n\
         environment prod { table { billing provisioned read=5 write=6 managed=autoscaling; }; }\n\
         table A hash=a range=r { gsi ind hash=b { provisioned read=1 write=2; }; lsi loc range=c; }",
    )
    .unwrap_or_else(|found| panic!("{}", shown(&found)));
    let throughput = |environment: &str| {
        let environment = config.environment(environment).unwrap();
        let tables = config.tables_in(environment, "us-east-1", None).unwrap();
        tables[0].indexes[0].throughput.map(|throughput| throughput.to_string())
    };
    assert_eq!(throughput("dev"), None);
    assert_eq!(throughput("prod").unwrap(), "read 1, write 2");
}
