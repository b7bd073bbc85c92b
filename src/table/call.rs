//! One call that changes a setting or an index, and what is known of it beforehand.

use serde_json::Value;

use crate::model::MillisRange;

use super::{ChangeClass, Reversal, Reversibility};

/// One call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    pub(super) operation: &'static str,
    /// The request without the table's name.
    pub(super) request: Value,
    pub(super) before: String,
    pub(super) after: String,
    pub(super) facts: CallFacts,
}

/// What is known of a call beforehand. Times are those that were measured on the service; they
/// promise nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct CallFacts {
    pub(super) class: ChangeClass,
    pub(super) reversibility: Reversal,
    /// How long it usually takes, from and to, in milliseconds.
    pub(super) usual_ms: MillisRange,
    /// What it takes of a number of changes that the service allows.
    pub(super) budget: Option<&'static str>,
    /// What does not work any more, meanwhile or from then on.
    pub(super) breaks: Option<&'static str>,
}

impl CallFacts {
    /// A call that can be taken back at once.
    pub(super) const fn reversible(usual_ms: MillisRange) -> Self {
        Self {
            class: ChangeClass::Update,
            reversibility: Reversibility::Reversible.alone(),
            usual_ms,
            budget: None,
            breaks: None,
        }
    }

    /// A call that loses something, or that cannot be taken back at will.
    pub(super) const fn lossy(reversibility: Reversal, usual_ms: MillisRange) -> Self {
        Self { class: ChangeClass::Lossy, reversibility, ..Self::reversible(usual_ms) }
    }

    pub(super) const fn spends(self, budget: &'static str) -> Self {
        Self { budget: Some(budget), ..self }
    }

    pub(super) const fn breaks(self, what: &'static str) -> Self {
        Self { breaks: Some(what), ..self }
    }
}

/// A value that may be off, for people.
pub(super) fn or_off<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| "off".to_owned(), ToString::to_string)
}

/// A flag, for people.
pub(super) fn on_or_off(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}
