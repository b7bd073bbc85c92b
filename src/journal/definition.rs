//! What a step is, as one short text that two runs can compare.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Command, Fingerprint, InputValue, Inputs, TableSpec};
use crate::plan::PlannedStep;

/// All that decides what a step does. What only decides how patiently it does it (timeouts,
/// retries), in which order, and what a failure does to other steps is left out: a change of these
/// makes no finished step outstanding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Definition<'a> {
    kind: &'a str,
    table: Option<&'a TableSpec>,
    inputs: BTreeMap<&'a str, &'a InputValue>,
    left_out: bool,
    tags_follow: bool,
    tolerate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a Command>,
}

/// The hash of a step: its kind, its table with everything resolved, its inputs as written, its
/// command with everything filled but the id of the run, outputs and secrets, whether the environment
/// leaves it out, and whether its failure is tolerated. 32 hexadecimal digits.
///
/// # Panics
/// Never: a definition is plain data.
#[must_use]
pub fn definition_hash(step: &PlannedStep, inputs: &Inputs) -> String {
    let definition = Definition {
        kind: &step.kind,
        table: step.table.as_deref(),
        inputs: inputs.iter().map(|(name, value)| (name.as_str(), &value.value)).collect(),
        left_out: step.left_out,
        tags_follow: step.tags_follow,
        tolerate: step.tolerate,
        command: step.command.as_deref(),
    };
    let text = serde_json::to_vec(&definition).expect("a definition is plain data");
    fingerprint(&text)
}

/// A definition that further hashes belong to, those of secrets.
#[must_use]
pub fn definition_with(definition: &str, hashes: impl Iterator<Item = String>) -> String {
    let mut whole = Fingerprint::default();
    whole.update_text(definition.as_bytes());
    hashes.for_each(|hash| whole.update_text(hash.as_bytes()));
    whole.to_string()
}

/// A hash that is the same in every version and on every machine. 32 hexadecimal digits.
#[must_use]
pub fn fingerprint(bytes: &[u8]) -> String {
    let mut hash = Fingerprint::default();
    hash.update(bytes);
    hash.to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::config;
    use crate::plan::{PlanOptions, build};
    use crate::step::Registry;

    /// The hash of the first step of `setup` in this project.
    fn hash(table: &str, step: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("osem.kdl");
        let text = format!(
            "osem 1\nproject p {{ table-name \"p-{{table}}\"; }}\nenvironment local default=#true \
             {{ region us-east-1; emulator; allow-destroy; }}\ntable Users hash=id {{ {table} }}\ntask setup {{ \
             allow-in local; for-each table {{ {step} }}; }}"
        );
        std::fs::write(&file, text).unwrap();
        let registry = Registry::built_in();
        let config = config::load(&file, &registry.catalog()).unwrap();
        let options = PlanOptions { region: "us-east-1", ..PlanOptions::default() };
        let task = config.task("setup").unwrap();
        let environment = config.environment("local").unwrap();
        let plan = build(&config, &registry, task, environment, options).unwrap();
        let mut step = plan.steps().next().unwrap().clone();
        let inputs = task.steps().next().unwrap().inputs.clone();
        let hash = definition_hash(&step, &inputs);
        step.timeout = Duration::from_secs(1);
        step.table = step.table.map(|table| Arc::new((*table).clone()));
        assert_eq!(definition_hash(&step, &inputs), hash, "patience is no part of it");
        hash
    }

    #[test]
    fn the_hash_of_a_command_follows_all_of_it() {
        let command = |text: &str| hash("", &format!("step exec {text}"));
        let plain = command("\"echo\" \"{run.id}\"");
        assert_eq!(command("\"echo\" \"{run.id}\" { retry 3; }"), plain);
        let others = [
            command("\"echo\" \"{run.id}\" \"\""),
            command("\"echo\" \"{run.id}\" effect=read"),
            command("\"echo\" \"{run.id}\" { env A b; }"),
            command("\"echo\" \"{run.id}\" { credentials aws; }"),
            command("\"echo\" \"{table}\""),
            hash("", "step shell \"echo {run.id}\""),
        ];
        for (position, other) in others.iter().enumerate() {
            assert!(*other != plain && !others[..position].contains(other), "{position}");
        }
        assert_eq!(command("\"echo\" \"Users\""), command("\"echo\" \"{table}\""));
    }

    #[test]
    fn the_hash_follows_what_the_step_does() {
        let plain = hash("", "step delete-table");
        assert_eq!(plain.len(), 32);
        assert_eq!(hash("", "step delete-table"), plain);
        assert_eq!(hash("", "step delete-table { timeout \"9m\"; }"), plain);
        let others = [
            hash("", "step delete-table { tolerate; }"),
            hash("", "step create-table"),
            hash("tag Owner a", "step delete-table"),
        ];
        for other in others {
            assert_ne!(other, plain);
        }
    }
}
