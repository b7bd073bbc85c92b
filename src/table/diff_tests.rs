#[path = "diff/vector_tests.rs"]
pub(in crate::table) mod vectors;

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use super::super::compare::tests::users;
use super::*;
use crate::model::{
    AskedOfIndexes, Encryption, InsightsMode, KeyAttribute, KeySchema, KinesisStream, Precision,
    Projection, RecoveryDays, ScalarType, StreamView, TableClass, Units,
};

/// The table as a description shows it after the calls of a request, read from the request's own
/// JSON: what it does not say is not done.
fn apply(spec: &TableSpec, state: &mut TableState, features: &mut Features, change: &TableChange) {
    let request = &change.request;
    match change.call {
        "UpdateTable" => {
            update(spec, state, request);
            let there = |name: &str| state.indexes.iter().any(|live| live.name == name);
            features.insights.retain(|name, _| name.is_empty() || there(name));
            for index in &state.indexes {
                features.insights.entry(index.name.clone()).or_default();
            }
        }
        "UpdateTimeToLive" => {
            let asked = &request["TimeToLiveSpecification"];
            let attribute = asked["AttributeName"].as_str().unwrap().to_owned();
            let enabled = asked["Enabled"] == true;
            let live = features.time_to_live.clone().unwrap();
            assert!(if enabled { live.is_none() } else { live == Some(attribute.clone()) });
            features.time_to_live = Some(enabled.then_some(attribute));
        }
        "UpdateContinuousBackups" => {
            let asked = &request["PointInTimeRecoverySpecification"];
            let days = asked["RecoveryPeriodInDays"].as_u64().unwrap_or(35);
            let on = asked["PointInTimeRecoveryEnabled"] == true;
            features.recovery = Some(on.then_some(u8::try_from(days).unwrap()));
        }
        "UpdateContributorInsights" => {
            let index = request["IndexName"].as_str().unwrap_or_default();
            let known = index.is_empty() || state.indexes.iter().any(|live| live.name == index);
            assert!(known, "insights of an index that is not there");
            let throttled = request["ContributorInsightsMode"] == "THROTTLED_KEYS";
            let mode = if throttled {
                InsightsMode::ThrottledKeys
            } else {
                InsightsMode::AccessedAndThrottledKeys
            };
            let on = request["ContributorInsightsAction"] == "ENABLE";
            features.insights.insert(index.to_owned(), on.then_some(mode));
        }
        call => kinesis(features.kinesis.as_mut().unwrap(), call, request),
    }
}

fn kinesis(live: &mut Vec<KinesisStream>, call: &str, request: &Value) {
    let arn = request["StreamArn"].as_str().unwrap().to_owned();
    let configured = ["EnableKinesisStreamingConfiguration", "UpdateKinesisStreamingConfiguration"]
        .map(|member| &request[member]["ApproximateCreationDateTimePrecision"]);
    let micro = configured.into_iter().any(|precision| precision == "MICROSECOND");
    let precision = Some(if micro { Precision::Microsecond } else { Precision::Millisecond });
    match call {
        "EnableKinesisStreamingDestination" => {
            assert!(live.is_empty(), "a table has one destination");
            live.push(KinesisStream { arn, precision });
        }
        "DisableKinesisStreamingDestination" => live.retain(|own| own.arn != arn),
        "UpdateKinesisStreamingDestination" => {
            let own = live.iter_mut().find(|own| own.arn == arn).unwrap();
            assert_ne!(own.precision, precision, "the service refuses what changes nothing");
            own.precision = precision;
        }
        other => panic!("{other} is no change of a setting"),
    }
}

/// One logical change a call, which is asserted.
fn update(spec: &TableSpec, state: &mut TableState, request: &Value) {
    let members: BTreeSet<&str> = request.as_object().unwrap().keys().map(String::as_str).collect();
    let logical: Vec<&str> = members
        .iter()
        .copied()
        .filter(|member| !["TableName", "AttributeDefinitions"].contains(member))
        .collect();
    let capacity = ["BillingMode", "GlobalSecondaryIndexUpdates", "ProvisionedThroughput"];
    let together = logical.len() == 1 || logical.iter().all(|member| capacity.contains(member));
    assert!(together, "{logical:?} cannot stand together");
    if let Some(mode) = request["BillingMode"].as_str() {
        state.pay_per_request = mode == "PAY_PER_REQUEST";
        assert!(state.pay_per_request || state.vector_indexes.is_empty(), "vectors need on demand");
        state.throughput = None;
        state.on_demand_max = Units::default();
        for index in &mut state.indexes {
            index.throughput = None;
            index.on_demand_max = Units::default();
        }
        if state.pay_per_request {
            let by_default = Throughput { read: 12_000, write: 4_000 };
            let of_indexes = state.indexes.iter_mut().map(|index| &mut index.warm);
            of_indexes.chain([&mut state.warm]).for_each(|warm| warm_up(warm, by_default));
        }
    }
    if request["ProvisionedThroughput"].is_object() {
        let throughput = units(&request["ProvisionedThroughput"]);
        state.throughput = Some(throughput);
        warm_up(&mut state.warm, throughput);
    }
    for update in request["GlobalSecondaryIndexUpdates"].as_array().into_iter().flatten() {
        update_index(spec, state, update);
    }
    vectors::update(state, request);
    if !state.pay_per_request {
        let global = |index: &&IndexState| index.kind == IndexKind::Global;
        let bare = state.indexes.iter().filter(global).find(|index| index.throughput.is_none());
        assert_eq!(bare, None, "an index of a provisioned table has no capacity");
    }
    if let Some(stream) = request.get("StreamSpecification") {
        let enabled = stream["StreamEnabled"] == true;
        assert_ne!(state.stream.is_some(), enabled, "a stream is enabled or disabled twice");
        let view = stream["StreamViewType"].as_str();
        assert_eq!(view.is_some(), enabled);
        let named = |view: &str| StreamView::ALL.into_iter().find(|(.., own)| *own == view);
        state.stream = view.and_then(named).map(|(view, ..)| view);
    }
    let described = spec.settings.iter().filter(|setting| {
        let member = match setting {
            Setting::OnDemandMax(_) => "OnDemandThroughput",
            Setting::Class(_) => "TableClass",
            Setting::Encryption(_) => "SSESpecification",
            Setting::WarmThroughput(_) => "WarmThroughput",
            Setting::DeletionProtection(_) => "DeletionProtectionEnabled",
            Setting::DisassociationProtection(_) => "DisassociationProtectionEnabled",
            _ => return false,
        };
        members.contains(member)
    });
    for setting in described {
        match setting {
            Setting::OnDemandMax(_) => {
                ceilings(&mut state.on_demand_max, &request["OnDemandThroughput"]);
            }
            setting => state.set(setting),
        }
    }
}

fn update_index(spec: &TableSpec, state: &mut TableState, update: &Value) {
    if let Some(name) = update["Delete"]["IndexName"].as_str() {
        let before = state.indexes.len();
        state.indexes.retain(|index| index.name != name);
        assert_eq!(state.indexes.len() + 1, before, "{name} is not there to be deleted");
    }
    if let Some(name) = update["Create"]["IndexName"].as_str() {
        assert!(state.indexes.iter().all(|index| index.name != name), "{name} is there already");
        let declared = spec.indexes.iter().find(|index| index.name == name).unwrap();
        vectors::beside(state, declared);
        state.indexes.push(IndexState::created(declared, state.throughput));
    }
    let changed = &update["Update"];
    let Some(name) = changed["IndexName"].as_str() else { return };
    let index = state.indexes.iter_mut().find(|index| index.name == name).unwrap();
    if changed["ProvisionedThroughput"].is_object() {
        let throughput = units(&changed["ProvisionedThroughput"]);
        index.throughput = Some(throughput);
        warm_up(&mut index.warm, throughput);
    }
    ceilings(&mut index.on_demand_max, &changed["OnDemandThroughput"]);
    let warm = index.warm.get_or_insert_default();
    for (half, member) in
        [(&mut warm.read, "ReadUnitsPerSecond"), (&mut warm.write, "WriteUnitsPerSecond")]
    {
        if let Some(asked) = changed["WarmThroughput"][member].as_u64() {
            assert!(Some(asked) >= *half, "warm throughput is never lowered");
            *half = Some(asked);
        }
    }
}

/// More capacity warms; less leaves warm what was.
fn warm_up(live: &mut Option<Units>, throughput: Throughput) {
    let Some(live) = live else { return };
    live.read = live.read.max(Some(throughput.read));
    live.write = live.write.max(Some(throughput.write));
}

fn ceilings(live: &mut Units, asked: &Value) {
    for (half, member) in
        [(&mut live.read, "MaxReadRequestUnits"), (&mut live.write, "MaxWriteRequestUnits")]
    {
        if let Some(units) = asked[member].as_i64() {
            *half = u64::try_from(units).ok();
        }
    }
}

fn units(asked: &Value) -> Throughput {
    let of = |member: &str| asked[member].as_u64().unwrap();
    Throughput { read: of("ReadCapacityUnits"), write: of("WriteCapacityUnits") }
}

fn some_units() -> impl Strategy<Value = Units> {
    let half = || proptest::option::of(1u64..40_000);
    (half(), half())
        .prop_filter("one of both", |(read, write)| read.is_some() || write.is_some())
        .prop_map(|(read, write)| Units { read, write })
}

fn some_settings() -> impl Strategy<Value = Vec<Setting>> {
    let views = StreamView::ALL.map(|(view, ..)| Some(view)).into_iter().chain([None]);
    let views: Vec<_> = views.map(Setting::Stream).collect();
    let class = [TableClass::Standard, TableClass::StandardInfrequentAccess].map(Setting::Class);
    let keys = [Encryption::AwsOwned, Encryption::Key("a".to_owned()), Encryption::Key("b".into())];
    let modes = [None, Some(InsightsMode::ThrottledKeys), Some(InsightsMode::default())];
    let one = |all: Vec<Setting>| proptest::option::of(proptest::sample::select(all));
    let ttl = [None, Some("a".to_owned()), Some("b".to_owned())].map(Setting::TimeToLive);
    let days = [None, Some(RecoveryDays(None)), Some(RecoveryDays(Some(7)))].map(Setting::Recovery);
    let stream = |arn: &str, precision| Some(KinesisStream { arn: arn.to_owned(), precision });
    let streams =
        [None, stream("x", None), stream("x", Some(Precision::Microsecond)), stream("y", None)];
    let flags = |of: fn(bool) -> Setting| one(vec![of(true), of(false)]);
    (
        (one(views), one(class.to_vec()), one(keys.map(Setting::Encryption).to_vec())),
        (one(ttl.to_vec()), one(days.to_vec()), one(streams.map(Setting::KinesisStream).to_vec())),
        one(modes.map(Setting::ContributorInsights).to_vec()),
        proptest::option::of(some_units().prop_map(Setting::WarmThroughput)),
        proptest::option::of(proptest::option::of(some_units()).prop_map(Setting::OnDemandMax)),
        (flags(Setting::DeletionProtection), flags(Setting::DisassociationProtection)),
    )
        .prop_map(|((a, b, c), (d, e, f), g, h, i, (j, k))| {
            let mut settings: Vec<_> =
                [a, b, c, d, e, f, g, h, i, j, k].into_iter().flatten().collect();
            settings.sort();
            settings
        })
}

fn some_index(name: &'static str) -> impl Strategy<Value = Option<IndexSpec>> {
    let hash = proptest::sample::select(vec!["teamId", "mail"]);
    let projection = prop_oneof![Just(Projection::All), Just(Projection::KeysOnly)];
    let mode = Some(InsightsMode::default());
    let settings = (
        proptest::option::of(some_units().prop_map(Setting::WarmThroughput)),
        proptest::option::of(Just(Setting::ContributorInsights(mode))),
    );
    let index = (hash, projection, settings, 1u64..9).prop_map(
        move |(hash, projection, (warm, insights), read)| IndexSpec {
            kind: IndexKind::Global,
            name: name.to_owned(),
            keys: KeySchema {
                hash: vec![KeyAttribute { name: hash.to_owned(), ty: ScalarType::S }],
                range: Vec::new(),
            },
            projection,
            throughput: Some(Throughput { read, write: 5 }),
            settings: warm.into_iter().chain(insights).collect(),
        },
    );
    proptest::option::of(index)
}

pub(in crate::table) fn some_spec() -> impl Strategy<Value = TableSpec> {
    let billing = prop_oneof![
        Just(None),
        Just(Some(Billing::PayPerRequest)),
        (1u64..9, any::<bool>()).prop_map(|(read, autoscaled)| {
            let throughput = Throughput { read, write: 3 };
            Some(Billing::Provisioned { throughput, autoscaled })
        }),
    ];
    let indexes = (some_index("one"), some_index("two"), some_index("three"));
    let vectors = (vectors::some("three"), vectors::some("four"), vectors::some("five"), 2u32..4);
    (some_settings(), billing, indexes, vectors).prop_map(
        |(mut settings, billing, (one, two, three), (third, four, five, dimensions))| {
            let provisioned = matches!(billing, Some(Billing::Provisioned { .. }));
            settings.retain(|own| !provisioned || !matches!(own, Setting::OnDemandMax(_)));
            let mut indexes: Vec<_> = [one, two, three].into_iter().flatten().collect();
            for index in &mut indexes {
                index.throughput = index.throughput.filter(|_| provisioned);
            }
            let vectors = [third, four, five].into_iter().flatten();
            let vectors = vectors.filter(|_| !provisioned).collect();
            let vector_indexes = vectors::declarable(vectors, dimensions, &indexes);
            TableSpec { indexes, vector_indexes, billing, settings, ..users() }
        },
    )
}

/// All that may be asked of indexes on the way from one declaration to another.
fn with_leave(to: TableSpec, from: &TableSpec) -> TableSpec {
    let names = |spec: &TableSpec| -> BTreeSet<String> {
        let vectors = spec.vector_indexes.iter().map(|index| index.name.clone());
        spec.indexes.iter().map(|index| index.name.clone()).chain(vectors).collect()
    };
    let asked = AskedOfIndexes { prune: &names(from) - &names(&to), replace: names(&to) };
    TableSpec { asked, ..to }
}

/// Every call, first to last, each the first of a fresh comparison.
fn converge(spec: &TableSpec, state: &mut TableState, features: &mut Features) -> Vec<TableChange> {
    let mut made = Vec::new();
    while let Some(change) = diff(spec, state, features).changes.into_iter().next() {
        apply(spec, state, features, &change);
        made.push(change);
        assert!(made.len() < 60, "it never ends: {made:#?}");
    }
    made
}

/// A table that is as declared.
pub(in crate::table) fn live(spec: &TableSpec) -> (TableState, Features) {
    let (mut state, mut features) = (TableState::created(spec), Features::of_new_table(spec));
    converge(spec, &mut state, &mut features);
    (state, features)
}

proptest! {
    /// From any table to any declaration: the calls of the plan are those that are made, one at a
    /// time, none of them refused; then nothing differs and nothing is left to do.
    #[test]
    fn every_table_becomes_as_declared(from in some_spec(), to in some_spec()) {
        let to = with_leave(to, &from);
        let (mut state, mut features) = live(&from);
        let on_demand = to.billing.is_none() && !state.pay_per_request;
        let obstructed = |own: &Setting| matches!(own, Setting::OnDemandMax(Some(_)));
        prop_assume!(!(on_demand && to.settings.iter().any(obstructed)));
        // An index of a provisioned table needs capacity, which a file that leaves billing open
        // does not give; a vector index cannot be there.
        prop_assume!(!on_demand || to.index_count() == 0);

        let planned = diff(&to, &state, &features);
        prop_assert_eq!(&planned.obstacles, &[]);
        let made = converge(&to, &mut state, &mut features);
        let requests = |all: &[TableChange]| -> Vec<Value> {
            all.iter().map(|change| change.request.clone()).collect()
        };
        prop_assert_eq!(requests(&planned.changes), requests(&made));
        let left = super::super::compare(&to, &state);
        prop_assert_eq!(left, []);
        prop_assert_eq!(super::super::compare_features(&to, &state, &features), []);
    }

    /// The order in which a file declares things does not matter.
    #[test]
    fn the_order_of_declarations_changes_nothing(from in some_spec(), to in some_spec()) {
        let to = with_leave(to, &from);
        let (mut state, features) = live(&from);
        let calls = |spec: &TableSpec, state: &TableState| -> BTreeSet<String> {
            let changes = diff(spec, state, &features).changes;
            // Capacity of several indexes stands in one call, in the order of the file.
            let one = |change: TableChange| change.setting + change.before.as_deref().unwrap_or("");
            changes.into_iter().filter(|c| c.setting != "billing").map(one).collect()
        };
        let planned = calls(&to, &state);
        state.indexes.reverse();
        state.vector_indexes.reverse();
        let mut reversed = to.clone();
        reversed.indexes.reverse();
        reversed.vector_indexes.reverse();
        prop_assert_eq!(calls(&reversed, &state), planned);
    }

    /// What a file does not declare is never touched.
    #[test]
    fn a_bare_declaration_changes_nothing(from in some_spec()) {
        let (state, features) = live(&from);
        let bare = |index: &IndexSpec| IndexSpec { settings: Vec::new(), ..index.clone() };
        let indexes = from.indexes.iter().map(bare).collect();
        let to = TableSpec { settings: Vec::new(), billing: None, indexes, ..from };
        prop_assert_eq!(diff(&to, &state, &features), Diff::default());
    }
}

#[test]
fn without_leave_no_index_is_removed() {
    let mut from = users();
    from.indexes[0].name = "other".to_owned();
    let (state, features) = live(&from);
    let found = diff(&users(), &state, &features);
    assert_eq!(found.obstacles.len(), 1);
    assert_eq!(found.obstacles[0].issue.ty, IssueType::ExtraGsi);
    assert!(found.obstacles[0].way_out.contains("--prune Users/other"));
    assert!(found.changes.iter().all(|change| change.class != ChangeClass::RemoveIndex));
}

#[test]
fn an_index_that_comes_to_a_provisioned_table_whose_billing_is_open_is_an_obstacle() {
    let throughput = Throughput { read: 5, write: 5 };
    let billing = Some(Billing::Provisioned { throughput, autoscaled: false });
    let provisioned = TableSpec { billing, indexes: Vec::new(), ..users() };
    let (state, features) = live(&provisioned);
    let hash = vec![KeyAttribute { name: "team".to_owned(), ty: ScalarType::S }];
    let index = IndexSpec {
        kind: IndexKind::Global,
        name: "by-team".to_owned(),
        keys: KeySchema { hash, range: Vec::new() },
        projection: Projection::All,
        throughput: None,
        settings: Vec::new(),
    };
    let open = TableSpec { billing: None, indexes: vec![index], ..provisioned };
    let found = diff(&open, &state, &features);
    assert_eq!(found.changes, []);
    let said: Vec<_> = found.obstacles.iter().map(|found| found.issue.message.as_str()).collect();
    assert_eq!(said, ["index by-team needs capacity: the table is provisioned"]);
}
