//! The `project` and `defaults` nodes.

use std::path::PathBuf;

use crate::diagnostic::Spanned;

use super::{StepPolicy, TableSettings, Template};

/// The `project` node.
#[derive(Debug, Clone)]
pub struct Project {
    /// The project's name.
    pub name: Spanned<String>,
    /// How a full table name is made; contains `{table}`.
    pub table_name: Spanned<Template>,
    /// Steps that run at once; `None` means 8.
    pub jobs: Option<usize>,
    /// The folder whose `*.kdl` files belong to the project, relative to the root file.
    pub tasks_dir: PathBuf,
}

/// The `defaults` node: what holds where a table or step says nothing.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// For tables.
    pub table: TableSettings,
    /// For steps.
    pub step: StepPolicy,
}
