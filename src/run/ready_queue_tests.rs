use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use When::{Always, Failed, Succeeded};

pub(super) const AFTERMATH: Lane = Lane { kind: 0, aftermath: true };

const fn kind(kind: usize) -> Lane {
    Lane { kind, aftermath: false }
}

/// Edges that all ask for success.
fn successes(dependents: &[Vec<usize>]) -> Vec<Vec<(usize, When)>> {
    let of_node = |targets: &Vec<usize>| targets.iter().map(|to| (*to, Succeeded)).collect();
    dependents.iter().map(of_node).collect()
}

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
    let dependents = successes(&[vec![], vec![2], vec![]]);
    let mut queue = ReadyQueue::new(&dependents, &[5, 1, 9], Priority::CriticalPath);
    assert_eq!(queue.pop(), Some(1));
    let mut queue = ReadyQueue::new(&dependents, &[5, 1, 9], Priority::Declared);
    assert_eq!(drain(&mut queue), [0, 1, 2]);
}

#[test]
fn the_nodes_of_a_lane_can_be_asked_for_apart() {
    let dependents = successes(&[vec![3], vec![], vec![], vec![]]);
    let queue = ReadyQueue::new(&dependents, &[1, 9, 5, 1], Priority::CriticalPath);
    let mut queue = queue.with_lanes(vec![kind(0), kind(0), kind(1), kind(1)]);
    let reads = |queue: &mut ReadyQueue| queue.pop_where(|lane| lane == kind(1), None);
    assert_eq!(reads(&mut queue), Some(2));
    assert_eq!(reads(&mut queue), None, "the other one is not ready");
    assert_eq!((queue.pop(), queue.pop()), (Some(1), Some(0)));
    queue.satisfy(0);
    assert_eq!((reads(&mut queue), queue.pop()), (Some(3), None));
}

#[test]
fn a_node_is_taken_only_if_it_precedes_what_it_is_held_against() {
    let dependents = successes(&[vec![], vec![], vec![]]);
    let mut queue = ReadyQueue::new(&dependents, &[3, 7, 5], Priority::CriticalPath);
    assert_eq!(queue.pop_where(|_| true, Some(7)), None, "who is as far goes first");
    assert_eq!(queue.pop_where(|_| true, Some(6)), Some(1));
    assert_eq!(queue.pop_where(|_| true, Some(5)), None);
    assert_eq!((queue.pop(), queue.rank(2)), (Some(2), 5));
}

#[test]
fn what_waits_for_failures_starts_at_the_first_one() {
    // 2 waits for a failure of 0 or 1; 3 follows it.
    let dependents = [vec![(2, Failed)], vec![(2, Failed)], vec![(3, Succeeded)], vec![]];
    let mut queue = ReadyQueue::new(&dependents, &[1; 4], Priority::Declared);
    assert_eq!((queue.pop(), queue.pop(), queue.pop()), (Some(0), Some(1), None));
    assert_eq!(queue.block(0), Vec::<usize>::new());
    assert_eq!(queue.pop(), Some(2));
    assert!(queue.is_called_for(2));
    queue.satisfy(1);
    queue.satisfy(2);
    assert_eq!(drain(&mut queue), [3]);
}

#[test]
fn what_waits_for_failures_in_vain_leaves_uncalled() {
    let dependents = [vec![(2, Failed)], vec![(2, Failed)], vec![(3, Succeeded)], vec![]];
    let mut queue = ReadyQueue::new(&dependents, &[1; 4], Priority::Declared);
    assert_eq!((queue.pop(), queue.pop()), (Some(0), Some(1)));
    queue.satisfy(0);
    assert_eq!(queue.pop(), None, "the other one may still fail");
    queue.satisfy(1);
    assert_eq!(queue.pop(), Some(2));
    assert!(!queue.is_called_for(2));
    queue.satisfy(2);
    assert_eq!(drain(&mut queue), [3]);
}

#[test]
fn a_blocked_node_has_ended_for_what_waits_for_its_end_or_failure() {
    let dependents = [vec![(1, Succeeded)], vec![(2, Always), (3, Failed)], vec![], vec![]];
    let mut queue = ReadyQueue::new(&dependents, &[1; 4], Priority::Declared);
    let first = queue.pop().unwrap();
    assert_eq!(queue.block(first), [1]);
    assert_eq!(drain(&mut queue), [2, 3]);
}

#[test]
fn the_aftermath_of_a_run_that_stops_does_not_wait_for_what_will_not_run() {
    // 2 waits for the ends of 0 and 1, 4 for that of 3.
    let dependents = [vec![(2, Always)], vec![(2, Always)], vec![], vec![(4, Always)], vec![]];
    let lanes = vec![Lane::default(), Lane::default(), AFTERMATH, Lane::default(), AFTERMATH];
    let queue = ReadyQueue::new(&dependents, &[1; 5], Priority::Declared);
    let mut queue = queue.with_lanes(lanes);
    let first = queue.pop().unwrap();
    queue.block(first);
    assert_eq!(queue.pop_where(|lane| lane.aftermath, None), None);
    assert!(queue.release_stranded());
    assert_eq!(queue.pop_where(|lane| lane.aftermath, None), Some(2));
    queue.satisfy(2);
    assert!(!queue.release_stranded(), "nothing that 4 waits for has ended");
    assert_eq!(queue.left(), [1, 3, 4]);
}

#[test]
fn an_aftermath_keeps_its_place_behind_another_one_that_may_still_run() {
    // 0 fails, 1 never starts; 2 waits for the ends of both, 3 for those and that of 2.
    let ends = |targets: &[usize]| targets.iter().map(|to| (*to, Always)).collect::<Vec<_>>();
    let dependents = [ends(&[2, 3]), ends(&[2, 3]), ends(&[3]), vec![]];
    let lanes = vec![Lane::default(), Lane::default(), AFTERMATH, AFTERMATH];
    let queue = ReadyQueue::new(&dependents, &[1; 4], Priority::Declared);
    let mut queue = queue.with_lanes(lanes);
    let first = queue.pop().unwrap();
    queue.block(first);
    assert!(queue.release_stranded());
    assert_eq!(queue.pop_where(|lane| lane.aftermath, None), Some(2));
    assert_eq!(queue.pop_where(|lane| lane.aftermath, None), None, "3 waits for 2");
    queue.satisfy(2);
    assert_eq!(queue.pop_where(|lane| lane.aftermath, None), Some(3));
    queue.satisfy(3);
    assert!(!queue.release_stranded());
}

#[test]
fn a_failure_blocks_all_that_depends_on_it_and_nothing_else() {
    let dependents = successes(&[vec![2], vec![3], vec![4], vec![], vec![]]);
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
    let mut queue = ReadyQueue::new(&successes(&dependents), &weights, Priority::CriticalPath);
    let first = queue.pop().unwrap();
    assert_eq!(queue.block(first).len(), length - 1);
}

pub(super) type Dag = (Vec<Vec<(usize, When)>>, Vec<u64>);

/// A random DAG: edges go from lower to higher numbers, and all that lead to one node are alike, but
/// for some that only ask for the end.
pub(super) fn dag() -> impl Strategy<Value = Dag> {
    dag_of(4)
}

/// The same, where more kinds are more nodes that only wait for ends.
fn dag_of(kinds: u8) -> impl Strategy<Value = Dag> {
    (1usize..24).prop_flat_map(move |nodes| {
        let edges = proptest::collection::btree_map((0..nodes, 0..nodes), 0..4_u8, 0..nodes * 2);
        let weights = proptest::collection::vec(0u64..50, nodes);
        let kinds = proptest::collection::vec(0..kinds, nodes);
        (edges, weights, kinds).prop_map(move |(edges, weights, kinds)| {
            let mut dependents = vec![Vec::new(); nodes];
            for ((a, b), ends) in edges.into_iter().filter(|((a, b), _)| a < b) {
                let when = match (kinds[b], ends) {
                    (_, 0) | (3.., _) => Always,
                    (2, _) => Failed,
                    _ => Succeeded,
                };
                dependents[a].push((b, when));
            }
            (dependents, weights)
        })
    })
}

/// How each node of a DAG must end, when these fail on being run: nodes are in topological order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Ran { called: bool },
    Blocked,
}

pub(super) fn fates(dependents: &[Vec<(usize, When)>], fails: impl Fn(usize) -> bool) -> Vec<Fate> {
    let mut fates: Vec<Fate> = Vec::new();
    for node in 0..dependents.len() {
        let bad = |before: usize| match fates[before] {
            Fate::Blocked => true,
            Fate::Ran { called } => called && fails(before),
        };
        let before =
            |wanted: When| (0..node).filter(move |n| dependents[*n].contains(&(node, wanted)));
        let blocked = before(Succeeded).any(bad);
        let hopeful = before(Failed).next().is_some();
        let called = !hopeful || before(Failed).any(bad);
        fates.push(if blocked { Fate::Blocked } else { Fate::Ran { called } });
    }
    fates
}

proptest! {
    /// Lanes change nothing for who does not ask for them.
    #[test]
    fn lanes_do_not_change_the_order((dependents, weights) in dag(), lanes in any::<u64>()) {
        let queue = || ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let lane = |node| match lanes >> (2 * node) & 3 {
            1 => kind(2),
            2 => AFTERMATH,
            _ => kind(0),
        };
        let lanes = (0..dependents.len()).map(lane).collect();
        prop_assert_eq!(drain(&mut queue().with_lanes(lanes)), drain(&mut queue()));
    }

    /// Every node leaves exactly once and after all its predecessors.
    #[test]
    fn nodes_leave_once_and_in_order((dependents, weights) in dag()) {
        let mut queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let order = drain(&mut queue);
        let position = |node: usize| order.iter().position(|taken| *taken == node).unwrap();
        prop_assert_eq!(order.len(), dependents.len());
        for (node, targets) in dependents.iter().enumerate() {
            for (target, _) in targets {
                prop_assert!(position(node) < position(*target));
            }
        }
    }

    /// Whatever fails, and however many run at once: every node leaves the queue exactly once, run,
    /// passed over or blocked, as its predecessors decide, and none before what it waits for.
    #[test]
    fn every_node_ends_in_one_way(
        (dependents, weights) in dag(),
        failing in any::<u32>(),
        at_once in 1usize..4,
    ) {
        let fails = |node: usize| failing >> (node % 32) & 1 == 1;
        let expected = fates(&dependents, fails);
        let mut queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let mut found = vec![None; dependents.len()];
        let (mut over, mut running) = (BTreeSet::new(), Vec::new());
        loop {
            while running.len() < at_once {
                let Some(node) = queue.pop() else { break };
                let called = queue.is_called_for(node);
                prop_assert_eq!(found[node].replace(Fate::Ran { called }), None, "left twice");
                for (before, targets) in dependents.iter().enumerate() {
                    for (_, when) in targets.iter().filter(|(target, _)| *target == node) {
                        prop_assert!(*when == Failed || over.contains(&before), "too early");
                    }
                }
                running.push((node, called));
            }
            if running.is_empty() {
                break;
            }
            let (node, called) = running.remove(0);
            over.insert(node);
            if called && fails(node) {
                for dependent in queue.block(node) {
                    prop_assert_eq!(found[dependent].replace(Fate::Blocked), None, "blocked twice");
                    over.insert(dependent);
                }
            } else {
                queue.satisfy(node);
            }
        }
        let expected: Vec<Option<Fate>> = expected.into_iter().map(Some).collect();
        prop_assert_eq!(found, expected);
        prop_assert_eq!(queue.left(), Vec::<usize>::new());
    }

    /// A run that stops at any time: each node still leaves at most once, no aftermath starts before
    /// what it waits for, other than what never ends, and the aftermath of what ended runs.
    #[test]
    fn the_aftermath_of_a_run_that_stops_keeps_its_order(
        (dependents, weights) in dag_of(12),
        (failing, aftermath) in (any::<u32>(), any::<u32>()),
        at_once in 2usize..4,
        ends_until_stop in 0usize..8,
    ) {
        let bit = |bits: u32, node: usize| bits >> (node % 32) & 1 == 1;
        let lane = |node| if bit(aftermath, node) { AFTERMATH } else { Lane::default() };
        let lanes = (0..dependents.len()).map(lane).collect();
        let queue = ReadyQueue::new(&dependents, &weights, Priority::CriticalPath);
        let mut queue = queue.with_lanes(lanes);
        let mut left: Vec<(usize, usize)> = Vec::new();
        let mut over = BTreeMap::new();
        let (mut running, mut clock, mut ended) = (Vec::new(), 0, 0);
        loop {
            let stopping = ended >= ends_until_stop;
            while running.len() < at_once {
                let next = queue.pop_where(|lane| !stopping || lane.aftermath, None);
                let Some(node) = next else { break };
                prop_assert!(left.iter().all(|(taken, _)| *taken != node), "left twice");
                clock += 1;
                left.push((node, clock));
                running.push(node);
            }
            if running.is_empty() {
                if stopping && queue.release_stranded() {
                    continue;
                }
                break;
            }
            let node = running.remove(0);
            (clock, ended) = (clock + 1, ended + 1);
            prop_assert!(over.insert(node, clock).is_none(), "ended twice");
            if queue.is_called_for(node) && bit(failing, node) {
                for dependent in queue.block(node) {
                    prop_assert!(over.insert(dependent, clock).is_none(), "blocked twice");
                }
            } else {
                queue.satisfy(node);
            }
        }
        let before = |node: usize, wanted: When| {
            let dependents = &dependents;
            (0..node).filter(move |before| dependents[*before].contains(&(node, wanted)))
        };
        for (node, taken) in left {
            for before in before(node, Always).chain(before(node, Succeeded)) {
                prop_assert!(over.get(&before).is_none_or(|ended| *ended < taken), "too early");
            }
        }
        for node in queue.left().into_iter().filter(|node| lane(*node) == AFTERMATH) {
            let asks_only_for_ends = before(node, Succeeded).chain(before(node, Failed)).next().is_none();
            let some_ended = before(node, Always).any(|before| over.contains_key(&before));
            prop_assert!(!(asks_only_for_ends && some_ended), "left behind");
        }
        let mut rest = queue.left();
        rest.extend(over.into_keys());
        rest.sort_unstable();
        prop_assert_eq!(rest, (0..dependents.len()).collect::<Vec<_>>());
    }
}
