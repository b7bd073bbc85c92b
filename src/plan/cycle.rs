//! Steps that wait for each other.

use std::collections::{HashMap, VecDeque};

use petgraph::algo::{kosaraju_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};

use crate::diagnostic::Diagnostic;
use crate::model::When;

use super::{PlanNode, PlannedStep};

type Graph = DiGraph<PlanNode, When>;

/// So many steps on cycles are tried as the start of the shortest one: nobody reads the rest, and each
/// costs a walk through the graph.
const TRIED: usize = 1_000;

/// The shortest cycle of the graph, as a diagnostic with every step on it.
///
/// Nothing here recurses: a chain may be as long as it likes.
pub(super) fn find(graph: &Graph) -> Option<Diagnostic> {
    toposort(graph, None).err()?;
    let cyclic = |nodes: &Vec<NodeIndex>| {
        nodes.len() > 1 || nodes.first().is_some_and(|node| graph.contains_edge(*node, *node))
    };
    let mut starts: Vec<NodeIndex> =
        kosaraju_scc(graph).into_iter().filter(cyclic).flatten().collect();
    starts.sort_unstable();
    let ways = starts.into_iter().take(TRIED).filter_map(|start| shortest_through(graph, start));
    let shortest = ways.min_by_key(Vec::len)?;
    let steps: Vec<&PlannedStep> = shortest
        .iter()
        .filter_map(|node| match &graph[*node] {
            PlanNode::Step(step) => Some(&**step),
            PlanNode::Barrier => None,
        })
        .collect();
    Some(describe(&steps))
}

/// The shortest way from a node back to itself, breadth first.
fn shortest_through(graph: &Graph, start: NodeIndex) -> Option<Vec<NodeIndex>> {
    let mut came_from: HashMap<NodeIndex, NodeIndex> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(node) = waiting.pop_front() {
        for next in graph.neighbors(node) {
            if next == start {
                let mut path = vec![node];
                while let Some(before) = came_from.get(&path[path.len() - 1]) {
                    path.push(*before);
                }
                path.reverse();
                return Some(path);
            }
            if next != start && !came_from.contains_key(&next) {
                came_from.insert(next, node);
                waiting.push_back(next);
            }
        }
    }
    None
}

fn describe(steps: &[&PlannedStep]) -> Diagnostic {
    let mut path: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
    path.extend(path.first().copied());
    let message = format!("steps wait for each other: {}", path.join(" -> "));
    let mut diagnostic = Diagnostic::error("osem::cycle", message);
    for (position, step) in steps.iter().enumerate() {
        let before = steps[(position + steps.len() - 1) % steps.len()];
        diagnostic = diagnostic.label(step.span, format!("waits for {}", before.id));
    }
    diagnostic.help("take one of these out of an `after`, `only-if-changed` or `{out.…}`")
}
