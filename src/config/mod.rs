//! Finding, loading and checking a project's files.
//!
//! [`load`] gives either a [`Config`] in which every name that is used is declared and every table
//! can be resolved in every environment, or *all* problems of *all* files at once. It reads files
//! and nothing else: no network, and no variables but those of `var` that [`load_with`] is given.
//! How a plan is made of a task, and what a step does, belongs to later layers.

mod check;
mod decode;
mod find;
mod load;
mod needs;
mod paths;
mod resolve;
mod variables;

use std::path::PathBuf;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Sources};
use crate::model::{Defaults, Environment, KindDecl, Pool, Project, TableDecl, Task};

pub use check::COMMANDS;
pub use decode::apply_setting;
pub use find::find;
pub use load::{Unwritten, load, load_as_if, load_with};
pub use resolve::{CommandPlace, Inherited};
pub use variables::{Given, NO_VALUE, Variables};

/// The name of the root file.
pub const ROOT_FILE: &str = "osem.kdl";

/// A project's files, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// The files that were read, the root file first.
    pub sources: Sources,
    /// The folder of the root file; relative paths in the files start here.
    pub root: PathBuf,
    /// The `project` node.
    pub project: Project,
    /// The `defaults` node.
    pub defaults: Defaults,
    /// All environments, in the order they are declared.
    pub environments: Vec<Environment>,
    /// All tables, in the order they are declared.
    pub tables: Vec<TableDecl>,
    /// All tasks, in the order they are declared.
    pub tasks: Vec<Task>,
    /// All pools, in the order they are declared.
    pub pools: Vec<Pool>,
    /// All variables, with their values.
    pub variables: Variables,
    /// All step kinds of the files, in the order they are declared.
    pub kinds: Vec<Arc<KindDecl>>,
    /// What is allowed but probably not meant.
    pub warnings: Vec<Diagnostic>,
}

impl Config {
    /// An environment by name.
    #[must_use]
    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name.value == name)
    }

    /// The environment with `default=#true`.
    #[must_use]
    pub fn default_environment(&self) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.is_default)
    }

    /// A task by name.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name.value == name)
    }

    /// The tasks that a task needs, each once and before what needs it, then the task itself.
    #[must_use]
    pub fn with_needs<'c>(&'c self, task: &'c Task) -> Vec<&'c Task> {
        needs::with_needs(&self.tasks, task)
    }

    /// Whether a task, and all that it needs, may run in an environment.
    #[must_use]
    pub fn allows(&self, task: &Task, environment: &str) -> bool {
        self.with_needs(task).into_iter().all(|task| task.is_allowed_in(environment))
    }

    /// The tasks that may run in an environment, with all that they need: each after what it needs.
    #[must_use]
    pub fn allowed_in(&self, environment: &str) -> Vec<&Task> {
        needs::allowed_in(&self.tasks, environment)
    }

    /// A table by its declared name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableDecl> {
        self.tables.iter().find(|table| table.name.value == name)
    }
}

#[cfg(test)]
mod tests;
