//! The whole grammar as one static table.
//!
//! The table drives the checker, the reference page and `osem explain`. It knows more than this
//! version carries out: what is marked [`Support::NotYet`] is refused by name, so that no setting
//! is ever ignored.

mod context;
mod emulator;
mod environment;
mod index;
mod settings;
mod step;
mod step_kind;
mod table;
mod task;
mod top;
mod vector_index;

pub use super::value::ValueType;
pub use context::Context;
pub use emulator::FAULTS;

/// Whether this version carries a part of the language out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It does.
    Now,
    /// It knows the word and refuses it.
    NotYet,
}

/// How often an argument may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly once.
    One,
    /// At most once.
    Optional,
    /// Any number of times; only the last argument of a node.
    Any,
    /// At least once; only the last argument of a node.
    Some,
}

/// How often a node may stand in its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Once {
    /// At most once.
    Yes,
    /// At most once for each first argument.
    PerArgument,
    /// Any number of times.
    No,
}

/// One argument, or the last ones.
#[derive(Debug, Clone, Copy)]
pub struct ArgSpec {
    /// What it is called in messages.
    pub name: &'static str,
    /// Its type.
    pub ty: ValueType,
    /// How often.
    pub count: Count,
}

/// One property.
#[derive(Debug, Clone, Copy)]
pub struct PropSpec {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub ty: ValueType,
    /// Whether it must be there.
    pub required: bool,
    /// What it means.
    pub doc: &'static str,
    /// What holds when it is not written; empty when nothing needs saying.
    pub default: &'static str,
}

/// One node of the grammar.
#[derive(Debug, Clone, Copy)]
pub struct NodeSpec {
    /// Its name.
    pub name: &'static str,
    /// Where it may stand.
    pub contexts: &'static [Context],
    /// Its arguments.
    pub args: &'static [ArgSpec],
    /// Its properties.
    pub props: &'static [PropSpec],
    /// Whether it takes other properties too, checked elsewhere: inputs of a step.
    pub open_props: bool,
    /// The context of its children; `None` when it has none.
    pub inside: Option<Context>,
    /// How often it may stand in its block.
    pub once: Once,
    /// What it means.
    pub doc: &'static str,
    /// What holds when it is not written; empty when nothing needs saying.
    pub default: &'static str,
    /// How it is written.
    pub example: &'static str,
    /// Whether this version carries it out.
    pub support: Support,
}

impl NodeSpec {
    /// A node without arguments, properties and children that may stand once.
    const fn new(name: &'static str, contexts: &'static [Context]) -> Self {
        Self {
            name,
            contexts,
            args: &[],
            props: &[],
            open_props: false,
            inside: None,
            once: Once::Yes,
            doc: "",
            default: "",
            example: "",
            support: Support::Now,
        }
    }

    /// A node that this version refuses; its arguments and properties are not looked at.
    const fn later(
        name: &'static str,
        contexts: &'static [Context],
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self { doc, example, support: Support::NotYet, ..Self::new(name, contexts) }
    }

    /// A property by name.
    #[must_use]
    pub fn prop(&self, name: &str) -> Option<&'static PropSpec> {
        self.props.iter().find(|prop| prop.name == name)
    }
}

impl PropSpec {
    const fn new(name: &'static str, ty: ValueType, doc: &'static str) -> Self {
        Self { name, ty, required: false, doc, default: "" }
    }

    const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    const fn or(self, default: &'static str) -> Self {
        Self { default, ..self }
    }
}

const fn arg(name: &'static str, ty: ValueType) -> ArgSpec {
    ArgSpec { name, ty, count: Count::One }
}

const fn arg_optional(name: &'static str, ty: ValueType) -> ArgSpec {
    ArgSpec { name, ty, count: Count::Optional }
}

const fn arg_any(name: &'static str, ty: ValueType) -> ArgSpec {
    ArgSpec { name, ty, count: Count::Any }
}

const fn arg_some(name: &'static str, ty: ValueType) -> ArgSpec {
    ArgSpec { name, ty, count: Count::Some }
}

/// The argument of a flag: nothing or `#true` is on, `#false` is off.
const FLAG: &[ArgSpec] = &[arg_optional("on", ValueType::Bool)];

const fn words(now: &'static [&'static str]) -> ValueType {
    ValueType::Enum { now, later: &[] }
}

/// All nodes of the grammar.
pub fn nodes() -> impl Iterator<Item = &'static NodeSpec> {
    let parts = [
        top::NODES,
        environment::NODES,
        emulator::NODES,
        table::NODES,
        vector_index::NODES,
        index::NODES,
        settings::NODES,
        task::NODES,
        step::NODES,
        step_kind::NODES,
    ];
    parts.into_iter().flatten()
}

/// The nodes that may stand in a context.
pub fn nodes_in(context: Context) -> impl Iterator<Item = &'static NodeSpec> + Clone {
    let found: Vec<_> = nodes().filter(|spec| spec.contexts.contains(&context)).collect();
    found.into_iter()
}

/// The node of a name in a context.
#[must_use]
pub fn node(context: Context, name: &str) -> Option<&'static NodeSpec> {
    nodes().find(|spec| spec.name == name && spec.contexts.contains(&context))
}

#[cfg(test)]
mod tests;
