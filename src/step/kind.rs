//! The two traits behind every step.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::model::{
    Effect, Failure, Inputs, KindScope, KindSpec, OutputSpec, ParamSpec, ParamType,
};

use super::{PermissionScope, Permissions, Preview, StepContext, StepError, StepSuccess};

/// A kind of step: its facts, and how its inputs become a [`Step`].
pub trait StepKind: Send + Sync {
    /// The facts that checks and documentation use.
    fn spec(&self) -> KindSpec;

    /// Makes a step. The inputs have been checked against [`KindSpec::params`].
    fn prepare(&self, inputs: &Inputs) -> Arc<dyn Step>;
}

/// One step, ready to run. It may run several times: every attempt starts from what is live.
pub trait Step: Send + Sync {
    /// What it would do; reads only.
    fn preview<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<Preview, Failure>>;

    /// Does it.
    fn execute<'a>(&'a self, cx: &'a StepContext) -> BoxFuture<'a, Result<StepSuccess, StepError>>;

    /// What it may ask of the service, whatever is live; `None` where only a program knows that.
    fn permissions(&self, _: &PermissionScope<'_>) -> Option<Permissions> {
        None
    }
}

/// The facts of a built-in kind, without parameters.
pub(super) fn spec(
    name: &str,
    summary: &str,
    effect: Effect,
    scope: KindScope,
    (timeout_secs, usual_ms): (u64, u64),
) -> KindSpec {
    KindSpec {
        name: name.to_owned(),
        summary: summary.to_owned(),
        effect,
        scope,
        params: Vec::<ParamSpec>::new(),
        command: None,
        outputs: Vec::new(),
        declared: None,
        effect_by: Vec::new(),
        timeout: std::time::Duration::from_secs(timeout_secs),
        usual: std::time::Duration::from_millis(usual_ms),
    }
}

/// Outputs by their keys, each with one sentence.
pub(super) fn outputs(all: &[(&'static str, &'static str)]) -> Vec<OutputSpec> {
    all.iter().map(|(key, doc)| OutputSpec { key, doc }).collect()
}

/// A parameter that is one of some words, of which the first stands where none is written.
pub(super) fn word(name: &str, doc: &str, words: &[&str]) -> ParamSpec {
    ParamSpec {
        name: name.to_owned(),
        doc: doc.to_owned(),
        required: false,
        default: words.first().map(|word| (*word).to_owned()),
        ty: ParamType::Enum(words.iter().map(|word| (*word).to_owned()).collect()),
    }
}
