//! The calls that make a live table as declared.
//!
//! Each change is one call, because the service takes one logical change a call; their order is one
//! that it accepts. Nothing is remembered: what was done shows in the next description, so the calls
//! of a fresh comparison are always those that are left, also of a change of two phases that was
//! interrupted between them.

use serde_json::{Value, json};

use crate::model::{
    Billing, Features, IndexKind, IndexSpec, IndexState, Setting, TableSpec, TableState, Throughput,
};

mod vector;

use super::call::{Call, CallFacts};
use super::change::{capacity, index, key_attributes};
use super::compare::{
    describe, managed_throughput, mismatch, missing_index, not_declared, other_keys, same_index,
};
use super::setting::{self, Live};
use super::warmed::warmed;
use super::{ChangeClass, Issue, IssueType, Reversibility, TableChange};

/// How a live table becomes as declared.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Diff {
    /// The calls, in order.
    pub changes: Vec<TableChange>,
    /// What differs and cannot be changed, or may not without being asked for.
    pub obstacles: Vec<Obstacle>,
}

/// A difference that no call removes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What differs.
    pub issue: Issue,
    /// The ways out.
    pub way_out: String,
}

/// All calls, in the order in which they can be made, and what stands in the way.
#[must_use]
pub fn diff(spec: &TableSpec, state: &TableState, features: &Features) -> Diff {
    let state = &warmed(spec, state);
    let mut diff = Differ { spec, state, diff: Diff::default() };
    diff.keys();
    let (mut removed, created) = diff.indexes();
    let vectors = diff.vector_indexes(&mut removed);
    for live in &removed {
        diff.remove_index(live);
    }
    for live in vectors.removed {
        diff.remove_vector_index(live);
    }
    diff.billing(&removed);
    diff.throughput(&removed);
    let (early, late): (Vec<_>, Vec<_>) =
        spec.settings.iter().partition(|setting| **setting < Setting::TimeToLive(None));
    for setting in early {
        diff.setting(setting, features);
    }
    diff.index_settings(&removed, features);
    for index in created {
        diff.create_index(index);
        diff.insights_of_new(index);
    }
    for index in vectors.created {
        diff.create_vector_index(index);
    }
    for setting in late {
        diff.setting(setting, features);
    }
    diff.diff
}

/// An index of any kind is removed.
const REMOVAL: CallFacts = CallFacts {
    class: ChangeClass::RemoveIndex,
    reversibility: Reversibility::Irreversible.with(": only by making the index anew"),
    breaks: Some("reads of the index fail"),
    ..CallFacts::reversible((2_600, 5_100))
};

struct Differ<'a> {
    spec: &'a TableSpec,
    state: &'a TableState,
    diff: Diff,
}

impl<'a> Differ<'a> {
    fn push(&mut self, setting: &str, reason: String, call: Call) {
        let change = TableChange::update(self.spec, setting, reason, call);
        self.diff.changes.push(change);
    }

    fn obstacle(&mut self, issue: Issue, way_out: impl Into<String>) {
        self.diff.obstacles.push(Obstacle { issue, way_out: way_out.into() });
    }

    fn keys(&mut self) {
        if let Some(issue) = other_keys(self.spec, self.state) {
            self.obstacle(
                issue,
                "keys cannot be changed: declare a table of another name, copy the items, and \
                 remove this one; or change the file to what is live",
            );
        }
    }

    /// The live indexes to remove and the declared ones to create.
    fn indexes(&mut self) -> (Vec<&'a IndexState>, Vec<&'a IndexSpec>) {
        let (spec, state) = (self.spec, self.state);
        let (mut removed, mut created) = (Vec::new(), Vec::new());
        for index in &spec.indexes {
            let Some(live) = state.indexes.iter().find(|live| live.name == index.name) else {
                match index.kind {
                    // Said with the vector index that has its name.
                    IndexKind::Global if self.keeps_vector_index(&index.name) => {}
                    IndexKind::Global => created.push(index),
                    IndexKind::Local => self.missing_local(index),
                }
                continue;
            };
            if live.kind == index.kind && same_index(spec, index, live) {
                continue;
            }
            let both_global = live.kind == IndexKind::Global && index.kind == IndexKind::Global;
            if both_global && spec.asked.replace.contains(&index.name) {
                removed.push(live);
                created.push(index);
            } else {
                self.other_index(index, live);
            }
        }
        for live in &state.indexes {
            let vector = spec.vector_indexes.iter().any(|index| index.name == live.name);
            if vector || spec.indexes.iter().any(|index| index.name == live.name) {
                continue;
            }
            if live.kind == IndexKind::Global && spec.asked.prune.contains(&live.name) {
                removed.push(live);
            } else {
                self.extra_index(live);
            }
        }
        (removed, created)
    }

    fn missing_local(&mut self, index: &IndexSpec) {
        self.obstacle(
            missing_index(index),
            "a local index is made only with its table: make it a gsi, or declare a table of \
             another name",
        );
    }

    fn other_index(&mut self, index: &IndexSpec, live: &IndexState) {
        let target = format!("{}/{}", self.spec.declared, index.name);
        let way_out = match (index.kind, live.kind) {
            (IndexKind::Global, IndexKind::Global) => format!(
                "declare it under a new name and let readers change over, or run with --replace \
                 {target}: reads of the index fail until it is built anew"
            ),
            _ => "a local index can never be changed: change the file to what is live, or declare \
                  a table of another name"
                .to_owned(),
        };
        let issue = Issue {
            ty: mismatch(index.kind),
            message: format!("index {} is another one than declared", index.name),
            expected: describe(&index.keys, &index.projection),
            found: describe(&live.keys, &live.projection),
        };
        self.obstacle(issue, way_out);
    }

    fn extra_index(&mut self, live: &IndexState) {
        let target = format!("{}/{}", self.spec.declared, live.name);
        let way_out = match live.kind {
            IndexKind::Global => format!("declare it, or delete it: run with --prune {target}"),
            IndexKind::Local => "a local index goes only with its table: declare it".to_owned(),
        };
        self.obstacle(not_declared(live), way_out);
    }

    /// Nothing is defaulted, and the file has no place for it.
    fn index_without_capacity(&mut self, created: &IndexSpec) {
        let message = format!("index {} needs capacity: the table is provisioned", created.name);
        self.obstacle(
            Issue { message, ..missing_index(created) },
            "declare the table's billing, and `provisioned` in the block of the index",
        );
    }

    fn remove_index(&mut self, live: &IndexState) {
        let call = Call {
            operation: "UpdateTable",
            request: json!({
                "GlobalSecondaryIndexUpdates": [{ "Delete": { "IndexName": live.name } }],
            }),
            before: describe(&live.keys, &live.projection),
            after: "no such index".to_owned(),
            facts: REMOVAL,
        };
        self.push(&format!("gsi {}", live.name), self.why_removed(&live.name), call);
    }

    fn why_removed(&self, name: &str) -> String {
        let replaced = self.spec.asked.replace.contains(name);
        if replaced { "it differs, and --replace names it" } else { "--prune names it" }.to_owned()
    }

    fn create_index(&mut self, created: &IndexSpec) {
        if self.spec.billing.is_none() && !self.state.pay_per_request {
            return self.index_without_capacity(created);
        }
        let call = Call {
            operation: "UpdateTable",
            request: json!({
                "AttributeDefinitions": key_attributes(created.keys.attributes()),
                "GlobalSecondaryIndexUpdates": [{ "Create": index(created) }],
            }),
            before: "no such index".to_owned(),
            after: describe(&created.keys, &created.projection),
            facts: CallFacts::reversible((506_000, 1_000_000)),
        };
        self.push(&format!("gsi {}", created.name), "the index is not there".to_owned(), call);
    }

    /// A switch of the billing mode. To provisioned capacity, nothing is defaulted: the table and
    /// every live index need theirs in the same call.
    fn billing(&mut self, removed: &[&IndexState]) {
        let Some(billing) = self.spec.billing else { return };
        let (before, after) = match (billing, self.state.pay_per_request) {
            (Billing::PayPerRequest, true) | (Billing::Provisioned { .. }, false) => return,
            (Billing::PayPerRequest, false) => ("PROVISIONED", "PAY_PER_REQUEST".to_owned()),
            (Billing::Provisioned { throughput, .. }, true) => {
                ("PAY_PER_REQUEST", format!("PROVISIONED, {throughput}"))
            }
        };
        let (request, facts) = match billing {
            Billing::PayPerRequest => (
                json!({ "BillingMode": "PAY_PER_REQUEST" }),
                CallFacts::reversible((4_000, 172_000))
                    .spends("1 of 4 switches to on demand in 24 hours"),
            ),
            Billing::Provisioned { throughput, .. } => {
                (self.to_provisioned(throughput, removed), CallFacts::reversible((60_000, 113_000)))
            }
        };
        let call =
            Call { operation: "UpdateTable", request, before: before.to_owned(), after, facts };
        self.push("billing", "the billing mode differs".to_owned(), call);
    }

    fn to_provisioned(&self, throughput: Throughput, removed: &[&IndexState]) -> Value {
        let mut request = json!({
            "BillingMode": "PROVISIONED",
            "ProvisionedThroughput": capacity(throughput),
        });
        let declared = self.spec.indexes.iter().filter(|index| self.stays(index, removed));
        let updates: Vec<Value> = declared
            .filter_map(|index| Some(index_capacity(&index.name, index.throughput?)))
            .collect();
        if !updates.is_empty() {
            request["GlobalSecondaryIndexUpdates"] = Value::Array(updates);
        }
        request
    }

    /// Whether a declared index is live and is not made anew.
    fn stays(&self, index: &IndexSpec, removed: &[&IndexState]) -> bool {
        let is = |live: &&IndexState| live.name == index.name;
        index.kind == IndexKind::Global
            && self.state.indexes.iter().any(|live| is(&live))
            && !removed.iter().any(is)
    }

    /// Capacity that differs, of the table and of all its indexes in one call.
    fn throughput(&mut self, removed: &[&IndexState]) {
        if self.state.pay_per_request {
            return;
        }
        let (spec, state) = (self.spec, self.state);
        let mut request = json!({});
        let (mut before, mut after, mut decreases) = (Vec::new(), Vec::new(), false);
        let mut differs = |what: &str, live: Option<Throughput>, wanted: Throughput| {
            let live = live.unwrap_or(Throughput { read: 0, write: 0 });
            decreases |= wanted.read < live.read || wanted.write < live.write;
            before.push(format!("{what} {live}"));
            after.push(format!("{what} {wanted}"));
        };
        let declared = match spec.billing {
            Some(Billing::Provisioned { throughput, .. }) => Some(throughput),
            _ => None,
        };
        if let Some(wanted) = managed_throughput(spec, declared)
            && state.throughput != Some(wanted)
        {
            request["ProvisionedThroughput"] = capacity(wanted);
            differs("table", state.throughput, wanted);
        }
        let mut updates = Vec::new();
        for index in spec.indexes.iter().filter(|index| self.stays(index, removed)) {
            let live = state.indexes.iter().find(|live| live.name == index.name);
            let live = live.and_then(|live| live.throughput);
            let Some(wanted) = managed_throughput(spec, index.throughput) else { continue };
            if live != Some(wanted) {
                updates.push(index_capacity(&index.name, wanted));
                differs(&index.name, live, wanted);
            }
        }
        if !updates.is_empty() {
            request["GlobalSecondaryIndexUpdates"] = Value::Array(updates);
        }
        if after.is_empty() {
            return;
        }
        let facts = CallFacts::reversible((1_000, 4_000));
        let facts = if decreases {
            facts.spends("1 of 4 decreases a day (UTC), then one an hour")
        } else {
            facts
        };
        let (before, after) = (before.join("; "), after.join("; "));
        let call = Call { operation: "UpdateTable", request, before, after, facts };
        self.push("billing", "the capacity differs".to_owned(), call);
    }

    fn setting(&mut self, setting: &Setting, features: &Features) {
        if self.is_ceiling_of_provisioned(setting) {
            return;
        }
        let live = Live { state: self.state, features, index: None };
        for call in setting::calls(setting, live) {
            self.push(setting.node(), format!("{} differs", setting.node()), call);
        }
    }

    /// Only a table on demand has ceilings, as have its indexes; a switch to provisioned capacity
    /// takes them away.
    fn is_ceiling_of_provisioned(&mut self, setting: &Setting) -> bool {
        let Setting::OnDemandMax(wanted) = setting else { return false };
        let switches = matches!(self.spec.billing, Some(Billing::Provisioned { .. }));
        let Some(wanted) = wanted else { return switches && self.state.pay_per_request };
        let on_demand =
            self.state.pay_per_request || self.spec.billing == Some(Billing::PayPerRequest);
        if !on_demand {
            let issue = Issue {
                ty: IssueType::OnDemandMax,
                message: "only a table on demand has a ceiling".to_owned(),
                expected: wanted.to_string(),
                found: "the table is provisioned".to_owned(),
            };
            self.obstacle(issue, "declare billing pay-per-request, or on-demand-max #false");
        }
        !on_demand
    }

    /// Contributor insights are no part of the call that creates an index.
    fn insights_of_new(&mut self, created: &IndexSpec) {
        let insights = created.settings.iter().find(|own| own.has_own_call());
        let Some(setting) = insights else { return };
        let live = IndexState::created(created, None);
        let features =
            Features { insights: [(created.name.clone(), None)].into(), ..Features::default() };
        let live = Live { state: self.state, features: &features, index: Some(&live) };
        let node = setting.node_of_index(&created.name);
        for call in setting::calls(setting, live) {
            self.push(&node, format!("{} differs", setting.node()), call);
        }
    }

    /// Settings of the indexes that stay.
    fn index_settings(&mut self, removed: &[&IndexState], features: &Features) {
        let (spec, state) = (self.spec, self.state);
        let staying: Vec<&IndexSpec> =
            spec.indexes.iter().filter(|index| self.stays(index, removed)).collect();
        for index in staying {
            let live = state.indexes.iter().find(|live| live.name == index.name);
            for setting in &index.settings {
                if self.is_ceiling_of_provisioned(setting) {
                    continue;
                }
                let node = setting.node_of_index(&index.name);
                for call in setting::calls(setting, Live { state, features, index: live }) {
                    self.push(&node, format!("{} differs", setting.node()), call);
                }
            }
        }
    }
}

fn index_capacity(name: &str, throughput: Throughput) -> Value {
    json!({ "Update": { "IndexName": name, "ProvisionedThroughput": capacity(throughput) } })
}

#[cfg(test)]
#[path = "diff_tests.rs"]
pub(in crate::table) mod tests;
