//! One declared setting against the live table: whether it differs, and which calls change it.

use serde_json::{Value, json};

use crate::model::{
    Encryption, Features, IndexState, InsightsMode, KinesisStream, MillisRange, RecoveryDays,
    Setting, TableClass, TableState, Throughput, Units, warm_at_first,
};

use super::call::{Call, CallFacts, on_or_off, or_off};
use super::{IssueType, Reversal, Reversibility, phases};

/// A declared setting that is not as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) ty: IssueType,
    /// What the file says.
    pub(super) expected: String,
    /// What the service says.
    pub(super) found: String,
}

/// What is live, of a table or of one of its indexes.
#[derive(Clone, Copy)]
pub(super) struct Live<'a> {
    pub(super) state: &'a TableState,
    pub(super) features: &'a Features,
    /// The index that the setting is about.
    pub(super) index: Option<&'a IndexState>,
}

impl Live<'_> {
    fn on_demand_max(&self) -> Units {
        self.index.map_or(self.state.on_demand_max, |index| index.on_demand_max)
    }

    fn warm(&self) -> Option<Units> {
        self.index.map_or(self.state.warm, |index| index.warm)
    }

    fn insights(&self) -> Option<&Option<InsightsMode>> {
        self.features.insights.get(self.index.map_or("", |index| index.name.as_str()))
    }

    /// A change of the table, or of the index.
    fn update(&self, member: &str, value: &Value) -> Value {
        match self.index {
            None => json!({ member: value }),
            Some(index) => json!({
                "GlobalSecondaryIndexUpdates": [
                    { "Update": { "IndexName": index.name, member: value } },
                ],
            }),
        }
    }
}

/// How a setting differs; `None` where it does not, or where it was not read.
pub(super) fn difference(setting: &Setting, live: Live<'_>) -> Option<Difference> {
    let Live { state, features, .. } = live;
    let found = |ty, same: bool, expected: String, found: String| {
        (!same).then_some(Difference { ty, expected, found })
    };
    match setting {
        Setting::OnDemandMax(wanted) => {
            let live = live.on_demand_max();
            let same = wanted.map_or_else(|| live.is_open(), |wanted| met(wanted, live));
            found(IssueType::OnDemandMax, same, or_off(wanted.as_ref()), live.to_string())
        }
        Setting::Stream(wanted) => {
            let live = &state.stream;
            found(IssueType::Stream, wanted == live, or_off(wanted.as_ref()), or_off(live.as_ref()))
        }
        Setting::Class(wanted) => {
            let live = state.class;
            found(IssueType::TableClass, *wanted == live, wanted.to_string(), live.to_string())
        }
        Setting::Encryption(wanted) => {
            let live = &state.encryption;
            let same = wanted.is_met_by(live);
            found(IssueType::Encryption, same, wanted.to_string(), live.to_string())
        }
        Setting::TimeToLive(wanted) => {
            let live = features.time_to_live.as_ref()?;
            let (expected, shown) = (or_off(wanted.as_ref()), or_off(live.as_ref()));
            found(IssueType::TimeToLive, wanted == live, expected, shown)
        }
        Setting::Recovery(wanted) => {
            let live = features.recovery?;
            let same = match (wanted, live) {
                (None, None) => true,
                (Some(RecoveryDays(wanted)), Some(live)) => wanted.is_none_or(|days| days == live),
                _ => false,
            };
            let shown = live.map(|days| RecoveryDays(Some(days)));
            let (expected, shown) = (or_off(wanted.as_ref()), or_off(shown.as_ref()));
            found(IssueType::PointInTimeRecovery, same, expected, shown)
        }
        Setting::WarmThroughput(wanted) => {
            let live = live.warm().unwrap_or_default();
            let same = wanted.read <= live.read && wanted.write <= live.write;
            let expected = format!("at least {wanted}");
            found(IssueType::WarmThroughput, same, expected, live.to_string())
        }
        Setting::ContributorInsights(wanted) => {
            let live = live.insights()?;
            let (expected, shown) = (or_off(wanted.as_ref()), or_off(live.as_ref()));
            found(IssueType::ContributorInsights, wanted == live, expected, shown)
        }
        Setting::KinesisStream(wanted) => {
            let live = features.kinesis.as_ref()?;
            let same = match wanted {
                None => live.is_empty(),
                Some(wanted) => live.len() == 1 && feeds(wanted, &live[0]),
            };
            let shown = live.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let shown = if live.is_empty() { "off".to_owned() } else { shown };
            found(IssueType::KinesisStream, same, or_off(wanted.as_ref()), shown)
        }
        Setting::ResourcePolicy(wanted) => {
            let live = features.policy.as_ref()?;
            let (expected, shown) = (or_off(wanted.as_ref()), or_off(live.as_ref()));
            found(IssueType::ResourcePolicy, wanted == live, expected, shown)
        }
        Setting::DisassociationProtection(wanted) => {
            let live = state.disassociation_protection;
            let (expected, shown) = (on_or_off(*wanted), on_or_off(live));
            found(IssueType::DisassociationProtection, *wanted == live, expected, shown)
        }
        Setting::DeletionProtection(wanted) => {
            let live = state.deletion_protection;
            let (expected, shown) = (on_or_off(*wanted), on_or_off(live));
            found(IssueType::DeletionProtection, *wanted == live, expected, shown)
        }
    }
}

/// Whether a live stream is the declared one.
fn feeds(wanted: &KinesisStream, live: &KinesisStream) -> bool {
    wanted.arn == live.arn && (wanted.precision.is_none() || wanted.precision == live.precision)
}

/// Whether every ceiling that is declared is the live one.
fn met(wanted: Units, live: Units) -> bool {
    let half = |wanted: Option<u64>, live: Option<u64>| wanted.is_none() || wanted == live;
    half(wanted.read, live.read) && half(wanted.write, live.write)
}

/// The calls that make the live table as declared, for a setting that differs.
pub(super) fn calls(setting: &Setting, live: Live<'_>) -> Vec<Call> {
    let Some(difference) = difference(setting, live) else { return Vec::new() };
    let Live { state, features, .. } = live;
    let one = |operation, request, facts| {
        let (before, after) = (difference.found.clone(), difference.expected.clone());
        vec![Call { operation, request, before, after, facts }]
    };
    let update = |request, facts| one("UpdateTable", request, facts);
    match setting {
        Setting::OnDemandMax(wanted) => {
            let ceilings = ceilings(*wanted, live.on_demand_max());
            let request = live.update("OnDemandThroughput", &ceilings);
            update(request, CallFacts::reversible((0, 1_000)))
        }
        Setting::Stream(wanted) => phases::stream(*wanted, state.stream),
        Setting::Class(wanted) => {
            let facts = CallFacts::lossy(WITHIN_BUDGET, (3_600, 6_000));
            let facts = facts.spends("1 of 2 changes of the class in 30 days");
            update(json!({ "TableClass": wanted }), facts)
        }
        Setting::Encryption(wanted) => {
            let facts = CallFacts::lossy(WITHIN_BUDGET, (21_000, 23_000));
            let facts = facts.spends("1 of 4 changes of encryption in 24 hours");
            update(json!({ "SSESpecification": encryption(wanted) }), facts)
        }
        Setting::TimeToLive(wanted) => {
            let live = features.time_to_live.clone().flatten();
            phases::time_to_live(wanted.as_deref(), live.as_deref())
        }
        Setting::Recovery(wanted) => one(
            "UpdateContinuousBackups",
            json!({ "PointInTimeRecoverySpecification": recovery(*wanted) }),
            recovery_facts(*wanted, features.recovery.flatten()),
        ),
        Setting::WarmThroughput(wanted) => {
            let floor = floor(*wanted, live.warm().unwrap_or_default());
            let reversal = Reversibility::Irreversible.with(": it is only ever raised");
            let facts = CallFacts::lossy(reversal, WARMING);
            update(live.update("WarmThroughput", &floor), facts)
        }
        Setting::ContributorInsights(wanted) => one(
            "UpdateContributorInsights",
            insights(*wanted, live.index),
            CallFacts::reversible((1_000, 16_000)),
        ),
        Setting::KinesisStream(wanted) => {
            phases::kinesis(wanted.as_ref(), features.kinesis.as_deref().unwrap_or_default())
        }
        Setting::ResourcePolicy(wanted) => policy(wanted.as_deref(), state, difference.clone()),
        Setting::DisassociationProtection(wanted) => update(
            json!({ "DisassociationProtectionEnabled": wanted }),
            CallFacts::reversible((0, 1_000)),
        ),
        Setting::DeletionProtection(wanted) => {
            let reversibility = Reversibility::Reversible.with(" after 15 seconds");
            let facts = CallFacts { reversibility, ..CallFacts::reversible((0, 1_000)) };
            update(json!({ "DeletionProtectionEnabled": wanted }), facts)
        }
    }
}

/// Only what differs is sent; -1 takes a ceiling away.
fn ceilings(wanted: Option<Units>, live: Units) -> Value {
    let mut ceilings = json!({});
    let halves = [
        ("MaxReadRequestUnits", wanted.map(|wanted| wanted.read), live.read),
        ("MaxWriteRequestUnits", wanted.map(|wanted| wanted.write), live.write),
    ];
    for (member, wanted, live) in halves {
        match wanted {
            None if live.is_some() => ceilings[member] = json!(-1),
            Some(Some(units)) if Some(units) != live => ceilings[member] = json!(units),
            _ => {}
        }
    }
    ceilings
}

/// A change that the service allows only so often.
const WITHIN_BUDGET: Reversal = Reversibility::Reversible.with(", within its budget");

/// How long it takes to raise warm throughput, in milliseconds.
const WARMING: MillisRange = (270_000, 510_000);

/// What is asked for is never less than what is there: the service refuses that.
fn floor(wanted: Units, live: Units) -> Value {
    let mut floor = json!({});
    let halves = [
        ("ReadUnitsPerSecond", wanted.read.map(|read| read.max(live.read.unwrap_or(0)))),
        ("WriteUnitsPerSecond", wanted.write.map(|write| write.max(live.write.unwrap_or(0)))),
    ];
    for (member, units) in halves {
        if let Some(units) = units {
            floor[member] = json!(units);
        }
    }
    floor
}

fn insights(wanted: Option<InsightsMode>, index: Option<&IndexState>) -> Value {
    let action = if wanted.is_some() { "ENABLE" } else { "DISABLE" };
    let mut request = json!({ "ContributorInsightsAction": action });
    if let Some(mode) = wanted {
        request["ContributorInsightsMode"] = json!(mode);
    }
    if let Some(index) = index {
        request["IndexName"] = json!(index.name);
    }
    request
}

fn policy(wanted: Option<&str>, state: &TableState, difference: Difference) -> Vec<Call> {
    let arn = state.arn.as_deref().unwrap_or_default();
    let (operation, request) = match wanted {
        Some(policy) => ("PutResourcePolicy", json!({ "ResourceArn": arn, "Policy": policy })),
        None => ("DeleteResourcePolicy", json!({ "ResourceArn": arn })),
    };
    let reversibility =
        Reversibility::Lossy.with(": the policy before is kept nowhere; not again for 15 seconds");
    let facts = CallFacts::lossy(reversibility, (1_000, 2_700)).breaks("who may use the table");
    let Difference { expected, found, .. } = difference;
    vec![Call { operation, request, before: found, after: expected, facts }]
}

fn recovery(wanted: Option<RecoveryDays>) -> Value {
    let mut specification = json!({ "PointInTimeRecoveryEnabled": wanted.is_some() });
    if let Some(days) = wanted.and_then(|wanted| wanted.0) {
        specification["RecoveryPeriodInDays"] = json!(days);
    }
    specification
}

fn recovery_facts(wanted: Option<RecoveryDays>, live: Option<u8>) -> CallFacts {
    let usual = (0, 3_000);
    let fewer = |days: RecoveryDays| days.0.is_some_and(|days| live.is_some_and(|l| days < l));
    match wanted {
        None => CallFacts::lossy(Reversibility::Lossy.with(": the history is gone"), usual),
        Some(days) if fewer(days) => {
            CallFacts::lossy(Reversibility::Lossy.with(": the older history is gone"), usual)
        }
        Some(_) => CallFacts::reversible(usual),
    }
}

/// Encryption as a request names it.
pub(super) fn encryption(wanted: &Encryption) -> Value {
    match wanted {
        Encryption::AwsOwned => json!({ "Enabled": false }),
        Encryption::AwsManaged => json!({ "Enabled": true, "SSEType": "KMS" }),
        Encryption::Key(arn) => {
            json!({ "Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": arn })
        }
    }
}

/// What `CreateTable` takes of a setting, as a member of its request; nothing where the setting is
/// off, which is what a new table starts with.
///
/// `throughput` is the provisioned capacity, which a new table is ready for unasked.
pub(super) fn at_creation(
    setting: &Setting,
    throughput: Option<Throughput>,
) -> Option<(&'static str, Value)> {
    match setting {
        Setting::OnDemandMax(Some(units)) => {
            Some(("OnDemandThroughput", ceilings(Some(*units), Units::default())))
        }
        Setting::Stream(Some(view)) => {
            Some(("StreamSpecification", json!({ "StreamEnabled": true, "StreamViewType": view })))
        }
        Setting::Class(class) if *class != TableClass::Standard => {
            Some(("TableClass", json!(class)))
        }
        Setting::Encryption(wanted) if *wanted != Encryption::AwsOwned => {
            Some(("SSESpecification", encryption(wanted)))
        }
        Setting::WarmThroughput(wanted) => {
            let unasked = warm_at_first(throughput);
            let enough = wanted.read <= unasked.read && wanted.write <= unasked.write;
            (!enough).then(|| ("WarmThroughput", floor(*wanted, unasked)))
        }
        Setting::ResourcePolicy(Some(policy)) => Some(("ResourcePolicy", json!(policy))),
        Setting::DeletionProtection(true) => Some(("DeletionProtectionEnabled", json!(true))),
        _ => None,
    }
}

/// A setting in words, for a plan that creates the table.
pub(super) fn shown(setting: &Setting) -> String {
    let value = match setting {
        Setting::OnDemandMax(wanted) => or_off(wanted.as_ref()),
        Setting::Stream(wanted) => or_off(wanted.as_ref()),
        Setting::Class(class) => class.to_string(),
        Setting::Encryption(wanted) => wanted.to_string(),
        Setting::TimeToLive(wanted) | Setting::ResourcePolicy(wanted) => or_off(wanted.as_ref()),
        Setting::Recovery(wanted) => or_off(wanted.as_ref()),
        Setting::WarmThroughput(wanted) => format!("at least {wanted}"),
        Setting::ContributorInsights(wanted) => or_off(wanted.as_ref()),
        Setting::KinesisStream(wanted) => or_off(wanted.as_ref()),
        Setting::DisassociationProtection(on) | Setting::DeletionProtection(on) => on_or_off(*on),
    };
    format!("{} {value}", setting.node())
}
