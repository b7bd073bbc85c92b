//! What a table looks as if it had never been asked for.
//!
//! An endpoint that takes a setting in `CreateTable` and does not keep it shows the table that it
//! would show without it. So does every other one for a setting that was declared later: a
//! description does not tell the two apart.

use crate::model::{Features, IndexSpec, IndexState, Setting, TableSpec, TableState, Units};

use super::setting::{Difference, Live, difference};
use super::vector_index;

/// Something declared of which a live table shows nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset {
    /// The node that declares it: `gsi by-team on-demand-max`.
    pub node: String,
    /// What the file says.
    pub expected: String,
    /// What the service says.
    pub found: String,
}

/// What `CreateTable` takes, is declared, and is on a live table as on a new one without it. Streams
/// and deletion protection are not among it: every server that osem is tested with keeps those.
#[must_use]
pub fn unset(spec: &TableSpec, state: &TableState) -> Vec<Unset> {
    let features = &Features::default();
    let bare_indexes = spec.indexes.iter();
    let bare_indexes =
        bare_indexes.map(|index| IndexSpec { settings: Vec::new(), ..index.clone() });
    let bare = TableSpec { settings: Vec::new(), indexes: bare_indexes.collect(), ..spec.clone() };
    let bare = &TableState::created(&bare);
    let of_table = spec.settings.iter().filter_map(|own| {
        let on = |state| Live { state, features, index: None };
        never_set(own, on(state), on(bare)).map(|found| of(own.node().to_owned(), found))
    });
    let of_indexes = spec.indexes.iter().flat_map(|index| {
        let name = &index.name;
        let (live, new) = (find(state, name), find(bare, name));
        let settings = index.settings.iter().filter(move |_| live.is_some());
        settings.filter_map(move |own| {
            let on = |state, index| Live { state, features, index };
            let found = never_set(own, on(state, live), on(bare, new))?;
            Some(of(own.node_of_index(name), found))
        })
    });
    let is_there = |name: &str| state.vector_indexes.iter().any(|live| live.index.name == name);
    let vectors = spec.vector_indexes.iter().filter(|index| !is_there(&index.name));
    let vectors = vectors.filter(|_| state.vector_indexes.is_empty()).map(|index| {
        let issue = vector_index::missing(index);
        Unset { node: index.node(), expected: issue.expected, found: issue.found }
    });
    of_table.chain(of_indexes).chain(vectors).collect()
}

/// How a setting differs, where that is as on a new table, or where the endpoint shows nothing of it.
fn never_set(own: &Setting, live: Live<'_>, new: Live<'_>) -> Option<Difference> {
    let often_dropped = matches!(
        own,
        Setting::OnDemandMax(_)
            | Setting::Class(_)
            | Setting::Encryption(_)
            | Setting::WarmThroughput(_)
    );
    let found = difference(own, live).filter(|_| often_dropped)?;
    let shows_nothing = found.found == Units::default().to_string();
    let as_new = difference(own, new).is_some_and(|new| new.found == found.found);
    (as_new || shows_nothing && matches!(own, Setting::WarmThroughput(_))).then_some(found)
}

fn of(node: String, found: Difference) -> Unset {
    Unset { node, expected: found.expected, found: found.found }
}

fn find<'a>(state: &'a TableState, name: &str) -> Option<&'a IndexState> {
    state.indexes.iter().find(|live| live.name == name)
}

#[cfg(test)]
mod tests {
    use super::super::compare::tests::{live, users};
    use super::*;
    use crate::model::{StreamView, TableClass};

    const CEILING: Units = Units { read: Some(100), write: None };

    fn nodes(spec: &TableSpec, state: &TableState) -> Vec<String> {
        unset(spec, state).into_iter().map(|unset| unset.node).collect()
    }

    fn declared() -> TableSpec {
        let mut spec = users();
        spec.settings = vec![
            Setting::OnDemandMax(Some(CEILING)),
            Setting::Stream(Some(StreamView::KeysOnly)),
            Setting::Class(TableClass::StandardInfrequentAccess),
            Setting::DeletionProtection(true),
        ];
        spec.indexes[0].settings = vec![Setting::OnDemandMax(Some(CEILING))];
        spec
    }

    #[test]
    fn what_a_table_shows_nothing_of_is_named_by_its_node() {
        let (spec, state) = (declared(), live(&users()));
        let index = format!("gsi {} on-demand-max", spec.indexes[0].name);
        assert_eq!(nodes(&spec, &state), ["on-demand-max", "class", &index]);
        assert_eq!(nodes(&spec, &live(&spec)), Vec::<String>::new());
    }

    #[test]
    fn what_is_live_otherwise_than_on_a_new_table_was_set_once() {
        let (spec, mut state) = (declared(), live(&declared()));
        state.on_demand_max = Units { read: Some(7), write: None };
        state.indexes[0].on_demand_max = Units { read: None, write: Some(7) };
        assert_eq!(nodes(&spec, &state), Vec::<String>::new());
        let turned_off = TableSpec { settings: vec![Setting::OnDemandMax(None)], ..users() };
        assert_eq!(nodes(&turned_off, &state), Vec::<String>::new());
    }

    #[test]
    fn warm_throughput_may_be_that_of_a_new_table_or_not_shown() {
        let warm = Setting::WarmThroughput(Units { read: Some(20_000), write: None });
        let spec = TableSpec { settings: vec![warm], ..users() };
        let mut state = live(&users());
        assert_eq!(nodes(&spec, &state), ["warm-throughput"]);
        state.warm = None;
        assert_eq!(nodes(&spec, &state), ["warm-throughput"]);
        state.warm = Some(Units { read: Some(15_000), write: Some(4_000) });
        assert_eq!(nodes(&spec, &state), Vec::<String>::new());
    }
}
