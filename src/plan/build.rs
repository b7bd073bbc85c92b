//! Builds the graph.

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::config::Config;
use crate::diagnostic::Diagnostic;
use crate::model::{
    Block, Confirm, Environment, ForEachTable, OnFailure, Order, RetryPolicy, StepDecl, StepId,
    TableSpec, Task,
};
use crate::step::Registry;

use super::after::PendingAfter;
use super::{EdgeReason, Plan, PlanNode, PlannedStep, after, cycle, guard};

/// What the command line adds to the files.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlanOptions<'a> {
    /// The region.
    pub region: &'a str,
    /// Replaces what stands before `{table}` in table names.
    pub prefix: Option<&'a str>,
    /// Overrides every `on-failure`.
    pub on_failure: Option<OnFailure>,
    /// Overrides the retries of every step.
    pub retries: Option<u32>,
}

/// Plans a task in an environment.
///
/// # Errors
/// All problems found: a refused environment, table names, unknown predecessors, cycles.
pub fn build(
    config: &Config,
    registry: &Registry,
    task: &Task,
    environment: &Environment,
    options: PlanOptions<'_>,
) -> Result<Plan, Vec<Diagnostic>> {
    let refused = guard::refusals(config, registry, task, environment, options.prefix);
    if !refused.is_empty() {
        return Err(refused);
    }
    let tables = config.tables_in(environment, options.region, options.prefix)?;
    if options.prefix.is_some() {
        // Without a prefix this was checked when the files were read.
        let shared = config.shared_names(options.prefix, Some(environment));
        if !shared.is_empty() {
            return Err(shared);
        }
    }
    let mut builder = Builder {
        config,
        registry,
        task,
        environment,
        options,
        tables: tables.into_iter().map(Arc::new).collect(),
        graph: DiGraph::new(),
        ids: HashMap::new(),
        pending: Vec::new(),
        frontier: Vec::new(),
    };
    for block in &task.body {
        match block {
            Block::Step(step) => builder.step(step),
            Block::ForEachTable(block) => builder.for_each(block),
        }
    }
    builder.finish()
}

struct Builder<'a> {
    config: &'a Config,
    registry: &'a Registry,
    task: &'a Task,
    environment: &'a Environment,
    options: PlanOptions<'a>,
    tables: Vec<Arc<TableSpec>>,
    graph: DiGraph<PlanNode, EdgeReason>,
    ids: HashMap<StepId, NodeIndex>,
    pending: Vec<PendingAfter>,
    /// What the next block waits for.
    frontier: Vec<NodeIndex>,
}

/// Where a step stands: what surrounds it decides what it inherits.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    table: Option<&'a Arc<TableSpec>>,
    in_chain: bool,
    on_failure: Option<OnFailure>,
    tags_follow: bool,
}

impl Builder<'_> {
    fn step(&mut self, step: &StepDecl) {
        let named = step.table.as_ref().map(|table| &table.value);
        let table = self.tables.iter().find(|spec| named == Some(&spec.declared)).cloned();
        let place = Place { table: table.as_ref(), ..Place::default() };
        let node = self.add(step, place, named.is_some() && table.is_none());
        if step.policy.after.is_none() {
            for before in std::mem::take(&mut self.frontier) {
                self.graph.add_edge(before, node, EdgeReason::Position);
            }
        }
        self.frontier = vec![node];
    }

    fn for_each(&mut self, block: &ForEachTable) {
        let chosen = |spec: &&Arc<TableSpec>| {
            block.tables.is_empty() || block.tables.iter().any(|name| name.value == spec.declared)
        };
        let mut tables: Vec<Arc<TableSpec>> = self.tables.iter().filter(chosen).cloned().collect();
        if block.order == Order::Reverse {
            tables.reverse();
        }
        if tables.is_empty() || block.steps.is_empty() {
            return;
        }
        if self.frontier.len() > 1 && tables.len() > 1 {
            self.barrier();
        }
        let before = std::mem::take(&mut self.frontier);
        for table in &tables {
            self.chain(block, table, &before);
        }
    }

    /// The steps of one table; its last ones join the frontier.
    fn chain(&mut self, block: &ForEachTable, table: &Arc<TableSpec>, before: &[NodeIndex]) {
        let mut previous: Option<NodeIndex> = None;
        for (position, step) in block.steps.iter().enumerate() {
            let later = &block.steps[position + 1..];
            let place = Place {
                table: Some(table),
                in_chain: true,
                on_failure: block.on_failure,
                tags_follow: later.iter().any(|step| {
                    step.kind.value == "tag"
                        && step.policy.environments.includes(&self.environment.name.value)
                }),
            };
            let node = self.add(step, place, false);
            if step.policy.after.is_none() {
                let predecessors = previous.as_ref().map_or(before, std::slice::from_ref);
                for before in predecessors {
                    self.graph.add_edge(*before, node, EdgeReason::Position);
                }
            }
            if !is_waited_for(step, later) {
                self.frontier.push(node);
            }
            previous = Some(node);
        }
    }

    fn barrier(&mut self) {
        let barrier = self.graph.add_node(PlanNode::Barrier);
        for before in std::mem::replace(&mut self.frontier, vec![barrier]) {
            self.graph.add_edge(before, barrier, EdgeReason::Position);
        }
    }

    fn add(&mut self, step: &StepDecl, place: Place<'_>, table_left_out: bool) -> NodeIndex {
        let chain = place.table.filter(|_| place.in_chain).map(|table| table.declared.as_str());
        let id = StepId::new(step.name(), chain);
        let planned = self.planned(step, &id, place, table_left_out);
        let node = self.graph.add_node(PlanNode::Step(Box::new(planned)));
        if let Some(names) = &step.policy.after {
            let table = chain.map(str::to_owned);
            self.pending.push(PendingAfter { node, table, names: names.clone() });
        }
        self.ids.insert(id, node);
        node
    }

    fn planned(
        &self,
        step: &StepDecl,
        id: &StepId,
        place: Place<'_>,
        table_left_out: bool,
    ) -> PlannedStep {
        let kind = self
            .registry
            .get(&step.kind.value)
            .expect("the configuration check refuses unknown kinds");
        let spec = kind.spec();
        let (own, defaults) = (&step.policy, &self.config.defaults.step);
        let declared = own.on_failure.or(place.on_failure).or(self.task.on_failure);
        let mut retry = own.retry.or(defaults.retry).unwrap_or_else(RetryPolicy::default);
        retry.retries = self.options.retries.unwrap_or(retry.retries);
        PlannedStep {
            id: id.clone(),
            kind: spec.name,
            effect: spec.effect,
            table: place.table.cloned(),
            tags_follow: place.tags_follow,
            left_out: table_left_out || !own.environments.includes(&self.environment.name.value),
            step: kind.prepare(&step.inputs),
            retry,
            timeout: own.timeout.or(defaults.timeout).unwrap_or(spec.timeout),
            attempt_timeout: own.attempt_timeout.or(defaults.attempt_timeout),
            tolerate: own.tolerate || defaults.tolerate,
            on_failure: self.options.on_failure.or(declared).unwrap_or(OnFailure::Stop),
            usual: spec.usual,
            span: step.span,
        }
    }

    fn finish(mut self) -> Result<Plan, Vec<Diagnostic>> {
        let unknown = after::resolve(&mut self.graph, &self.ids, &self.pending);
        if !unknown.is_empty() {
            return Err(unknown);
        }
        if let Some(found) = cycle::find(&self.graph) {
            return Err(vec![found]);
        }
        Ok(Plan {
            task: self.task.name.value.clone(),
            environment: self.environment.name.value.clone(),
            tables: self.tables.iter().map(|table| TableSpec::clone(table)).collect(),
            confirm: self.task.confirm.unwrap_or(Confirm::Never),
            graph: self.graph,
        })
    }
}

/// Whether a later step of the chain waits for this one, so that it is not one of its ends.
fn is_waited_for(step: &StepDecl, later: &[StepDecl]) -> bool {
    let next_by_position = later.first().is_some_and(|next| next.policy.after.is_none());
    let by_name = later.iter().filter_map(|step| step.policy.after.as_ref()).flatten();
    next_by_position || by_name.into_iter().any(|name| name.value == step.name())
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
