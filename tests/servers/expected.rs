//! The application's tables as `DescribeTable` must show them. Written by hand from the data page,
//! not taken from `osem.kdl`.

use serde_json::Value;

/// An index: name, and key attributes with their types, the sort key last.
type Index = (&'static str, &'static [(&'static str, &'static str)]);

/// A table: name, partition key (always `S`), indexes.
const EXPECTED: &[(&str, &str, &[Index])] = &[
    ("Users", "userId", &[]),
    ("Teams", "teamId", &[("managerId-index", &[("managerId", "S")])]),
    (
        "AssessmentPlans",
        "planId",
        &[("status-index", &[("status", "S")]), ("teamId-index", &[("teamId", "S")])],
    ),
    (
        "Assessments",
        "assessmentId",
        &[
            ("planId-teamMemberId-index", &[("planId", "S"), ("teamMemberId", "S")]),
            ("teamMemberId-index", &[("teamMemberId", "S")]),
        ],
    ),
    (
        "AssessmentReports",
        "reportId",
        &[("planId-index", &[("planId", "S")]), ("teamMemberId-index", &[("teamMemberId", "S")])],
    ),
    ("ConfigVersions", "configId", &[("isActive-index", &[("isActive", "N"), ("createdAt", "N")])]),
];

/// The description of a live table must be exactly that of the data page. Field by field, as
/// lines, so that a difference is seen as one.
#[track_caller]
pub(crate) fn assert_as_declared(name: &str, table: &Value) {
    let entity = name.rsplit('-').next().unwrap();
    let (_, hash, indexes) = EXPECTED.iter().find(|(entry, ..)| *entry == entity).unwrap();
    let mut wanted = vec![
        format!("{name} ACTIVE PAY_PER_REQUEST"),
        format!("keys {hash} S HASH"),
        "local indexes 0".to_owned(),
    ];
    let mut types = vec![format!("attribute {hash} S")];
    for (index, keys) in *indexes {
        let roles = keys.iter().zip(["HASH", "RANGE"]);
        let keys_text: Vec<String> =
            roles.map(|((key, ty), role)| format!("{key} {ty} {role}")).collect();
        wanted.push(format!("index {index} ALL [] {}", keys_text.join(", ")));
        types.extend(keys.iter().map(|(key, ty)| format!("attribute {key} {ty}")));
    }
    types.sort();
    types.dedup();
    wanted.extend(types);
    assert_eq!(lines(table), wanted, "{table:#}");
}

fn lines(table: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let attributes = list(&table["AttributeDefinitions"]);
    let ty = |name: &Value| {
        let found = attributes.iter().find(|attribute| attribute["AttributeName"] == *name);
        text(&found.unwrap()["AttributeType"])
    };
    let keys = |schema: &Value| {
        let key = |key: &Value| {
            let name = &key["AttributeName"];
            format!("{} {} {}", text(name), ty(name), text(&key["KeyType"]))
        };
        list(schema).iter().map(key).collect::<Vec<_>>().join(", ")
    };
    let mut out = vec![
        format!(
            "{} {} {}",
            text(&table["TableName"]),
            text(&table["TableStatus"]),
            text(&table["BillingModeSummary"]["BillingMode"])
        ),
        format!("keys {}", keys(&table["KeySchema"])),
        format!("local indexes {}", list(&table["LocalSecondaryIndexes"]).len()),
    ];
    let mut indexes: Vec<String> = list(&table["GlobalSecondaryIndexes"])
        .iter()
        .map(|index| {
            let projection = &index["Projection"];
            let others: Vec<String> =
                list(&projection["NonKeyAttributes"]).iter().map(text).collect();
            format!(
                "index {} {} [{}] {}",
                text(&index["IndexName"]),
                text(&projection["ProjectionType"]),
                others.join(", "),
                keys(&index["KeySchema"])
            )
        })
        .collect();
    indexes.sort();
    out.extend(indexes);
    let mut types: Vec<String> = attributes
        .iter()
        .map(|one| {
            format!("attribute {} {}", text(&one["AttributeName"]), text(&one["AttributeType"]))
        })
        .collect();
    types.sort();
    out.extend(types);
    out
}
