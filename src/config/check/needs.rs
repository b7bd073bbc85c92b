//! Tasks that need others: no cycles, none named twice, and an environment that all of them allow.

use std::collections::{HashMap, HashSet, VecDeque};

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::config::decode::Declared;
use crate::config::needs::{in_order, with_needs};
use crate::diagnostic::{Diagnostic, Span, Spanned};
use crate::model::Task;

/// So many tasks on cycles are tried as the start of the shortest one.
const TRIED: usize = 1_000;

pub(super) fn check(declared: &Declared, problems: &mut Vec<Diagnostic>) {
    for task in &declared.tasks {
        named_twice(task, problems);
    }
    if let Some(found) = cycle(&declared.tasks) {
        // What a cycle comes to in other respects says nothing.
        problems.push(found);
        return;
    }
    nowhere(&declared.tasks, problems);
}

fn named_twice(task: &Task, problems: &mut Vec<Diagnostic>) {
    let mut seen: HashMap<&str, Span> = HashMap::new();
    for name in &task.needs {
        if let Some(first) = seen.insert(&name.value, name.span) {
            let message = format!("task `{}` is named twice", name.value);
            let problem = Diagnostic::error("osem::duplicate", message);
            problems.push(problem.label(name.span, "").label(first, "first here"));
        }
    }
}

/// The shortest cycle, with every `needs` on it.
fn cycle(tasks: &[Task]) -> Option<Diagnostic> {
    let by_name: HashMap<&str, &Task> =
        tasks.iter().map(|task| (task.name.value.as_str(), task)).collect();
    let ways = cyclic(tasks).into_iter().take(TRIED).filter_map(|task| way_back(&by_name, task));
    let path: Vec<&Spanned<String>> = ways.min_by_key(Vec::len)?;
    let names: Vec<&str> =
        path.last().into_iter().chain(&path).map(|name| name.value.as_str()).collect();
    let message = format!("tasks need each other: {}", names.join(" -> "));
    let problem = Diagnostic::error("osem::cycle", message);
    let problem = path.iter().zip(&names).fold(problem, |problem, (name, task)| {
        problem.label(name.span, format!("`{task}` needs it"))
    });
    Some(problem.help("take one of these out of a `needs`"))
}

/// The tasks that are on a cycle, in the order declared. Nothing here recurses, however long the line
/// of tasks is.
fn cyclic(tasks: &[Task]) -> Vec<&Task> {
    let mut graph = DiGraph::<&Task, ()>::new();
    let nodes: HashMap<&str, NodeIndex> =
        tasks.iter().map(|task| (task.name.value.as_str(), graph.add_node(task))).collect();
    for task in tasks {
        for name in &task.needs {
            if let Some(needed) = nodes.get(name.value.as_str()) {
                graph.add_edge(nodes[task.name.value.as_str()], *needed, ());
            }
        }
    }
    let is_cycle =
        |nodes: &Vec<NodeIndex>| nodes.len() > 1 || graph.contains_edge(nodes[0], nodes[0]);
    let mut found: Vec<NodeIndex> =
        kosaraju_scc(&graph).into_iter().filter(is_cycle).flatten().collect();
    found.sort_unstable();
    found.into_iter().map(|node| graph[node]).collect()
}

/// The mentions on the shortest way from a task back to itself, breadth first.
fn way_back<'t>(
    by_name: &HashMap<&str, &'t Task>,
    start: &'t Task,
) -> Option<Vec<&'t Spanned<String>>> {
    let mut came_by: HashMap<&str, (&str, &Spanned<String>)> = HashMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(task) = waiting.pop_front() {
        for name in &task.needs {
            let here = task.name.value.as_str();
            came_by.entry(&name.value).or_insert((here, name));
            if name.value == start.name.value {
                let mut path = Vec::new();
                let mut at = name.value.as_str();
                while path.is_empty() || at != start.name.value {
                    let (before, mention) = came_by[at];
                    path.push(mention);
                    at = before;
                }
                path.reverse();
                return Some(path);
            }
            let next = by_name.get(name.value.as_str()).copied();
            let is_new = came_by[name.value.as_str()].0 == here;
            waiting.extend(next.filter(|next| is_new && next.name.value != start.name.value));
        }
    }
    None
}

/// A task and what it needs must be allowed in one environment at least. Tasks that need one of
/// these are not told of it again.
fn nowhere(tasks: &[Task], problems: &mut Vec<Diagnostic>) {
    let all: Vec<&Task> = tasks.iter().collect();
    // Where each task may run; one without an entry may run everywhere.
    let mut places: HashMap<&str, HashSet<&str>> = HashMap::new();
    for task in in_order(tasks, &all) {
        let own = task.allow_in.as_ref();
        let own = own.map(|names| names.iter().map(|name| name.value.as_str()).collect());
        let needed = task.needs.iter().filter_map(|name| places.get(name.value.as_str()).cloned());
        let limits: Vec<HashSet<&str>> = own.into_iter().chain(needed).collect();
        let is_new = limits.iter().all(|limit| !limit.is_empty());
        let common = limits.into_iter().reduce(|one, other| &one & &other);
        let Some(common) = common else { continue };
        if common.is_empty() && is_new {
            problems.push(allowed_nowhere(task, &with_needs(tasks, task)));
        }
        places.insert(&task.name.value, common);
    }
}

fn allowed_nowhere(task: &Task, all: &[&Task]) -> Diagnostic {
    let message = format!(
        "task `{}` can run nowhere: it and what it needs are allowed in no common environment",
        task.name.value
    );
    let mut problem =
        Diagnostic::error("osem::not-allowed-here", message).label(task.name.span, "");
    for of in all {
        for name in of.allow_in.iter().flatten() {
            problem = problem.label(name.span, format!("`{}` is allowed here", of.name.value));
        }
    }
    problem.help("let the `allow-in` of all of them name one environment")
}
