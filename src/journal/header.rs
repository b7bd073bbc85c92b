//! What a run says of itself when it starts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Effect, StepId};

use super::RunId;

/// Who, where, what.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunHeader {
    /// The run.
    pub run_id: RunId,
    /// The task.
    pub task: String,
    /// The environment.
    pub environment: String,
    /// The region.
    pub region: String,
    /// The endpoint, for people: `embedded emulator (.osem/local.db)`, a URL, or `AWS`.
    pub endpoint: String,
    /// The account and principal, for people, where known.
    pub identity: Option<String>,
    /// How many steps may run at once.
    pub jobs: usize,
    /// How many tables of the environment the file declares.
    pub total_tables: usize,
    /// What a later resume of the run must find again.
    pub pinned: Pinned,
    /// All steps in plan order.
    pub steps: Vec<StepHeader>,
    /// The run whose changes this one takes back, where that is all it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<RunId>,
    /// Whether it leaves a journal, from which it can be resumed.
    #[serde(default)]
    pub recorded: bool,
    /// The run that it goes on with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resumes: Option<RunId>,
    /// Where it goes on with one, the steps that were still to be done, in plan order; those that
    /// the command line leaves out are among them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outstanding: Vec<OutstandingStep>,
}

/// A step that an earlier run left to be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutstandingStep {
    /// The step.
    pub step: StepId,
    /// Why, for people.
    pub why: String,
}

/// What a run was bound to, in the form in which it can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Pinned {
    /// The version of osem that ran it.
    pub osem_version: String,
    /// The account, where it is known.
    pub account: Option<String>,
    /// What kind of endpoint answered.
    pub endpoint: EndpointKind,
    /// Its URL, where one was declared or named on the command line.
    pub endpoint_url: Option<String>,
    /// The part of a full table name before the declared name.
    pub table_prefix: String,
    /// `OSEM_DB_PREFIX`, where it was set.
    pub db_prefix: Option<String>,
    /// Whether a simulator stood for the environment.
    pub rehearsal: bool,
    /// All variables but secrets, with the values that do not stand in the files.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, Option<String>>,
}

/// What answers the calls of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndpointKind {
    /// DynamoDB itself, or what a variable or profile names where nothing forbids it.
    Service,
    /// The embedded emulator.
    Emulator,
    /// The environment's `endpoint`.
    Declared,
    /// `--endpoint-url`.
    Overridden,
    /// The simulator of a rehearsal.
    Rehearsal,
}

/// A step of the plan.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepHeader {
    /// The step.
    pub step: StepId,
    /// Its kind.
    pub kind: String,
    /// What it may do.
    pub effect: Effect,
    /// The declared name of its table: steps of one table form a chain in reports.
    pub table: Option<String>,
    /// The full name of its table.
    pub table_name: Option<String>,
    /// A hash of what the step is, by which a later run knows whether it is still the same; see
    /// [`definition_hash`](super::definition_hash).
    pub definition: String,
}
