//! Tasks and their steps, as declared.

use crate::diagnostic::{Span, Spanned};

use super::{Inputs, OnFailure, StepPolicy};

/// The `task` node.
#[derive(Debug, Clone)]
pub struct Task {
    /// The name after `task`.
    pub name: Spanned<String>,
    /// One sentence for lists.
    pub description: Option<String>,
    /// Environments it may run in; `None` means all.
    pub allow_in: Option<Vec<Spanned<String>>>,
    /// The question it asks at least.
    pub confirm: Option<Confirm>,
    /// What a failure does.
    pub on_failure: Option<OnFailure>,
    /// Steps and blocks, in order.
    pub body: Vec<Block>,
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
    /// A step.
    Step(Box<StepDecl>),
    /// A chain of steps for each table.
    ForEachTable(ForEachTable),
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
    /// What a failure does to the other chains.
    pub on_failure: Option<OnFailure>,
    /// The steps of one chain.
    pub steps: Vec<StepDecl>,
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
    /// Policy.
    pub policy: StepPolicy,
}

impl StepDecl {
    /// The name that ids are made of: `id=`, else the kind.
    #[must_use]
    pub fn name(&self) -> &str {
        self.id.as_ref().map_or(&self.kind.value, |id| &id.value)
    }

    /// Where the name stands.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.id.as_ref().map_or(self.kind.span, |id| id.span)
    }
}

impl Task {
    /// All steps, blocks opened.
    pub fn steps(&self) -> impl Iterator<Item = &StepDecl> {
        self.body.iter().flat_map(|block| match block {
            Block::Step(step) => std::slice::from_ref(&**step),
            Block::ForEachTable(block) => &block.steps,
        })
    }
}
