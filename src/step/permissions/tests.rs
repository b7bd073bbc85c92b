use std::collections::BTreeSet;

use crate::diagnostic::{Sources, Span, Spanned};
use crate::model::{
    Billing, IndexSpec, InputValue, Inputs, InsightsMode, KeySchema, KinesisStream, Precision,
    Projection, RecoveryDays, TableName,
};
use crate::step::{Registry, iam_actions};

use super::*;
use crate::model::{IndexKind, KeyAttribute, ScalarType};

fn bare() -> TableSpec {
    let hash = vec![KeyAttribute { name: "id".to_owned(), ty: ScalarType::S }];
    TableSpec {
        declared: "Users".to_owned(),
        name: TableName::parse("app-Users").unwrap(),
        keys: KeySchema { hash, range: Vec::new() },
        indexes: Vec::new(),
        vector_indexes: Vec::new(),
        billing: None,
        tags: std::collections::BTreeMap::new(),
        absent_tags: BTreeSet::new(),
        settings: Vec::new(),
        asked: crate::model::AskedOfIndexes::default(),
    }
}

const STREAM: &str = "arn:aws:kinesis:us-east-1:111111111111:stream/changes";
const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1";

/// A table that declares all there is, each setting on or each one off.
fn whole(on: bool) -> TableSpec {
    let stream = KinesisStream { arn: STREAM.to_owned(), precision: Some(Precision::Microsecond) };
    let insights = Setting::ContributorInsights(on.then(InsightsMode::default));
    let index = IndexSpec {
        kind: IndexKind::Global,
        name: "by-team".to_owned(),
        keys: bare().keys,
        projection: Projection::All,
        throughput: None,
        settings: vec![insights.clone()],
    };
    let settings = vec![
        Setting::Encryption(Encryption::Key(KEY.to_owned())),
        Setting::TimeToLive(on.then(|| "expires".to_owned())),
        Setting::Recovery(on.then_some(RecoveryDays(None))),
        insights,
        Setting::KinesisStream(on.then_some(stream)),
        Setting::ResourcePolicy(on.then(|| "{}".to_owned())),
    ];
    TableSpec {
        indexes: vec![index],
        billing: Some(Billing::PayPerRequest),
        tags: [("Team".to_owned(), "platform".to_owned())].into(),
        absent_tags: ["Owner".to_owned()].into(),
        settings,
        ..bare()
    }
}

fn inputs(pairs: &[(&str, &str)]) -> Inputs {
    let file = Sources::default().add("osem.kdl", "");
    let span = Span { file, start: 0, end: 0 };
    let value = |text: &str| Spanned::new(InputValue::Text(text.to_owned()), span);
    pairs.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
}

fn permissions(kind: &str, given: &Inputs, spec: &TableSpec) -> Option<Permissions> {
    let step = Registry::built_in().get(kind).unwrap().prepare(given);
    let all_tables = std::slice::from_ref(spec);
    step.permissions(&PermissionScope {
        table: Some(spec),
        all_tables,
        table_prefix: "app-",
        tags_follow: false,
        is_created: true,
        allow_destroy: true,
    })
}

fn actions(permissions: &[Permission]) -> BTreeSet<String> {
    permissions.iter().map(|needed| needed.action.to_string()).collect()
}

#[test]
fn each_kind_asks_for_no_action_of_dynamodb_but_those_it_is_documented_with() {
    for kind in Registry::built_in().catalog().names() {
        let variants =
            [inputs(&[]), inputs(&[("file", "items.jsonl"), ("on-existing", "overwrite")])];
        let specs = [whole(true), whole(false)];
        let all = variants.iter().flat_map(|given| {
            specs.iter().filter_map(|spec| permissions(kind, given, spec)).flat_map(|all| all.run)
        });
        let all: Vec<Permission> = all.collect();
        let own = actions(&all)
            .into_iter()
            .filter(|action| action.starts_with("dynamodb:") || action.starts_with("sts:"));
        let documented: Vec<&str> = iam_actions(kind).to_vec();
        assert_eq!(own.collect::<Vec<_>>(), documented, "{kind}");
    }
}

#[test]
fn only_of_programs_nobody_knows_what_they_ask_for() {
    for kind in Registry::built_in().catalog().names() {
        let known = permissions(kind, &inputs(&[]), &bare()).is_some();
        assert_eq!(known, !["exec", "shell"].contains(&kind), "{kind}");
    }
}

#[test]
fn a_table_that_declares_nothing_is_never_updated_or_tagged() {
    let run = |kind| permissions(kind, &inputs(&[]), &bare()).unwrap().run;
    assert_eq!(actions(&run("update-table")), ["dynamodb:DescribeTable".to_owned()].into());
    assert_eq!(actions(&run("verify")), ["dynamodb:DescribeTable".to_owned()].into());
    let create = ["dynamodb:CreateTable", "dynamodb:DescribeTable"].map(str::to_owned);
    assert_eq!(actions(&run("create-table")), create.into());
    assert_eq!(actions(&run("tag")), ["dynamodb:DescribeTable".to_owned()].into());
}

#[test]
fn an_index_that_is_to_be_pruned_needs_the_update_that_deletes_it() {
    let mut spec = bare();
    spec.asked.prune.insert("old".to_owned());
    let run = permissions("update-table", &inputs(&[]), &spec).unwrap().run;
    assert!(actions(&run).contains("dynamodb:UpdateTable"));
}

#[test]
fn a_table_that_may_not_be_deleted_is_not_even_looked_at_by_a_rollback() {
    let spec = whole(true);
    let step = Registry::built_in().get("create-table").unwrap().prepare(&inputs(&[]));
    let scope = |allow_destroy| PermissionScope {
        table: Some(&spec),
        all_tables: &[],
        table_prefix: "",
        tags_follow: true,
        is_created: true,
        allow_destroy,
    };
    assert_eq!(step.permissions(&scope(false)).unwrap().undo, []);
    let undo = step.permissions(&scope(true)).unwrap().undo;
    let expected = ["dynamodb:DeleteTable", "dynamodb:DescribeTable", "dynamodb:Scan", DECRYPT];
    assert_eq!(actions(&undo), expected.map(str::to_owned).into());
}

#[test]
fn insights_of_an_index_are_on_the_index_and_on_its_table() {
    let run = permissions("verify", &inputs(&[]), &whole(true)).unwrap().run;
    let on: Vec<&Resource> = run
        .iter()
        .filter(|needed| needed.action == "dynamodb:DescribeContributorInsights")
        .map(|needed| &needed.resource)
        .collect();
    let index = Resource::Part { table: "app-Users".to_owned(), path: "index/by-team".to_owned() };
    assert!(on.contains(&&index) && on.contains(&&Resource::Table("app-Users".to_owned())));
}

#[test]
fn a_stream_that_is_turned_off_is_any_of_the_account() {
    let run = permissions("verify", &inputs(&[]), &whole(false)).unwrap().run;
    let describe = Permission::new("kinesis:DescribeStream", Resource::KinesisStream(None));
    assert!(run.contains(&describe), "{run:?}");
    let update = permissions("update-table", &inputs(&[]), &whole(false)).unwrap().run;
    assert!(!actions(&update).contains("kinesis:PutRecords"), "nothing is fed");
}
