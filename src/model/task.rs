//! Tasks and their steps, as declared.

use std::time::Duration;

use crate::diagnostic::{Span, Spanned};

use super::{CommandDecl, Inputs, OnFailure, RollbackDecl, StepPolicy};

/// The `task` node.
#[derive(Debug, Clone)]
pub struct Task {
    /// The name after `task`.
    pub name: Spanned<String>,
    /// One sentence for lists.
    pub description: Option<String>,
    /// Tasks that run before it, in this order.
    pub needs: Vec<Spanned<String>>,
    /// Environments it may run in; `None` means all.
    pub allow_in: Option<Vec<Spanned<String>>>,
    /// The question it asks at least.
    pub confirm: Option<Confirm>,
    /// What a failure does.
    pub on_failure: Option<OnFailure>,
    /// The time for all its steps but those of `finally`.
    pub timeout: Option<Duration>,
    /// Steps and blocks, in order.
    pub body: Vec<Block>,
    /// Steps that run last, whatever happened.
    pub finally: Vec<StepDecl>,
}

/// How strictly a person is asked before the first write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confirm {
    /// Not at all.
    Never,
    /// By yes or no.
    YesNo,
    /// By typing the environment's name.
    TypeEnvironment,
}

/// One thing in a task's body.
#[derive(Debug, Clone)]
pub enum Block {
    /// A step, or several at once.
    Link(Link),
    /// A chain of steps for each table.
    ForEachTable(ForEachTable),
    /// A chain of steps for each value.
    ForEachItem(ForEachItem),
}

/// What can stand both in a task's body and in a chain.
#[derive(Debug, Clone)]
pub enum Link {
    /// A step.
    Step(Box<StepDecl>),
    /// Steps that run at once.
    Parallel(Vec<StepDecl>),
}

impl Link {
    /// Its steps.
    #[must_use]
    pub fn steps(&self) -> &[StepDecl] {
        match self {
            Self::Step(step) => std::slice::from_ref(&**step),
            Self::Parallel(steps) => steps,
        }
    }
}

/// In which order chains start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As tables are declared.
    Declared,
    /// The other way round.
    Reverse,
}

/// The `for-each table` node.
#[derive(Debug, Clone)]
pub struct ForEachTable {
    /// The node.
    pub span: Span,
    /// The tables; empty means all of the environment.
    pub tables: Vec<Spanned<String>>,
    /// Start order.
    pub order: Order,
    /// Whether each chain waits for the end of the one before it.
    pub serial: bool,
    /// What a failure does to the other chains.
    pub on_failure: Option<OnFailure>,
    /// One chain, in order.
    pub links: Vec<Link>,
}

/// The `for-each item` node.
#[derive(Debug, Clone)]
pub struct ForEachItem {
    /// The node.
    pub span: Span,
    /// The values.
    pub items: Vec<Spanned<String>>,
    /// Start order.
    pub order: Order,
    /// Whether each chain waits for the end of the one before it.
    pub serial: bool,
    /// What a failure does to the other chains.
    pub on_failure: Option<OnFailure>,
    /// One chain, in order.
    pub links: Vec<Link>,
}

/// The `step` node.
#[derive(Debug, Clone)]
pub struct StepDecl {
    /// The node's name and kind.
    pub span: Span,
    /// The word after `step`.
    pub kind: Spanned<String>,
    /// `id=`.
    pub id: Option<Spanned<String>>,
    /// `table=`, for a table step outside `for-each`.
    pub table: Option<Spanned<String>>,
    /// Inputs of the kind.
    pub inputs: Inputs,
    /// What it runs, for kinds that run a command.
    pub command: CommandDecl,
    /// Policy.
    pub policy: StepPolicy,
    /// The steps that undo it.
    pub rollback: Option<RollbackDecl>,
}

impl StepDecl {
    /// The name that ids are made of: `id=`, else the kind.
    #[must_use]
    pub fn name(&self) -> &str {
        self.id.as_ref().map_or(&self.kind.value, |id| &id.value)
    }

    /// The step, and the steps that undo it.
    pub fn with_rollback(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.rollback.iter().flat_map(|rollback| &rollback.steps))
    }

    /// Where the name stands.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.id.as_ref().map_or(self.kind.span, |id| id.span)
    }
}

impl Task {
    /// A task that does nothing.
    #[must_use]
    pub const fn without_steps(name: Spanned<String>) -> Self {
        Self {
            name,
            description: None,
            needs: Vec::new(),
            allow_in: None,
            confirm: None,
            on_failure: None,
            timeout: None,
            body: Vec::new(),
            finally: Vec::new(),
        }
    }

    /// Whether it may run in an environment, whatever it needs.
    #[must_use]
    pub fn is_allowed_in(&self, environment: &str) -> bool {
        let allowed = self.allow_in.as_ref();
        allowed.is_none_or(|names| names.iter().any(|name| name.value == environment))
    }

    /// All steps, blocks opened; those of `finally` last.
    pub fn steps(&self) -> impl Iterator<Item = &StepDecl> {
        self.body_steps().chain(&self.finally)
    }

    /// All steps but those of `finally`, blocks opened.
    pub fn body_steps(&self) -> impl Iterator<Item = &StepDecl> {
        let links = self.body.iter().flat_map(|block| match block {
            Block::Link(link) => std::slice::from_ref(link),
            Block::ForEachTable(block) => &block.links,
            Block::ForEachItem(block) => &block.links,
        });
        links.flat_map(Link::steps)
    }
}
