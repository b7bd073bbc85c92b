//! Taking back what a run did: as data that is journalled, and how it is carried out.
//!
//! An [`Undo`] says what *this run* changed, by its answers and not by what is live: a table that
//! was there before, or whose creation was not confirmed, has none. It is all that a rollback
//! needs, so that `osem rollback RUN` works from the journal alone. Carrying one out looks first and
//! takes back only what still is as the run left it.

mod step;
mod table;
mod tags;

use std::collections::BTreeMap;

use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::{Effect, TableName, quoted};

use super::{ItemsPut, StepContext, StepError, command, plugin};

pub use step::UndoStep;
pub(super) use step::missing_output;
pub(super) use tags::Wrote;

/// What a run changed and how it is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "undo", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Undo {
    /// It created a table, and the service confirmed that.
    DeleteTable {
        /// Its full name.
        table_name: String,
        /// Its id, or its exact creation time where an endpoint sends no id.
        identity: String,
    },
    /// It wrote or removed tags, and the service confirmed that.
    RestoreTags {
        /// The table's full name.
        table_name: String,
        /// Its ARN.
        arn: String,
        /// As of [`Undo::DeleteTable`], where the endpoint sends either.
        identity: Option<String>,
        /// By key.
        tags: BTreeMap<String, TagChange>,
    },
    /// It put items where none were, and the service confirmed that.
    DeleteItems {
        /// The table's full name.
        table_name: String,
        /// As of [`Undo::DeleteTable`], where the endpoint sends either.
        identity: Option<String>,
        /// Which.
        put: ItemsPut,
    },
    /// It ran a program, whose kind names another one that takes back what that did.
    Run {
        /// The program and its arguments.
        argv: Vec<String>,
        /// The variables that it gets beside those that every program gets.
        env: BTreeMap<String, String>,
        /// Whether it is given the environment's credentials.
        credentials: bool,
        /// The full name of the step's table.
        table_name: Option<String>,
    },
    /// It ran a program, and this is one of the steps that the file names to take back what that did.
    /// They are recorded last first, as everything that is taken back.
    Step(Box<UndoStep>),
    /// It ran a plugin, which left what its verb `undo` needs.
    Plugin {
        /// The program.
        program: String,
        /// The parameters of the step.
        params: Map<String, Value>,
        /// The secret ones, with the names of secrets in the place of their values.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        secrets: BTreeMap<String, String>,
        /// What the plugin left.
        data: Value,
        /// The variables that it gets beside those that every program gets.
        env: BTreeMap<String, String>,
        /// Whether it is given the environment's credentials.
        credentials: bool,
        /// The full name of the step's table.
        table_name: Option<String>,
    },
}

/// What a run did to one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagChange {
    /// Its value before; `None` where there was none.
    pub before: Option<String>,
    /// Its value afterwards; `None` where it was removed.
    pub after: Option<String>,
}

/// What came of an undo that did not fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone {
    /// Nothing of the change remains; one line says how that came.
    Gone(String),
    /// It remains, because it may not be taken back; one line says why.
    Stands(String),
}

impl Undo {
    /// The full name of the table that was changed, where it is about one.
    #[must_use]
    pub fn table_name(&self) -> Option<&str> {
        match self {
            Self::DeleteTable { table_name, .. }
            | Self::RestoreTags { table_name, .. }
            | Self::DeleteItems { table_name, .. } => Some(table_name),
            Self::Run { table_name, .. } | Self::Plugin { table_name, .. } => table_name.as_deref(),
            Self::Step(step) => step.table_name.as_deref(),
        }
    }

    /// Whether nothing of the change remains once its table is gone.
    #[must_use]
    pub const fn goes_with_its_table(&self) -> bool {
        match self {
            Self::DeleteTable { .. } | Self::RestoreTags { .. } => true,
            // Items are taken out before: a table that holds any is not removed. What a program did
            // may be anywhere.
            Self::DeleteItems { .. } | Self::Run { .. } | Self::Plugin { .. } | Self::Step(_) => {
                false
            }
        }
    }

    /// Whether it deletes something, and not only writes what was there before.
    #[must_use]
    pub fn deletes(&self) -> bool {
        match self {
            Self::DeleteTable { .. } | Self::DeleteItems { .. } => true,
            Self::Step(step) => step.effect == Effect::Destroy,
            Self::RestoreTags { .. } | Self::Run { .. } | Self::Plugin { .. } => false,
        }
    }

    /// Whether it takes back whatever was done to the table.
    #[must_use]
    pub const fn removes_table(&self) -> bool {
        matches!(self, Self::DeleteTable { .. })
    }

    /// One line for people who are asked first.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::DeleteTable { table_name, .. } => format!("delete {table_name}, if it is empty"),
            Self::RestoreTags { table_name, tags, .. } => {
                let noun = if tags.len() == 1 { "tag" } else { "tags" };
                format!("restore {} {noun} of {table_name}", tags.len())
            }
            Self::Run { argv, .. } => {
                let words: Vec<String> = argv.iter().map(|word| quoted(word)).collect();
                format!("run {}", words.join(" "))
            }
            Self::Step(step) => step.describe(),
            Self::Plugin { program, .. } => format!("run {program} undo"),
            Self::DeleteItems { table_name, put, .. } => {
                let (count, file) = (put.places.count(), &put.file);
                let noun = if count == 1 { "item" } else { "items" };
                format!("take {count} {noun} of {file} out of {table_name}, as far as unchanged")
            }
        }
    }

    /// Takes the change back, as far as it is still there. `cx` must have the consent of
    /// [`Consent::to_undo`](super::Consent::to_undo) for it.
    ///
    /// # Errors
    /// What kept it from being carried out. It may be tried again: it looks at what is there first.
    pub async fn carry_out(&self, cx: &StepContext) -> Result<Undone, StepError> {
        let name = match self {
            // Boxed: they hold the futures of calls, which are large.
            Self::Run { argv, env, credentials, .. } => {
                return command::undo::carry_out(cx, argv, env, *credentials).boxed().await;
            }
            Self::Plugin { program, params, secrets, data, env, credentials, .. } => {
                let credentials = *credentials;
                let undo = plugin::Undoing { program, params, secrets, data, env, credentials };
                return plugin::undo(cx, undo).boxed().await;
            }
            Self::Step(step) => return step.carry_out(cx).boxed().await,
            Self::DeleteTable { table_name, .. }
            | Self::RestoreTags { table_name, .. }
            | Self::DeleteItems { table_name, .. } => TableName::parse(table_name),
        };
        let Ok(name) = name else {
            return Ok(Undone::Stands("the record names no table that can be".to_owned()));
        };
        match self {
            Self::DeleteTable { identity, .. } => table::delete(cx, &name, identity).boxed().await,
            Self::RestoreTags { arn, identity, tags, .. } => {
                tags::restore(cx, &name, arn, identity.as_deref(), tags).boxed().await
            }
            Self::DeleteItems { identity, put, .. } => {
                put.take_back(cx, &name, identity.as_deref()).boxed().await
            }
            Self::Run { .. } | Self::Plugin { .. } | Self::Step(_) => {
                unreachable!("programs were carried out above")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_undoes_is_shown_as_a_shell_takes_it() {
        let argv = ["sh", "-c", "echo it's undone; rm x"].map(str::to_owned).to_vec();
        let undo = Undo::Run { argv, env: BTreeMap::new(), credentials: false, table_name: None };
        assert_eq!(undo.describe(), "run sh -c 'echo it'\\''s undone; rm x'");
    }
}
