//! What a step came to.

use serde::{Deserialize, Serialize};

use crate::model::{Failure, Tags};
use crate::table::Issue;

use super::{StepOutputs, Undo};

/// A step that ended well.
#[derive(Debug, Clone, Default)]
pub struct StepSuccess {
    /// Whether it changed anything in the account.
    pub changed: bool,
    /// One line for people, such as `created with 2 indexes`.
    pub message: String,
    /// What it found out, for reports.
    pub facts: Vec<Fact>,
    /// What a person should know although the step succeeded.
    pub warnings: Vec<String>,
    /// How what it changed is taken back.
    pub undo: Vec<Undo>,
    /// What it puts out for later steps.
    pub outputs: StepOutputs,
}

impl StepSuccess {
    /// Nothing had to be done.
    pub fn unchanged(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Something was done.
    pub fn changed(message: impl Into<String>) -> Self {
        Self { changed: true, message: message.into(), ..Self::default() }
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, fact: Fact) -> Self {
        self.facts.push(fact);
        self
    }

    /// Puts a value out, where there is one.
    #[must_use]
    pub fn output(mut self, key: &'static str, value: Option<impl Into<String>>) -> Self {
        self.outputs.extend(value.map(|value| (key.to_owned(), value.into())));
        self
    }

    /// Adds a warning.
    #[must_use]
    pub fn warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Adds how something is taken back.
    #[must_use]
    pub fn undone_by(mut self, undo: Option<Undo>) -> Self {
        self.undo.extend(undo);
        self
    }
}

/// A step that did not end well, with what it had found out until then.
#[derive(Debug, Clone)]
pub struct StepError {
    /// Why.
    pub failure: Failure,
    /// What it found out, for reports.
    pub facts: Vec<Fact>,
    /// Whether it changed anything before it failed; after a lost answer this is `true`.
    pub changed: bool,
    /// Whether it looked, and nothing that this step may have changed stands.
    pub nothing_stands: bool,
    /// How what it is known to have changed is taken back.
    pub undo: Vec<Undo>,
}

impl From<Failure> for StepError {
    fn from(failure: Failure) -> Self {
        let (facts, undo) = (Vec::new(), Vec::new());
        Self { failure, facts, changed: false, nothing_stands: false, undo }
    }
}

/// Something a step found out that reports show in a form of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Fact {
    /// Who the credentials belong to.
    Identity {
        /// The account, where STS named one.
        account: Option<String>,
        /// The principal, where STS named one.
        arn: Option<String>,
        /// Where the credentials come from, for people.
        source: String,
    },
    /// This run created a table.
    TableCreated {
        /// Its full name.
        table_name: String,
        /// How many secondary indexes it was created with.
        indexes: usize,
        /// Whether the service confirmed it.
        created: Created,
        /// Its ARN.
        arn: Option<String>,
        /// Its identity.
        id: Option<String>,
    },
    /// A table was there already and equals the declaration.
    TableAdopted {
        /// Its full name.
        table_name: String,
    },
    /// A table was compared with its declaration.
    TableVerified {
        /// Its full name.
        table_name: String,
        /// Its status; `None` when there is no such table.
        status: Option<String>,
        /// The differences; none means it passed.
        issues: Vec<Issue>,
    },
    /// Tags of a table were changed.
    TableTagged {
        /// Its full name.
        table_name: String,
        /// Tags written.
        written: Tags,
        /// Keys removed.
        removed: Vec<String>,
    },
    /// Settings or indexes of a table were changed.
    TableUpdated {
        /// Its full name.
        table_name: String,
        /// What was changed, call by call: `ttl: off -> expiresAt`.
        changes: Vec<String>,
    },
    /// This run made an on-demand backup of a table.
    TableBackedUp {
        /// The table's full name.
        table_name: String,
        /// The backup's name.
        backup_name: String,
        /// The backup's ARN.
        arn: String,
    },
    /// What stays behind of a table that this run deleted.
    Remains {
        /// The table's full name.
        table_name: String,
        /// What, line by line, for people.
        what: Vec<String>,
    },
    /// This run deleted a table.
    TableDeleted {
        /// Its full name.
        table_name: String,
    },
    /// Items of a file were put into a table, or found there.
    ItemsPut {
        /// The table's full name.
        table_name: String,
        /// The file, relative to the project's folder where it is in there.
        file: String,
        /// How many items it holds.
        items: u64,
        /// Items that this run put.
        put: u64,
        /// Items of which the key was there.
        there: u64,
        /// Calls that were made.
        calls: u64,
        /// Calls that were throttled, or left some items of a batch.
        throttled: u64,
        /// The file as it was, and the table, as of `Preview::done_with`.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        done_with: String,
    },
    /// The tables of the environment.
    Tables {
        /// One row a table.
        tables: Vec<ListedTable>,
    },
    /// The endpoint does not offer something; it was left out.
    Unsupported {
        /// What, such as `tags`.
        feature: String,
    },
}

/// How it is known that this run created a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Created {
    /// The service answered the call.
    Confirmed,
    /// The answer was lost; the table was found afterwards, as declared. It is as good as this
    /// run's own, but that cannot be proved: it is never deleted as such.
    Unknown,
}

/// A row of `list-tables`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedTable {
    /// The full name.
    pub table_name: String,
    /// Whether the file declares it.
    pub declared: bool,
    /// Its status; `None` when it is declared but not there.
    pub status: Option<String>,
    /// How many secondary indexes it has.
    pub indexes: usize,
    /// The service's count of items, up to six hours old.
    pub approximate_items: Option<i64>,
    /// The declared keys, or the live ones of an undeclared table: `userId S`.
    pub keys: String,
}
