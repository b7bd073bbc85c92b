//! A failure in the form of the document.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{ErrorCode, Failure, StepId};

/// A failure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorObject {
    /// The stable name of its class.
    pub code: ErrorCode,
    /// What failed.
    pub message: String,
    /// What to do.
    pub remediation: Option<String>,
    /// `step`, `said` (the service's words), `cause`, and what else is known by name.
    pub details: BTreeMap<Cow<'static, str>, String>,
}

impl ErrorObject {
    /// A failure in the form of the document, with the step that it belongs to.
    #[must_use]
    pub fn new(failure: &Failure, step: Option<&StepId>) -> Self {
        let mut details = failure.details.clone();
        let named = [
            ("step", step.map(ToString::to_string)),
            ("said", failure.said.clone()),
            ("cause", failure.cause.clone()),
        ];
        details.extend(
            named.into_iter().filter_map(|(name, text)| Some((Cow::Borrowed(name), text?))),
        );
        Self {
            code: failure.code,
            message: failure.message.clone(),
            remediation: failure.remediation.clone(),
            details,
        }
    }
}
