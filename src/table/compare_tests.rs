use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::super::diff::tests::vectors::near;
use super::*;
use crate::model::{AskedOfIndexes, KeyAttribute, ScalarType, TableName};

fn attribute(name: &str, ty: ScalarType) -> KeyAttribute {
    KeyAttribute { name: name.to_owned(), ty }
}

/// A table with one global index.
pub(in crate::table) fn users() -> TableSpec {
    let keys = |name| KeySchema { hash: vec![attribute(name, ScalarType::S)], range: Vec::new() };
    TableSpec {
        declared: "Users".to_owned(),
        name: TableName::parse("osem-dev-Users").unwrap(),
        keys: keys("userId"),
        indexes: vec![IndexSpec {
            kind: IndexKind::Global,
            name: "by-team".to_owned(),
            keys: keys("teamId"),
            projection: Projection::All,
            throughput: None,
            settings: Vec::new(),
        }],
        vector_indexes: Vec::new(),
        billing: Some(Billing::PayPerRequest),
        tags: BTreeMap::from([("Environment".to_owned(), "dev".to_owned())]),
        absent_tags: BTreeSet::new(),
        settings: Vec::new(),
        asked: AskedOfIndexes::default(),
    }
}

/// What the service describes after the declaration was carried out.
pub(in crate::table) fn live(spec: &TableSpec) -> TableState {
    let mut state = TableState::created(spec);
    for index in &mut state.indexes {
        index.projection = comparable(&index.projection, &[&spec.keys, &index.keys]);
    }
    state
}

fn types(issues: &[Issue]) -> Vec<IssueType> {
    issues.iter().map(|issue| issue.ty).collect()
}

#[test]
fn a_table_as_declared_has_no_issue() {
    assert_eq!(compare(&users(), &live(&users())), []);
}

#[test]
fn each_difference_has_its_type() {
    let spec = users();
    let mut state = live(&spec);
    state.keys.hash[0].ty = ScalarType::N;
    assert_eq!(types(&compare(&spec, &state)), [IssueType::KeyMismatch]);

    let mut state = live(&spec);
    state.indexes[0].projection = Projection::KeysOnly;
    assert_eq!(types(&compare(&spec, &state)), [IssueType::GsiMismatch]);

    let mut state = live(&spec);
    "by-mail".clone_into(&mut state.indexes[0].name);
    assert_eq!(types(&compare(&spec, &state)), [IssueType::MissingGsi, IssueType::ExtraGsi]);

    let mut state = live(&spec);
    state.pay_per_request = false;
    assert_eq!(types(&compare(&spec, &state)), [IssueType::BillingMode]);
}

#[test]
fn each_difference_of_a_vector_index_has_its_type() {
    let mut index = near("near");
    let attributes = ["a", "b"].map(|name| attribute(name, ScalarType::S));
    index.filters = attributes.into();
    index.projection = Projection::Include(["title", "a", "userId"].map(str::to_owned).into());
    let spec = TableSpec { vector_indexes: vec![index], ..users() };
    let mut echoed = live(&spec);
    echoed.vector_indexes[0].index.projection = Projection::Include(["title".to_owned()].into());
    assert_eq!(compare(&spec, &echoed), [], "keys are carried, named or not");
    let found = |change: fn(&mut TableState)| {
        let mut state = live(&spec);
        change(&mut state);
        types(&compare(&spec, &state))
    };
    let found = [
        found(|state| state.vector_indexes[0].index.dimensions = 4),
        found(|state| state.vector_indexes[0].status = Some("CREATING".to_owned())),
        found(|state| state.vector_indexes.clear()),
        found(|state| "other".clone_into(&mut state.vector_indexes[0].index.name)),
    ];
    let (missing, extra) = (IssueType::MissingVectorIndex, IssueType::ExtraVectorIndex);
    let mismatch = vec![IssueType::VectorIndexMismatch];
    assert_eq!(found, [mismatch.clone(), mismatch, vec![missing], vec![missing, extra]]);
}

#[test]
fn undeclared_billing_is_not_compared() {
    let spec = TableSpec { billing: None, ..users() };
    let state = TableState { pay_per_request: false, ..live(&spec) };
    assert_eq!(compare(&spec, &state), []);
}

#[test]
fn autoscaled_capacity_is_not_compared_and_fixed_capacity_is() {
    let throughput = Throughput { read: 5, write: 5 };
    let billing = |autoscaled| Some(Billing::Provisioned { throughput, autoscaled });
    for (autoscaled, expected) in [(true, vec![]), (false, vec![IssueType::ProvisionedThroughput])]
    {
        let mut spec = TableSpec { billing: billing(autoscaled), ..users() };
        spec.indexes.clear();
        let mut state = live(&spec);
        state.throughput = Some(Throughput { read: 9, write: 5 });
        assert_eq!(types(&compare(&spec, &state)), expected);
    }
}

#[test]
fn undeclared_tags_are_left_alone() {
    let mut spec = users();
    spec.absent_tags.insert("Old".to_owned());
    let tags = |pairs: &[(&str, &str)]| -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    assert_eq!(compare_tags(&spec, &tags(&[("Environment", "dev"), ("Owner", "me")])), []);
    assert_eq!(compare_tags(&spec, &tags(&[("Environment", "prod"), ("Old", "1")])).len(), 2);
}

fn any_spec() -> impl Strategy<Value = TableSpec> {
    let ty = prop_oneof![Just(ScalarType::S), Just(ScalarType::N), Just(ScalarType::B)];
    let projection = prop_oneof![
        Just(Projection::All),
        Just(Projection::KeysOnly),
        proptest::collection::btree_set("[a-d]|userId|teamId", 1..4).prop_map(Projection::Include),
    ];
    let billing = prop_oneof![
        Just(None),
        Just(Some(Billing::PayPerRequest)),
        (1u64..9, 1u64..9, any::<bool>()).prop_map(|(read, write, autoscaled)| {
            Some(Billing::Provisioned { throughput: Throughput { read, write }, autoscaled })
        }),
    ];
    (ty, projection, billing).prop_map(|(ty, projection, billing)| {
        let mut spec = TableSpec { billing, ..users() };
        spec.indexes[0].keys.hash[0].ty = ty;
        spec.indexes[0].projection = projection;
        if matches!(billing, Some(Billing::Provisioned { .. })) {
            spec.indexes[0].throughput = Some(Throughput { read: 2, write: 2 });
        }
        spec
    })
}

proptest! {
    /// No false positive: what was just created as declared never differs.
    #[test]
    fn a_table_created_as_declared_has_no_issue(spec in any_spec()) {
        prop_assert_eq!(compare(&spec, &live(&spec)), []);
    }
}
