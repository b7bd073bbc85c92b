//! Tables of every kind, made by somebody else.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Dynamo, LONGEST, Simulator};

use super::{changes, empty_project, expect_nothing_to_do, osem};

const TABLES: usize = 50;

/// A generator of the simplest kind, so that every call makes the same tables.
struct Dice(u32);

impl Dice {
    /// 0 to `sides` less one.
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        usize::try_from(self.0 >> 8).unwrap() % sides
    }

    fn one_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == 0
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.roll(all.len())].clone()
    }
}

/// Names that attributes really have, and those that need care in KDL.
const ATTRIBUTES: [&str; 8] =
    ["id", "createdAt", "tenant id", "true", "7up", "größe", "quo\"te\\", "#tag{x}"];

struct Keys {
    types: Vec<(&'static str, &'static str)>,
}

impl Keys {
    /// An attribute that is none of `others`, with the one type that it has in the table.
    fn pick(&mut self, dice: &mut Dice, others: &[&str]) -> &'static str {
        let mut name = dice.of(&ATTRIBUTES);
        while others.contains(&name) {
            name = dice.of(&ATTRIBUTES);
        }
        if !self.types.iter().any(|(own, _)| *own == name) {
            let ty = dice.of(&["S", "S", "N", "B"]);
            self.types.push((name, ty));
        }
        name
    }

    fn definitions(&self) -> Value {
        let one = |(name, ty): &(&str, &str)| json!({ "AttributeName": name, "AttributeType": ty });
        self.types.iter().map(one).collect()
    }
}

fn schema(hash: &str, range: Option<&str>) -> Value {
    let mut keys = vec![json!({ "AttributeName": hash, "KeyType": "HASH" })];
    keys.extend(range.map(|range| json!({ "AttributeName": range, "KeyType": "RANGE" })));
    Value::Array(keys)
}

fn projection(dice: &mut Dice) -> Value {
    match dice.roll(3) {
        0 => json!({ "ProjectionType": "ALL" }),
        1 => json!({ "ProjectionType": "KEYS_ONLY" }),
        _ => json!({
            "ProjectionType": "INCLUDE", "NonKeyAttributes": ["title", "an other", "#x"],
        }),
    }
}

fn capacity(dice: &mut Dice) -> Value {
    json!({ "ReadCapacityUnits": 1 + dice.roll(20), "WriteCapacityUnits": 1 + dice.roll(20) })
}

/// `CreateTable` with a bit of everything that it takes.
fn creation(dice: &mut Dice, name: &str) -> Value {
    let mut keys = Keys { types: Vec::new() };
    let hash = keys.pick(dice, &[]);
    let range = dice.one_in(2).then(|| keys.pick(dice, &[hash]));
    let provisioned = dice.one_in(3);
    let mut body = json!({ "TableName": name, "KeySchema": schema(hash, range) });
    if provisioned {
        body["BillingMode"] = json!("PROVISIONED");
        body["ProvisionedThroughput"] = capacity(dice);
    } else {
        body["BillingMode"] = json!("PAY_PER_REQUEST");
        if dice.one_in(3) {
            body["OnDemandThroughput"] = json!({ "MaxReadRequestUnits": 1 + dice.roll(900) });
        }
        if dice.one_in(4) {
            body["WarmThroughput"] = json!({ "ReadUnitsPerSecond": 13_000 + dice.roll(900) });
        }
    }
    let global: Vec<Value> = (0..dice.roll(4))
        .map(|number| {
            let hash = keys.pick(dice, &[]);
            let range = dice.one_in(2).then(|| keys.pick(dice, &[hash]));
            let mut index = json!({
                "IndexName": format!("{number}-by.some_thing"),
                "KeySchema": schema(hash, range), "Projection": projection(dice),
            });
            if provisioned {
                index["ProvisionedThroughput"] = capacity(dice);
            } else if dice.one_in(3) {
                index["OnDemandThroughput"] = json!({ "MaxWriteRequestUnits": 1 + dice.roll(900) });
            }
            index
        })
        .collect();
    if !global.is_empty() {
        body["GlobalSecondaryIndexes"] = Value::Array(global);
    }
    if range.is_some() && dice.one_in(3) {
        let other = keys.pick(dice, &[hash]);
        body["LocalSecondaryIndexes"] = json!([{
            "IndexName": "local", "KeySchema": schema(hash, Some(other)),
            "Projection": projection(dice),
        }]);
    }
    settings_at_creation(dice, &mut body);
    if !provisioned && dice.one_in(3) {
        body["VectorIndexes"] = vector_indexes(dice, &mut keys);
    }
    body["AttributeDefinitions"] = keys.definitions();
    body
}

/// One or two, of vectors that are in no key.
fn vector_indexes(dice: &mut Dice, keys: &mut Keys) -> Value {
    let vectors = [("embedding", 3), ("an \"embedding\" {x}", 1_024)];
    let count = 1 + dice.roll(2);
    let indexes = vectors.into_iter().take(count).enumerate().map(|(number, (vector, dimensions))| {
        let element = |name: &str, role: &str| json!({ "AttributeName": name, "SearchSchemaElementType": role });
        let mut index = json!({
            "IndexName": format!("{number}-near.to"),
            "VectorAttribute": { "AttributeName": vector }, "Dimensions": dimensions,
            "DistanceFunction": dice.of(&["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]),
            "Projection": projection(dice),
        });
        let (mut schema, mut taken) = (Vec::new(), Vec::new());
        for role in ["HASH", "INLINE_FILTER", "INLINE_FILTER"] {
            if dice.one_in(2) {
                let name = keys.pick(dice, &taken);
                taken.push(name);
                schema.push(element(name, role));
            }
        }
        if !schema.is_empty() {
            index["SearchSchema"] = Value::Array(schema);
        }
        index
    });
    indexes.collect()
}

fn settings_at_creation(dice: &mut Dice, body: &mut Value) {
    if dice.one_in(3) {
        let view = dice.of(&["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"]);
        body["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view });
    }
    match dice.roll(5) {
        0 => body["SSESpecification"] = json!({ "Enabled": true, "SSEType": "KMS" }),
        1 => {
            let key = "arn:aws:kms:us-east-1:000000000000:key/0a1b";
            body["SSESpecification"] =
                json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key });
        }
        _ => {}
    }
    if dice.one_in(4) {
        body["TableClass"] = json!("STANDARD_INFREQUENT_ACCESS");
    }
    if dice.one_in(4) {
        body["DeletionProtectionEnabled"] = json!(true);
    }
    if dice.one_in(5) {
        body["ResourcePolicy"] = json!(
            json!({
                "Version": "2012-10-17",
                "Statement": [{
                    "Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*",
                    "Principal": { "AWS": "arn:aws:iam::000000000000:root" },
                }],
            })
            .to_string()
        );
    }
    let mut tags = vec![];
    for (key, value) in
        [("Environment", "dev"), ("Owner", "team a"), ("5", "12"), ("größe", ""), ("a/b:c", "true")]
    {
        if dice.one_in(3) {
            tags.push(json!({ "Key": key, "Value": value }));
        }
    }
    if !tags.is_empty() {
        body["Tags"] = Value::Array(tags);
    }
}

/// A call that is sent again until the service is ready for it.
#[track_caller]
fn patiently(dynamo: &Dynamo, operation: &str, body: &Value) -> Value {
    let started = Instant::now();
    loop {
        match dynamo.try_call(operation, body) {
            Ok(answer) => return answer,
            Err((_, text)) => {
                let passes = [
                    "Throttling",
                    "LimitExceeded",
                    "ResourceInUse",
                    "ContinuousBackupsUnavailable",
                ];
                let passes = passes.iter().any(|code| text.contains(code));
                let patient = started.elapsed() < LONGEST;
                assert!(passes && patient, "{operation} {body}: {text}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// One table, with what only calls of its own give it.
fn make(dynamo: &Dynamo, seed: u32) {
    let mut dice = Dice(seed);
    let name = format!("shop-dev-T{seed:02}");
    let body = creation(&mut dice, &name);
    patiently(dynamo, "CreateTable", &body);
    let started = Instant::now();
    let is_active = || {
        let table = dynamo.call("DescribeTable", &json!({ "TableName": name }));
        table["Table"]["TableStatus"] == "ACTIVE"
    };
    while !is_active() {
        assert!(started.elapsed() < LONGEST, "{name} is never there");
        thread::sleep(Duration::from_millis(20));
    }
    let of_table = |mut body: Value| {
        body["TableName"] = json!(name);
        body
    };
    if dice.one_in(3) {
        let ttl = json!({ "Enabled": true, "AttributeName": dice.of(&["expiresAt", "an end"]) });
        patiently(dynamo, "UpdateTimeToLive", &of_table(json!({ "TimeToLiveSpecification": ttl })));
    }
    if dice.one_in(3) {
        let days = dice.of(&[1, 7, 35]);
        let on = json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": days });
        let body = of_table(json!({ "PointInTimeRecoverySpecification": on }));
        patiently(dynamo, "UpdateContinuousBackups", &body);
    }
    let indexes = body["GlobalSecondaryIndexes"].as_array().cloned().unwrap_or_default();
    let indexes = indexes.into_iter().map(|index| Some(index["IndexName"].clone()));
    for index in indexes.chain([None]) {
        if dice.one_in(4) {
            let mode = dice.of(&["ACCESSED_AND_THROTTLED_KEYS", "THROTTLED_KEYS"]);
            let mut body = of_table(
                json!({ "ContributorInsightsAction": "ENABLE", "ContributorInsightsMode": mode }),
            );
            if let Some(index) = index {
                body["IndexName"] = index;
            }
            patiently(dynamo, "UpdateContributorInsights", &body);
        }
    }
    if dice.one_in(4) {
        let mut body = of_table(json!({
            "StreamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/changes",
        }));
        if dice.one_in(2) {
            body["EnableKinesisStreamingConfiguration"] =
                json!({ "ApproximateCreationDateTimePrecision": "MICROSECOND" });
        }
        patiently(dynamo, "EnableKinesisStreamingDestination", &body);
    }
}

fn fifty_tables() -> Simulator {
    let simulator = Simulator::start("--time-scale 1000 --mutation-rate 1000");
    thread::scope(|scope| {
        for worker in 0..4 {
            let simulator = &simulator;
            scope.spawn(move || {
                let dynamo = simulator.dynamo();
                (0..TABLES).filter(|seed| seed % 4 == worker).for_each(|seed| {
                    make(&dynamo, u32::try_from(seed).unwrap());
                });
            });
        }
    });
    simulator.advance("1h");
    simulator
}

#[test]
fn fifty_random_tables_are_imported_and_a_plan_finds_nothing_to_do() {
    let simulator = fifty_tables();
    let before = changes(&simulator);
    let imposing = "\
        billing provisioned read=5 write=5; projection keys-only; ttl expiresAt\n\
        stream keys-only; class standard-infrequent-access; tag Owner \"team a\"; tag Gone yes";
    let of_dev = "\
        point-in-time-recovery days=7; encryption aws-managed; deletion-protection\n\
        contributor-insights; tag Environment \"{env}\"; tag Project \"{project}\"\n\
        kinesis-stream \"arn:aws:kinesis:us-east-1:000000000000:stream/other\"";
    for (settings, of_dev) in [("", ""), (imposing, of_dev)] {
        let project = empty_project("{project}-{env}-{table}", settings, of_dev);
        let import = osem(&project, "import --out imported/tables.kdl", &simulator.url);
        let document = import.json(0);
        let tables = document["data"]["tables"].as_array().unwrap();
        assert_eq!(tables.len(), TABLES);
        for table in tables {
            assert_eq!(table["notExpressed"], json!([]), "{table:#}");
        }
        let text = std::fs::read_to_string(project.path().join("imported/tables.kdl")).unwrap();
        // What is not among the tables is not tested.
        for node in [
            "gsi ",
            "lsi ",
            "vector-index ",
            "dimensions=1024",
            "distance=",
            "filter ",
            "include ",
            "projection=",
            "provisioned read",
            "on-demand-max",
            "warm-throughput",
            "stream ",
            "kinesis-stream",
            "ttl ",
            "point-in-time-recovery",
            "encryption ",
            "class ",
            "contributor-insights",
            "mode=throttled-keys",
            "resource-policy file=",
            "deletion-protection",
            "tag ",
            "(N)",
            "(B)",
        ] {
            assert!(text.contains(node), "no table has {node}");
        }
        expect_nothing_to_do(&project, &simulator.url, TABLES);
    }
    assert_eq!(changes(&simulator), before, "an import only reads");
}
