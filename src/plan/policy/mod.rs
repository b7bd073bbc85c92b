//! What IAM must allow for a plan, as policy documents: one for running it, and what undoing takes
//! beyond that.
//!
//! Both are for all that the plan may do, whatever is live: they need no network. An action stands
//! only with the resources that some step may ask for it on: actions are put together in a statement
//! when their resources are exactly the same.

mod arn;
mod declared;
mod document;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::{AccountId, KindDecl};
use crate::step::{Permission, PermissionScope, Permissions, Resource};

use super::{Plan, PlannedStep};

pub use document::{INLINE_LIMITS, MANAGED_LIMIT, Policy, Statement};

/// Where the resources are.
#[derive(Debug, Clone, Copy)]
pub struct PolicyPlace<'a> {
    /// The region.
    pub region: &'a str,
    /// The account; any where it is not known.
    pub account: Option<&'a AccountId>,
    /// The part of a full table name before the declared name.
    pub table_prefix: &'a str,
    /// Whether tables may be deleted here.
    pub allow_destroy: bool,
    /// Whether all tables of that prefix are allowed in place of each by its name.
    pub wildcard: bool,
}

/// What IAM must allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policies {
    /// To run the plan.
    pub run: Policy,
    /// What undoing takes beyond that; `None` for nothing.
    pub rollback: Option<Policy>,
    /// Steps that get the environment's credentials for programs of which nobody says what they ask
    /// for, in plan order.
    pub unknown: Vec<String>,
}

/// The policies of a plan; `kinds` are those that the files declare.
#[must_use]
pub fn policies(plan: &Plan, kinds: &[Arc<KindDecl>], place: PolicyPlace<'_>) -> Policies {
    // STS is asked whose credentials these are before any step.
    let mut run = BTreeSet::from([Permission::new("sts:GetCallerIdentity", Resource::All)]);
    let (mut undo, mut unknown) = (BTreeSet::new(), Vec::new());
    for step in plan.steps().filter(|step| !step.left_out) {
        match asked_for(plan, step, kinds, place) {
            Some(needed) => {
                run.extend(needed.run);
                undo.extend(needed.undo);
            }
            None => unknown.push(step.id.to_string()),
        }
    }
    let (run, undo) = (resolved(&run, place), resolved(&undo, place));
    let mut further = undo;
    for (asked, resources) in &run {
        if let Some(also) = further.get_mut(asked) {
            also.retain(|resource| !is_covered(resource, resources));
        }
    }
    further.retain(|_, resources| !resources.is_empty());
    let rollback = (!further.is_empty()).then(|| document::policy(&further));
    Policies { run: document::policy(&run), rollback, unknown }
}

/// What a step may ask for; `None` where that is not known.
fn asked_for(
    plan: &Plan,
    step: &PlannedStep,
    kinds: &[Arc<KindDecl>],
    place: PolicyPlace<'_>,
) -> Option<Permissions> {
    let table = step.table.as_deref();
    let creates = |other: &PlannedStep| other.kind == "create-table" && other.table == step.table;
    let scope = PermissionScope {
        table,
        all_tables: &plan.tables,
        table_prefix: place.table_prefix,
        tags_follow: step.tags_follow,
        is_created: plan.steps().any(|other| !other.left_out && creates(other)),
        allow_destroy: place.allow_destroy,
    };
    step.step.permissions(&scope).or_else(|| declared::asked_for(plan, step, kinds))
}

/// An action, with the condition that its resource asks for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Asked {
    action: String,
    condition: Option<(&'static str, String)>,
}

/// The ARNs of each action, without those that another one covers.
fn resolved(
    needed: &BTreeSet<Permission>,
    place: PolicyPlace<'_>,
) -> BTreeMap<Asked, BTreeSet<String>> {
    let mut found: BTreeMap<Asked, BTreeSet<String>> = BTreeMap::new();
    for Permission { action, resource } in needed {
        let condition = arn::condition(resource, place);
        let asked = Asked { action: action.to_string(), condition };
        found.entry(asked).or_default().insert(arn::arn(resource, place));
    }
    for resources in found.values_mut() {
        let all = resources.clone();
        resources.retain(|resource| {
            let others: BTreeSet<String> =
                all.iter().filter(|other| *other != resource).cloned().collect();
            !is_covered(resource, &others)
        });
    }
    found
}

/// Whether one of these ARNs is the resource, or ends in `*` and stands for it too.
fn is_covered(resource: &str, by: &BTreeSet<String>) -> bool {
    by.iter().any(|pattern| {
        pattern == resource
            || pattern.strip_suffix('*').is_some_and(|start| resource.starts_with(start))
    })
}

#[cfg(test)]
mod tests;
