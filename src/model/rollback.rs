//! The steps of a `rollback` block: declared, and resolved for one step of a plan.

use std::time::Duration;

use crate::diagnostic::Span;

use super::{Command, RetryPolicy, StepDecl};

/// The `rollback` child of a `step` node.
#[derive(Debug, Clone)]
pub struct RollbackDecl {
    /// The word.
    pub span: Span,
    /// What takes back what the step did, in order. Each has the table of the step.
    pub steps: Vec<StepDecl>,
}

/// A step of a `rollback` with everything resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackStep {
    /// What messages call it: `id=`, else the kind.
    pub name: String,
    /// The kind of step that it is.
    pub kind: String,
    /// What it runs.
    pub command: Command,
    /// How it is tried again.
    pub retry: RetryPolicy,
    /// The time for all attempts together.
    pub timeout: Duration,
    /// The time for one attempt.
    pub attempt_timeout: Option<Duration>,
    /// Where it is declared.
    pub span: Span,
}
