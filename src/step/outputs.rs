//! What steps put out for later ones.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::StepId;

/// The outputs of one step: values by their keys.
pub type StepOutputs = BTreeMap<String, String>;

/// The outputs of all steps of a run so far, and of the runs that it goes on with.
#[derive(Debug, Clone, Default)]
pub struct Outputs(Arc<Mutex<HashMap<StepId, StepOutputs>>>);

impl Outputs {
    /// Keeps what a step put out, in the place of what it put out before.
    pub fn keep(&self, step: &StepId, outputs: StepOutputs) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(step.clone(), outputs);
    }

    /// What all steps put out so far, by their ids.
    #[must_use]
    pub fn all(&self) -> BTreeMap<String, StepOutputs> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().map(|(step, outputs)| (step.to_string(), outputs.clone())).collect()
    }

    /// What a step put out; nothing when it put out nothing, or did not run.
    #[must_use]
    pub fn of(&self, step: &StepId) -> StepOutputs {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(step).cloned().unwrap_or_default()
    }
}
