//! What each step of a plan is, as one short text that a later run can compare.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::Config;
use crate::journal::{definition_hash, definition_with, fingerprint};
use crate::model::{Failure, Inputs, StepDecl, Task};
use crate::plan::{Plan, PlannedStep};
use crate::state::Key;

use super::session::Planned;

/// The hash of what each step is, in plan order; secrets are no part of it yet.
pub(super) fn definitions(config: &Config, plan: &Plan) -> Vec<String> {
    let declared = config.tasks.iter().flat_map(Task::steps);
    let declared: Vec<&StepDecl> = declared.collect();
    let no_inputs = Inputs::new();
    let hash = |step: &PlannedStep| {
        let declared = declared.iter().find(|declared| declared.span == step.span);
        definition_hash(step, declared.map_or(&no_inputs, |declared| &declared.inputs))
    };
    plan.steps().map(hash).collect()
}

/// A fingerprint of every file of the configuration, by its path in the project.
pub(super) fn fingerprints(config: &Config) -> BTreeMap<String, String> {
    let root = std::path::absolute(&config.root).unwrap_or_else(|_| config.root.clone());
    let files = config.sources.files().map(|file| {
        let path = std::path::absolute(&file.name).unwrap_or_else(|_| PathBuf::from(&file.name));
        let path = path.strip_prefix(&root).unwrap_or(&path);
        (path.display().to_string(), fingerprint(file.text.as_bytes()))
    });
    files.collect()
}

impl Planned {
    /// Makes the secrets of commands part of what their steps are: as hashes by a key, so that only
    /// a run with the same key can tell whether one was changed.
    ///
    /// # Errors
    /// When there is no key.
    pub(super) fn bind_secrets(
        &mut self,
        key: impl FnOnce() -> Result<Key, Failure>,
    ) -> Result<(), Failure> {
        let uses = |step: &PlannedStep| step.command.as_ref().is_some_and(|it| it.names_secrets());
        if !self.plan.steps().any(uses) {
            return Ok(());
        }
        let key = key()?;
        for (step, definition) in self.plan.steps().zip(&mut self.definitions) {
            let Some(command) = step.command.as_ref().filter(|it| it.names_secrets()) else {
                continue;
            };
            let hashes = command
                .secrets()
                .filter_map(|name| Some(key.hash(&[name, self.secrets.get(name)?.expose()])));
            *definition = definition_with(definition, hashes);
        }
        Ok(())
    }
}
