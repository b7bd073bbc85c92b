//! Whether a table that is there may stand for the declared one, and what `create-table` leaves undone.
//!
//! What can be changed is the business of `update-table` where that step follows. Where none does,
//! `create-table` answers for what `CreateTable` takes, and says what it does not answer for.

use crate::model::{ErrorCode, Failure, Features, TableState};
use crate::table::{Issue, IssueType, Readiness, Unset, compare, diff, settled, unset};

use super::features::nodes_with_own_calls;
use super::left_out::{accepted_but_not_so, not_shown};
use super::unfit::stuck;
use super::{CallError, StepContext};

/// A table that may stand for the declared one.
#[derive(Debug)]
pub(super) struct Adoptable {
    /// What the endpoint may not have.
    pub(super) warnings: Vec<String>,
    /// The same by its nodes.
    pub(super) left_out: Vec<String>,
    /// How it was found, for people.
    pub(super) said: String,
}

/// Whether a live table may stand for the declared one. Indexes that are still being built are
/// the business of `wait-active`.
///
/// # Errors
/// What stands against it.
pub(super) fn adoptable(cx: &StepContext, state: &TableState) -> Result<Adoptable, Failure> {
    let spec = cx.spec();
    // One that is being deleted is waited for before it comes here.
    if let Readiness::Stuck(status) = settled(state) {
        return Err(stuck(cx, &status, " and cannot be used"));
    }
    if cx.updates_follow {
        let mut issues = compare(spec, state);
        // What else cannot be changed is for that step to say.
        issues.retain(|issue| issue.ty == IssueType::KeyMismatch);
        return match issues.as_slice() {
            [] => Ok(found("is there".to_owned())),
            issues => Err(unlike(cx, issues)),
        };
    }
    let unset = not_kept(cx, state);
    let left_out: Vec<String> = unset.iter().map(|unset| unset.node.clone()).collect();
    let mut issues = compare(&spec.without(|node| left_out.iter().any(|out| out == node)), state);
    let of_index = |ty| matches!(ty, IssueType::GsiMismatch | IssueType::VectorIndexMismatch);
    issues.retain(|issue| !of_index(issue.ty) || issue.expected != "ACTIVE");
    let (later, issues): (Vec<_>, Vec<_>) =
        issues.into_iter().partition(|issue| issue.ty == IssueType::DisassociationProtection);
    if !issues.is_empty() {
        return Err(unlike(cx, &issues));
    }
    let warnings: Result<_, CallError> = unset.iter().map(|unset| may_lack(cx, unset)).collect();
    let warnings = warnings.map_err(|error| error.failure)?;
    let said = as_declared(cx, !later.is_empty());
    Ok(Adoptable { warnings, left_out, said })
}

const fn found(said: String) -> Adoptable {
    Adoptable { warnings: Vec::new(), left_out: Vec::new(), said }
}

/// What a table shows nothing of, where the endpoint may be one that does not keep it.
fn not_kept(cx: &StepContext, state: &TableState) -> Vec<Unset> {
    if cx.facts.is_service || cx.updates_follow { Vec::new() } else { unset(cx.spec(), state) }
}

/// The warning of what a table shows nothing of that was there before.
fn may_lack(cx: &StepContext, unset: &Unset) -> Result<String, CallError> {
    let Unset { node, expected, found } = unset;
    let name = &cx.spec().name;
    let message = format!("{name}: {node} is declared as {expected}, and live: {found}");
    let failure = Failure::new(ErrorCode::UnsupportedByEndpoint, message)
        .cause("the endpoint does not have it, or it was declared after the table was created")
        .fix("put an update-table step after this one: it finds out, and sets it where it can");
    let warning = cx.unsupported(not_shown(cx, failure), node)?;
    Ok(format!("{warning}, or declared after the table was created (live: {found})"))
}

/// What a new table shows nothing of although it was asked for: left out by the endpoint.
///
/// # Errors
/// The same as a failure, under `--strict`.
pub(super) async fn not_kept_at_creation(
    cx: &StepContext,
    answer: &TableState,
) -> Result<Vec<String>, Failure> {
    let told = |unset: &Unset| cx.left_out.has(cx.spec().name.as_str(), &unset.node);
    if not_kept(cx, answer).iter().all(told) {
        return Ok(Vec::new());
    }
    // An answer may say less than the description does.
    let Some(state) = cx.describe().await? else { return Ok(Vec::new()) };
    let mut warnings = Vec::new();
    for unset in not_kept(cx, &state).iter().filter(|unset| !told(unset)) {
        let error = accepted_but_not_so(cx, &unset.node);
        warnings.push(cx.unsupported(error, &unset.node).map_err(|error| error.failure)?);
        cx.left_out.add(cx.spec().name.as_str(), &unset.node);
    }
    Ok(warnings)
}

/// What `CreateTable` does not take of the declaration, where no step follows that sets it.
pub(super) fn not_set(cx: &StepContext) -> Option<String> {
    let spec = cx.spec();
    if cx.updates_follow {
        return None;
    }
    let left = diff(spec, &TableState::created(spec), &Features::of_new_table(spec)).changes;
    let mut left: Vec<&str> = left.iter().map(|change| change.setting.as_str()).collect();
    left.dedup();
    (!left.is_empty()).then(|| format!("not set without update-table: {}", left.join(", ")))
}

/// How far the table is known to be as declared.
fn as_declared(cx: &StepContext, later: bool) -> String {
    let mut unseen = nodes_with_own_calls(cx.spec());
    unseen.extend(later.then(|| "disassociation-protection".to_owned()));
    unseen.extend((cx.spec().declares_tags() && !cx.tags_follow).then(|| "tags".to_owned()));
    match unseen.as_slice() {
        [] => "is there, as declared".to_owned(),
        unseen => format!("is there, as declared; not looked at: {}", unseen.join(", ")),
    }
}

fn unlike(cx: &StepContext, issues: &[Issue]) -> Failure {
    let said: Vec<String> = issues
        .iter()
        .map(|i| format!("{}: {}; declared: {}; live: {}", i.ty, i.message, i.expected, i.found))
        .collect();
    let message = format!("{} is there, but not as declared", cx.spec().name);
    Failure::new(ErrorCode::SchemaValidationFailed, message)
        .said(said.join("\n"))
        .cause("the file was changed after the table was created, or the table was changed by hand")
        .fix(if cx.updates_follow {
            "keys cannot be changed: change the file to what is live, or declare a table of another name"
        } else {
            "change the file to what is live, or put an update-table step after this one"
        })
}
