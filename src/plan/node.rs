//! The plan and its parts.

use std::sync::Arc;
use std::time::Duration;

use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;

use crate::diagnostic::Span;
use crate::model::{Command, Confirm, Effect, OnFailure, RetryPolicy, StepId, TableSpec, When};
use crate::step::Step;

use super::Rollback;

/// A node of the plan.
#[derive(Clone)]
pub enum PlanNode {
    /// A step.
    Step(Box<PlannedStep>),
    /// Stands between many nodes and many others that wait for all of them.
    Barrier,
}

impl PlanNode {
    /// The step, unless it is a barrier.
    #[must_use]
    pub fn step(&self) -> Option<&PlannedStep> {
        match self {
            Self::Step(step) => Some(step),
            Self::Barrier => None,
        }
    }
}

/// A step with everything resolved.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each one is a fact of its own")]
pub struct PlannedStep {
    /// Its id.
    pub id: StepId,
    /// Its kind.
    pub kind: String,
    /// What it may do.
    pub effect: Effect,
    /// Its table.
    pub table: Option<Arc<TableSpec>>,
    /// Whether a `tag` step of the same table follows in its chain.
    pub tags_follow: bool,
    /// Whether an `update-table` step of the same table follows.
    pub updates_follow: bool,
    /// Whether the environment leaves it out.
    pub left_out: bool,
    /// What it waits for, when that is not success.
    pub aftermath: Option<Aftermath>,
    /// What is written in its `after`.
    pub after: Vec<String>,
    /// The steps of which one must have changed something, as written and by node.
    pub only_if_changed: (Vec<String>, Vec<usize>),
    /// What runs.
    pub step: Arc<dyn Step>,
    /// The command that it runs, if it runs one.
    pub command: Option<Arc<Command>>,
    /// How it is tried again.
    pub retry: RetryPolicy,
    /// The time for all attempts together, from the first one's start.
    pub timeout: Duration,
    /// The time for one attempt.
    pub attempt_timeout: Option<Duration>,
    /// Whether its failure is only reported.
    pub tolerate: bool,
    /// What its failure does to the rest: never [`OnFailure::Rollback`], which is `rollback`.
    pub on_failure: OnFailure,
    /// Its part in undoing.
    pub rollback: Rollback,
    /// How long it usually takes.
    pub usual: Duration,
    /// The clock of the needed task that it belongs to, by its place in `Plan::task_timeouts`.
    pub clock: Option<usize>,
    /// The pool that it counts to, by its place in `Plan::pools`, and how much of it it takes.
    pub pool: Option<(usize, u32)>,
    /// Where it is declared.
    pub span: Span,
}

/// When a step runs that does not need the success of what is before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aftermath {
    /// One of the steps that it waits for failed.
    Failed,
    /// They ended.
    Ended,
    /// The run is over but for `finally`.
    Finally,
}

impl PlannedStep {
    /// A step of no table that only has to be run, once, and whose failure stops the run.
    #[must_use]
    pub fn of(id: StepId, kind: &str, step: Arc<dyn Step>, span: Span) -> Self {
        Self {
            id,
            kind: kind.to_owned(),
            effect: Effect::Write,
            table: None,
            tags_follow: false,
            updates_follow: false,
            left_out: false,
            aftermath: None,
            after: Vec::new(),
            only_if_changed: (Vec::new(), Vec::new()),
            step,
            command: None,
            retry: RetryPolicy { retries: 0, ..RetryPolicy::default() },
            timeout: Duration::from_mins(10),
            attempt_timeout: None,
            tolerate: false,
            on_failure: OnFailure::Stop,
            rollback: Rollback::default(),
            usual: Duration::from_secs(1),
            clock: None,
            pool: None,
            span,
        }
    }

    /// Whether it takes the terminal, alone.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.command.as_ref().is_some_and(|command| command.interactive)
    }

    /// Under which condition it runs, for people; `None` when under none but that nothing fails.
    #[must_use]
    pub fn condition(&self) -> Option<String> {
        let only = match self.aftermath {
            Some(Aftermath::Failed) => {
                Some(format!("only after a failure of {}", self.after.join(", ")))
            }
            _ => None,
        };
        let changed = &self.only_if_changed.0;
        let changed =
            (!changed.is_empty()).then(|| format!("only after a change by {}", changed.join(", ")));
        let conditions: Vec<String> = only.into_iter().chain(changed).collect();
        (!conditions.is_empty()).then(|| conditions.join(" and "))
    }

    /// Whether it may turn out that it is not to run at all, or only after a failure.
    #[must_use]
    pub const fn is_conditional(&self) -> bool {
        self.aftermath.is_some() || !self.only_if_changed.0.is_empty()
    }
}

/// What a task does in an environment.
#[derive(Clone)]
pub struct Plan {
    /// The task's name.
    pub task: String,
    /// The environment's name.
    pub environment: String,
    /// The tables of the environment, in declaration order.
    pub tables: Arc<[TableSpec]>,
    /// What the task itself wants to be asked.
    pub confirm: Confirm,
    /// The time for the whole.
    pub timeout: Option<Duration>,
    /// The times of needed tasks that have one.
    pub task_timeouts: Vec<Duration>,
    /// The sizes of the pools.
    pub pools: Vec<u32>,
    /// Whether nothing is undone, whatever the files say.
    pub no_rollback: bool,
    pub(super) graph: DiGraph<PlanNode, When>,
    /// The first node of `finally`; all later ones belong to it too.
    pub(super) finally: usize,
}

#[cfg(test)]
impl Plan {
    /// A plan of these nodes, for tests of what runs plans.
    pub(crate) fn for_tests(nodes: Vec<PlanNode>, edges: &[(usize, usize, When)]) -> Self {
        Self::of_nodes(nodes, edges)
    }
}

impl Plan {
    /// A plan of these nodes in declaration order, made without files. An edge leads from a node to
    /// one that waits for it; together they must make no cycle.
    #[must_use]
    pub fn of_nodes(nodes: Vec<PlanNode>, edges: &[(usize, usize, When)]) -> Self {
        let last = |node: &PlanNode| matches!(node, PlanNode::Step(step) if step.aftermath == Some(Aftermath::Finally));
        let finally = nodes.iter().position(last).unwrap_or(nodes.len());
        let mut graph = DiGraph::new();
        let nodes: Vec<NodeIndex> = nodes.into_iter().map(|node| graph.add_node(node)).collect();
        for (before, after, when) in edges {
            graph.add_edge(nodes[*before], nodes[*after], *when);
        }
        let (task, environment) = ("unnamed".to_owned(), "unnamed".to_owned());
        Self {
            task,
            environment,
            tables: Arc::new([]),
            confirm: Confirm::Never,
            timeout: None,
            task_timeouts: Vec::new(),
            pools: Vec::new(),
            no_rollback: false,
            graph,
            finally,
        }
    }
}

impl Plan {
    /// Number of nodes, barriers included. Nodes are numbered from 0 in declaration order.
    #[must_use]
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.graph.node_count() == 0
    }

    /// The node of a number.
    #[must_use]
    pub fn node(&self, node: usize) -> &PlanNode {
        &self.graph[NodeIndex::new(node)]
    }

    /// The step of a node, unless it is a barrier.
    #[must_use]
    pub fn step(&self, node: usize) -> Option<&PlannedStep> {
        self.node(node).step()
    }

    /// All steps in declaration order.
    pub fn steps(&self) -> impl Iterator<Item = &PlannedStep> {
        self.numbered_steps().map(|(_, step)| step)
    }

    /// All steps in declaration order, each with its node.
    pub fn numbered_steps(&self) -> impl Iterator<Item = (usize, &PlannedStep)> {
        (0..self.len()).filter_map(|node| Some((node, self.step(node)?)))
    }

    /// Takes each step for one that usually takes as long as this says, where it says something.
    pub fn expect(&mut self, takes: impl Fn(&PlannedStep) -> Option<Duration>) {
        for node in self.graph.node_weights_mut() {
            if let PlanNode::Step(step) = node {
                step.usual = takes(step).unwrap_or(step.usual);
            }
        }
    }

    /// The nodes that wait for a node, and for what; each pair once.
    #[must_use]
    pub fn dependents(&self, node: usize) -> Vec<(usize, When)> {
        let edges = self.graph.edges_directed(NodeIndex::new(node), Direction::Outgoing);
        let mut found: Vec<(usize, When)> =
            edges.map(|edge| (edge.target().index(), *edge.weight())).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The steps of `finally`, which nothing waits for and which wait for all others. They are the
    /// last nodes.
    #[must_use]
    pub fn finally(&self) -> std::ops::Range<usize> {
        self.finally..self.graph.node_count()
    }

    /// Whether any step that runs may change something.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.steps().any(|step| !step.left_out && step.effect != Effect::Read)
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps: Vec<&str> = self.steps().map(|step| step.id.as_str()).collect();
        f.debug_struct("Plan")
            .field("task", &self.task)
            .field("steps", &steps)
            .finish_non_exhaustive()
    }
}
