use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::compare::tests::users;
use super::super::diff::tests::{live, some_spec};
use super::super::{Diff, compare, compare_features, compare_tags, diff};
use super::*;
use crate::config::{self, Config};
use crate::model::{Environment, IndexSpec, KindCatalog, TableName, TableSpec, Units};

/// A project with these settings for all tables, those of `dev` alone, and these nodes.
fn load(defaults: &str, of_dev: &str, nodes: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("osem.kdl");
    let text = format!(
        "osem 1\nproject osem {{ table-name \"osem-{{env}}-{{table}}\"; }}\n\
         defaults {{ table {{\n{defaults}\n}}; }}\n\
         environment dev {{ table {{\n{of_dev}\n}}; }}\n{nodes}"
    );
    std::fs::write(&file, &text).unwrap();
    let catalog = std::iter::empty().collect::<KindCatalog>();
    config::load(&file, &catalog).unwrap_or_else(|found| {
        panic!("{text}\n{}", found.render(crate::diagnostic::RenderStyle::default()))
    })
}

fn dev(config: &Config) -> &Environment {
    config.environment("dev").unwrap()
}

/// What is written for a table in such a project, and what that declares there.
fn imported((defaults, of_dev): (&str, &str), found: Found<'_>) -> (Declaration, TableSpec) {
    let empty = load(defaults, of_dev, "");
    let (declared, name) = ("Users", &found.state.name);
    let inherited = empty.inherited(dev(&empty), "us-east-1", None, (declared, name));
    let home = Home { declared, environment: "dev", inherited: &inherited, policy_file: None };
    let declaration = declaration(home, found);
    let config = load(defaults, of_dev, &declaration.text);
    let mut specs = config.tables_in(dev(&config), "us-east-1", None).unwrap();
    (declaration, specs.remove(0))
}

/// Whatever a plan would still find.
fn left(spec: &TableSpec, found: Found<'_>) -> (Diff, Vec<super::super::Issue>) {
    let Found { state, features, tags } = found;
    let mut issues = compare(spec, state);
    issues.extend(compare_features(spec, state, features));
    issues.extend(tags.map(|tags| compare_tags(spec, tags)).unwrap_or_default());
    (diff(spec, state, features), issues)
}

/// Settings that a project may impose, each alone or with others.
const IMPOSED: [&str; 14] = [
    "",
    "billing pay-per-request",
    "billing provisioned read=3 write=3",
    "billing provisioned read=3 write=3 managed=autoscaling",
    "projection keys-only",
    "stream keys-only; ttl other",
    "class standard-infrequent-access; encryption aws-managed",
    "point-in-time-recovery days=9; deletion-protection; disassociation-protection",
    "on-demand-max read=7",
    "contributor-insights mode=throttled-keys",
    "kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/z\" precision=microsecond",
    "tag Environment \"{env}\"; tag Gone yes; tag Odd #false",
    "stream #false; ttl #false; point-in-time-recovery #false; resource-policy #false",
    "warm-throughput read=5",
];

fn some_tags() -> impl Strategy<Value = Tags> {
    let key = prop_oneof![Just("Environment"), Just("Odd"), Just("a b"), Just("5"), Just("true")];
    let value = prop_oneof![Just("dev"), Just(""), Just("12"), Just("é /:=@")];
    proptest::collection::btree_map(
        key.prop_map(str::to_owned),
        value.prop_map(str::to_owned),
        0..4,
    )
}

/// The live side of a declaration, with keys and streams that a file can name.
fn live_of(spec: TableSpec) -> (TableSpec, TableState, Features) {
    let mut spec = spec;
    for own in &mut spec.settings {
        match own {
            Setting::Encryption(crate::model::Encryption::Key(arn)) => {
                *arn = format!("arn:aws:kms:us-east-1:000000000000:key/{arn}");
            }
            Setting::KinesisStream(Some(stream)) => {
                stream.arn =
                    format!("arn:aws:kinesis:us-east-1:000000000000:stream/{}", stream.arn);
            }
            _ => {}
        }
    }
    let (state, features) = live(&spec);
    (spec, state, features)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever a project imposes and whatever is live: the node is read, and nothing differs; and
    /// it says all that differs from a new table, so that the table can be made anew from it.
    #[test]
    fn a_plan_of_what_is_written_finds_nothing(
        spec in some_spec(),
        tags in some_tags(),
        defaults in proptest::sample::select(IMPOSED.to_vec()),
        of_dev in proptest::sample::select(IMPOSED.to_vec()),
    ) {
        // A ceiling of a provisioned table is no project that loads.
        let both = [defaults, of_dev].join(";");
        prop_assume!(!(both.contains("provisioned") && both.contains("on-demand-max")));
        // Another environment may never have the capacity that indexes need where this one imposes
        // to be provisioned; that is a project's own contradiction.
        let (_, state, features) = live_of(spec);
        prop_assume!(!(both.contains("provisioned") && state.pay_per_request && !state.indexes.is_empty()
            && of_dev.contains("provisioned")));
        let found = Found { state: &state, features: &features, tags: Some(&tags) };
        let (written, again) = imported((defaults, of_dev), found);
        prop_assert_eq!(left(&again, found), (Diff::default(), Vec::new()), "{}", written.text);
        prop_assert_eq!(written.left_out, Vec::<String>::new());
    }

    /// Without a project's own settings, the text says it all: a table that is made from it is
    /// described as the one that it was made of.
    #[test]
    fn a_table_made_from_the_text_is_the_same(spec in some_spec(), tags in some_tags()) {
        let (_, state, features) = live_of(spec);
        let found = Found { state: &state, features: &features, tags: Some(&tags) };
        let (written, again) = imported(("", ""), found);
        prop_assert_eq!(&again.tags, &tags);
        let (made, made_features) = live(&again);
        let mut sorted = state.clone();
        sorted.indexes.sort_by(|a, b| a.name.cmp(&b.name));
        sorted.vector_indexes.sort_by(|a, b| a.index.name.cmp(&b.index.name));
        prop_assert_eq!(&made, &sorted, "{}", &written.text);
        let mut features = features;
        features.kinesis.iter_mut().flatten().for_each(|own| {
            own.precision.get_or_insert(crate::model::Precision::Millisecond);
        });
        prop_assert_eq!(&made_features, &features, "{}", &written.text);
        let found = Found { state: &made, features: &made_features, tags: Some(&tags) };
        prop_assert_eq!(imported(("", ""), found).0.text, written.text);
    }
}

fn text(state: &TableState, features: &Features, defaults: &str, of_dev: &str) -> String {
    let found = Found { state, features, tags: Some(&Tags::new()) };
    imported((defaults, of_dev), found).0.text
}

#[test]
fn what_is_inherited_and_what_is_usual_are_left_out() {
    let (state, features) = live(&users());
    let bare = "table Users hash=userId {\n    gsi by-team hash=teamId\n}\n";
    assert_eq!(text(&state, &features, "", ""), bare);
    assert_eq!(text(&state, &features, "billing pay-per-request", "projection all"), bare);
}

#[test]
fn what_is_imposed_and_not_there_is_turned_off_where_it_is_imposed() {
    let (state, features) = live(&users());
    assert_eq!(
        text(&state, &features, "ttl expiresAt; tag Team a", "stream keys-only; tag Env \"{env}\""),
        "table Users hash=userId {\n    gsi by-team hash=teamId\n    ttl #false\n    \
         tag Team #false\n    in dev {\n        stream #false\n        tag Env #false\n    }\n}\n"
    );
}

#[test]
fn keys_of_several_attributes_and_local_indexes_are_written() {
    let attribute = |name: &str, ty| KeyAttribute { name: name.to_owned(), ty };
    let (s, n) = (ScalarType::S, ScalarType::N);
    let mut spec = users();
    spec.keys.range = vec![attribute("true", s)];
    spec.indexes[0].keys = KeySchema {
        hash: vec![attribute("tenant", s), attribute("region id", n)],
        range: vec![attribute("at", n)],
    };
    spec.indexes[0].projection = Projection::Include(BTreeSet::from(["a".into(), "b\n".into()]));
    spec.indexes.push(IndexSpec {
        kind: IndexKind::Local,
        name: "by-time".to_owned(),
        keys: KeySchema { hash: spec.keys.hash.clone(), range: vec![attribute("at", n)] },
        projection: Projection::KeysOnly,
        throughput: None,
        settings: Vec::new(),
    });
    let (mut state, features) = live(&spec);
    state.replicas = vec!["eu-west-1".to_owned()];
    let found = Found { state: &state, features: &features, tags: None };
    let (written, again) = imported(("projection keys-only", ""), found);
    assert_eq!(
        written.text,
        "table Users hash=userId range=\"true\" {\n    \
             gsi by-team range=(N)at projection=include {\n        \
                 hash tenant (N)\"region id\"\n        include a \"b\\n\"\n    }\n    \
             lsi by-time range=(N)at\n}\n"
    );
    assert_eq!(left(&again, found), (Diff::default(), Vec::new()));
    assert_eq!(written.left_out, ["its replicas in eu-west-1"]);
}

#[test]
fn an_index_that_includes_nothing_but_keys_is_the_same_index() {
    let mut spec = users();
    spec.indexes[0].projection = Projection::Include(BTreeSet::from(["userId".to_owned()]));
    let (mut state, features) = live(&spec);
    state.indexes[0].projection = Projection::Include(BTreeSet::new());
    let found = Found { state: &state, features: &features, tags: None };
    let (_, again) = imported(("", ""), found);
    assert_eq!(left(&again, found), (Diff::default(), Vec::new()));
}

#[test]
fn a_policy_needs_a_file_and_is_named_where_there_is_none() {
    let (state, mut features) = live(&users());
    let policy = "{\"Statement\":[],\"Version\":\"2012-10-17\"}";
    features.policy = Some(Some(policy.to_owned()));
    let found = Found { state: &state, features: &features, tags: None };
    let inherited = Inherited::default();
    let home = Home {
        declared: "Users",
        environment: "dev",
        inherited: &inherited,
        policy_file: Some("policies/Users.json"),
    };
    let written = declaration(home, found);
    assert!(written.text.contains("resource-policy file=\"policies/Users.json\""));
    assert_eq!(written.policy.as_deref(), Some(policy));
    let without = declaration(Home { policy_file: None, ..home }, found);
    assert!(!without.text.contains("resource-policy"));
    assert!(without.left_out[0].contains("--out FILE"));
    features.policy = Some(Some("{}".to_owned()));
    let found = Found { state: &state, features: &features, tags: None };
    let unusable = declaration(home, found);
    assert_eq!((unusable.policy, unusable.left_out.len()), (None, 1));
}

#[test]
fn a_floor_that_is_imposed_and_not_reached_is_lowered_to_what_is_there() {
    let (mut state, features) = live(&users());
    state.warm = Some(Units { read: Some(12_000), write: Some(4_000) });
    let found = Found { state: &state, features: &features, tags: None };
    let (written, again) = imported(("warm-throughput read=50000", ""), found);
    assert!(written.text.contains("warm-throughput read=12000 write=4000"), "{}", written.text);
    assert_eq!(left(&again, found), (Diff::default(), Vec::new()));
}

#[test]
fn what_was_not_read_is_not_said() {
    let state = live(&users()).0;
    assert_eq!(TableName::parse("osem-dev-Users").unwrap(), state.name);
    let found = Found { state: &state, features: &Features::default(), tags: None };
    let (written, again) = imported(("ttl expiresAt; tag Team a", ""), found);
    assert!(!written.text.contains("ttl") && !written.text.contains("tag"), "{}", written.text);
    assert_eq!(left(&again, found), (Diff::default(), Vec::new()));
}
