use proptest::prelude::*;

use super::*;
use crate::model::KeySchema;

const NOW: Duration = Duration::from_secs(100);
const LATER: Duration = Duration::from_secs(105);

fn name(n: usize) -> TableName {
    TableName::parse(&format!("T{n:03}")).unwrap()
}

fn create(n: usize, indexed: bool) -> Operation {
    Operation::new("CreateTable", &name(n), indexed).unwrap()
}

fn delete(n: usize) -> Operation {
    Operation::new("DeleteTable", &name(n), false).unwrap()
}

fn shown(n: usize, status: &str) -> TableState {
    TableState::bare(name(n).as_str(), status)
}

fn full(all: usize, indexed: usize) -> Operations {
    let mut book = Operations::new(all, indexed);
    for n in 0..all {
        book.begin(create(n, n < indexed), NOW);
    }
    book
}

#[test]
fn at_the_bound_the_tables_are_looked_at_in_turn() {
    let mut book = full(3, 3);
    for n in [0, 1, 2, 0, 1] {
        let look = book.room(&create(9, false), LATER).unwrap_err();
        assert_eq!(look, Look { table: name(n), after: Duration::ZERO });
        assert!(!book.seen(&name(n), Some(&shown(n, "CREATING")), LATER));
        let again = book.room(&create(9, false), LATER).unwrap_err();
        if n == 2 {
            assert_eq!(again.after, Duration::from_secs(5) / 8, "all were just looked at");
            break;
        }
    }
    assert!(book.seen(&name(1), Some(&shown(1, "ACTIVE")), LATER));
    assert_eq!(book.room(&create(9, false), LATER), Ok(()));
}

#[test]
fn a_table_is_first_looked_at_when_it_is_usually_done() {
    let mut book = full(1, 0);
    assert_eq!(book.room(&create(9, false), NOW).unwrap_err().after, SHORTEST_LOOK);
    book.seen(&name(0), Some(&shown(0, "ACTIVE")), NOW + Duration::from_secs(4));
    book.begin(create(1, false), NOW);
    assert_eq!(book.room(&create(9, false), NOW).unwrap_err().after, Duration::from_secs(3));
}

#[test]
fn tables_with_indexes_have_a_bound_of_their_own() {
    let mut book = Operations::new(10, 1);
    book.begin(create(0, false), NOW);
    book.begin(create(1, true), NOW);
    let look = book.room(&create(9, true), LATER).unwrap_err();
    assert_eq!(look.table, name(1), "looking at another one makes no room");
    assert_eq!(book.room(&create(9, false), LATER), Ok(()));
}

#[test]
fn an_operation_that_is_sent_again_needs_no_second_place() {
    let mut book = full(2, 2);
    assert_eq!(book.room(&create(1, true), LATER), Ok(()));
    book.begin(create(1, true), NOW);
    assert_eq!(book.all.under_way, 2);
}

#[test]
fn a_description_from_before_the_operation_does_not_end_it() {
    let mut book = Operations::new(2, 2);
    book.begin(create(0, false), NOW);
    book.begin(delete(1), NOW);
    book.seen(&name(0), None, LATER);
    book.seen(&name(1), Some(&shown(1, "ACTIVE")), LATER);
    assert!(book.room(&create(9, false), LATER).is_err());
    book.seen(&name(1), None, LATER);
    assert_eq!(book.room(&create(9, false), LATER), Ok(()));
    book.begin(delete(1), NOW);
    book.seen(&name(1), Some(&shown(1, "ACTIVE")), NOW + MAY_LAG);
    assert_eq!(book.room(&create(9, false), LATER), Ok(()), "nothing deletes it");
}

#[test]
fn an_index_that_is_being_built_keeps_its_table_under_way() {
    let mut state = shown(0, "ACTIVE");
    assert!(!is_under_way(&state));
    state.indexes.push(crate::model::IndexState {
        kind: crate::model::IndexKind::Global,
        name: "by-team".to_owned(),
        keys: KeySchema { hash: Vec::new(), range: Vec::new() },
        projection: crate::model::Projection::All,
        status: Some("CREATING".to_owned()),
        backfilling: false,
        throughput: None,
        on_demand_max: crate::model::Units::default(),
        warm: None,
    });
    assert!(is_under_way(&state));
}

#[test]
fn a_table_that_cannot_be_seen_is_not_waited_for() {
    let mut book = full(1, 1);
    book.unseen(&name(0), LATER);
    assert!(book.room(&create(9, false), LATER).is_err());
    book.unseen(&name(0), NOW + MAY_LAG);
    assert_eq!(book.room(&create(9, false), LATER), Ok(()));
    book.begin(create(0, false), NOW);
    book.seen(&name(0), Some(&shown(0, "CREATING")), NOW + FORGOTTEN);
    assert_eq!(book.room(&create(9, false), LATER), Ok(()), "nor one that is never done");
}

#[test]
fn a_refusal_lowers_the_bound_to_what_was_admitted_and_it_grows_back_slowly() {
    let mut book = Operations::new(500, 250);
    for n in 0..14 {
        book.begin(create(n, false), NOW);
    }
    for n in 10..14 {
        book.refused(&name(n), false);
    }
    assert_eq!((book.all.most, book.all.under_way, book.indexed.most), (10, 10, 250));
    for n in 0..10 {
        book.seen(&name(n), Some(&shown(n, "ACTIVE")), LATER);
    }
    assert_eq!(book.all.most, 11);
    book.begin(create(0, true), NOW);
    book.refused(&name(0), true);
    assert_eq!(book.indexed.most, 1, "one is always tried");
}

proptest! {
    /// Whatever is refused, seen and sent in whatever order: the counts are those of the book, and
    /// who waits for room is always told of a table to look at.
    #[test]
    fn the_counts_are_those_of_the_book(
        steps in prop::collection::vec((0_usize..20, any::<bool>(), 0_u8..7), 1..200),
    ) {
        let mut book = Operations::new(6, 3);
        for (n, indexed, what) in steps {
            match what {
                0..3 => {
                    let wanted = create(n, indexed);
                    match book.room(&wanted, NOW) {
                        Ok(()) => book.begin(wanted, NOW),
                        Err(look) => prop_assert!(book.places.contains_key(&look.table)),
                    }
                }
                3 => drop(book.seen(&name(n), Some(&shown(n, "ACTIVE")), LATER)),
                4 => book.not_begun(&name(n)),
                5 => drop(book.seen(&name(n), Some(&shown(n, "UPDATING")), LATER)),
                _ if book.places.contains_key(&name(n)) => book.refused(&name(n), indexed),
                _ => {}
            }
            let indexed = book.under_way.values().filter(|at| at.operation.indexed).count();
            prop_assert_eq!(book.all.under_way, book.under_way.len());
            prop_assert_eq!(book.indexed.under_way, indexed);
            prop_assert_eq!(book.places.len(), book.under_way.len());
            prop_assert!(book.all.most >= 1 && book.indexed.most >= 1);
        }
    }
}
