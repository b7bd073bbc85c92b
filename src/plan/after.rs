//! Predecessors named by `after`.

use std::collections::HashMap;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::StepId;

use super::{EdgeReason, PlanNode};

/// An `after` whose names are looked up once all steps are known.
pub(super) struct PendingAfter {
    /// The step that waits.
    pub(super) node: NodeIndex,
    /// The table of its chain.
    pub(super) table: Option<String>,
    /// The names.
    pub(super) names: Vec<Spanned<String>>,
}

/// Adds the edges; gives a diagnostic for each name that is no step.
///
/// Inside a chain a bare name is the same table's step; from outside it means all instances.
pub(super) fn resolve(
    graph: &mut DiGraph<PlanNode, EdgeReason>,
    ids: &HashMap<StepId, NodeIndex>,
    pending: &[PendingAfter],
) -> Vec<Diagnostic> {
    let mut unknown = Vec::new();
    for waiting in pending {
        for name in &waiting.names {
            let found = lookup(ids, &name.value, waiting.table.as_deref());
            if found.is_empty() {
                unknown.push(unknown_step(ids, name));
            }
            for before in found {
                graph.add_edge(before, waiting.node, EdgeReason::After);
            }
        }
    }
    unknown
}

fn lookup(ids: &HashMap<StepId, NodeIndex>, name: &str, table: Option<&str>) -> Vec<NodeIndex> {
    let same_table = table.and_then(|table| ids.get(&StepId::new(name, Some(table))));
    if let Some(node) = same_table.or_else(|| ids.get(&StepId::new(name, None))) {
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
