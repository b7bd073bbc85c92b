//! `update-table` and `verify` from both sides: what a plan says is what is done, and what `verify`
//! finds is what differs.
//!
//! Tables and what happens to them are random, each from a seed of its own; a failure names the
//! seed, and `OSEM_TEST_SEED=17` runs that one alone.

mod calls;
mod drift;
mod edits;
mod moments;
mod mutations;
mod spec;

use std::ops::RangeInclusive;

use crate::harness::{Project, Simulator};

use spec::Table;

/// The seeds to run, in groups of tables that share a project and a server: few, so that the suite
/// stays quick. `OSEM_TEST_SEEDS=200` is what has to hold.
fn seeds(few: u64) -> Vec<Vec<u64>> {
    /// So that the server's log of calls, which has an end, holds all of a group's.
    const TOGETHER: usize = 20;
    let variable = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seeds: RangeInclusive<u64> = match variable("OSEM_TEST_SEED") {
        Some(seed) => seed..=seed,
        None => 1..=variable("OSEM_TEST_SEEDS").unwrap_or(few).max(few),
    };
    seeds.collect::<Vec<_>>().chunks(TOGETHER).map(<[u64]>::to_vec).collect()
}

/// A project with these tables.
fn project<'a>(tables: impl IntoIterator<Item = &'a Table>) -> Project {
    let tables: String = tables.into_iter().map(Table::text).collect();
    Project::of_tables(HEAD, &tables)
}

const HEAD: &str = "project shop { table-name \"shop-{env}-{table}\"; }\n\
    environment dev default=#true { region us-east-1; allow-destroy; }\n";

/// A simulator whose account takes as many calls as osem likes to send: how it meets the limit is
/// the business of other tests.
fn simulator() -> Simulator {
    let project = Project::of(
        "osem 1\n\
         project simulator { table-name \"{env}-{table}\"; }\n\
         environment local default=#true {\n\
             emulator { control-plane realistic; mutation-rate 100000 burst=100000; }\n\
         }\n",
    );
    Simulator::of(project, "--time-scale 4000".to_owned(), &[])
}
