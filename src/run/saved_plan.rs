//! A preview that was saved, so that later exactly this is carried out and nothing else.
//!
//! A saved plan holds everything that the preview depended on: the files, where calls go, and the
//! tables as they were. What is carried out is previewed anew and compared with it; any difference
//! is named, and then nothing is written.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::journal::Pinned;
use crate::model::{Effect, StepId, TableState};

use super::StepPreview;

/// The version of the format.
const FORMAT: u8 = 1;

/// What was previewed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedPlan {
    /// The version of this format.
    pub osem_plan: u8,
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// The region.
    pub region: String,
    /// Who and where.
    pub pinned: Pinned,
    /// A fingerprint of every file of the configuration, by its path in the project, and of every
    /// program that a command names by its path.
    pub files: BTreeMap<String, String>,
    /// The indexes that are to be removed, as on the command line: `TABLE/INDEX`.
    #[serde(default)]
    pub prune: Vec<String>,
    /// The indexes that are to be made anew.
    #[serde(default)]
    pub replace: Vec<String>,
    /// Every table that the preview looked at, by its full name; `null` when it was not there.
    pub tables: BTreeMap<String, Option<Value>>,
    /// The calls, in order.
    pub changes: Vec<SavedChange>,
    /// The commands, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<SavedCommand>,
}

/// A command of a saved plan: what it changes is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedCommand {
    /// The step that runs it.
    pub step: StepId,
    /// What runs, on one line. The files say what it is given beside that.
    pub runs: String,
    /// What it may do.
    pub effect: Effect,
}

/// A call of a saved plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SavedChange {
    /// The step that makes it.
    pub step: StepId,
    /// The call, as in the document of `osem plan --json`.
    pub change: Value,
}

/// Where a preview was made.
#[derive(Debug, Clone)]
pub struct PlanPlace {
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// The region.
    pub region: String,
    /// Who and where.
    pub pinned: Pinned,
    /// A fingerprint of every file of the configuration, by its path in the project, and of every
    /// program that a command names by its path.
    pub files: BTreeMap<String, String>,
    /// The indexes that are to be removed, as on the command line: `TABLE/INDEX`.
    pub prune: Vec<String>,
    /// The indexes that are to be made anew.
    pub replace: Vec<String>,
}

impl SavedPlan {
    /// What a preview showed, and the tables that it saw.
    ///
    /// # Panics
    /// Never: previews are plain data.
    #[must_use]
    pub fn new(
        place: PlanPlace,
        previews: &[StepPreview],
        tables: impl IntoIterator<Item = (String, Option<TableState>)>,
    ) -> Self {
        let plain = "previews are plain data";
        let table = |(name, state): (String, Option<TableState>)| {
            (name, state.map(|state| serde_json::to_value(state).expect(plain)))
        };
        let changes = previews.iter().flat_map(|preview| {
            preview.changes.iter().map(|change| SavedChange {
                step: preview.step.clone(),
                change: serde_json::to_value(change).expect(plain),
            })
        });
        let commands = previews.iter().filter_map(|preview| {
            let command = preview.command.as_ref()?;
            let (runs, effect) = (command.runs.clone(), command.effect);
            Some(SavedCommand { step: preview.step.clone(), runs, effect })
        });
        Self {
            osem_plan: FORMAT,
            task: place.task,
            environment: place.environment,
            region: place.region,
            pinned: place.pinned,
            files: place.files,
            prune: place.prune,
            replace: place.replace,
            tables: tables.into_iter().map(table).collect(),
            changes: changes.collect(),
            commands: commands.collect(),
        }
    }

    /// Reads a saved plan.
    ///
    /// # Errors
    /// Why the text is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        match value.get("osemPlan").and_then(Value::as_u64) {
            None => Err("it is no saved plan".to_owned()),
            Some(version) if version != u64::from(FORMAT) => {
                Err(format!("its format is {version}; this osem reads {FORMAT}"))
            }
            Some(_) => serde_json::from_value(value).map_err(|error| error.to_string()),
        }
    }

    /// What is no longer as it was saved in the files, the tables and the calls, for people, one line
    /// each; nothing when `now` is the same.
    #[must_use]
    pub fn differences(&self, now: &Self) -> Vec<String> {
        let mut found = named(&self.files, &now.files, |_, _| "was edited".to_owned());
        found.extend(named(&self.tables, &now.tables, |then, now| match (then, now) {
            (None, Some(_)) => "is there by now".to_owned(),
            (Some(_), None) => "is gone".to_owned(),
            (Some(then), Some(now)) => changed_table(then, now),
            (None, None) => String::new(),
        }));
        found.extend(changed_calls(&self.changes, &now.changes));
        found.extend(changed_commands(&self.commands, &now.commands));
        found
    }
}

/// Names with other values than before, with what became of each.
fn named<T: PartialEq>(
    then: &BTreeMap<String, T>,
    now: &BTreeMap<String, T>,
    what: impl Fn(&T, &T) -> String,
) -> Vec<String> {
    let names: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let differs = |name: &String| match (then.get(name), now.get(name)) {
        (Some(then), Some(now)) if then == now => None,
        (Some(then), Some(now)) => Some(format!("{name} {}", what(then, now))),
        (Some(_), None) => Some(format!("{name} does not belong to it any more")),
        (None, _) => Some(format!("{name} is new")),
    };
    names.into_iter().filter_map(differs).collect()
}

/// What changed about a table that is still there.
fn changed_table(then: &Value, now: &Value) -> String {
    if then["id"] != now["id"] || then["createdAt"] != now["createdAt"] {
        return "is another table by now".to_owned();
    }
    let fields = then.as_object().into_iter().flatten();
    let differ: Vec<&str> = fields
        .filter(|(field, value)| now.get(field.as_str()) != Some(value))
        .map(|(field, _)| field.as_str())
        .collect();
    format!("changed: {}", differ.join(", "))
}

/// Calls that were not planned, or are not needed any more. What is only for people is not compared:
/// it names counts that the service updates by itself.
fn changed_calls(then: &[SavedChange], now: &[SavedChange]) -> Vec<String> {
    let same = |one: &SavedChange, other: &SavedChange| {
        let fields = ["call", "tableName", "tableId", "request"];
        let equal = |field: &str| one.change.get(field) == other.change.get(field);
        one.step == other.step && fields.into_iter().all(equal)
    };
    let missing_in =
        |list: &[SavedChange], change: &&SavedChange| !list.iter().any(|other| same(change, other));
    let call = |change: &SavedChange| {
        let word = |field: &str| change.change[field].as_str().unwrap_or_default().to_owned();
        format!("{}: {} {}", change.step, word("call"), word("tableName"))
    };
    let gone = then.iter().filter(|change| missing_in(now, change));
    let new = now.iter().filter(|change| missing_in(then, change));
    gone.map(|change| format!("{}: not needed as planned any more", call(change)))
        .chain(new.map(|change| format!("{}: not in the plan", call(change))))
        .collect()
}

/// Commands that were not planned, or do not run any more.
fn changed_commands(then: &[SavedCommand], now: &[SavedCommand]) -> Vec<String> {
    let told = |command: &SavedCommand, why| format!("{}: {}: {why}", command.step, command.runs);
    let gone = then.iter().filter(|command| !now.contains(command));
    let new = now.iter().filter(|command| !then.contains(command));
    gone.map(|command| told(command, "does not run as planned any more"))
        .chain(new.map(|command| told(command, "not in the plan")))
        .collect()
}
