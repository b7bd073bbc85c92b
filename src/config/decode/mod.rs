//! From checked nodes to declared things, one section of the language a file.
//!
//! A node that the grammar refused is not decoded, but its name is kept, so that one slip inside
//! an environment does not make every mention of it unknown.

mod emulator;
mod environment;
mod fault;
mod index;
mod kind;
mod pool;
mod project;
mod retry_on;
mod rollback;
mod setting;
mod settings;
mod step;
mod table;
mod task;
mod variable;
mod vector_index;

use std::sync::Arc;

use kdl::KdlNode;

use crate::diagnostic::{Diagnostic, FileId, Span, Spanned};
use crate::model::{Defaults, Environment, KindDecl, Pool, Project, TableDecl, Task, VariableDecl};
use crate::syntax::schema::Context;
use crate::syntax::{NodeReader, Sink, Value, check_node};

pub use emulator::apply_setting;
pub(super) use project::TASKS_DIR;

/// Everything declared so far, in the order of the files.
#[derive(Default)]
pub(super) struct Declared {
    pub(super) project: Option<Project>,
    /// Where the project says which folder its tasks are in.
    pub(super) tasks_dir: Option<Span>,
    pub(super) defaults: Defaults,
    pub(super) environments: Vec<Environment>,
    pub(super) tables: Vec<TableDecl>,
    pub(super) tasks: Vec<Task>,
    pub(super) pools: Vec<Pool>,
    pub(super) variables: Vec<VariableDecl>,
    pub(super) kinds: Vec<Arc<KindDecl>>,
    pub(super) includes: Vec<Include>,
    /// Nodes that stand in the files but could not be used: the node's and the thing's name.
    pub(super) unusable: Vec<(String, Spanned<String>)>,
    /// Whether a `project` node stands in the root file, usable or not.
    pub(super) has_project: bool,
}

/// The `include` node.
pub(super) struct Include {
    pub(super) glob: Spanned<String>,
    pub(super) optional: bool,
}

impl Declared {
    /// Checks and decodes one node at the top of a file.
    pub(super) fn add(
        &mut self,
        file: FileId,
        node: &KdlNode,
        context: Context,
    ) -> Vec<Diagnostic> {
        self.has_project |= node.name().value() == "project";
        let mut problems = check_node(file, node, context);
        if problems.is_empty() {
            problems = self.decode(file, node);
        }
        if !problems.is_empty() {
            self.remember(file, node);
        }
        problems
    }

    fn decode(&mut self, file: FileId, node: &KdlNode) -> Vec<Diagnostic> {
        let sink = Sink::default();
        let mut reader = NodeReader::new(node, file, &sink);
        let span = reader.span();
        let decoded = self.section(&mut reader);
        drop(reader);
        if decoded.is_none() && sink.is_empty() {
            let message = format!("this `{}` could not be read", node.name().value());
            sink.push(Diagnostic::error("osem::internal", message).label(span, ""));
        }
        if decoded.is_some() && !sink.is_empty() {
            // Half a thing would only cause errors elsewhere.
            self.forget_last(node.name().value());
        }
        sink.into_problems()
    }

    fn section(&mut self, reader: &mut NodeReader<'_>) -> Option<()> {
        match reader.name() {
            "osem" => project::edition(reader)?,
            "project" => {
                let (project, tasks_dir) = project::project(reader)?;
                self.project = Some(project);
                self.tasks_dir = tasks_dir;
            }
            "defaults" => self.defaults = project::defaults(reader),
            "environment" => self.environments.push(environment::environment(reader)?),
            "table" => self.tables.push(table::table(reader)?),
            "task" => self.tasks.push(task::task(reader)?),
            "pool" => self.pools.push(pool::pool(reader)?),
            "var" => self.variables.push(variable::variable(reader)?),
            "step-kind" => self.kinds.push(Arc::new(kind::kind(reader)?)),
            "include" => self.includes.push(project::include(reader)?),
            _ => return None,
        }
        Some(())
    }

    fn forget_last(&mut self, name: &str) {
        match name {
            "environment" => drop(self.environments.pop()),
            "table" => drop(self.tables.pop()),
            "task" => drop(self.tasks.pop()),
            "pool" => drop(self.pools.pop()),
            "var" => drop(self.variables.pop()),
            "step-kind" => drop(self.kinds.pop()),
            "project" => (self.project, self.tasks_dir) = (None, None),
            _ => {}
        }
    }

    fn remember(&mut self, file: FileId, node: &KdlNode) {
        let first = node.entries().iter().find(|entry| entry.name().is_none());
        let Some(value) = first.map(|entry| Value::new(entry, file)) else { return };
        if let Some(name) = value.text() {
            let name = Spanned::new(name.to_owned(), value.span());
            self.unusable.push((node.name().value().to_owned(), name));
        }
    }
}

/// The error for two things that exclude each other.
fn excluded(first: (&str, Span), second: (&str, Span)) -> Diagnostic {
    let message = format!("{} and {} exclude each other", first.0, second.0);
    Diagnostic::error("osem::excluded", message).label(second.1, "").label(first.1, "")
}
