//! One declared setting against the live table: whether it differs, and which calls change it.

use serde_json::{Value, json};

use crate::model::{
    Encryption, Features, RecoveryDays, Setting, StreamView, TableClass, TableState, Units,
};

use super::{ChangeClass, IssueType};

/// A declared setting that is not as declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) ty: IssueType,
    /// What the file says.
    pub(super) expected: String,
    /// What the service says.
    pub(super) found: String,
}

/// One call that changes a setting.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    /// The request without the table's name.
    pub(super) request: Value,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) facts: CallFacts,
}

/// What is known of a call beforehand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CallFacts {
    pub(super) class: ChangeClass,
    pub(super) reversibility: &'static str,
    /// How long it usually takes, from and to, in milliseconds; measured, no promise.
    pub(super) usual_ms: (u64, u64),
    pub(super) budget: Option<&'static str>,
    pub(super) breaks: Option<&'static str>,
}

impl CallFacts {
    /// A call that can be taken back at once.
    pub(super) const fn reversible(usual_ms: (u64, u64)) -> Self {
        Self {
            class: ChangeClass::Update,
            reversibility: "reversible",
            usual_ms,
            budget: None,
            breaks: None,
        }
    }

    const fn lossy(reversibility: &'static str, usual_ms: (u64, u64)) -> Self {
        Self { class: ChangeClass::Lossy, reversibility, ..Self::reversible(usual_ms) }
    }

    pub(super) const fn spends(self, budget: &'static str) -> Self {
        Self { budget: Some(budget), ..self }
    }

    const fn breaks(self, what: &'static str) -> Self {
        Self { breaks: Some(what), ..self }
    }
}

fn or_off<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "off".to_owned(), ToString::to_string)
}

fn on_or_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

/// How a setting differs; `None` where it does not, or where it was not read.
pub(super) fn difference(
    setting: &Setting,
    state: &TableState,
    features: &Features,
) -> Option<Difference> {
    let found = |ty, same: bool, expected: String, found: String| {
        (!same).then_some(Difference { ty, expected, found })
    };
    match setting {
        Setting::OnDemandMax(wanted) => {
            let live = state.on_demand_max;
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
        Setting::DeletionProtection(wanted) => {
            let live = state.deletion_protection;
            let (expected, shown) = (on_or_off(*wanted), on_or_off(live));
            found(IssueType::DeletionProtection, *wanted == live, expected, shown)
        }
    }
}

/// Whether every ceiling that is declared is the live one.
fn met(wanted: Units, live: Units) -> bool {
    let half = |wanted: Option<u64>, live: Option<u64>| wanted.is_none() || wanted == live;
    half(wanted.read, live.read) && half(wanted.write, live.write)
}

/// The calls that make the live table as declared, for a setting that differs.
pub(super) fn calls(setting: &Setting, state: &TableState, features: &Features) -> Vec<Call> {
    let Some(difference) = difference(setting, state, features) else { return Vec::new() };
    let one = |operation, request, facts| {
        let (before, after) = (difference.found.clone(), difference.expected.clone());
        vec![Call { operation, request, before, after, facts }]
    };
    let update = |request, facts| one("UpdateTable", request, facts);
    match setting {
        Setting::OnDemandMax(wanted) => {
            let request = json!({ "OnDemandThroughput": ceilings(*wanted, state.on_demand_max) });
            update(request, CallFacts::reversible((0, 1_000)))
        }
        Setting::Stream(wanted) => stream(*wanted, state.stream),
        Setting::Class(wanted) => {
            let facts = CallFacts::lossy("reversible, within its budget", (3_600, 6_000));
            let facts = facts.spends("1 of 2 changes of the class in 30 days");
            update(json!({ "TableClass": wanted }), facts)
        }
        Setting::Encryption(wanted) => {
            let facts = CallFacts::lossy("reversible, within its budget", (21_000, 23_000));
            let facts = facts.spends("1 of 4 changes of encryption in 24 hours");
            update(json!({ "SSESpecification": encryption(wanted) }), facts)
        }
        Setting::TimeToLive(wanted) => {
            let live = features.time_to_live.clone().flatten();
            time_to_live(wanted.as_deref(), live.as_deref())
        }
        Setting::Recovery(wanted) => one(
            "UpdateContinuousBackups",
            json!({ "PointInTimeRecoverySpecification": recovery(*wanted) }),
            recovery_facts(*wanted, features.recovery.flatten()),
        ),
        Setting::DeletionProtection(wanted) => {
            let reversibility = "reversible after 15 seconds";
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

/// A view cannot be changed: the stream is disabled and enabled anew, under another ARN.
fn stream(wanted: Option<StreamView>, live: Option<StreamView>) -> Vec<Call> {
    let usual = (4_000, 5_000);
    let mut calls = Vec::new();
    if live.is_some() {
        let lost = "lossy: the records stay readable under the old ARN for 24 hours";
        calls.push(Call {
            operation: "UpdateTable",
            request: json!({ "StreamSpecification": { "StreamEnabled": false } }),
            before: or_off(live.as_ref()),
            after: "off".to_owned(),
            facts: CallFacts::lossy(lost, usual).breaks("consumers of the stream get no records"),
        });
    }
    if let Some(view) = wanted {
        let facts = CallFacts::reversible(usual);
        calls.push(Call {
            operation: "UpdateTable",
            request: json!({
                "StreamSpecification": { "StreamEnabled": true, "StreamViewType": view },
            }),
            before: "off".to_owned(),
            after: view.to_string(),
            facts: if live.is_some() {
                facts.breaks("the stream gets a new ARN: consumers must be pointed to it")
            } else {
                facts
            },
        });
    }
    calls
}

/// The attribute cannot be changed: time to live is turned off and, once the service allows it, on
/// again.
fn time_to_live(wanted: Option<&str>, live: Option<&str>) -> Vec<Call> {
    let shown = |attribute: Option<&str>| or_off(attribute.as_ref());
    let call = |attribute: &str, enabled: bool, breaks: Option<&'static str>| {
        let reversibility = "cooldown: not again for 31 minutes to an hour";
        let (before, after) = if enabled { (None, wanted) } else { (live, None) };
        Call {
            operation: "UpdateTimeToLive",
            request: json!({
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": enabled },
            }),
            before: shown(before),
            after: shown(after),
            facts: CallFacts { breaks, ..CallFacts::lossy(reversibility, (0, 2_000)) },
        }
    };
    let expires = "items whose time is over are deleted, within days";
    let off = live.map(|live| call(live, false, Some("items no longer expire")));
    off.into_iter().chain(wanted.map(|wanted| call(wanted, true, Some(expires)))).collect()
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
        None => CallFacts::lossy("lossy: the history is gone", usual),
        Some(days) if fewer(days) => CallFacts::lossy("lossy: the older history is gone", usual),
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
pub(super) fn at_creation(setting: &Setting) -> Option<(&'static str, Value)> {
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
        Setting::TimeToLive(wanted) => or_off(wanted.as_ref()),
        Setting::Recovery(wanted) => or_off(wanted.as_ref()),
        Setting::DeletionProtection(on) => on_or_off(*on),
    };
    format!("{} {value}", setting.node())
}
