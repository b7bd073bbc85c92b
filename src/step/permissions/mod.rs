//! What a step may ask of the service, as actions of IAM and what each is on.
//!
//! It is said from the declaration alone, for whatever may turn out to be live: what a step sends
//! only to a table that is not there, or only where a setting differs, is part of it. What rollback
//! asks for is kept apart. Sources: AWS, "Service Authorization Reference: Amazon DynamoDB" for the
//! resources of an action; where a call takes more than its own action, the page is named there.

mod settings;

use std::borrow::Cow;

use crate::model::{Encryption, Setting, TableSpec};

pub(super) use settings::{at_creation, reads, writes};

const DECRYPT: &str = "kms:Decrypt";

/// One action, on one resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// Such as `dynamodb:CreateTable`.
    pub action: Cow<'static, str>,
    /// What it is on.
    pub resource: Resource,
}

impl Permission {
    /// An action on a resource.
    #[must_use]
    pub fn new(action: impl Into<Cow<'static, str>>, resource: Resource) -> Self {
        Self { action: action.into(), resource }
    }
}

/// What an action is on. Names are full names; region and account are those of the environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// Everything: the action knows no narrower resource.
    All,
    /// A table.
    Table(String),
    /// All tables whose names start like this.
    TablesLike(String),
    /// A part of a table, such as `index/by-team` or `stream/*`.
    Part {
        /// The table.
        table: String,
        /// What follows its name.
        path: String,
    },
    /// A Kinesis stream by its ARN; any of the account where it is not known.
    KinesisStream(Option<String>),
    /// A KMS key by its ARN, used by DynamoDB for whoever calls DynamoDB.
    Key(String),
    /// A role that DynamoDB makes for itself when a setting is first used in an account.
    ServiceRole(ServiceRole),
}

/// A role that DynamoDB makes for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServiceRole {
    /// Keeps the rules of contributor insights.
    ContributorInsights,
    /// Writes to Kinesis streams.
    KinesisStreams,
}

/// What a step may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permissions {
    /// When it runs, previews included.
    pub run: Vec<Permission>,
    /// When what it did is taken back.
    pub undo: Vec<Permission>,
}

/// What a step's permissions depend on beside its inputs.
#[derive(Debug, Clone, Copy)]
pub struct PermissionScope<'a> {
    /// The step's table.
    pub table: Option<&'a TableSpec>,
    /// All tables of the environment.
    pub all_tables: &'a [TableSpec],
    /// The part of a full table name before the declared name.
    pub table_prefix: &'a str,
    /// Whether a `tag` step of the same table follows.
    pub tags_follow: bool,
    /// Whether the plan has a step that creates the table where it is not there.
    pub is_created: bool,
    /// Whether tables may be deleted here.
    pub allow_destroy: bool,
}

impl<'a> PermissionScope<'a> {
    /// The step's table.
    ///
    /// # Panics
    /// For a step of the environment: a kind says which of the two it is, and the configuration
    /// check holds it to that.
    pub(super) fn spec(&self) -> &'a TableSpec {
        self.table.expect("a table step has a table")
    }
}

impl Permissions {
    /// What is asked for when it runs; nothing of it can be taken back.
    pub(super) fn of_run(run: Vec<Permission>) -> Self {
        Self { run, undo: Vec::new() }
    }
}

/// These actions of DynamoDB on the table.
pub(super) fn on_table(spec: &TableSpec, actions: &[&'static str]) -> Vec<Permission> {
    let table = || Resource::Table(spec.name.to_string());
    actions.iter().map(|action| Permission::new(*action, table())).collect()
}

/// The customer's key that the table is declared to be encrypted with. What AWS manages or owns
/// asks nothing of the caller.
fn key_of(spec: &TableSpec) -> Option<&str> {
    spec.settings.iter().find_map(|setting| match setting {
        Setting::Encryption(Encryption::Key(arn)) => Some(arn.as_str()),
        _ => None,
    })
}

/// These actions on the items of a table: DynamoDB decrypts the table's key for the caller (AWS,
/// "DynamoDB encryption at rest: usage notes").
pub(super) fn on_items(spec: &TableSpec, actions: &[&'static str]) -> Vec<Permission> {
    on_table(spec, actions).into_iter().chain(decrypt(spec)).collect()
}

/// The use of the table's key for reading, where it has one of the customer's.
fn decrypt(spec: &TableSpec) -> Option<Permission> {
    key_of(spec).map(|key| Permission::new(DECRYPT, Resource::Key(key.to_owned())))
}

#[cfg(test)]
mod tests;
