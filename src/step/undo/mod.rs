//! Taking back what a run did: as data that is journalled, and how it is carried out.
//!
//! An [`Undo`] says what *this run* changed, by its answers and not by what is live: a table that
//! was there before, or whose creation was not confirmed, has none. It is all that a rollback
//! needs, so that `osem rollback RUN` works from the journal alone. Carrying one out looks first and
//! takes back only what still is as the run left it.

mod table;
mod tags;

use std::collections::BTreeMap;

use futures::FutureExt;
use serde::{Deserialize, Serialize};

use crate::model::TableName;

use super::{StepContext, StepError, command};

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
            Self::DeleteTable { table_name, .. } | Self::RestoreTags { table_name, .. } => {
                Some(table_name)
            }
            Self::Run { table_name, .. } => table_name.as_deref(),
        }
    }

    /// Whether nothing of the change remains once its table is gone.
    #[must_use]
    pub const fn goes_with_its_table(&self) -> bool {
        match self {
            Self::DeleteTable { .. } | Self::RestoreTags { .. } => true,
            // Nobody can say what else a program did.
            Self::Run { .. } => false,
        }
    }

    /// Whether it takes back all that was done to a table, so that nothing else has to be.
    #[must_use]
    pub fn removes(&self, table: &str) -> bool {
        matches!(self, Self::DeleteTable { table_name, .. } if table_name == table)
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
            Self::Run { argv, .. } => format!("run {}", argv.join(" ")),
        }
    }

    /// Takes the change back, as far as it is still there. `cx` must have the consent of
    /// [`Consent::to_undo`](super::Consent::to_undo) for it.
    ///
    /// # Errors
    /// What kept it from being carried out. It may be tried again: it looks at what is there first.
    pub async fn carry_out(&self, cx: &StepContext) -> Result<Undone, StepError> {
        // Boxed: they hold the futures of calls, which are large.
        match self {
            Self::DeleteTable { table_name, identity } => match TableName::parse(table_name) {
                Ok(name) => table::delete(cx, &name, identity).boxed().await,
                Err(_) => Ok(no_table()),
            },
            Self::RestoreTags { table_name, arn, identity, tags } => {
                match TableName::parse(table_name) {
                    Ok(name) => {
                        tags::restore(cx, &name, arn, identity.as_deref(), tags).boxed().await
                    }
                    Err(_) => Ok(no_table()),
                }
            }
            Self::Run { argv, env, credentials, .. } => {
                command::undo::carry_out(cx, argv, env, *credentials).boxed().await
            }
        }
    }
}

fn no_table() -> Undone {
    Undone::Stands("the record names no table that can be".to_owned())
}
