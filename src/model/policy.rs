//! How a step is tried, and what its failure means.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::diagnostic::{Span, Spanned};

use super::{EnvironmentFilter, Failure, FailureClass, RetryCause, RetryClass, RetryOn};

/// What the failure of a step does to the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Start nothing new; what is done stands.
    Stop,
    /// Other chains go on; the failure stays a failure.
    KeepGoing,
    /// What the run did is undone: all of it, or what it did in the failing chain, by where this
    /// stands.
    Rollback,
}

/// What must have become of the steps that a step waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// All of them succeeded.
    #[default]
    Succeeded,
    /// One of them failed.
    Failed,
    /// They ended, in whatever way.
    Always,
}

/// How delays between tries grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backoff {
    /// No delay.
    None,
    /// The same delay each time.
    Fixed,
    /// The delay doubles.
    Exponential,
}

/// How delays are spread, so that many steps do not try again at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Jitter {
    /// The computed delay.
    None,
    /// Uniform in `[0, d]`.
    Full,
    /// Uniform in `[d/2, d]`.
    Equal,
}

/// When and how often a step is tried again. Delays come from `run::Delays`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RetryPolicy {
    /// Tries after the first one.
    pub retries: u32,
    /// How delays grow.
    pub backoff: Backoff,
    /// The first delay.
    pub delay: Duration,
    /// The longest delay.
    pub max_delay: Duration,
    /// How delays are spread.
    pub jitter: Jitter,
    /// What another try may follow; `None` for what the kind says may pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<RetryOn>,
}

impl RetryPolicy {
    /// Whether another try may follow a failure at all.
    #[must_use]
    pub fn covers(&self, failure: &Failure) -> bool {
        let transient = || RetryClass::Transient.covers(failure);
        self.on.map_or_else(transient, |on| on.covers(failure))
    }

    /// The failure as this policy sees it: an exit code that it names may pass.
    #[must_use]
    pub fn judge(&self, failure: Failure) -> Failure {
        let named = self.on.is_some_and(|on| on.names_exit_code(&failure));
        if named { failure.class(FailureClass::Transient) } else { failure }
    }
}

impl Default for RetryPolicy {
    /// Four more tries, exponential from 500 ms to 20 s, full jitter.
    fn default() -> Self {
        Self {
            retries: 4,
            backoff: Backoff::Exponential,
            delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(20),
            jitter: Jitter::Full,
            on: None,
        }
    }
}

/// The children of a `step`, as declared. `None` means: see `defaults`, then the kind.
#[derive(Debug, Clone, Default)]
pub struct StepPolicy {
    /// Explicit predecessors; they replace the positional one.
    pub after: Option<Vec<Spanned<String>>>,
    /// What must have become of them.
    pub when: When,
    /// Steps of which one must have changed something.
    pub only_if_changed: Vec<Spanned<String>>,
    /// The time for all attempts together.
    pub timeout: Option<Duration>,
    /// The time for one attempt.
    pub attempt_timeout: Option<Duration>,
    /// Retries.
    pub retry: Option<RetryPolicy>,
    /// Where they stand.
    pub retry_place: Option<Span>,
    /// What its `on` names.
    pub retry_on: Vec<Spanned<RetryCause>>,
    /// A failure is reported and dependents go on.
    pub tolerate: bool,
    /// What a failure does; for the chain that the step belongs to.
    pub on_failure: Option<OnFailure>,
    /// Environments in which the step runs.
    pub environments: EnvironmentFilter,
    /// The pool that it counts to.
    pub pool: Option<PoolShare>,
}

/// A named limit on steps that run at once.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Its name.
    pub name: Spanned<String>,
    /// What the weights of its running steps never exceed.
    pub size: u32,
}

/// What a step takes of a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolShare {
    /// The pool's name.
    pub name: Spanned<String>,
    /// How much of its size.
    pub weight: Spanned<u32>,
}
