//! Outputs that commands name: the steps that put them out are known, and come before.

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::diagnostic::{Diagnostic, Span};
use crate::model::{Command, OutputName, Placeholder, StepDecl, StepId, Template, When};
use crate::step::Registry;

use super::after::lookup;
use super::{PlanNode, PlannedStep};

/// An output that a command names; looked up once all steps are known.
pub(super) struct PendingOutput {
    /// The step whose command names it.
    pub(super) node: NodeIndex,
    /// The needed task that this step belongs to; `None` for the task that is planned.
    pub(super) task: Option<String>,
    /// What tells its chain from others.
    pub(super) chain: Option<String>,
    /// What must become of the step that puts it out; `None` in `finally`, which comes last anyway.
    pub(super) when: Option<When>,
    /// What is named.
    pub(super) name: OutputName,
    /// Where.
    pub(super) span: Span,
    /// Whether it is named by the `rollback` of the step, which may read what the step itself put
    /// out.
    pub(super) by_rollback: bool,
}

/// As [`named`], with those that the steps of its `rollback` name, and which of the two it is.
pub(super) fn all_named(command: &Command, step: &StepDecl) -> Vec<(OutputName, Span, bool)> {
    let own = named(command, step).into_iter().map(|(name, span)| (name, span, false));
    let steps = step.rollback.iter().flat_map(|rollback| &rollback.steps);
    let by_rollback = command.rollback.iter().flat_map(|undo| {
        let mut steps = steps.clone();
        let declared = steps.find(|step| step.span == undo.span);
        let named = declared.map_or_else(Vec::new, |step| named(&undo.command, step));
        named.into_iter().map(|(name, span)| (name, span, true))
    });
    own.chain(by_rollback).collect()
}

/// The outputs that the command of a step names, each with its place: in the step, or the step where
/// its kind names it.
fn named(command: &Command, step: &StepDecl) -> Vec<(OutputName, Span)> {
    let values = step.command.env.iter().map(|(_, value)| value);
    let written = step.command.words.iter().chain(values);
    let written = written.map(|text| (text.value.as_str(), text.span));
    let inputs = step.inputs.values().filter_map(|input| Some((input.value.text()?, input.span)));
    let written: Vec<(&str, Span)> = written.chain(inputs).collect();
    let place = |name: &str| {
        let name = format!("{{{name}}}");
        written.iter().find(|(text, _)| text.contains(&name)).map_or(step.span, |(_, span)| *span)
    };
    let named = command.templates().flat_map(Template::placeholders);
    let named = named.filter_map(|placeholder| match placeholder {
        Placeholder::Out(name) => Some((name.clone(), place(&placeholder.to_string()))),
        _ => None,
    });
    named.collect()
}

/// Finds the step of each output and adds the edge to it; gives a diagnostic for each that will not
/// be there.
pub(super) fn resolve(
    graph: &mut DiGraph<PlanNode, When>,
    ids: &HashMap<StepId, NodeIndex>,
    pending: &[PendingOutput],
    (registry, finally): (&Registry, usize),
    environment: &str,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for waiting in pending {
        let found =
            lookup(ids, waiting.task.as_deref(), waiting.chain.as_deref(), &waiting.name.step);
        let (source, step) = match found[..] {
            [source] => match &graph[source] {
                PlanNode::Step(step) => (source, step),
                PlanNode::Barrier => continue,
            },
            [] => {
                problems.push(unknown_step(ids, waiting));
                continue;
            }
            _ => {
                problems.push(several(graph, &found, waiting));
                continue;
            }
        };
        let its_own = waiting.by_rollback && source == waiting.node;
        let too_late = || too_late(source, waiting, finally).filter(|_| !its_own);
        let refused = refused(step, waiting, registry, environment).or_else(too_late);
        if let Some(problem) = refused {
            problems.push(problem);
            continue;
        }
        let id = step.id.clone();
        if let PlanNode::Step(reader) = &mut graph[waiting.node]
            && let Some(command) = &mut reader.command
        {
            Arc::make_mut(command).reads.insert(waiting.name.clone(), id);
        }
        if let Some(when) = waiting.when.filter(|_| !its_own) {
            graph.add_edge(source, waiting.node, when);
        }
    }
    problems
}

/// Why a step does not put an output out.
fn refused(
    step: &PlannedStep,
    waiting: &PendingOutput,
    registry: &Registry,
    environment: &str,
) -> Option<Diagnostic> {
    let OutputName { key, .. } = &waiting.name;
    if step.left_out {
        let message = format!("step `{}` does not run in `{environment}`", step.id);
        let problem = Diagnostic::error("osem::output", message).label(waiting.span, "");
        return Some(problem.label(step.span, "left out by `only-in`, `except-in` or its table"));
    }
    let spec = registry.get(&step.kind)?.spec();
    // What a command puts out is known when it has run.
    if spec.runs_program() || spec.outputs.iter().any(|output| output.key == *key) {
        return None;
    }
    let message = format!("step `{}` puts out no `{key}`", step.id);
    let problem = Diagnostic::error("osem::output", message).label(waiting.span, "");
    let known: Vec<&str> = spec.outputs.iter().map(|output| output.key).collect();
    Some(match known[..] {
        [] => problem.help(format!("steps of the kind `{}` put out nothing", spec.name)),
        _ => problem.suggest(key, known),
    })
}

/// The error for what `finally` puts out, which is there only when all else is over.
fn too_late(source: NodeIndex, waiting: &PendingOutput, finally: usize) -> Option<Diagnostic> {
    let last = source.index() >= finally;
    let comes_later = source.index() >= waiting.node.index();
    (last && comes_later).then(|| {
        let message = format!("step `{}` comes later", waiting.name.step);
        let problem = Diagnostic::error("osem::output", message).label(waiting.span, "");
        problem.help("the steps of `finally` run last, in the order written")
    })
}

fn unknown_step(ids: &HashMap<StepId, NodeIndex>, waiting: &PendingOutput) -> Diagnostic {
    let mut known: Vec<&str> = ids.keys().map(StepId::as_str).collect();
    let bare = known.iter().map(|id| id.split('[').next().unwrap_or_default());
    let bare: Vec<&str> = bare.collect();
    if !waiting.name.step.contains('[') {
        known = bare;
    }
    known.sort_unstable();
    known.dedup();
    let message = format!("no step `{}` in this task", waiting.name.step);
    let problem = Diagnostic::error("osem::unknown-step", message);
    problem.label(waiting.span, "reads its output").suggest(&waiting.name.step, known)
}

fn several(
    graph: &DiGraph<PlanNode, When>,
    found: &[NodeIndex],
    waiting: &PendingOutput,
) -> Diagnostic {
    let OutputName { step, key } = &waiting.name;
    let message = format!("`{step}` means {} steps here", found.len());
    let problem = Diagnostic::error("osem::output", message).label(waiting.span, "");
    let first = found.iter().find_map(|node| match &graph[*node] {
        PlanNode::Step(step) => Some(&step.id),
        PlanNode::Barrier => None,
    });
    match first {
        Some(id) => problem.help(format!("name one of them: {{out.{id}.{key}}}")),
        None => problem,
    }
}
