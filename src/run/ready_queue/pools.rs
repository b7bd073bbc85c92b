//! Nodes that run only while a pool has room for them.
//!
//! A taken node enters its pool before it runs, and leaves it when it ends. Where there is no room it
//! is set aside, and others are taken. Nobody who comes later in the order overtakes a node that was
//! set aside, however light, so that heavy ones get their turn. When a node leaves, those that were
//! set aside and have room by now are ready again.
//!
//! The aftermath waits apart: in a run that starts nothing else, it must not wait for a node that
//! will not run any more.

use std::collections::{BinaryHeap, HashMap};

use super::{Entry, NodeState, ReadyQueue};

/// All pools, and the nodes that count to one.
#[derive(Debug, Default)]
pub(super) struct Pools {
    pools: Vec<Pool>,
    shares: HashMap<usize, Share>,
}

#[derive(Debug)]
struct Pool {
    free: u32,
    /// Nodes that were set aside, apart for the aftermath.
    aside: [BinaryHeap<Entry>; 2],
}

#[derive(Debug, Clone, Copy)]
struct Share {
    pool: usize,
    weight: u32,
    inside: bool,
}

impl ReadyQueue {
    /// Gives nodes shares in pools of these sizes: `(node, pool, weight)`.
    ///
    /// # Panics
    /// When a weight is larger than its pool.
    #[must_use]
    pub(in crate::run) fn with_pools(
        mut self,
        sizes: &[u32],
        shares: impl Iterator<Item = (usize, usize, u32)>,
    ) -> Self {
        let pool = |size: &u32| Pool { free: *size, aside: [BinaryHeap::new(), BinaryHeap::new()] };
        let share = |(node, pool, weight): (usize, usize, u32)| {
            assert!(weight <= sizes[pool], "no node is heavier than its pool");
            (node, Share { pool, weight, inside: false })
        };
        let shares = shares.map(share).collect();
        self.pools = Pools { pools: sizes.iter().map(pool).collect(), shares };
        self
    }

    /// Lets a taken node into its pool. False when there is no room: then it is not taken any more,
    /// and will be ready again.
    pub(in crate::run) fn enter_pool(&mut self, node: usize) -> bool {
        debug_assert_eq!(self.state[node], NodeState::Taken, "only a taken node enters its pool");
        let entry = self.entry(node);
        let aside = usize::from(self.lanes[node].aftermath);
        let Some(share) = self.pools.shares.get_mut(&node) else { return true };
        let pool = &mut self.pools.pools[share.pool];
        let is_first = pool.aside[aside].peek().is_none_or(|first| *first < entry);
        if is_first && share.weight <= pool.free {
            pool.free -= share.weight;
            share.inside = true;
            return true;
        }
        pool.aside[aside].push(entry);
        self.state[node] = NodeState::Ready;
        false
    }

    /// A node ended, or does not run after all: what has room now is ready again.
    pub(super) fn leave_pool(&mut self, node: usize) {
        let Some(share) = self.pools.shares.get_mut(&node) else { return };
        let number = share.pool;
        if std::mem::take(&mut share.inside) {
            self.pools.pools[number].free += share.weight;
        }
        for aside in 0..2 {
            let mut room = self.pools.pools[number].free;
            while let Some(node) = self.pools.fitting(number, aside, &mut room) {
                self.line_up(node);
            }
        }
    }
}

impl Pools {
    /// Takes out the first node that was set aside, if it has room.
    fn fitting(&mut self, pool: usize, aside: usize, room: &mut u32) -> Option<usize> {
        let aside = &mut self.pools[pool].aside[aside];
        let node = aside.peek()?.1.0;
        *room = room.checked_sub(self.shares[&node].weight)?;
        aside.pop();
        Some(node)
    }
}

#[cfg(test)]
#[path = "pools_tests.rs"]
mod tests;
