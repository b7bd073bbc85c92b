//! How a live table differs from its declaration.
//!
//! Declared means managed: what the declaration does not name is not compared. Indexes are a closed
//! set, so a live index that is not declared is an issue. Both sides are normalised first: INCLUDE
//! lists are sets less the key attributes (legal to name, not echoed by the service), capacity of
//! on-demand tables is ignored, and so are tags of AWS itself.

use std::collections::BTreeSet;

use crate::model::{
    Billing, Features, IndexKind, IndexSpec, IndexState, KeySchema, Projection, Setting, TableSpec,
    TableState, Tags, Throughput, Units, warm_at_first,
};

use super::setting::{self, Live};
use super::{Issue, IssueType, vector_index};

/// Every difference but those of tags and of settings that have calls of their own, in the order:
/// keys, indexes, billing, settings.
#[must_use]
pub fn compare(spec: &TableSpec, state: &TableState) -> Vec<Issue> {
    let mut issues = Vec::new();
    issues.extend(other_keys(spec, state));
    for index in &spec.indexes {
        let live = state.indexes.iter().find(|live| live.name == index.name);
        issues.extend(compare_index(spec, state, index, live));
    }
    issues.extend(state.indexes.iter().filter(|live| is_extra(spec, live)).map(not_declared));
    issues.extend(vector_index::compare(spec, state));
    issues.extend(compare_billing(spec, state));
    issues.extend(compare_settings(spec, state, &Features::default(), false));
    issues
}

/// Every difference of settings that have calls of their own, as far as they were read.
#[must_use]
pub fn compare_features(spec: &TableSpec, state: &TableState, features: &Features) -> Vec<Issue> {
    compare_settings(spec, state, features, true)
}

/// The settings of the table and of its indexes; those that have a call of their own, or the others.
fn compare_settings(
    spec: &TableSpec,
    state: &TableState,
    features: &Features,
    own_call: bool,
) -> Vec<Issue> {
    let live = Live { state, features, index: None };
    let of_table = spec.settings.iter().map(|setting| (setting, String::new(), live));
    let of_indexes = spec.indexes.iter().flat_map(|index| {
        let found = state.indexes.iter().find(|live| live.name == index.name);
        let own = index.settings.iter().filter(move |_| found.is_some());
        let place = format!("index {}: ", index.name);
        own.map(move |setting| (setting, place.clone(), Live { index: found, ..live }))
    });
    let all = of_table.chain(of_indexes).filter(|(own, ..)| own.has_own_call() == own_call);
    all.filter_map(|(setting, place, live)| compare_setting(setting, &place, live)).collect()
}

fn compare_setting(setting: &Setting, place: &str, live: Live<'_>) -> Option<Issue> {
    let found = setting::difference(setting, live)?;
    Some(Issue {
        ty: found.ty,
        message: format!("{place}{} differs", setting.node()),
        expected: found.expected,
        found: found.found,
    })
}

/// Whether a live index has the keys and the projection of the declared one.
pub(super) fn same_index(spec: &TableSpec, index: &IndexSpec, live: &IndexState) -> bool {
    index.keys == live.keys
        && comparable(&index.projection, &[&spec.keys, &index.keys])
            == comparable(&live.projection, &[&spec.keys, &live.keys])
}

fn compare_index(
    spec: &TableSpec,
    state: &TableState,
    index: &IndexSpec,
    live: Option<&IndexState>,
) -> Option<Issue> {
    let mismatch = mismatch(index.kind);
    let Some(live) = live.filter(|live| live.kind == index.kind) else {
        return Some(missing_index(index));
    };
    let difference = |message: String, expected: String, found: String| {
        Some(Issue { ty: mismatch, message, expected, found })
    };
    if !same_index(spec, index, live) {
        let projection = comparable(&index.projection, &[&spec.keys, &index.keys]);
        let live_projection = comparable(&live.projection, &[&spec.keys, &live.keys]);
        return difference(
            format!("index {} is another one than declared", index.name),
            describe(&index.keys, &projection),
            describe(&live.keys, &live_projection),
        );
    }
    if let Some(status) = live.status.as_deref().filter(|status| *status != "ACTIVE") {
        return difference(
            format!("index {} is not ready", index.name),
            "ACTIVE".to_owned(),
            status.to_owned(),
        );
    }
    // On demand there is no capacity: what differs is the table's billing.
    let wanted = managed_throughput(spec, index.throughput).filter(|_| !state.pay_per_request)?;
    (live.throughput != Some(wanted)).then(|| Issue {
        ty: mismatch,
        message: format!("index {} has other capacity than declared", index.name),
        expected: wanted.to_string(),
        found: capacity(live.throughput),
    })
}

fn comparable(projection: &Projection, keys: &[&KeySchema]) -> Projection {
    let Projection::Include(names) = projection else { return projection.clone() };
    let keys: BTreeSet<&str> = keys
        .iter()
        .flat_map(|schema| schema.attributes())
        .map(|attribute| attribute.name.as_str())
        .collect();
    Projection::Include(
        names.iter().filter(|name| !keys.contains(name.as_str())).cloned().collect(),
    )
}

/// Keys and projection, for people.
pub(super) fn describe(keys: &KeySchema, projection: &Projection) -> String {
    format!("keys {keys}, projection {projection}")
}

/// The table's keys, where they differ.
pub(super) fn other_keys(spec: &TableSpec, state: &TableState) -> Option<Issue> {
    (spec.keys != state.keys).then(|| Issue {
        ty: IssueType::KeyMismatch,
        message: "the table has other keys than declared".to_owned(),
        expected: spec.keys.to_string(),
        found: state.keys.to_string(),
    })
}

/// A declared index is not there.
pub(super) fn missing_index(index: &IndexSpec) -> Issue {
    Issue {
        ty: match index.kind {
            IndexKind::Global => IssueType::MissingGsi,
            IndexKind::Local => IssueType::MissingLsi,
        },
        message: format!("index {} is not there", index.name),
        expected: describe(&index.keys, &index.projection),
        found: "no such index".to_owned(),
    }
}

/// A declared index is another one, or not as it is to be.
pub(super) const fn mismatch(kind: IndexKind) -> IssueType {
    match kind {
        IndexKind::Global => IssueType::GsiMismatch,
        IndexKind::Local => IssueType::LsiMismatch,
    }
}

fn is_extra(spec: &TableSpec, live: &IndexState) -> bool {
    !spec.indexes.iter().any(|index| index.name == live.name && index.kind == live.kind)
}

/// A live index is not declared.
pub(super) fn not_declared(live: &IndexState) -> Issue {
    Issue {
        ty: match live.kind {
            IndexKind::Global => IssueType::ExtraGsi,
            IndexKind::Local => IssueType::ExtraLsi,
        },
        message: format!("index {} is not declared", live.name),
        expected: "no such index".to_owned(),
        found: describe(&live.keys, &live.projection),
    }
}

/// Capacity is compared only where the file declares it and nothing else manages it.
pub(super) fn managed_throughput(
    spec: &TableSpec,
    declared: Option<Throughput>,
) -> Option<Throughput> {
    match spec.billing? {
        Billing::Provisioned { autoscaled: false, .. } => declared,
        Billing::Provisioned { .. } | Billing::PayPerRequest => None,
    }
}

fn capacity(throughput: Option<Throughput>) -> String {
    throughput.map_or_else(|| "none".to_owned(), |throughput| throughput.to_string())
}

fn compare_billing(spec: &TableSpec, state: &TableState) -> Option<Issue> {
    let billing = spec.billing?;
    let name = |on_demand| if on_demand { "PAY_PER_REQUEST" } else { "PROVISIONED" };
    let wants_on_demand = billing == Billing::PayPerRequest;
    if wants_on_demand != state.pay_per_request {
        return Some(Issue {
            ty: IssueType::BillingMode,
            message: "the table has another billing mode than declared".to_owned(),
            expected: name(wants_on_demand).to_owned(),
            found: name(state.pay_per_request).to_owned(),
        });
    }
    let Billing::Provisioned { throughput, autoscaled: false } = billing else { return None };
    (state.throughput != Some(throughput)).then(|| Issue {
        ty: IssueType::ProvisionedThroughput,
        message: "the table has other capacity than declared".to_owned(),
        expected: throughput.to_string(),
        found: capacity(state.throughput),
    })
}

/// What is live and not declared, as far as a description shows it, for people.
#[must_use]
pub fn undeclared(spec: &TableSpec, state: &TableState) -> Vec<String> {
    let bare = TableState::created(&TableSpec { settings: Vec::new(), ..spec.clone() });
    let live = [
        ceiling(state.on_demand_max),
        Some(Setting::Stream(state.stream)),
        Some(Setting::Class(state.class)),
        Some(Setting::Encryption(state.encryption.clone())),
        raised(state.warm, state.throughput),
        Some(Setting::DisassociationProtection(state.disassociation_protection)),
        Some(Setting::DeletionProtection(state.deletion_protection)),
    ];
    let nothing = Features::default();
    let declared =
        |all: &[Setting], live: &Setting| all.iter().any(|own| own.node() == live.node());
    let differs = |own: &Setting| {
        setting::difference(own, Live { state: &bare, features: &nothing, index: None }).is_some()
    };
    let of_table = live.into_iter().flatten();
    let of_table = of_table.filter(|own| !declared(&spec.settings, own) && differs(own));
    let of_indexes = spec.indexes.iter().flat_map(|index| {
        let found = state.indexes.iter().find(|live| live.name == index.name);
        let live =
            found.map(|live| [ceiling(live.on_demand_max), raised(live.warm, live.throughput)]);
        let live = live.into_iter().flatten().flatten();
        let live = live.filter(|own| !declared(&index.settings, own));
        live.map(|own| format!("gsi {} {}", index.name, setting::shown(&own)))
    });
    of_table.map(|own| setting::shown(&own)).chain(of_indexes).collect()
}

/// A ceiling that somebody set.
fn ceiling(live: Units) -> Option<Setting> {
    (!live.is_open()).then_some(Setting::OnDemandMax(Some(live)))
}

/// Warm throughput beyond what comes with the billing, or came with being on demand before.
fn raised(live: Option<Units>, throughput: Option<Throughput>) -> Option<Setting> {
    let live = live?;
    let by_itself = [warm_at_first(None), warm_at_first(throughput)];
    let read = by_itself.iter().all(|unasked| live.read > unasked.read);
    let write = by_itself.iter().all(|unasked| live.write > unasked.write);
    (read || write).then_some(Setting::WarmThroughput(live))
}

/// Differences of declared tags; tags that the file does not name are left alone.
#[must_use]
pub fn compare_tags(spec: &TableSpec, live: &Tags) -> Vec<Issue> {
    let wrong_values = spec.tags.iter().filter(|(key, value)| live.get(*key) != Some(*value)).map(
        |(key, value)| Issue {
            ty: IssueType::TagMismatch,
            message: format!("tag {key} differs"),
            expected: value.clone(),
            found: live.get(key).map_or_else(|| "no such tag".to_owned(), Clone::clone),
        },
    );
    let unwanted = spec.absent_tags.iter().filter_map(|key| {
        live.get(key).map(|value| Issue {
            ty: IssueType::TagMismatch,
            message: format!("tag {key} is there"),
            expected: "no such tag".to_owned(),
            found: value.clone(),
        })
    });
    wrong_values.chain(unwanted).collect()
}

#[cfg(test)]
#[path = "compare_tests.rs"]
pub(in crate::table) mod tests;
