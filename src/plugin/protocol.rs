//! What is said in both directions, as it stands in JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::Effect;

/// The version of the protocol. It is raised by every change that a plugin of this version would
/// misread; further fields are none.
pub const PROTOCOL: u32 = 1;

/// What a plugin is asked to do: its first argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// Say what it is.
    Describe,
    /// Say what it would do.
    Plan,
    /// Do it.
    Execute,
    /// Take back what it did.
    Undo,
}

impl Verb {
    /// The word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Describe => "describe",
            Self::Plan => "plan",
            Self::Execute => "execute",
            Self::Undo => "undo",
        }
    }
}

/// The object on stdin.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Request {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The verb, as in the first argument.
    pub verb: Verb,
    /// The run.
    pub run: Run,
    /// Where it is.
    pub environment: Environment,
    /// The step's table; `null` for a step that is about none.
    pub table: Option<Table>,
    /// All tables of the environment.
    pub tables: Vec<Table>,
    /// Parameters with their values; those without a value are left out.
    pub params: Map<String, Value>,
    /// What the steps that have ended so far put out, by their ids.
    pub outputs: BTreeMap<String, BTreeMap<String, String>>,
    /// The attempt, from 1.
    pub attempt: u32,
    /// What `execute` gave for `undo`, in `undo` alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Value>,
}

/// The run, as plugins know it.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its id; empty in a plan, which is no run.
    pub id: String,
    /// The task.
    pub task: String,
    /// The id of the step.
    pub step: String,
}

/// The environment, as plugins know it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The region.
    pub region: String,
    /// Whether the endpoint is DynamoDB itself.
    pub is_service: bool,
    /// Whether data may be removed here.
    pub allow_destroy: bool,
}

/// A table as the files declare it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Table {
    /// The declared name.
    pub declared: String,
    /// The full name.
    pub name: String,
    /// The attributes of the partition key.
    pub hash: Vec<String>,
    /// The attributes of the sort key.
    pub range: Vec<String>,
    /// Its secondary indexes.
    pub indexes: Vec<Index>,
    /// Its vector indexes.
    pub vector_indexes: Vec<VectorIndex>,
}

/// A vector index.
#[derive(Debug, Clone, Serialize)]
pub struct VectorIndex {
    /// Its name.
    pub name: String,
    /// The attribute that holds the vector.
    pub attribute: String,
    /// How many numbers a vector has.
    pub dimensions: u32,
    /// How vectors are compared, as the service writes it.
    pub distance: String,
    /// The attribute that every search names a value of.
    pub hash: Option<String>,
    /// The attributes that a search may be narrowed by.
    pub filters: Vec<String>,
}

/// A secondary index.
#[derive(Debug, Clone, Serialize)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// The attributes of its partition key.
    pub hash: Vec<String>,
    /// The attributes of its sort key.
    pub range: Vec<String>,
}

/// The answer to `describe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Description {
    /// The version that it speaks.
    pub protocol: u32,
    /// Its name, for people.
    pub name: String,
    /// Its parameters; `null` when it does not say.
    #[serde(default)]
    pub params: Option<Vec<DescribedParam>>,
    /// What it may do.
    #[serde(default)]
    pub effect: Option<Effect>,
    /// Whether doing it twice is the same as doing it once.
    #[serde(default)]
    pub idempotent: Option<bool>,
    /// The verbs that it has beside `describe` and `execute`.
    #[serde(default)]
    pub verbs: Vec<String>,
}

impl Description {
    /// Whether it has a verb.
    #[must_use]
    pub fn has(&self, verb: Verb) -> bool {
        let always = matches!(verb, Verb::Describe | Verb::Execute);
        always || self.verbs.iter().any(|has| has == verb.name())
    }
}

/// A parameter as a plugin describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedParam {
    /// Its name.
    pub name: String,
    /// Its type, as `param` has it.
    #[serde(default, rename = "type")]
    pub ty: Option<String>,
    /// Whether it must have a value.
    #[serde(default)]
    pub required: bool,
}

/// A line of an answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub(super) enum Message {
    /// What it is about to do or waits for.
    Progress {
        message: String,
        #[serde(default)]
        fraction: Option<f64>,
    },
    /// A line for the step's log.
    Log { message: String },
    /// A value for later steps.
    Output { key: String, value: Value },
    /// What it would do.
    Change(Change),
    /// The last line.
    Result(Answer),
}

impl Message {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Progress { .. } => "progress",
            Self::Log { .. } => "log",
            Self::Output { .. } => "output",
            Self::Change(_) => "change",
            Self::Result(_) => "result",
        }
    }
}

/// Something that a plugin would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The operation: `PutItem`, or any other word.
    pub call: String,
    /// Why, or on what.
    pub reason: String,
}

/// The last line of an answer to any verb but `describe`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Answer {
    /// How it ended.
    pub status: Status,
    /// One line for people.
    #[serde(default)]
    pub message: Option<String>,
    /// With `retry`: how long to wait before.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
    /// What `undo` needs to take back what was done.
    #[serde(default)]
    pub undo: Option<Value>,
    /// With `failed` and `retry`: whether something was changed before.
    #[serde(default)]
    pub changed: Option<bool>,
    /// The verb that this answers.
    #[serde(default)]
    pub verb: Option<String>,
}

/// How a verb ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Something was changed; in a plan: would be.
    Changed,
    /// Nothing had to be.
    Unchanged,
    /// It cannot be done.
    Failed,
    /// It can be done later.
    Retry,
}
