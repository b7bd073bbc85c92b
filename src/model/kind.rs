//! What the configuration check must know of a step kind.
//!
//! How a kind runs is the business of `step/`; the facts here are enough to check a file.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::Spanned;

use super::{CommandForm, KindDecl};

/// What a kind may do to tables.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Reads only.
    Read,
    /// Creates or changes.
    Write,
    /// Removes tables or data.
    Destroy,
}

/// What one step of a kind is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KindScope {
    /// The environment as a whole.
    Environment,
    /// One table.
    Table,
    /// One table where one is near, else the environment.
    Either,
}

/// Everything about a kind that does not need it to run.
#[derive(Debug, Clone)]
pub struct KindSpec {
    /// The word after `step`.
    pub name: String,
    /// One sentence.
    pub summary: String,
    /// What it may do.
    pub effect: Effect,
    /// What it is about.
    pub scope: KindScope,
    /// Its inputs, written as properties of `step`.
    pub params: Vec<ParamSpec>,
    /// How it takes a command; `None` for a kind that runs none.
    pub command: Option<CommandForm>,
    /// What its steps put out for later ones; a command's outputs are known only when it has run.
    pub outputs: Vec<OutputSpec>,
    /// Where the files declare it; `None` for a kind that is built in.
    pub declared: Option<Arc<KindDecl>>,
    /// Inputs that make a step do more than `effect`: input, word, effect.
    pub effect_by: Vec<(String, String, Effect)>,
    /// Timeout where neither the step nor `defaults` sets one.
    pub timeout: Duration,
    /// How long it usually takes on the service: the weight for the critical path.
    pub usual: Duration,
}

impl KindSpec {
    /// Whether its steps run a program: `exec`, `shell` and the kinds that files declare.
    #[must_use]
    pub const fn runs_program(&self) -> bool {
        self.command.is_some() || self.declared.is_some()
    }

    /// What a step of the kind may do with these inputs: a command says by `effect=` when it does
    /// less or more than write, other kinds can only do more than usual.
    #[must_use]
    pub fn effect_of(&self, inputs: &Inputs) -> Effect {
        let written = |name: &str, word: &str| says(inputs, name, word);
        if self.command.is_some() && written("effect", "read") {
            return Effect::Read;
        }
        if self.command.is_some() && written("effect", "destroy") {
            return Effect::Destroy;
        }
        let more = self.effect_by.iter().filter(|(name, word, _)| written(name, word));
        more.map(|(_, _, effect)| *effect).fold(self.effect, Effect::max)
    }
}

/// A value that steps of a kind put out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputSpec {
    /// Its key.
    pub key: &'static str,
    /// One sentence.
    pub doc: &'static str,
}

/// One input of a kind.
#[derive(Debug, Clone)]
pub struct ParamSpec {
    /// Its name.
    pub name: String,
    /// One sentence.
    pub doc: String,
    /// What values it takes.
    pub ty: ParamType,
    /// Whether it must be written.
    pub required: bool,
    /// The value when it is not written, where there is one.
    pub default: Option<String>,
}

/// The type of an input.
#[derive(Debug, Clone)]
pub enum ParamType {
    /// One of the listed words.
    Enum(Vec<String>),
    /// Any text, with placeholders.
    Text,
    /// A whole number.
    Int {
        /// The least.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// `#true` or `#false`.
    Bool,
    /// A span of time, as text with a unit.
    Duration {
        /// The shortest.
        min: Duration,
        /// The longest.
        max: Duration,
    },
    /// The declared name of a table.
    Table,
    /// A file that must be there. What is written is relative to the folder of the file that it is
    /// written in, with placeholders; a step is prepared with the filled path, relative to the
    /// project's folder where it is in there.
    Path,
}

/// One input as written and checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(untagged)]
pub enum InputValue {
    /// Text, or a word of an enumeration.
    Text(String),
    /// A whole number.
    Int(i64),
    /// `#true` or `#false`.
    Bool(bool),
}

impl InputValue {
    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Int(_) | Self::Bool(_) => None,
        }
    }
}

impl fmt::Display for InputValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Int(number) => write!(f, "{number}"),
            Self::Bool(on) => write!(f, "{on}"),
        }
    }
}

/// The inputs of one step, defaults not filled in.
pub type Inputs = BTreeMap<String, Spanned<InputValue>>;

/// Whether this word was given for an input.
#[must_use]
pub fn says(inputs: &Inputs, name: &str, word: &str) -> bool {
    inputs.get(name).is_some_and(|input| input.value == InputValue::Text(word.to_owned()))
}

/// All kinds that a configuration may name.
#[derive(Debug, Clone, Default)]
pub struct KindCatalog(BTreeMap<String, KindSpec>);

impl KindCatalog {
    /// A kind by name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&KindSpec> {
        self.0.get(name)
    }

    /// These kinds and further ones; of two with one name the one that is there stays.
    #[must_use]
    pub fn with(&self, kinds: impl IntoIterator<Item = KindSpec>) -> Self {
        let mut all = self.clone();
        for kind in kinds {
            all.0.entry(kind.name.clone()).or_insert(kind);
        }
        all
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.keys().map(String::as_str)
    }

    /// All kinds, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &KindSpec> {
        self.0.values()
    }
}

impl FromIterator<KindSpec> for KindCatalog {
    fn from_iter<I: IntoIterator<Item = KindSpec>>(kinds: I) -> Self {
        Self(kinds.into_iter().map(|kind| (kind.name.clone(), kind)).collect())
    }
}
