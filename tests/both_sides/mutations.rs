//! What somebody may change about a table behind osem's back, and what `verify` must say of it.

use fastrand::Rng;
use serde_json::{Value, json};

use super::spec::{Billing, Index, Settings, Table};

/// What is done to a table, once it is as declared.
pub(super) struct Drift {
    /// Calls of boto3. Between one list and the next much time passes.
    pub(super) rounds: Vec<Vec<Value>>,
    /// Whether the table is made anew, by its `CreateTable` with this change.
    pub(super) anew: Option<fn(&mut Value)>,
    /// The one issue: type, what is declared and what is found. None where it is none of osem's
    /// business.
    pub(super) issue: Option<[String; 3]>,
}

impl Drift {
    fn of(calls: impl IntoIterator<Item = Value>, issue: [&str; 3]) -> Self {
        let issue = Some(issue.map(str::to_owned));
        Self { rounds: vec![calls.into_iter().collect()], anew: None, issue }
    }

    fn anew(change: fn(&mut Value), issue: [&str; 3]) -> Self {
        Self { anew: Some(change), ..Self::of([], issue) }
    }

    fn nothing(calls: impl IntoIterator<Item = Value>) -> Self {
        Self { issue: None, ..Self::of(calls, [""; 3]) }
    }
}

/// A name, and what makes a table fit for the mutation and says what that is.
pub(super) type Mutation = (&'static str, fn(&mut Table, &mut Rng) -> Drift);

const ONE: &str = "arn:aws:kinesis:us-east-1:000000000000:stream/one";
const KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/0a1b";
const OTHER_KEY: &str = "arn:aws:kms:us-east-1:000000000000:key/9f9f";
const GONE: &str = "no such index";
const TARGET: &str = "keys team S, projection ALL";
const READER: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
     \"Action\":\"dynamodb:Query\",\"Principal\":\"*\",\"Resource\":\"*\"}]}";
/// The policy of `one.json`, as osem shows it.
const POLICY: &str = "{\"Statement\":[{\"Action\":\"dynamodb:GetItem\",\"Effect\":\"Allow\",\
     \"Principal\":\"*\",\"Resource\":\"*\"}],\"Version\":\"2012-10-17\"}";

fn update(request: Value) -> Value {
    Value::Array(vec!["update_table".into(), request])
}

fn update_target(update: Value) -> Value {
    let mut of_index = update;
    of_index["IndexName"] = json!("target");
    self::update(json!({ "GlobalSecondaryIndexUpdates": [{ "Update": of_index }] }))
}

fn ttl(attribute: &str, on: bool) -> Value {
    let asked = json!({ "AttributeName": attribute, "Enabled": on });
    json!(["update_time_to_live", { "TimeToLiveSpecification": asked }])
}

fn recovery(on: bool, days: Option<u8>) -> Value {
    let mut asked = json!({ "PointInTimeRecoveryEnabled": on });
    if let Some(days) = days {
        asked["RecoveryPeriodInDays"] = json!(days);
    }
    json!(["update_continuous_backups", { "PointInTimeRecoverySpecification": asked }])
}

fn insights(action: &str, index: Option<&str>) -> Value {
    let mut asked = json!({ "ContributorInsightsAction": action });
    if let Some(index) = index {
        asked["IndexName"] = json!(index);
    }
    json!(["update_contributor_insights", asked])
}

fn stream(view: Option<&str>) -> Value {
    let mut asked = json!({ "StreamEnabled": view.is_some() });
    if let Some(view) = view {
        asked["StreamViewType"] = json!(view);
    }
    update(json!({ "StreamSpecification": asked }))
}

impl Table {
    fn set(&mut self, node: &'static str, value: &str) {
        self.settings.insert(node, value.to_owned());
    }

    /// On demand, without ceilings.
    fn on_demand_without_ceilings(&mut self, billing: Billing) {
        self.billing = billing;
        self.settings.remove("on-demand-max");
        for index in self.globals.values_mut() {
            index.settings.remove("on-demand-max");
        }
    }

    fn provisioned(&mut self) {
        let billing = Billing::Provisioned { units: (5, 6), autoscaled: false };
        self.on_demand_without_ceilings(billing);
    }

    /// An index without settings, to be changed.
    fn target(&mut self) -> &mut Index {
        let index =
            Index { keys: "hash=team", projection: None, units: (3, 4), settings: Settings::new() };
        self.globals.entry("target".to_owned()).insert_entry(index).into_mut()
    }

    /// Nothing but what `CreateTable` takes, so that the table can be made anew.
    fn plain(&mut self) {
        let later = [
            "ttl",
            "point-in-time-recovery",
            "contributor-insights",
            "kinesis-stream",
            "disassociation-protection",
            "deletion-protection",
        ];
        self.settings.retain(|node, _| !later.contains(node));
        for index in self.globals.values_mut() {
            index.settings.remove("contributor-insights");
        }
    }

    fn local(&mut self, keys: &'static str) {
        self.plain();
        self.sorted = true;
        self.locals.clear();
        let index = Index { keys, projection: None, units: (1, 1), settings: Settings::new() };
        self.locals.insert("local-0".to_owned(), index);
    }

    /// Another index in a request, which a provisioned table wants capacity for.
    fn extra_index(&self, name: &str, hash: &str) -> Value {
        let mut index = json!({
            "IndexName": name,
            "KeySchema": [{ "AttributeName": hash, "KeyType": "HASH" }],
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        });
        if !self.on_demand() {
            index["ProvisionedThroughput"] = json!({
                "ReadCapacityUnits": 3, "WriteCapacityUnits": 4,
            });
        }
        update(json!({
            "AttributeDefinitions": [{ "AttributeName": hash, "AttributeType": "S" }],
            "GlobalSecondaryIndexUpdates": [{ "Create": index }],
        }))
    }
}

fn delete_target() -> Value {
    update(json!({ "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": "target" } }] }))
}

/// Every kind of mutation, each of which provokes its issue whatever else is declared.
pub(super) const MUTATIONS: &[Mutation] = &[
    ("table deleted", |table, _| {
        table.settings.remove("deletion-protection");
        let expected = format!("table {}", table.full_name());
        Drift::of([json!(["delete_table", {}])], ["TABLE_NOT_FOUND", &expected, "no such table"])
    }),
    ("partition key", |table, _| {
        table.plain();
        table.sorted = false;
        table.locals.clear();
        let change = |request: &mut Value| {
            request["KeySchema"][0]["AttributeName"] = json!("other");
            rename(request, "id", json!({ "AttributeName": "other", "AttributeType": "S" }));
        };
        Drift::anew(change, ["KEY_MISMATCH", "id S", "other S"])
    }),
    ("type of a key", |table, _| {
        table.plain();
        table.sorted = true;
        table.locals.clear();
        let change = |request: &mut Value| {
            rename(request, "at", json!({ "AttributeName": "at", "AttributeType": "S" }));
        };
        Drift::anew(change, ["KEY_MISMATCH", "id S + at N", "id S + at S"])
    }),
    ("gsi deleted", |table, _| {
        table.target();
        Drift::of([delete_target()], ["MISSING_GSI", TARGET, GONE])
    }),
    ("gsi added", |table, _| {
        let found = "keys mood S, projection KEYS_ONLY";
        Drift::of([table.extra_index("extra", "mood")], ["EXTRA_GSI", GONE, found])
    }),
    ("gsi with other keys", |table, _| {
        table.target();
        let found = "keys mood S, projection KEYS_ONLY";
        let calls = [delete_target(), table.extra_index("target", "mood")];
        Drift::of(calls, ["GSI_MISMATCH", TARGET, found])
    }),
    ("capacity of a gsi", |table, _| {
        table.provisioned();
        table.target();
        let units = json!({ "ReadCapacityUnits": 7, "WriteCapacityUnits": 8 });
        let call = update_target(json!({ "ProvisionedThroughput": units }));
        Drift::of([call], ["GSI_MISMATCH", "read 3, write 4", "read 7, write 8"])
    }),
    ("lsi missing", |table, _| {
        table.local("range=day");
        let change = |request: &mut Value| {
            request.as_object_mut().unwrap().remove("LocalSecondaryIndexes");
            drop_unused(request, "day");
        };
        Drift::anew(change, ["MISSING_LSI", "keys id S + day S, projection ALL", GONE])
    }),
    ("lsi that is not declared", |table, _| {
        table.local("range=day");
        let change = |request: &mut Value| {
            let list = request["LocalSecondaryIndexes"].as_array_mut().unwrap();
            let mut index = list[0].clone();
            index["IndexName"] = json!("extra");
            list.push(index);
        };
        Drift::anew(change, ["EXTRA_LSI", GONE, "keys id S + day S, projection ALL"])
    }),
    ("lsi with another projection", |table, _| {
        table.local("range=day");
        let change = |request: &mut Value| {
            let projection = json!({ "ProjectionType": "KEYS_ONLY" });
            request["LocalSecondaryIndexes"][0]["Projection"] = projection;
        };
        let [expected, found] =
            ["ALL", "KEYS_ONLY"].map(|of| format!("keys id S + day S, projection {of}"));
        Drift::anew(change, ["LSI_MISMATCH", &expected, &found])
    }),
    ("to on demand", |table, _| {
        table.provisioned();
        let call = update(json!({ "BillingMode": "PAY_PER_REQUEST" }));
        Drift::of([call], ["BILLING_MODE", "PROVISIONED", "PAY_PER_REQUEST"])
    }),
    ("to provisioned", |table, _| {
        table.on_demand_without_ceilings(Billing::OnDemand);
        let units = json!({ "ReadCapacityUnits": 7, "WriteCapacityUnits": 8 });
        let of_index = |name: &String| json!({ "Update": { "IndexName": name, "ProvisionedThroughput": units } });
        let of_indexes: Vec<_> = table.globals.keys().map(of_index).collect();
        let mut request = json!({ "BillingMode": "PROVISIONED", "ProvisionedThroughput": units });
        if !of_indexes.is_empty() {
            request["GlobalSecondaryIndexUpdates"] = of_indexes.into();
        }
        Drift::of([update(request)], ["BILLING_MODE", "PAY_PER_REQUEST", "PROVISIONED"])
    }),
    ("capacity", |table, _| {
        table.provisioned();
        let units = json!({ "ReadCapacityUnits": 9, "WriteCapacityUnits": 6 });
        let call = update(json!({ "ProvisionedThroughput": units }));
        Drift::of([call], ["PROVISIONED_THROUGHPUT", "read 5, write 6", "read 9, write 6"])
    }),
    ("ceiling", |table, rng| {
        table.on_demand_without_ceilings(Billing::Undeclared);
        table.set("on-demand-max", "read=100 write=90");
        let (units, found) = [(-1, "write 90"), (50, "read 50, write 90")][rng.usize(..2)];
        let call = update(json!({ "OnDemandThroughput": { "MaxReadRequestUnits": units } }));
        Drift::of([call], ["ON_DEMAND_MAX", "read 100, write 90", found])
    }),
    ("ceiling where none may be", |table, _| {
        table.on_demand_without_ceilings(Billing::OnDemand);
        table.set("on-demand-max", "#false");
        let call = update(json!({ "OnDemandThroughput": { "MaxWriteRequestUnits": 70 } }));
        Drift::of([call], ["ON_DEMAND_MAX", "off", "write 70"])
    }),
    ("ceiling of a gsi", |table, _| {
        table.on_demand_without_ceilings(Billing::OnDemand);
        table.target().settings.insert("on-demand-max", "read=100 write=100".to_owned());
        let call = update_target(json!({ "OnDemandThroughput": { "MaxReadRequestUnits": 60 } }));
        Drift::of([call], ["ON_DEMAND_MAX", "read 100, write 100", "read 60, write 100"])
    }),
    ("stream off", |table, _| {
        table.set("stream", "new-image");
        Drift::of([stream(None)], ["STREAM", "NEW_IMAGE", "off"])
    }),
    ("stream with another view", |table, _| {
        table.set("stream", "old-image");
        let calls = [stream(None), stream(Some("KEYS_ONLY"))];
        Drift::of(calls, ["STREAM", "OLD_IMAGE", "KEYS_ONLY"])
    }),
    ("stream where none may be", |table, _| {
        table.set("stream", "#false");
        Drift::of([stream(Some("NEW_IMAGE"))], ["STREAM", "off", "NEW_IMAGE"])
    }),
    ("class", |table, rng| {
        let [declared, other] = [
            ["standard", "standard-infrequent-access"],
            ["standard-infrequent-access", "standard"],
        ][rng.usize(..2)];
        table.set("class", declared);
        let [expected, found] = [declared, other].map(|it| it.to_uppercase().replace('-', "_"));
        Drift::of([update(json!({ "TableClass": found }))], ["TABLE_CLASS", &expected, &found])
    }),
    ("key of the account where it is the service's", |table, _| {
        table.set("encryption", "aws-owned");
        let call = update(json!({ "SSESpecification": { "Enabled": true, "SSEType": "KMS" } }));
        Drift::of([call], ["ENCRYPTION", "AWS owned key", "AWS managed key"])
    }),
    ("no key of the account", |table, _| {
        table.set("encryption", "aws-managed");
        let call = update(json!({ "SSESpecification": { "Enabled": false } }));
        Drift::of([call], ["ENCRYPTION", "AWS managed key", "AWS owned key"])
    }),
    ("another key", |table, _| {
        table.set("encryption", &format!("kms key={KEY:?}"));
        let other = json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": OTHER_KEY });
        let call = update(json!({ "SSESpecification": other }));
        Drift::of([call], ["ENCRYPTION", KEY, OTHER_KEY])
    }),
    ("ttl off", |table, _| {
        table.set("ttl", "expiresAt");
        Drift::of([ttl("expiresAt", false)], ["TIME_TO_LIVE", "expiresAt", "off"])
    }),
    ("ttl with another attribute", |table, _| {
        table.set("ttl", "expiresAt");
        let rounds = vec![vec![ttl("expiresAt", false)], vec![ttl("other", true)]];
        Drift { rounds, ..Drift::of([], ["TIME_TO_LIVE", "expiresAt", "other"]) }
    }),
    ("ttl where none may be", |table, _| {
        table.set("ttl", "#false");
        Drift::of([ttl("other", true)], ["TIME_TO_LIVE", "off", "other"])
    }),
    ("recovery off", |table, _| {
        table.set("point-in-time-recovery", "");
        Drift::of([recovery(false, None)], ["POINT_IN_TIME_RECOVERY", "on", "off"])
    }),
    ("recovery of fewer days", |table, _| {
        table.set("point-in-time-recovery", "days=9");
        let issue = ["POINT_IN_TIME_RECOVERY", "on, 9 days", "on, 4 days"];
        Drift::of([recovery(true, Some(4))], issue)
    }),
    ("recovery where none may be", |table, _| {
        table.set("point-in-time-recovery", "#false");
        Drift::of([recovery(true, None)], ["POINT_IN_TIME_RECOVERY", "off", "on, 35 days"])
    }),
    ("less warm throughput", |table, _| {
        table.plain();
        table.provisioned();
        table.set("warm-throughput", "read=15000");
        let change = |request: &mut Value| {
            request["WarmThroughput"]["ReadUnitsPerSecond"] = json!(13_000);
        };
        let issue = ["WARM_THROUGHPUT", "at least read 15000", "read 13000, write 4000"];
        Drift::anew(change, issue)
    }),
    ("less warm throughput of a gsi", |table, _| {
        table.plain();
        table.target().settings.insert("warm-throughput", "write=9000".to_owned());
        let change = |request: &mut Value| {
            let indexes = request["GlobalSecondaryIndexes"].as_array_mut().unwrap();
            let target = indexes.iter_mut().find(|index| index["IndexName"] == "target").unwrap();
            target["WarmThroughput"] = json!({
                "ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 8_000,
            });
        };
        let issue = ["WARM_THROUGHPUT", "at least write 9000", "read 12000, write 8000"];
        Drift::anew(change, issue)
    }),
    ("insights off", |table, _| {
        table.set("contributor-insights", "mode=throttled-keys");
        let issue = ["CONTRIBUTOR_INSIGHTS", "THROTTLED_KEYS", "off"];
        Drift::of([insights("DISABLE", None)], issue)
    }),
    ("insights where none may be", |table, _| {
        table.set("contributor-insights", "#false");
        let issue = ["CONTRIBUTOR_INSIGHTS", "off", "ACCESSED_AND_THROTTLED_KEYS"];
        Drift::of([insights("ENABLE", None)], issue)
    }),
    ("insights of a gsi off", |table, _| {
        table.target().settings.insert("contributor-insights", String::new());
        let issue = ["CONTRIBUTOR_INSIGHTS", "ACCESSED_AND_THROTTLED_KEYS", "off"];
        Drift::of([insights("DISABLE", Some("target"))], issue)
    }),
    ("no kinesis stream", |table, _| {
        table.set("kinesis-stream", &format!("{ONE:?}"));
        let call = json!(["disable_kinesis_streaming_destination", { "StreamArn": ONE }]);
        Drift::of([call], ["KINESIS_STREAM", ONE, "off"])
    }),
    ("kinesis stream where none may be", |table, _| {
        table.set("kinesis-stream", "#false");
        let call = json!(["enable_kinesis_streaming_destination", { "StreamArn": ONE }]);
        Drift::of([call], ["KINESIS_STREAM", "off", &format!("{ONE} MILLISECOND")])
    }),
    ("another precision", |table, _| {
        table.set("kinesis-stream", &format!("{ONE:?} precision=millisecond"));
        let precision = json!({ "ApproximateCreationDateTimePrecision": "MICROSECOND" });
        let request = json!({ "StreamArn": ONE, "UpdateKinesisStreamingConfiguration": precision });
        let call = json!(["update_kinesis_streaming_destination", request]);
        let [expected, found] = ["MILLISECOND", "MICROSECOND"].map(|of| format!("{ONE} {of}"));
        Drift::of([call], ["KINESIS_STREAM", &expected, &found])
    }),
    ("another policy", |table, _| {
        table.set("resource-policy", "file=\"one.json\"");
        let found = POLICY.replace("GetItem", "Query");
        let call = json!(["put_resource_policy", { "Policy": READER }]);
        Drift::of([call], ["RESOURCE_POLICY", POLICY, &found])
    }),
    ("no policy", |table, _| {
        table.set("resource-policy", "file=\"one.json\"");
        let call = json!(["delete_resource_policy", {}]);
        Drift::of([call], ["RESOURCE_POLICY", POLICY, "off"])
    }),
    ("policy where none may be", |table, _| {
        table.set("resource-policy", "#false");
        let found = POLICY.replace("GetItem", "Query");
        let call = json!(["put_resource_policy", { "Policy": READER }]);
        Drift::of([call], ["RESOURCE_POLICY", "off", &found])
    }),
    ("disassociation protection", |table, rng| {
        let on = rng.bool();
        table.set("disassociation-protection", if on { "#true" } else { "#false" });
        let [expected, found] = if on { ["on", "off"] } else { ["off", "on"] };
        let call = update(json!({ "DisassociationProtectionEnabled": !on }));
        Drift::of([call], ["DISASSOCIATION_PROTECTION", expected, found])
    }),
    ("deletion protection", |table, rng| {
        let on = rng.bool();
        table.set("deletion-protection", if on { "#true" } else { "#false" });
        let [expected, found] = if on { ["on", "off"] } else { ["off", "on"] };
        let call = update(json!({ "DeletionProtectionEnabled": !on }));
        Drift::of([call], ["DELETION_PROTECTION", expected, found])
    }),
    ("tag changed", |table, _| {
        table.tags.insert("Owner".to_owned(), Some("mine".to_owned()));
        let call = json!(["tag_resource", { "Tags": [{ "Key": "Owner", "Value": "yours" }] }]);
        Drift::of([call], ["TAG_MISMATCH", "mine", "yours"])
    }),
    ("tag removed", |table, _| {
        table.tags.insert("Owner".to_owned(), Some("mine".to_owned()));
        let call = json!(["untag_resource", { "TagKeys": ["Owner"] }]);
        Drift::of([call], ["TAG_MISMATCH", "mine", "no such tag"])
    }),
    ("tag added that may not be", |table, _| {
        table.tags.insert("Owner".to_owned(), None);
        let call = json!(["tag_resource", { "Tags": [{ "Key": "Owner", "Value": "yours" }] }]);
        Drift::of([call], ["TAG_MISMATCH", "no such tag", "yours"])
    }),
    ("what the file does not name", |table, _| {
        table.on_demand_without_ceilings(Billing::Undeclared);
        table.settings.clear();
        table.target();
        let policy = json!(["put_resource_policy", { "Policy": READER }]);
        let kinesis = json!(["enable_kinesis_streaming_destination", { "StreamArn": ONE }]);
        let tag = json!(["tag_resource", { "Tags": [{ "Key": "Foreign", "Value": "x" }] }]);
        let ceiling = json!({ "OnDemandThroughput": { "MaxReadRequestUnits": 60 } });
        Drift::nothing([
            stream(Some("NEW_IMAGE")),
            update(json!({ "TableClass": "STANDARD_INFREQUENT_ACCESS" })),
            update(json!({ "SSESpecification": { "Enabled": true, "SSEType": "KMS" } })),
            update(ceiling.clone()),
            update_target(ceiling),
            ttl("other", true),
            recovery(true, None),
            insights("ENABLE", None),
            insights("ENABLE", Some("target")),
            kinesis,
            policy,
            tag,
            update(json!({ "DeletionProtectionEnabled": true })),
        ])
    }),
    ("capacity that autoscaling manages", |table, _| {
        table.provisioned();
        table.billing = Billing::Provisioned { units: (5, 6), autoscaled: true };
        let units = json!({ "ReadCapacityUnits": 9, "WriteCapacityUnits": 6 });
        Drift::nothing([update(json!({ "ProvisionedThroughput": units }))])
    }),
    ("more warm throughput", |table, _| {
        table.set("warm-throughput", "read=12500");
        let more = json!({ "ReadUnitsPerSecond": 14_000, "WriteUnitsPerSecond": 5_000 });
        Drift::nothing([update(json!({ "WarmThroughput": more }))])
    }),
];

/// Puts another attribute in the place of one.
fn rename(request: &mut Value, name: &str, other: Value) {
    let definitions = request["AttributeDefinitions"].as_array_mut().unwrap();
    let own = definitions.iter_mut().find(|own| own["AttributeName"] == name).unwrap();
    *own = other;
}

/// Takes the type of an attribute away that is part of no key any more.
fn drop_unused(request: &mut Value, name: &str) {
    let used = format!("\"AttributeName\":\"{name}\",\"KeyType\"");
    if !request.to_string().contains(&used) {
        let definitions = request["AttributeDefinitions"].as_array_mut().unwrap();
        definitions.retain(|own| own["AttributeName"] != name);
    }
}
