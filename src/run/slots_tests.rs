use futures::poll;

use super::*;

/// Slots of which these nodes have one each; nodes are their own rank, and of one kind.
fn slots(all: usize, nodes: &[usize]) -> (Slots, Vec<Arc<dyn Slot>>) {
    let slots = Slots::new(all, 1);
    let begun = nodes.iter().map(|node| slots.begin(*node, 0, *node as u64).unwrap());
    let begun = begun.collect();
    (slots, begun)
}

#[tokio::test]
async fn a_step_that_waits_leaves_room_and_asks_for_it_again() {
    let (slots, begun) = slots(2, &[7, 8]);
    assert!(!slots.has_room());
    begun[0].give_back(WaitsFor::Time);
    begun[0].give_back(WaitsFor::Time);
    slots.changed().await;
    assert!(slots.has_room(), "given back twice is given back once");
    let mut back = begun[0].take_back();
    assert!(poll!(&mut back).is_pending());
    assert_eq!(slots.first_asking(), Some(7));
    assert!(slots.grant() && poll!(back).is_ready());
    assert!(!slots.has_room() && !slots.grant());
    assert!(poll!(begun[0].take_back()).is_ready(), "it has one");
}

#[tokio::test]
async fn the_longest_way_ahead_comes_first_then_who_asked_first() {
    let slots = Slots::new(2, 1);
    let ranks = [(0, 5), (1, 9), (2, 5), (3, 9)];
    let begun: Vec<_> = ranks.iter().map(|(node, rank)| slots.begin(*node, 0, *rank)).collect();
    for slot in begun.iter().flatten() {
        slot.give_back(WaitsFor::Time);
    }
    let mut asking: Vec<_> = begun.iter().flatten().map(|slot| slot.take_back()).collect();
    let mut order = Vec::new();
    while slots.grant() {
        for (node, back) in asking.iter_mut().enumerate() {
            if !order.contains(&node) && poll!(back).is_ready() {
                order.push(node);
            }
        }
    }
    assert_eq!(order, [1, 3, 0, 2]);
}

#[tokio::test]
async fn whose_turn_has_come_goes_before_a_longer_way() {
    let (slots, begun) = slots(2, &[3, 9]);
    begun[0].give_back(WaitsFor::Turn);
    begun[1].give_back(WaitsFor::Time);
    let (mut turn, mut time) = (begun[0].take_back(), begun[1].take_back());
    assert!(poll!(&mut turn).is_pending() && poll!(&mut time).is_pending());
    assert_eq!(slots.first_asking(), Some(u64::MAX), "no new step goes before it");
    assert!(slots.grant() && poll!(turn).is_ready() && poll!(time).is_pending());
}

#[tokio::test]
async fn what_a_step_without_a_slot_leaves_behind_ends_with_it() {
    let (slots, begun) = slots(2, &[1, 2]);
    begun[0].give_back(WaitsFor::Turn);
    drop(begun[0].take_back());
    assert!(slots.grant(), "it may be asked for again: then it is there");
    slots.end(1);
    slots.end(2);
    assert!(slots.has_room() && !slots.grant() && slots.lets_in(0));
    let (slots, begun) = self::slots(2, &[1, 2]);
    begun[0].give_back(WaitsFor::Time);
    slots.end(1);
    slots.end(2);
    begun[0].give_back(WaitsFor::Turn);
    assert!(poll!(begun[0].take_back()).is_ready(), "nothing waits for a step that has ended");
    assert!(slots.has_room() && slots.lets_in(0));
}

#[tokio::test]
async fn as_many_steps_of_a_kind_as_there_are_slots_wait_for_their_turn() {
    let slots = Slots::new(2, 2);
    let one = slots.begin(0, 1, 1).unwrap();
    let other = slots.begin(1, 1, 1).unwrap();
    one.give_back(WaitsFor::Turn);
    assert!(slots.lets_in(1));
    other.give_back(WaitsFor::Time);
    assert!(slots.lets_in(1), "it waits for something else");
    other.give_back(WaitsFor::Turn);
    assert!(!slots.lets_in(1) && slots.lets_in(0));
    let back = one.take_back();
    assert!(!slots.lets_in(1), "it is still on its way");
    assert!(slots.grant() && poll!(back).is_ready() && slots.lets_in(1));
}

#[test]
fn a_single_slot_is_kept_while_its_step_waits() {
    let slots = Slots::new(1, 1);
    assert!(slots.begin(0, 0, 0).is_none());
    assert!(!slots.has_room());
    slots.end(0);
    assert!(slots.has_room());
}
