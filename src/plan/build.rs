//! Builds the graph.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use petgraph::graph::{DiGraph, NodeIndex};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    Block, Command, Confirm, Environment, ForEachItem, ForEachTable, IndexRequest, Link, OnFailure,
    Order, StepDecl, StepId, TableSpec, Task, When,
};
use crate::step::Registry;

use super::after::Pending;
use super::outputs::PendingOutput;
use super::place::Place;
use super::sequence::{End, Sequence};
use super::{Plan, PlanNode, after, cycle, guard, outputs};

mod planned;
mod undoing;

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
    /// What is asked to be done to indexes.
    pub index_requests: &'a [IndexRequest],
    /// Nothing is undone, whatever the files say.
    pub no_rollback: bool,
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
    let registry = &registry.with_declared(&config.kinds);
    let refused = guard::refusals(config, registry, task, environment, options.prefix);
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut tables = config.tables_in(environment, options.region, options.prefix)?;
    for table in &mut tables {
        table.ask(options.index_requests);
    }
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
        environment,
        options,
        tables: tables.into_iter().map(Arc::new).collect(),
        graph: DiGraph::new(),
        ids: HashMap::new(),
        pending: Vec::new(),
        outputs: Vec::new(),
        clocks: Vec::new(),
        problems: Vec::new(),
        chains: 0,
    };
    let tasks = config.with_needs(task);
    let places = tasks.iter().map(|of| Place::of(of, of.name.value != task.name.value));
    let mut before = Vec::new();
    for place in places.clone() {
        before = builder.body(place, before);
    }
    let finally = builder.graph.node_count();
    for place in places {
        builder.finally(place);
    }
    let confirm = tasks.iter().filter_map(|task| task.confirm).max();
    builder.finish(task, confirm.unwrap_or(Confirm::Never), finally)
}

struct Builder<'a> {
    config: &'a Config,
    registry: &'a Registry,
    environment: &'a Environment,
    options: PlanOptions<'a>,
    tables: Vec<Arc<TableSpec>>,
    graph: DiGraph<PlanNode, When>,
    ids: HashMap<StepId, NodeIndex>,
    pending: Vec<Pending>,
    outputs: Vec<PendingOutput>,
    /// The times of needed tasks that have one.
    clocks: Vec<Duration>,
    /// Commands whose placeholders have no value here.
    problems: Vec<Diagnostic>,
    /// How many chains there are so far.
    chains: usize,
}

impl Builder<'_> {
    /// The steps of a task but those of `finally`; gives what must be over before what follows.
    fn body(&mut self, place: Place<'_>, before: Vec<End>) -> Vec<End> {
        let timeout = place.task.timeout.filter(|_| place.needed);
        let clock = timeout.map(|_| self.clocks.len());
        self.clocks.extend(timeout);
        let place = Place { clock, ..place };
        let mut sequence = Sequence::after(before);
        for block in &place.task.body {
            match block {
                Block::Link(link) => self.link(link, place, &mut sequence),
                Block::ForEachTable(block) => self.for_each(block, place, &mut sequence),
                Block::ForEachItem(block) => self.for_each_item(block, place, &mut sequence),
            }
        }
        sequence.ends()
    }

    fn finally(&mut self, place: Place<'_>) {
        for step in &place.task.finally {
            self.add(step, Place { finally: true, ..place });
        }
    }

    /// A step or a `parallel`.
    fn link(&mut self, link: &Link, place: Place<'_>, sequence: &mut Sequence) {
        let follows = |step: &&StepDecl| step.policy.after.is_none();
        if link.steps().iter().filter(follows).count() > 1 {
            self.barrier(sequence);
        }
        let before = sequence.previous.clone();
        let (mut followers, mut others) = (Vec::new(), Vec::new());
        for step in link.steps() {
            let node = self.add(step, place);
            let end = End::of_step(node, step);
            if follows(&step) {
                self.connect(&before, node);
                followers.push(end);
            } else {
                self.connect_gate(place, node);
                others.push((step.policy.when, end));
            }
        }
        let (departing, beside): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|(when, _)| *when == When::Succeeded);
        let next: Vec<End> =
            followers.iter().cloned().chain(departing.into_iter().map(|(_, end)| end)).collect();
        match (followers.is_empty(), next.is_empty()) {
            (false, _) => sequence.follow(next),
            (true, false) => sequence.depart(next),
            (true, true) => {}
        }
        for (_, end) in beside {
            sequence.stand_beside(end);
        }
        for step in link.steps() {
            sequence.named_by(step);
        }
    }

    fn for_each(&mut self, block: &ForEachTable, place: Place<'_>, sequence: &mut Sequence) {
        let chosen = |spec: &&Arc<TableSpec>| {
            block.tables.is_empty() || block.tables.iter().any(|name| name.value == spec.declared)
        };
        let mut tables: Vec<Arc<TableSpec>> = self.tables.iter().filter(chosen).cloned().collect();
        if block.order == Order::Reverse {
            tables.reverse();
        }
        let place = place.with(block.on_failure);
        let places = tables.iter().map(|table| Place { chain: Some(table), ..place });
        self.chains(&block.links, block.serial, places.collect(), sequence);
    }

    fn for_each_item(&mut self, block: &ForEachItem, place: Place<'_>, sequence: &mut Sequence) {
        let place = place.with(block.on_failure);
        let items = block.items.iter().map(|item| Place { item: Some(&item.value), ..place });
        let mut places: Vec<Place<'_>> = items.collect();
        if block.order == Order::Reverse {
            places.reverse();
        }
        self.chains(&block.links, block.serial, places, sequence);
    }

    /// One chain of the same steps in each of these places.
    fn chains(
        &mut self,
        links: &[Link],
        serial: bool,
        places: Vec<Place<'_>>,
        sequence: &mut Sequence,
    ) {
        if places.is_empty() || links.iter().all(|link| link.steps().is_empty()) {
            return;
        }
        if places.len() > 1 {
            self.barrier(sequence);
        }
        // What a chain did not build on is an end of each, and is kept once.
        let (mut ends, mut kept) = (Vec::new(), HashSet::new());
        let (mut gate, count) = (None, places.len());
        for (position, place) in places.into_iter().enumerate() {
            let first = self.graph.node_count();
            let place = Place { gate, number: Some(self.next_chain()), ..place };
            for end in self.chain(links, place, sequence.previous.clone()) {
                if end.node.index() >= first || kept.insert(end.node) {
                    ends.push(end);
                }
            }
            let is_last = position + 1 == count;
            gate = (serial && !is_last).then(|| self.gate(first));
        }
        sequence.follow(ends);
    }

    /// The steps of one chain; gives its ends.
    fn chain(&mut self, links: &[Link], place: Place<'_>, before: Vec<End>) -> Vec<End> {
        let gate = place.gate.map(End::of_barrier);
        let mut sequence = Sequence::after(before.into_iter().chain(gate).collect());
        for (position, link) in links.iter().enumerate() {
            let here = &self.environment.name.value;
            let follows = |kind: &str| {
                let mut later = links[position + 1..].iter().flat_map(Link::steps);
                let is = |step: &StepDecl| {
                    step.kind.value == kind && step.policy.environments.includes(here)
                };
                later.any(is)
            };
            let place = Place {
                tags_follow: follows("tag"),
                updates_follow: follows("update-table"),
                ..place
            };
            self.link(link, place, &mut sequence);
        }
        sequence.ends()
    }

    fn next_chain(&mut self) -> usize {
        self.chains += 1;
        self.chains - 1
    }

    /// A node that is passed when all nodes from `first` on have ended, well or not.
    fn gate(&mut self, first: usize) -> NodeIndex {
        let last = self.graph.node_count();
        let gate = self.graph.add_node(PlanNode::Barrier);
        for node in first..last {
            self.graph.add_edge(NodeIndex::new(node), gate, When::Always);
        }
        gate
    }

    /// One node in the place of all that several others would wait for.
    fn barrier(&mut self, sequence: &mut Sequence) {
        if sequence.previous.len() > 1 {
            let barrier = self.graph.add_node(PlanNode::Barrier);
            self.connect(&sequence.previous, barrier);
            sequence.follow(vec![End::of_barrier(barrier)]);
        }
    }

    fn connect(&mut self, before: &[End], node: NodeIndex) {
        for end in before {
            self.graph.add_edge(end.node, node, end.when);
        }
    }

    fn connect_gate(&mut self, place: Place<'_>, node: NodeIndex) {
        if let Some(gate) = place.gate {
            self.graph.add_edge(gate, node, When::Succeeded);
        }
    }

    fn add(&mut self, step: &StepDecl, place: Place<'_>) -> NodeIndex {
        let id = place.id(step);
        let number = place.number.unwrap_or_else(|| self.next_chain());
        let mut planned = self.planned(step, &id, Place { number: Some(number), ..place });
        if !planned.left_out {
            self.problems.extend(self.missing_value(step));
            let table = planned.table.as_deref();
            let command = self.command(step, table, place);
            let rollback = self.rollback(step, table, place);
            planned.command = command.map(|command| Arc::new(Command { rollback, ..command }));
        }
        let node = self.graph.add_node(PlanNode::Step(Box::new(planned)));
        let policy = &step.policy;
        let pending = |names: &[Spanned<String>], when, changed| Pending {
            node,
            task: place.scope().map(str::to_owned),
            chain: place.instance().map(str::to_owned),
            names: names.to_vec(),
            when,
            changed,
        };
        if let Some(names) = &policy.after {
            self.pending.push(pending(names, Some(policy.when), false));
        }
        // A step that runs after failures does not lose its turn by them.
        let when = if policy.when == When::Succeeded { policy.when } else { When::Always };
        let when = Some(when).filter(|_| !place.finally);
        self.pending.push(pending(&policy.only_if_changed, when, true));
        let command = self.graph[node].step().and_then(|step| step.command.as_deref());
        let named = command.map_or_else(Vec::new, |command| outputs::all_named(command, step));
        self.outputs.extend(named.into_iter().map(|(name, span, by_rollback)| PendingOutput {
            node,
            task: place.scope().map(str::to_owned),
            chain: place.instance().map(str::to_owned),
            when,
            name,
            span,
            by_rollback,
        }));
        self.ids.insert(id, node);
        node
    }

    fn finish(
        mut self,
        task: &Task,
        confirm: Confirm,
        finally: usize,
    ) -> Result<Plan, Vec<Diagnostic>> {
        let unknown = after::resolve(&mut self.graph, &self.ids, &self.pending);
        self.problems.extend(unknown);
        let environment = &self.environment.name.value;
        let place = (self.registry, finally);
        let found = outputs::resolve(&mut self.graph, &self.ids, &self.outputs, place, environment);
        self.problems.extend(found);
        self.problems.extend(cycle::find(&self.graph));
        if !self.problems.is_empty() {
            return Err(self.problems);
        }
        Ok(Plan {
            task: task.name.value.clone(),
            environment: self.environment.name.value.clone(),
            tables: self.tables.iter().map(|table| TableSpec::clone(table)).collect(),
            confirm,
            graph: self.graph,
            timeout: task.timeout,
            task_timeouts: self.clocks,
            pools: self.config.pools.iter().map(|pool| pool.size).collect(),
            no_rollback: self.options.no_rollback,
            finally,
        })
    }
}

#[cfg(test)]
#[path = "build_tests.rs"]
mod tests;
