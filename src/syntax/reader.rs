//! Typed access to a node that forgets nothing.

use std::cell::RefCell;

use kdl::KdlNode;

use crate::diagnostic::{Diagnostic, FileId, Span, Spanned};

use super::check;
use super::value::Value;

/// Where readers put problems.
#[derive(Debug, Default)]
pub struct Sink(RefCell<Vec<Diagnostic>>);

impl Sink {
    /// Adds a problem.
    pub fn push(&self, problem: Diagnostic) {
        self.0.borrow_mut().push(problem);
    }

    /// The value, or `None` after adding the problem.
    pub fn take<T>(&self, result: Result<T, Diagnostic>) -> Option<T> {
        result.map_err(|problem| self.push(problem)).ok()
    }

    /// How many problems there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.borrow().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All problems, in the order they were added.
    #[must_use]
    pub fn into_problems(self) -> Vec<Diagnostic> {
        self.0.into_inner()
    }
}

/// Reads one node. What is still unread when it is dropped becomes an error: nothing that a person
/// wrote is ignored, even where the grammar and the code that reads it disagree.
#[derive(Debug)]
pub struct NodeReader<'a> {
    node: &'a KdlNode,
    file: FileId,
    sink: &'a Sink,
    entries_read: Vec<bool>,
    children_read: Vec<bool>,
}

impl<'a> NodeReader<'a> {
    /// A reader for a node in `file`.
    #[must_use]
    pub fn new(node: &'a KdlNode, file: FileId, sink: &'a Sink) -> Self {
        let children = node.children().map_or(0, |children| children.nodes().len());
        Self {
            node,
            file,
            sink,
            entries_read: vec![false; node.entries().len()],
            children_read: vec![false; children],
        }
    }

    /// The node's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.node.name().value()
    }

    /// The place of the node's name.
    #[must_use]
    pub fn span(&self) -> Span {
        check::name_span(self.file, self.node)
    }

    /// The place of the node's name, arguments and properties, its block left out.
    #[must_use]
    pub fn head(&self) -> Span {
        let span = self.span();
        let end = self
            .node
            .entries()
            .last()
            .map_or(span.end, |entry| entry.span().offset() + entry.span().len());
        Span { end: end.max(span.end), ..span }
    }

    /// Where problems go.
    #[must_use]
    pub const fn sink(&self) -> &'a Sink {
        self.sink
    }

    /// The next argument.
    pub fn arg(&mut self) -> Option<Value<'a>> {
        let unread = |(entry, read): (&kdl::KdlEntry, &bool)| entry.name().is_none() && !read;
        let index = self.node.entries().iter().zip(&self.entries_read).position(unread)?;
        Some(self.read_entry(index))
    }

    /// All arguments that are left.
    pub fn args(&mut self) -> Vec<Value<'a>> {
        std::iter::from_fn(|| self.arg()).collect()
    }

    /// The arguments that are left, each read by `read`; those that do not fit are reported.
    pub fn args_as<T>(&mut self, read: impl Fn(Value<'a>) -> Result<T, Diagnostic>) -> Vec<T> {
        let sink = self.sink;
        self.args().into_iter().filter_map(|value| sink.take(read(value))).collect()
    }

    /// The next argument, read by `read`.
    pub fn arg_as<T>(
        &mut self,
        read: impl FnOnce(Value<'a>) -> Result<T, Diagnostic>,
    ) -> Option<T> {
        self.arg().and_then(|value| self.sink.take(read(value)))
    }

    /// A property.
    pub fn prop(&mut self, name: &str) -> Option<Value<'a>> {
        let named = |entry: &kdl::KdlEntry| entry.name().is_some_and(|key| key.value() == name);
        let index = self.node.entries().iter().position(named)?;
        Some(self.read_entry(index))
    }

    /// A property, read by `read`.
    pub fn prop_as<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(Value<'a>) -> Result<T, Diagnostic>,
    ) -> Option<T> {
        self.prop(name).and_then(|value| self.sink.take(read(value)))
    }

    /// All properties that are left, with the places of their names.
    pub fn props(&mut self) -> Vec<(Spanned<&'a str>, Value<'a>)> {
        let mut found = Vec::new();
        for (index, entry) in self.node.entries().iter().enumerate() {
            let Some(name) = entry.name().filter(|_| !self.entries_read[index]) else { continue };
            let (start, length) = (name.span().offset(), name.span().len());
            let span = Span { file: self.file, start, end: start + length };
            found.push((Spanned::new(name.value(), span), self.read_entry(index)));
        }
        found
    }

    /// The first child of a name that is left.
    pub fn child(&mut self, name: &str) -> Option<Self> {
        let nodes = self.node.children()?.nodes();
        let unread = |(node, read): (&KdlNode, &bool)| node.name().value() == name && !read;
        let index = nodes.iter().zip(&self.children_read).position(unread)?;
        self.children_read[index] = true;
        Some(NodeReader::new(&nodes[index], self.file, self.sink))
    }

    /// All children whose name is one of `names`, in order.
    pub fn children(&mut self, names: &[&str]) -> Vec<Self> {
        let nodes = self.node.children().map_or(&[][..], |children| children.nodes());
        let mut found = Vec::new();
        for (node, read) in nodes.iter().zip(&mut self.children_read) {
            if !*read && names.contains(&node.name().value()) {
                *read = true;
                found.push(NodeReader::new(node, self.file, self.sink));
            }
        }
        found
    }

    /// Whether a flag among the children is set: there, and not `#false`.
    pub fn flag(&mut self, name: &str) -> Option<Spanned<bool>> {
        let mut child = self.child(name)?;
        let on = child.arg_as(|value| value.bool(&format!("`{name}`")));
        Some(Spanned::new(on.unwrap_or(true), child.span()))
    }

    fn read_entry(&mut self, index: usize) -> Value<'a> {
        self.entries_read[index] = true;
        Value::new(&self.node.entries()[index], self.file)
    }
}

impl Drop for NodeReader<'_> {
    fn drop(&mut self) {
        let unread = |message: String, span: Span| {
            let problem = Diagnostic::error("osem::not-supported-yet", message).label(span, "");
            self.sink.push(problem.help("remove it"));
        };
        for (entry, read) in self.node.entries().iter().zip(&self.entries_read) {
            if !read {
                let span = Value::new(entry, self.file).whole();
                unread(format!("this is not read by `{}`", self.name()), span);
            }
        }
        let nodes = self.node.children().map_or(&[][..], |children| children.nodes());
        for (node, read) in nodes.iter().zip(&self.children_read) {
            if !read {
                let message = format!("`{}` is not read by `{}`", node.name().value(), self.name());
                unread(message, check::name_span(self.file, node));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::syntax::parse;

    #[test]
    fn what_nobody_read_is_an_error() {
        let text = "node 1 a=2 b=3 { x; y; }";
        let mut sources = Sources::default();
        let file = sources.add("a.kdl", text);
        let document = parse(file, text).unwrap();
        let sink = Sink::default();
        {
            let mut reader = NodeReader::new(&document.nodes()[0], file, &sink);
            reader.arg();
            reader.prop("a");
            reader.child("x");
        }
        let messages: Vec<_> =
            sink.into_problems().into_iter().map(|problem| problem.message).collect();
        assert_eq!(messages, ["this is not read by `node`", "`y` is not read by `node`"]);
    }
}
