//! Which mutating calls a step may make.
//!
//! A person confirms what the preview shows. Between the preview and the call the account may have
//! changed, so every mutating call is held against the preview once more: one that deletes must have
//! been shown, for the same table; in a protected environment that is true of every call.

use std::collections::{HashMap, HashSet};

use crate::model::{ErrorCode, Failure, TableState};
use crate::table::{ChangeClass, TableChange};

use super::Undo;

/// The calls that were shown.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    protected: bool,
    /// Call and full table name, to the identity that the table had.
    shown: HashMap<(&'static str, String), Option<String>>,
    /// The requests of changes of settings and indexes, by the table's full name.
    requests: HashSet<(String, String)>,
}

/// A mutating call that a step is about to make.
#[derive(Debug, Clone, Copy)]
pub struct Mutation<'a> {
    /// The operation.
    pub call: &'static str,
    /// What it may cost.
    pub class: ChangeClass,
    /// The table's full name.
    pub table_name: &'a str,
    /// The table as it is now; `None` when it is not there.
    pub state: Option<&'a TableState>,
}

impl Consent {
    /// Consent to what a preview showed.
    pub fn new<'a>(protected: bool, changes: impl IntoIterator<Item = &'a TableChange>) -> Self {
        let mut shown = HashMap::new();
        let mut requests = HashSet::new();
        for change in changes {
            let name = &change.table_name;
            shown.insert((change.call, name.clone()), change.table_id.clone());
            requests.insert((name.clone(), change.request.to_string()));
            if change.call == "CreateTable" {
                // The tags are part of what was shown; the service may show them late.
                shown.insert(("TagResource", name.clone()), None);
                shown.insert(("UntagResource", name.clone()), None);
            }
        }
        Self { protected, shown, requests }
    }

    /// Checks the request of one change of a setting or an index: one that removes an index must have
    /// been shown as it is, and in a protected environment every one.
    ///
    /// # Errors
    /// `PLAN_CHANGED` when it was not shown and had to be.
    pub fn check_request(&self, change: &TableChange, state: &TableState) -> Result<(), Failure> {
        let must_be_known = change.class == ChangeClass::RemoveIndex || self.protected;
        let request = (change.table_name.clone(), change.request.to_string());
        if !must_be_known || self.requests.contains(&request) {
            return Ok(());
        }
        let message = format!("{} {}: not in the plan that was shown", change.call, state.name);
        Err(Failure::new(ErrorCode::PlanChanged, message)
            .said(change.details.join("\n"))
            .cause("the table is in another state than when the plan was made")
            .fix("look at the new plan (osem plan), then run again"))
    }

    /// Consent to take back what a run is known to have done, and to nothing else: who agreed to a
    /// table being created, or started a rollback, agreed to that very table being deleted.
    #[must_use]
    pub fn to_undo(undo: &Undo) -> Self {
        let name = undo.table_name().unwrap_or_default().to_owned();
        let shown = match undo {
            // A program makes its own calls.
            Undo::Run { .. } | Undo::Plugin { .. } | Undo::Step(_) => Vec::new(),
            Undo::DeleteTable { identity, .. } => {
                vec![(("DeleteTable", name), Some(identity.clone()))]
            }
            Undo::RestoreTags { .. } => {
                vec![(("TagResource", name.clone()), None), (("UntagResource", name), None)]
            }
            Undo::DeleteItems { identity, .. } => vec![(("DeleteItem", name), identity.clone())],
        };
        Self { protected: true, shown: shown.into_iter().collect(), requests: HashSet::new() }
    }

    /// Checks one call.
    ///
    /// # Errors
    /// `PLAN_CHANGED` when it was not shown and had to be.
    pub fn check(&self, mutation: Mutation<'_>) -> Result<(), Failure> {
        let Mutation { call, class, table_name, state } = mutation;
        if class != ChangeClass::Destroy && !self.protected {
            return Ok(());
        }
        let found = state.and_then(TableState::identity);
        let failure = |cause, fix| {
            let message = format!("{call} {table_name}: not in the plan that was shown");
            Failure::new(ErrorCode::PlanChanged, message).cause(cause).fix(fix)
        };
        match self.shown.get(&(call, table_name.to_owned())) {
            Some(identity) if class != ChangeClass::Destroy || *identity == found => Ok(()),
            None if class == ChangeClass::Destroy && self.creates(table_name) => Err(failure(
                "the plan was made before this run created the table",
                "delete the table in a task of its own, and run that one afterwards",
            )),
            _ => Err(failure(
                "the table is another one, or in another state, than when the plan was made",
                "look at the new plan (osem plan), then run again",
            )),
        }
    }

    /// Whether every mutating call must have been shown, and nothing else may happen.
    pub(super) const fn is_bound(&self) -> bool {
        self.protected
    }

    /// Whether the plan was to create the table.
    pub(super) fn creates(&self, table_name: &str) -> bool {
        self.shown.contains_key(&("CreateTable", table_name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(id: &str) -> TableState {
        TableState { id: Some(id.to_owned()), ..TableState::bare("Users", "ACTIVE") }
    }

    fn allowed(consent: &Consent, call: &'static str, class: ChangeClass, id: &str) -> bool {
        let state = state(id);
        let mutation = Mutation { call, class, table_name: "Users", state: Some(&state) };
        consent.check(mutation).is_ok()
    }

    #[test]
    fn only_the_table_that_was_shown_may_be_deleted() {
        let consent = Consent::new(false, [&TableChange::delete(&state("a"))]);
        assert!(allowed(&consent, "DeleteTable", ChangeClass::Destroy, "a"));
        assert!(!allowed(&consent, "DeleteTable", ChangeClass::Destroy, "b"));
        assert!(!allowed(&Consent::default(), "DeleteTable", ChangeClass::Destroy, "a"));
    }

    #[test]
    fn a_table_that_the_plan_creates_is_deleted_in_a_task_of_its_own() {
        let create = TableChange {
            call: "CreateTable",
            class: ChangeClass::Create,
            ..TableChange::delete(&state("a"))
        };
        let state = state("a");
        let mutation = Mutation {
            call: "DeleteTable",
            class: ChangeClass::Destroy,
            table_name: "Users",
            state: Some(&state),
        };
        let fix = |consent: Consent| consent.check(mutation).unwrap_err().remediation.unwrap();
        assert!(fix(Consent::new(false, [&create])).contains("in a task of its own"));
        assert!(fix(Consent::default()).contains("osem plan"));
    }

    #[test]
    fn an_undo_deletes_nothing_but_the_table_that_was_created() {
        let (table_name, identity) = ("Users".to_owned(), "a".to_owned());
        let consent = Consent::to_undo(&Undo::DeleteTable { table_name, identity });
        assert!(allowed(&consent, "DeleteTable", ChangeClass::Destroy, "a"));
        assert!(!allowed(&consent, "DeleteTable", ChangeClass::Destroy, "b"));
        assert!(!allowed(&consent, "TagResource", ChangeClass::Tag, "a"));
        assert!(!allowed(&consent, "CreateTable", ChangeClass::Create, "a"));
    }

    #[test]
    fn a_protected_environment_takes_only_what_was_shown() {
        assert!(allowed(&Consent::new(false, []), "TagResource", ChangeClass::Tag, "a"));
        assert!(!allowed(&Consent::new(true, []), "TagResource", ChangeClass::Tag, "a"));
    }
}
