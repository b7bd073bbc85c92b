//! Comparing nodes with the grammar.

use kdl::{KdlDocument, KdlNode};

use crate::diagnostic::{Diagnostic, FileId, Span, did_you_mean};

use super::schema::{self, ArgSpec, Context, Count, NodeSpec, Once, Support};
use super::value::{Value, not_supported};

/// Everything in a document that is not as the grammar wants it, in file order.
#[must_use]
pub fn check(file: FileId, document: &KdlDocument, context: Context) -> Vec<Diagnostic> {
    let mut problems = check_duplicates(file, document, context);
    for node in document.nodes() {
        problems.extend(check_node(file, node, context));
    }
    problems
}

/// Everything in one node, and below it, that is not as the grammar wants it.
#[must_use]
pub fn check_node(file: FileId, node: &KdlNode, context: Context) -> Vec<Diagnostic> {
    let mut checker = Checker { file, problems: Vec::new() };
    checker.node(node, context);
    checker.problems
}

/// Nodes of one block that may stand there only once but stand there again.
#[must_use]
pub fn check_duplicates(file: FileId, document: &KdlDocument, context: Context) -> Vec<Diagnostic> {
    let mut seen = std::collections::HashMap::new();
    let mut problems = Vec::new();
    for node in document.nodes() {
        let name = node.name().value();
        let first_argument = arguments(file, node).next();
        let once = schema::node(context, name).map_or(Once::No, |spec| spec.once);
        let key = match once {
            Once::No => continue,
            Once::Yes => None,
            Once::PerArgument => first_argument.as_ref().and_then(Value::text),
        };
        let span = match key {
            Some(_) => first_argument.map_or_else(|| name_span(file, node), |value| value.span()),
            None => name_span(file, node),
        };
        let Some(first) = seen.insert((name, key), span) else { continue };
        let what = key.map_or_else(|| format!("`{name}`"), |key| format!("`{name} {key}`"));
        problems.push(given_twice(&what, first, span));
        seen.insert((name, key), first);
    }
    problems
}

/// The error for a thing that stands in two places.
pub(super) fn given_twice(what: &str, first: Span, second: Span) -> Diagnostic {
    Diagnostic::error("osem::duplicate", format!("{what} is given twice"))
        .label(second, "given again here")
        .label(first, "first given here")
        .help("remove one of the two")
}

/// The place of a node's name.
pub(super) fn name_span(file: FileId, node: &KdlNode) -> Span {
    let span = node.name().span();
    Span { file, start: span.offset(), end: span.offset() + span.len() }
}

fn arguments(file: FileId, node: &KdlNode) -> impl Iterator<Item = Value<'_>> {
    let entries = node.entries().iter().filter(|entry| entry.name().is_none());
    entries.map(move |entry| Value::new(entry, file))
}

fn properties(file: FileId, node: &KdlNode) -> impl Iterator<Item = (&str, Span, Value<'_>)> {
    node.entries().iter().filter_map(move |entry| {
        let name = entry.name()?;
        let (start, length) = (name.span().offset(), name.span().len());
        let span = Span { file, start, end: start + length };
        Some((name.value(), span, Value::new(entry, file)))
    })
}

struct Checker {
    file: FileId,
    problems: Vec<Diagnostic>,
}

impl Checker {
    fn node(&mut self, node: &KdlNode, context: Context) {
        let name = node.name().value();
        let span = name_span(self.file, node);
        let Some(spec) = schema::node(context, name) else {
            self.problems.push(unknown_node(name, span, context));
            return;
        };
        if spec.support == Support::NotYet {
            self.problems.push(not_supported(name, span));
            return;
        }
        if node.ty().is_some() {
            let message = format!("`{name}` takes no type annotation");
            self.problems.push(Diagnostic::error("osem::type", message).label(span, ""));
        }
        self.arguments(node, spec);
        self.properties(node, spec);
        self.children(node, spec);
    }

    fn arguments(&mut self, node: &KdlNode, spec: &NodeSpec) {
        let mut values = arguments(self.file, node);
        for arg in spec.args {
            let what = phrase(spec, arg);
            let taken: Vec<_> = match arg.count {
                Count::One | Count::Optional => values.next().into_iter().collect(),
                Count::Any | Count::Some => values.by_ref().collect(),
            };
            let needed = matches!(arg.count, Count::One | Count::Some);
            if needed && taken.is_empty() {
                self.missing(
                    node,
                    spec,
                    &format!("`{}` needs an argument: {}", spec.name, arg.name),
                );
                break;
            }
            let checked = taken.into_iter().map(|value| arg.ty.check(&what, value));
            self.problems.extend(checked.filter_map(Result::err));
        }
        if let Some(surplus) = values.next() {
            let message = match spec.args.len() {
                0 => format!("`{}` takes no argument", spec.name),
                1 => format!("`{}` takes one argument", spec.name),
                count => format!("`{}` takes {count} arguments", spec.name),
            };
            let problem = surplus.problem("osem::argument", message);
            self.problems.push(problem.help(format!("example: {}", first_line(spec))));
        }
    }

    fn missing(&mut self, node: &KdlNode, spec: &NodeSpec, message: &str) {
        let span = name_span(self.file, node);
        let problem = Diagnostic::error("osem::missing", message).label(span, "");
        self.problems.push(problem.help(format!("example: {}", first_line(spec))));
    }

    fn properties(&mut self, node: &KdlNode, spec: &NodeSpec) {
        let mut seen = std::collections::HashMap::new();
        // A misspelled property is not missed a second time under its right name.
        let mut meant = Vec::new();
        for (name, span, value) in properties(self.file, node) {
            if let Some(first) = seen.insert(name, span) {
                seen.insert(name, first);
                self.problems.push(given_twice(&format!("property `{name}`"), first, span));
                continue;
            }
            let Some(prop) = spec.prop(name) else {
                self.unknown_property(spec, name, span, &mut meant);
                continue;
            };
            self.problems.extend(prop.ty.check(&format!("property `{name}`"), value).err());
        }
        for prop in spec.props.iter().filter(|prop| prop.required) {
            if !seen.contains_key(prop.name) && !meant.contains(&prop.name) {
                let message = format!("`{}` needs the property `{}`", spec.name, prop.name);
                self.missing(node, spec, &message);
            }
        }
    }

    fn unknown_property(
        &mut self,
        spec: &NodeSpec,
        name: &str,
        span: Span,
        meant: &mut Vec<&'static str>,
    ) {
        let child = spec.inside.and_then(|inside| schema::node(inside, name)).is_some();
        if spec.open_props && !child {
            return;
        }
        let known: Vec<_> = spec.props.iter().map(|prop| prop.name).collect();
        let label = if known.is_empty() {
            "it has no properties".to_owned()
        } else {
            format!("expected one of: {}", known.join(", "))
        };
        let message = format!("unknown property `{name}` on `{}`", spec.name);
        let problem = Diagnostic::error("osem::unknown-property", message);
        let problem = problem.label(span, if child { String::new() } else { label });
        let close = did_you_mean(name, known);
        meant.extend(close);
        self.problems.push(match (child, close) {
            (true, _) => problem.help(format!("write it in a block: {{ {name} … }}")),
            (false, Some(close)) => problem.help(format!("did you mean `{close}`?")),
            (false, None) => problem,
        });
    }

    fn children(&mut self, node: &KdlNode, spec: &NodeSpec) {
        let Some(children) = node.children() else { return };
        if let Some(inside) = spec.inside {
            self.problems.extend(check_duplicates(self.file, children, inside));
            for child in children.nodes() {
                self.node(child, inside);
            }
        } else if let Some(first) = children.nodes().first() {
            let message = format!("`{}` takes no block", spec.name);
            let span = name_span(self.file, first);
            let problem = Diagnostic::error("osem::unknown-node", message).label(span, "");
            self.problems.push(problem.help(format!("example: {}", first_line(spec))));
        }
    }
}

/// What a message calls an argument.
fn phrase(spec: &NodeSpec, arg: &ArgSpec) -> String {
    if spec.args.len() == 1 && arg.name != "name" {
        format!("`{}`", spec.name)
    } else {
        format!("the {} of `{}`", arg.name, spec.name)
    }
}

fn first_line(spec: &NodeSpec) -> &'static str {
    let line = spec.example.lines().next().unwrap_or_default();
    line.trim_end_matches(" {")
}

fn unknown_node(name: &str, span: Span, context: Context) -> Diagnostic {
    if context == Context::RollbackStep && schema::node(Context::Step, name).is_some() {
        return not_while_undoing(name, span);
    }
    let problem = Diagnostic::error("osem::unknown-node", format!("unknown node `{name}`"))
        .label(span, format!("not known in {}", context.name()));
    let elsewhere = schema::nodes().find(|spec| spec.name == name).map(|spec| spec.contexts);
    if context == Context::Included && schema::node(Context::Root, name).is_some() {
        return problem.help(format!("`{name}` may stand only in the root file"));
    }
    let owner = schema::nodes().find(|spec| spec.inside == Some(context));
    if let Some(prop) = owner.and_then(|owner| owner.prop(name)) {
        let owner = owner.map_or("", |owner| owner.name);
        return problem.help(format!("write it as a property: {owner} … {}=…", prop.name));
    }
    if let Some(contexts) = elsewhere {
        let names: Vec<_> = contexts.iter().map(|context| context.name()).collect();
        return problem.help(format!("it may stand in {}", names.join(", ")));
    }
    let close = did_you_mean(name, schema::nodes_in(context).map(|spec| spec.name));
    let later = close.filter(|close| {
        schema::node(context, close).is_some_and(|spec| spec.support == Support::NotYet)
    });
    if let Some(later) = later {
        return problem.help(format!("`{later}` is known, but not supported yet: remove it"));
    }
    let known = schema::nodes_in(context).filter(|spec| spec.support == Support::Now);
    problem.suggest(name, known.map(|spec| spec.name).collect::<Vec<_>>())
}

/// The error for a setting of steps that a step of `rollback` does not have.
fn not_while_undoing(name: &str, span: Span) -> Diagnostic {
    let why = match name {
        "after" | "only-if-changed" => {
            "its steps run in the order written, each when the one before it has succeeded"
        }
        "on-failure" | "tolerate" => "a failure ends the rollback of the step, and is always told",
        "rollback" => "what undoes a step is not undone itself",
        _ => "it has no part in undoing",
    };
    let message = format!("`{name}` cannot stand in a step of `rollback`");
    let problem = Diagnostic::error("osem::unknown-node", message).label(span, "");
    problem.help(format!("remove it: {why}"))
}
