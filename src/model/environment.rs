//! Where tables live.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::diagnostic::Spanned;

use super::{ControlPlane, TableSettings};

/// Twelve digits; leading zeros count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize)]
pub struct AccountId(String);

impl AccountId {
    /// Checks the shape of an account id; `None` unless it is twelve digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let twelve_digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        twelve_digits.then(|| Self(text.to_owned()))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `environment` node.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The name after `environment`.
    pub name: Spanned<String>,
    /// Whether it is used when none is named.
    pub is_default: bool,
    /// The region the environment lives in.
    pub region: Option<Spanned<String>>,
    /// The account the credentials must belong to.
    pub account: Option<Spanned<AccountId>>,
    /// The profile to take credentials from.
    pub profile: Option<Spanned<String>>,
    /// The role to assume.
    pub assume_role: Option<AssumeRole>,
    /// A DynamoDB-compatible server instead of the service.
    pub endpoint: Option<EndpointDecl>,
    /// The engine inside the binary.
    pub emulator: Option<EmulatorDecl>,
    /// Whether tables may be deleted here.
    pub allow_destroy: bool,
    /// Whether every write needs the environment's name as confirmation.
    pub protected: bool,
    /// Settings for every table here, `tag` children of the environment included.
    pub settings: TableSettings,
}

/// The `assume-role` node.
#[derive(Debug, Clone)]
pub struct AssumeRole {
    /// The role's ARN.
    pub arn: Spanned<String>,
    /// Shown to the role's trust policy.
    pub external_id: Option<String>,
    /// The session's name in the account's logs; `osem` when absent.
    pub session_name: Option<String>,
    /// How long the session lasts; the service's default when absent.
    pub duration: Option<Duration>,
}

/// The `endpoint` node.
#[derive(Debug, Clone)]
pub struct EndpointDecl {
    /// Where DynamoDB calls go.
    pub url: Spanned<String>,
    /// Where STS calls go; the service itself when absent.
    pub sts: Option<Spanned<String>>,
}

/// The `emulator` node.
#[derive(Debug, Clone)]
pub struct EmulatorDecl {
    /// Where the node stands.
    pub span: crate::diagnostic::Span,
    /// Where its tables are kept.
    pub data: EmulatorData,
    /// How it answers control-plane calls.
    pub control_plane: ControlPlane,
}

/// Where the emulator keeps its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmulatorData {
    /// In a database file; relative paths start at the project's root.
    File(PathBuf),
    /// In memory: gone when the process ends.
    Memory,
}

/// `only-in` and `except-in`.
#[derive(Debug, Clone, Default)]
pub struct EnvironmentFilter {
    /// Environments that take part; empty means all.
    pub only_in: Vec<Spanned<String>>,
    /// Environments that do not.
    pub except_in: Vec<Spanned<String>>,
}

impl EnvironmentFilter {
    /// Whether the environment takes part.
    #[must_use]
    pub fn includes(&self, environment: &str) -> bool {
        let named = |list: &[Spanned<String>]| list.iter().any(|entry| entry.value == environment);
        (self.only_in.is_empty() || named(&self.only_in)) && !named(&self.except_in)
    }

    /// All environments named by the filter.
    pub fn names(&self) -> impl Iterator<Item = &Spanned<String>> {
        self.only_in.iter().chain(&self.except_in)
    }
}
