//! A task together with the tasks that it needs.

use std::collections::{HashMap, HashSet};

use crate::model::Task;

/// The tasks that a task needs, each once and before what needs it, then the task itself. Names
/// that no task has are passed over; a cycle is cut where it closes.
pub(super) fn with_needs<'t>(tasks: &'t [Task], task: &'t Task) -> Vec<&'t Task> {
    if task.needs.is_empty() { vec![task] } else { in_order(tasks, &[task]) }
}

/// The tasks that may run in an environment, with all that they need: each after what it needs.
pub(super) fn allowed_in<'t>(tasks: &'t [Task], environment: &str) -> Vec<&'t Task> {
    let all: Vec<&Task> = tasks.iter().collect();
    let mut refused: HashSet<&str> = HashSet::new();
    let mut order = in_order(tasks, &all);
    order.retain(|task| {
        let needs_refused = task.needs.iter().any(|name| refused.contains(name.value.as_str()));
        let allowed = task.is_allowed_in(environment) && !needs_refused;
        if !allowed {
            refused.insert(&task.name.value);
        }
        allowed
    });
    order
}

/// These tasks and all that they need, each once and before what needs it.
pub(super) fn in_order<'t>(tasks: &'t [Task], wanted: &[&'t Task]) -> Vec<&'t Task> {
    let by_name: HashMap<&str, &Task> =
        tasks.iter().map(|task| (task.name.value.as_str(), task)).collect();
    let mut seen = HashSet::new();
    let mut order = Vec::new();
    for task in wanted.iter().copied() {
        if !seen.insert(task.name.value.as_str()) {
            continue;
        }
        // A stack of its own: a long line of tasks must not use up that of the process.
        let mut open = vec![(task, task.needs.iter())];
        while let Some((task, needs)) = open.last_mut() {
            let Some(name) = needs.next() else {
                order.push(*task);
                open.pop();
                continue;
            };
            if let Some(needed) = by_name.get(name.value.as_str()).copied()
                && seen.insert(needed.name.value.as_str())
            {
                open.push((needed, needed.needs.iter()));
            }
        }
    }
    order
}
