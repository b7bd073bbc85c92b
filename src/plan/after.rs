//! Steps named by `after` and `only-if-changed`.

use std::collections::HashMap;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{StepId, When};

use super::PlanNode;

/// Names that are looked up once all steps are known.
pub(super) struct Pending {
    /// The step that names them.
    pub(super) node: NodeIndex,
    /// The needed task that it belongs to; `None` for the task that is planned.
    pub(super) task: Option<String>,
    /// What tells its chain from others.
    pub(super) chain: Option<String>,
    /// The names.
    pub(super) names: Vec<Spanned<String>>,
    /// What must become of these steps; `None` when they are only looked back at.
    pub(super) when: Option<When>,
    /// Whether the step asks whether they changed something.
    pub(super) changed: bool,
}

/// Adds the edges; gives a diagnostic for each name that is no step.
///
/// Inside a chain a bare name is the step of the same chain; from outside it means all instances.
pub(super) fn resolve(
    graph: &mut DiGraph<PlanNode, When>,
    ids: &HashMap<StepId, NodeIndex>,
    pending: &[Pending],
) -> Vec<Diagnostic> {
    let mut unknown = Vec::new();
    for waiting in pending {
        for name in &waiting.names {
            let (task, chain) = (waiting.task.as_deref(), waiting.chain.as_deref());
            let found = lookup(ids, task, chain, &name.value);
            if found.is_empty() {
                unknown.push(unknown_step(ids, name));
            }
            for before in found {
                if let Some(when) = waiting.when {
                    graph.add_edge(before, waiting.node, when);
                }
                if let (true, PlanNode::Step(step)) = (waiting.changed, &mut graph[waiting.node]) {
                    step.only_if_changed.1.push(before.index());
                }
            }
        }
    }
    unknown
}

/// The steps that a name means in a needed `task` and in a `chain`.
pub(super) fn lookup(
    ids: &HashMap<StepId, NodeIndex>,
    task: Option<&str>,
    chain: Option<&str>,
    name: &str,
) -> Vec<NodeIndex> {
    let name = match task {
        // What has a task in front of it already is a step of a needed task.
        Some(task) if !name.contains('/') => format!("{task}/{name}"),
        _ => name.to_owned(),
    };
    let same_chain = chain.and_then(|chain| ids.get(&StepId::new(&name, Some(chain))));
    if let Some(node) = same_chain.or_else(|| ids.get(&StepId::new(&name, None))) {
        return vec![*node];
    }
    let instances = format!("{name}[");
    let of_all = ids.iter().filter(|(id, _)| id.as_str().starts_with(&instances));
    let mut found: Vec<NodeIndex> = of_all.map(|(_, node)| *node).collect();
    found.sort_unstable();
    found
}

fn unknown_step(ids: &HashMap<StepId, NodeIndex>, name: &Spanned<String>) -> Diagnostic {
    let mut known: Vec<&str> =
        ids.keys().map(|id| id.as_str().split('[').next().unwrap_or_default()).collect();
    known.sort_unstable();
    known.dedup();
    Diagnostic::error("osem::unknown-step", format!("no step `{}` in this task", name.value))
        .label(name.span, "waits for it")
        .suggest(&name.value, known)
}
