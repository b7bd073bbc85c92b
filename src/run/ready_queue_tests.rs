use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn drain(queue: &mut ReadyQueue) -> Vec<usize> {
    let mut order = Vec::new();
    while let Some(node) = queue.pop() {
        order.push(node);
        queue.satisfy(node);
    }
    order
}

#[test]
fn the_longest_remaining_way_goes_first() {
    // 0 alone is long; 1 -> 2 is longer together.
    let dependents = [vec![], vec![2], vec![]];
    let mut queue = ReadyQueue::new(&dependents, &[5, 1, 9], Priority::CriticalPath);
    assert_eq!(queue.pop(), Some(1));
    let mut queue = ReadyQueue::new(&dependents, &[5, 1, 9], Priority::Declared);
    assert_eq!(drain(&mut queue), [0, 1, 2]);
}

#[test]
fn marked_nodes_can_be_asked_for_apart() {
    let dependents = [vec![3], vec![], vec![], vec![]];
    let queue = ReadyQueue::new(&dependents, &[1, 9, 5, 1], Priority::CriticalPath);
    let mut queue = queue.marking(vec![false, false, true, true]);
    assert_eq!(queue.pop_marked(), Some(2));
    assert_eq!(queue.pop_marked(), None, "the other one is not ready");
    assert_eq!((queue.pop(), queue.pop()), (Some(1), Some(0)));
    queue.satisfy(0);
    assert_eq!((queue.pop_marked(), queue.pop()), (Some(3), None));
}

#[test]
fn a_failure_blocks_all_that_depends_on_it_and_nothing_else() {
    let dependents = [vec![2], vec![3], vec![4], vec![], vec![]];
    let mut queue = ReadyQueue::new(&dependents, &[1; 5], Priority::Declared);
    let failed = queue.pop().unwrap();
    assert_eq!((failed, queue.block(failed)), (0, vec![2, 4]));
    assert_eq!(drain(&mut queue), [1, 3]);
    assert_eq!(queue.left(), Vec::<usize>::new());
}

#[test]
fn a_chain_of_a_hundred_thousand_nodes_needs_no_recursion() {
    let length = 100_000;
    let dependents: Vec<Vec<usize>> =
        (0..length).map(|node| (node + 1..length.min(node + 2)).collect()).collect();
    let weights = vec![1; length];
    let mut queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
    let first = queue.pop().unwrap();
    assert_eq!(queue.block(first).len(), length - 1);
}

/// A random DAG: edges go from lower to higher numbers.
fn dag() -> impl Strategy<Value = (Vec<Vec<usize>>, Vec<u64>)> {
    (1usize..24).prop_flat_map(|nodes| {
        let edges = proptest::collection::btree_set((0..nodes, 0..nodes), 0..nodes * 2);
        let weights = proptest::collection::vec(0u64..50, nodes);
        (edges, weights).prop_map(move |(edges, weights)| {
            let mut dependents = vec![Vec::new(); nodes];
            for (a, b) in edges.into_iter().filter(|(a, b)| a < b) {
                dependents[a].push(b);
            }
            (dependents, weights)
        })
    })
}

proptest! {
    /// Marks change nothing for who does not ask for them.
    #[test]
    fn marks_do_not_change_the_order((dependents, weights) in dag(), marks in any::<u32>()) {
        let queue = || ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let marked = (0..dependents.len()).map(|node| marks >> (node % 32) & 1 == 1);
        prop_assert_eq!(drain(&mut queue().marking(marked.collect())), drain(&mut queue()));
    }

    /// Every node leaves exactly once and after all its predecessors.
    #[test]
    fn nodes_leave_once_and_in_order((dependents, weights) in dag()) {
        let mut queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let order = drain(&mut queue);
        let position = |node: usize| order.iter().position(|taken| *taken == node).unwrap();
        prop_assert_eq!(order.len(), dependents.len());
        for (node, targets) in dependents.iter().enumerate() {
            for target in targets {
                prop_assert!(position(node) < position(*target));
            }
        }
    }

    /// Whatever fails: every node is run, blocked or left exactly once, and exactly the
    /// descendants of failed nodes are blocked.
    #[test]
    fn every_node_ends_in_one_way((dependents, weights) in dag(), failing in any::<u32>()) {
        let fails = |node: usize| failing >> (node % 32) & 1 == 1;
        let mut queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let (mut ran, mut blocked) = (BTreeSet::new(), BTreeSet::new());
        while let Some(node) = queue.pop() {
            prop_assert!(ran.insert(node));
            if fails(node) {
                for dependent in queue.block(node) {
                    prop_assert!(blocked.insert(dependent), "blocked twice");
                }
            } else {
                queue.satisfy(node);
            }
        }
        let mut expected = BTreeSet::new();
        for (node, targets) in dependents.iter().enumerate() {
            if expected.contains(&node) || (ran.contains(&node) && fails(node)) {
                expected.extend(targets.iter().copied());
            }
        }
        prop_assert_eq!(&blocked, &expected);
        prop_assert_eq!(ran.len() + blocked.len(), dependents.len());
        prop_assert_eq!(queue.left(), Vec::<usize>::new());
    }
}
