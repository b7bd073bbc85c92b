use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::tests::{AFTERMATH, Fate, dag, fates};
use super::super::{Lane, Priority, ReadyQueue};
use crate::model::When;

/// A queue of nodes that wait for nothing, with pools of these sizes.
fn queue(sizes: &[u32], shares: &[(usize, usize, u32)], weights: &[u64]) -> ReadyQueue {
    let dependents = vec![Vec::new(); weights.len()];
    let queue = ReadyQueue::new(&dependents, weights, Priority::CriticalPath);
    queue.with_pools(sizes, shares.iter().copied())
}

/// Takes nodes until one enters its pool.
fn next(queue: &mut ReadyQueue) -> Option<usize> {
    while let Some(node) = queue.pop() {
        if queue.enter_pool(node) {
            return Some(node);
        }
    }
    None
}

#[test]
fn a_node_without_room_lets_others_go_before_it() {
    let mut queue = queue(&[1], &[(0, 0, 1), (1, 0, 1)], &[9, 8, 7]);
    assert_eq!((next(&mut queue), next(&mut queue), next(&mut queue)), (Some(0), Some(2), None));
    queue.satisfy(2);
    assert_eq!(next(&mut queue), None, "1 waits for 0");
    queue.satisfy(0);
    assert_eq!(next(&mut queue), Some(1));
}

#[test]
fn lighter_nodes_do_not_overtake_a_heavy_one() {
    let mut queue = queue(&[3], &[(0, 0, 2), (1, 0, 3), (2, 0, 1)], &[9, 8, 7]);
    assert_eq!((next(&mut queue), next(&mut queue)), (Some(0), None));
    queue.satisfy(0);
    assert_eq!((next(&mut queue), next(&mut queue)), (Some(1), None));
    let _ = queue.block(1);
    assert_eq!(next(&mut queue), Some(2));
}

#[test]
fn a_node_that_is_put_back_leaves_its_pool() {
    let mut queue = queue(&[1], &[(0, 0, 1), (1, 0, 1)], &[9, 8]);
    assert_eq!(next(&mut queue), Some(0));
    queue.put_back(0);
    assert_eq!((next(&mut queue), next(&mut queue)), (Some(0), None));
}

#[test]
fn the_aftermath_does_not_wait_behind_what_will_not_run() {
    let shares = [(0, 0, 1), (1, 0, 2), (2, 0, 1)];
    let lanes = vec![Lane::default(), Lane::default(), AFTERMATH];
    let mut queue = queue(&[2], &shares, &[9, 8, 7]).with_lanes(lanes);
    assert_eq!(next(&mut queue), Some(0));
    assert_eq!(queue.pop().map(|node| queue.enter_pool(node)), Some(false), "1 is set aside");
    let aftermath = queue.pop_where(|lane| lane.aftermath, None);
    assert_eq!(aftermath.map(|node| (node, queue.enter_pool(node))), Some((2, true)));
}

proptest! {
    /// Whatever fails: no pool is ever over-full, nobody overtakes a node that was set aside, nodes
    /// that wait for a pool keep no other from running, and all ends as it does without pools.
    #[test]
    fn pools_keep_to_their_size_and_everything_ends(
        (dependents, weights) in dag(),
        sizes in proptest::collection::vec(1u32..5, 2),
        shares in proptest::collection::vec((0usize..3, 1u32..5), 24),
        failing in any::<u32>(),
        at_once in 1usize..5,
    ) {
        let share = |node: usize| {
            let (pool, weight) = shares[node];
            (pool < 2).then(|| (pool, weight.min(sizes[pool])))
        };
        let fails = |node: usize| failing >> (node % 32) & 1 == 1;
        let nodes = 0..dependents.len();
        let given = nodes.clone().filter_map(|node| share(node).map(|(p, w)| (node, p, w)));
        let queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let mut queue = queue.with_pools(&sizes, given);
        let mut found = vec![None; dependents.len()];
        let (mut running, mut aside) = (Vec::new(), BTreeSet::new());
        loop {
            while running.len() < at_once {
                let Some(node) = queue.pop() else { break };
                if !queue.enter_pool(node) {
                    aside.insert(node);
                    continue;
                }
                aside.remove(&node);
                if let Some((pool, _)) = share(node) {
                    let same = |other: &&usize| share(**other).is_some_and(|(of, _)| of == pool);
                    let overtaken = aside.iter().filter(same).any(|other| queue.entry(*other) > queue.entry(node));
                    prop_assert!(!overtaken, "{node} overtook one of {aside:?}");
                }
                let called = queue.is_called_for(node);
                prop_assert_eq!(found[node].replace(Fate::Ran { called }), None, "ran twice");
                running.push(node);
                for (pool, size) in sizes.iter().enumerate() {
                    let inside = running.iter().filter_map(|node| share(*node));
                    let taken: u32 = inside.filter(|(of, _)| *of == pool).map(|(_, w)| w).sum();
                    prop_assert!(taken <= *size, "{taken} in pool {pool} of {size}");
                }
            }
            if running.is_empty() {
                break;
            }
            let node = running.remove(0);
            if queue.is_called_for(node) && fails(node) {
                for blocked in queue.block(node) {
                    prop_assert_eq!(found[blocked].replace(Fate::Blocked), None, "blocked twice");
                }
            } else {
                queue.satisfy(node);
            }
        }
        let expected: Vec<Option<Fate>> = fates(&dependents, fails).into_iter().map(Some).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(queue.left(), Vec::<usize>::new());
    }

    /// A heavy node runs although lighter ones of its pool keep coming: it waits at most for those
    /// that run, and for those before it in the order.
    #[test]
    fn a_heavy_node_waits_only_for_who_is_before_it(
        light in 1usize..12,
        size in 2u32..5,
        at_once in 1usize..5,
    ) {
        // The heavy node is the last to become ready: its predecessor has the longest way ahead.
        let heavy = light + 1;
        let mut dependents = vec![Vec::new(); light + 2];
        dependents[0] = vec![(heavy, When::Succeeded)];
        let mut weights = vec![1; light + 2];
        weights[heavy] = 5;
        let shares = (1..=light).map(|node| (node, 0, 1)).chain([(heavy, 0, size)]);
        let queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let mut queue = queue.with_pools(&[size], shares);
        let mut order = Vec::new();
        let mut running = Vec::new();
        loop {
            while running.len() < at_once {
                let Some(node) = next(&mut queue) else { break };
                order.push(node);
                running.push(node);
            }
            if running.is_empty() {
                break;
            }
            queue.satisfy(running.remove(0));
        }
        let place = order.iter().position(|node| *node == heavy).unwrap();
        prop_assert!(place <= at_once, "{order:?}");
        prop_assert_eq!(order.len(), light + 2);
    }
}
