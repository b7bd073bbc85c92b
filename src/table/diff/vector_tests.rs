//! Vector indexes among all that may be declared, and the rules of the service for them.

use super::super::super::vector_index;
use super::*;
use crate::model::{DistanceFunction, VectorIndex, VectorIndexState};

pub(in crate::table) fn near(name: &str) -> VectorIndex {
    VectorIndex {
        name: name.to_owned(),
        attribute: "embedding".to_owned(),
        dimensions: 3,
        distance: DistanceFunction::Cosine,
        hash: None,
        filters: BTreeSet::new(),
        projection: Projection::All,
    }
}

fn key(name: &str, ty: ScalarType) -> KeyAttribute {
    KeyAttribute { name: name.to_owned(), ty }
}

/// The attributes that keys have, of the table and of whatever index is live.
fn attributes_of_keys(state: &TableState) -> BTreeSet<String> {
    let others = state.indexes.iter().flat_map(|index| index.keys.attributes());
    let vectors = state.vector_indexes.iter().flat_map(|own| own.index.search_attributes());
    state.keys.attributes().chain(others).chain(vectors).map(|key| key.name.clone()).collect()
}

/// The vector index that a request creates, as the service would read it.
fn created(request: &Value, create: &Value) -> VectorIndex {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let with_role = |role: &str| -> BTreeSet<KeyAttribute> {
        let schema = create["SearchSchema"].as_array().into_iter().flatten();
        let elements = schema.filter(|element| element["SearchSchemaElementType"] == role);
        let typed = |element: &Value| {
            let mut definitions = request["AttributeDefinitions"].as_array().unwrap().iter();
            let own = definitions.find(|own| own["AttributeName"] == element["AttributeName"]);
            let ty = text(&own.expect("it is defined in this request")["AttributeType"]);
            key(&text(&element["AttributeName"]), ScalarType::parse(&ty).unwrap())
        };
        elements.map(typed).collect()
    };
    let projection = &create["Projection"];
    VectorIndex {
        name: text(&create["IndexName"]),
        attribute: text(&create["VectorAttribute"]["AttributeName"]),
        dimensions: u32::try_from(create["Dimensions"].as_u64().unwrap()).unwrap(),
        distance: DistanceFunction::of_service(create["DistanceFunction"].as_str().unwrap()),
        hash: with_role("HASH").into_iter().next(),
        filters: with_role("INLINE_FILTER"),
        projection: match projection["ProjectionType"].as_str().unwrap() {
            "ALL" => Projection::All,
            "KEYS_ONLY" => Projection::KeysOnly,
            _ => {
                let names = projection["NonKeyAttributes"].as_array().unwrap();
                Projection::Include(names.iter().map(text).collect())
            }
        },
    }
}

/// The updates of vector indexes in a request. What the service would refuse is asserted.
pub(super) fn update(state: &mut TableState, request: &Value) {
    let updates = request["VectorIndexUpdates"].as_array();
    assert!(updates.is_none_or(|updates| updates.len() == 1), "one online index a call");
    let Some(update) = updates.map(|updates| &updates[0]) else { return };
    if let Some(name) = update["Delete"]["IndexName"].as_str() {
        let before = state.vector_indexes.len();
        state.vector_indexes.retain(|live| live.index.name != name);
        assert_eq!(state.vector_indexes.len() + 1, before, "{name} is not there to be deleted");
        return;
    }
    let index = created(request, &update["Create"]);
    assert!(state.pay_per_request, "a vector index of a provisioned table");
    assert!(state.vector_indexes.len() < 5, "the service has five at most");
    let taken = state.indexes.iter().any(|live| live.name == index.name);
    assert!(!taken && vector_index::find(state, &index.name).is_none(), "{} is there", index.name);
    let defined = request["AttributeDefinitions"].to_string();
    assert!(!defined.contains(&format!("\"{}\"", index.attribute)), "{defined}");
    assert!(!attributes_of_keys(state).contains(&index.attribute), "its vector is a key");
    let same_vector = |live: &&VectorIndexState| live.index.attribute == index.attribute;
    for live in state.vector_indexes.iter().filter(same_vector) {
        assert_eq!(live.index.dimensions, index.dimensions, "one length an attribute");
    }
    state.vector_indexes.push(VectorIndexState::created(&index));
}

/// An index of another kind is created: its keys are no vectors, and its name is free.
pub(super) fn beside(state: &TableState, index: &IndexSpec) {
    for live in &state.vector_indexes {
        assert_ne!(live.index.name, index.name, "the name is taken");
        let vector = &live.index.attribute;
        assert!(index.keys.attributes().all(|key| key.name != *vector), "{vector} is redefined");
    }
}

pub(super) fn some(name: &'static str) -> impl Strategy<Value = Option<VectorIndex>> {
    let attribute = proptest::sample::select(vec!["embedding", "mail"]);
    let distances = DistanceFunction::ALL.map(|(distance, ..)| distance).to_vec();
    let hash = proptest::option::of(Just(key("teamId", ScalarType::S)));
    let filters = proptest::collection::btree_set(
        proptest::sample::select(vec![key("price", ScalarType::N), key("word", ScalarType::S)]),
        0..3,
    );
    let projection = prop_oneof![
        Just(Projection::All),
        Just(Projection::KeysOnly),
        Just(Projection::Include(BTreeSet::from(["title".to_owned(), "userId".to_owned()]))),
    ];
    let parts = (attribute, proptest::sample::select(distances), hash, filters, projection);
    let index = parts.prop_map(move |(attribute, distance, hash, filters, projection)| {
        let attribute = attribute.to_owned();
        VectorIndex { attribute, distance, hash, filters, projection, ..near(name) }
    });
    proptest::option::of(index)
}

/// Those that may be declared together with the others, with vectors of this length.
pub(super) fn declarable(
    vectors: Vec<VectorIndex>,
    dimensions: u32,
    indexes: &[IndexSpec],
) -> Vec<VectorIndex> {
    let is_key = |name: &str| {
        indexes.iter().flat_map(|index| index.keys.attributes()).any(|key| key.name == name)
    };
    let named = |name: &str| indexes.iter().any(|index| index.name == name);
    let fits = |own: &VectorIndex| !is_key(&own.attribute) && !named(&own.name);
    let same_length = |own| VectorIndex { dimensions, ..own };
    vectors.into_iter().filter(fits).map(same_length).collect()
}

fn with(vectors: &[VectorIndex]) -> TableSpec {
    TableSpec { vector_indexes: vectors.to_vec(), ..users() }
}

fn obstacles(to: &TableSpec, from: &TableSpec) -> Vec<(IssueType, String)> {
    let (state, features) = live(from);
    let diff = diff(to, &state, &features);
    diff.obstacles.into_iter().map(|found| (found.issue.ty, found.way_out)).collect()
}

#[test]
fn nothing_of_a_vector_index_is_changed_or_removed_without_being_asked_for() {
    let declared = with(&[near("near")]);
    let others = [
        VectorIndex { dimensions: 4, ..near("near") },
        VectorIndex { attribute: "other".to_owned(), ..near("near") },
        VectorIndex { distance: DistanceFunction::Euclidean, ..near("near") },
        VectorIndex { hash: Some(key("team", ScalarType::S)), ..near("near") },
        VectorIndex { filters: [key("price", ScalarType::N)].into(), ..near("near") },
        VectorIndex { projection: Projection::KeysOnly, ..near("near") },
    ];
    for other in others {
        let found = obstacles(&declared, &with(std::slice::from_ref(&other)));
        let [(IssueType::VectorIndexMismatch, way_out)] = found.as_slice() else {
            panic!("{other}: {found:?}")
        };
        assert!(way_out.contains("--replace Users/near"), "{way_out}");
    }
    let found = obstacles(&users(), &declared);
    let [(IssueType::ExtraVectorIndex, way_out)] = found.as_slice() else { panic!("{found:?}") };
    assert!(way_out.contains("--prune Users/near"), "{way_out}");
}

#[test]
fn a_name_goes_from_one_kind_of_index_to_the_other_only_where_that_is_asked_for() {
    let vector = TableSpec { indexes: Vec::new(), ..with(&[near("by-team")]) };
    let found = obstacles(&vector, &users());
    let [(IssueType::VectorIndexMismatch, way_out)] = found.as_slice() else { panic!("{found:?}") };
    assert!(way_out.contains("--replace Users/by-team"), "{way_out}");
    let found = obstacles(&users(), &vector);
    let [(IssueType::GsiMismatch, way_out)] = found.as_slice() else { panic!("{found:?}") };
    assert!(way_out.contains("--replace Users/by-team"), "{way_out}");

    for (to, from) in [(&vector, &users()), (&users(), &vector)] {
        let to = with_leave(to.clone(), from);
        let (mut state, mut features) = live(from);
        let made = converge(&to, &mut state, &mut features);
        let classes: Vec<ChangeClass> = made.iter().map(|change| change.class).collect();
        assert_eq!(classes, [ChangeClass::RemoveIndex, ChangeClass::Update]);
        assert_eq!(super::super::super::compare(&to, &state), []);
    }
}

#[test]
fn a_provisioned_table_gets_none_unless_it_is_to_be_on_demand() {
    let throughput = Throughput { read: 5, write: 5 };
    let provisioned = Some(Billing::Provisioned { throughput, autoscaled: false });
    let bare = TableSpec { indexes: Vec::new(), billing: provisioned, ..users() };
    let open = TableSpec { billing: None, indexes: Vec::new(), ..with(&[near("near")]) };
    let found = obstacles(&open, &bare);
    let [(IssueType::MissingVectorIndex, way_out)] = found.as_slice() else { panic!("{found:?}") };
    assert!(way_out.contains("billing pay-per-request"), "{way_out}");
    let (state, features) = live(&bare);
    let on_demand = TableSpec { billing: Some(Billing::PayPerRequest), ..open };
    let changes = diff(&on_demand, &state, &features).changes;
    let settings: Vec<&str> = changes.iter().map(|change| change.setting.as_str()).collect();
    assert_eq!(settings, ["billing", "vector-index near"]);
}

#[test]
fn a_request_names_everything_and_defines_the_attributes_of_searches_alone() {
    let index = VectorIndex {
        hash: Some(key("tenant", ScalarType::B)),
        filters: [key("price", ScalarType::N), key("word", ScalarType::S)].into(),
        projection: Projection::Include(BTreeSet::from(["title".to_owned()])),
        ..near("near")
    };
    let (state, features) = live(&users());
    let added = diff(&with(&[index]), &state, &features).changes;
    assert_eq!(
        added[0].request,
        json!({
            "TableName": "osem-dev-Users",
            "AttributeDefinitions": [
                { "AttributeName": "tenant", "AttributeType": "B" },
                { "AttributeName": "price", "AttributeType": "N" },
                { "AttributeName": "word", "AttributeType": "S" },
            ],
            "VectorIndexUpdates": [{ "Create": {
                "IndexName": "near",
                "VectorAttribute": { "AttributeName": "embedding" },
                "Dimensions": 3,
                "DistanceFunction": "COSINE",
                "Projection": { "ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"] },
                "SearchSchema": [
                    { "AttributeName": "tenant", "SearchSchemaElementType": "HASH" },
                    { "AttributeName": "price", "SearchSchemaElementType": "INLINE_FILTER" },
                    { "AttributeName": "word", "SearchSchemaElementType": "INLINE_FILTER" },
                ],
            } }],
        })
    );
    let bare = TableChange::create(&with(&[near("near")])).request;
    let vector = &bare["VectorIndexes"][0];
    assert_eq!(vector["SearchSchema"], Value::Null, "an empty one is not sent: {vector:#}");
    assert!(!bare["AttributeDefinitions"].to_string().contains("embedding"), "{bare:#}");
    assert_eq!(TableChange::create(&users()).request["VectorIndexes"], Value::Null);
}
