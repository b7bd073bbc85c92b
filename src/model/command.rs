//! Commands of steps: declared with placeholders, resolved with all but `{run.id}` filled.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::diagnostic::{Span, Spanned};

use super::{Effect, OutputName, Placeholder, RollbackStep, StepId, Template};

/// How a kind takes what it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommandForm {
    /// A program and its arguments, with placeholders; no shell sees them.
    Words,
    /// One text for `sh -c`, which is never expanded: values reach it as variables.
    Text,
    /// A program that speaks the plugin protocol.
    Plugin,
}

/// The part of a `step` node that only commands have.
#[derive(Debug, Clone, Default)]
pub struct CommandDecl {
    /// What stands after the kind.
    pub words: Vec<Spanned<String>>,
    /// The `env` children: name and value.
    pub env: Vec<(Spanned<String>, Spanned<String>)>,
    /// `credentials aws`, and where it stands.
    pub credentials: Option<Spanned<()>>,
    /// `interactive`, and where it stands.
    pub interactive: Option<Spanned<()>>,
}

/// A command of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Command {
    /// How `words` are meant.
    pub form: CommandForm,
    /// Program and arguments, or the one text.
    #[serde(serialize_with = "texts")]
    pub words: Vec<Template>,
    /// Variables, the last of a name wins.
    #[serde(serialize_with = "variables")]
    pub env: Vec<(String, Template)>,
    /// Whether it is given the environment's credentials.
    pub credentials: bool,
    /// What it may do.
    pub effect: Effect,
    /// Whether it takes the terminal, alone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub interactive: bool,
    /// The steps of the outputs that it names.
    #[serde(skip)]
    pub reads: BTreeMap<OutputName, StepId>,
    /// The parameters of a kind that the files declare, with their values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<(String, ParamValue)>,
    /// The program and the arguments that take back what it did. It is no part of what a step does.
    #[serde(skip)]
    pub undo: Vec<Template>,
    /// The steps that take back what it did, in the order in which they run. As `undo`, they are no
    /// part of what a step does.
    #[serde(skip)]
    pub rollback: Vec<RollbackStep>,
    /// Whether doing it twice is the same as doing it once, as far as a kind says so.
    #[serde(skip)]
    pub idempotent: bool,
    /// Where the program is named.
    #[serde(skip)]
    pub place: Option<Span>,
}

/// The value of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ParamValue {
    /// Text, with all placeholders filled but those that only a run knows.
    #[serde(serialize_with = "text")]
    Text(Template),
    /// Text with a secret in it, as [`ParamValue::Text`]: for stdin alone.
    #[serde(serialize_with = "text")]
    Secret(Template),
    /// A whole number; of milliseconds for a span of time.
    Number(i64),
    /// A flag.
    Bool(bool),
}

impl ParamValue {
    /// The text, which may have placeholders.
    #[must_use]
    pub const fn text(&self) -> Option<&Template> {
        match self {
            Self::Text(text) | Self::Secret(text) => Some(text),
            Self::Number(_) | Self::Bool(_) => None,
        }
    }
}

impl Command {
    /// All that is filled before it runs.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        let params = self.params.iter().filter_map(|(_, value)| value.text());
        let env = self.env.iter().map(|(_, value)| value);
        self.words.iter().chain(env).chain(params).chain(&self.undo)
    }

    /// The secret variables that its variables and parameters name: all others were filled when it
    /// was planned.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let env = self.env.iter().map(|(_, value)| value);
        let params = self.params.iter().filter_map(|(_, value)| value.text());
        env.chain(params).flat_map(Template::placeholders).filter_map(|placeholder| {
            match placeholder {
                Placeholder::Var(name) => Some(name.as_str()),
                _ => None,
            }
        })
    }

    /// The command, and those of its `rollback`.
    pub fn with_rollback(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.rollback.iter().map(|step| &step.command))
    }

    /// Whether a step of its `rollback` may destroy something.
    #[must_use]
    pub fn rollback_destroys(&self) -> bool {
        self.rollback.iter().any(|step| step.command.effect == Effect::Destroy)
    }

    /// Whether it is given a secret.
    #[must_use]
    pub fn names_secrets(&self) -> bool {
        self.secrets().next().is_some()
    }

    /// The command on one line, for people.
    #[must_use]
    pub fn shown(&self) -> String {
        let words = self.words.iter().map(|word| {
            let text = word.shown();
            if self.form == CommandForm::Text { text } else { quoted(&text) }
        });
        words.collect::<Vec<_>>().join(" ")
    }
}

/// A word of a command for people: in quotes, as a shell takes them, unless it needs none.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:@%+,{}".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn text<S: Serializer>(text: &Template, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(text)
}

fn texts<S: Serializer>(words: &[Template], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(words.iter().map(ToString::to_string))
}

fn variables<S: Serializer>(env: &[(String, Template)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(env.iter().map(|(name, value)| (name, value.to_string())))
}
