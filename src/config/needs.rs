//! A task together with the tasks that it needs.

use std::collections::{HashMap, HashSet};

use crate::model::Task;

/// The tasks that a task needs, each once and before what needs it, then the task itself. Names
/// that no task has are passed over; a cycle is cut where it closes.
pub(super) fn with_needs<'t>(tasks: &'t [Task], task: &'t Task) -> Vec<&'t Task> {
    if task.needs.is_empty() { vec![task] } else { in_order(tasks, &[task]) }
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
