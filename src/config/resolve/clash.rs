//! Environments that could be one place must not share a table name.

use std::collections::HashSet;

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{EndpointDecl, Environment, Placeholder};

use super::REGION;
use super::fill::Fill;

/// One problem for each two environments that could meet in a table.
pub(super) fn check(config: &Config) -> Vec<Diagnostic> {
    let uses_region =
        config.project.table_name.value.placeholders().any(|used| used == Placeholder::Region);
    let own: Vec<_> = config.environments.iter().map(|one| names(config, one, None)).collect();
    let mut problems = Vec::new();
    for (index, first) in config.environments.iter().enumerate() {
        for (offset, second) in config.environments[index + 1..].iter().enumerate() {
            if !could_be_one_place(first, second) {
                continue;
            }
            let region = first.region.as_ref().or(second.region.as_ref());
            let shared = if uses_region && (first.region.is_none() || second.region.is_none()) {
                // The unknown region may be the other's.
                let names = |one| names(config, one, region.map(|region| region.value.as_str()));
                shared(&names(first), &names(second))
            } else {
                shared(&own[index], &own[index + 1 + offset])
            };
            problems.extend(shared.map(|name| clash(first, second, &name)));
        }
    }
    problems
}

/// Full names of an environment's tables.
fn names(config: &Config, environment: &Environment, region: Option<&str>) -> HashSet<String> {
    let declared = environment.region.as_ref().map(|region| region.value.as_str());
    let fill = Fill::new(config, environment, declared.or(region).unwrap_or(REGION), None);
    let names = config.tables_of(environment).map(|table| fill.table_name(&table.name.value));
    names.filter_map(Result::ok).collect()
}

fn shared(first: &HashSet<String>, second: &HashSet<String>) -> Option<String> {
    first.iter().filter(|name| second.contains(*name)).min().cloned()
}

fn could_be_one_place(first: &Environment, second: &Environment) -> bool {
    if first.emulator.is_some() || second.emulator.is_some() {
        return false;
    }
    let url = |endpoint: &EndpointDecl| endpoint.url.value.trim_end_matches('/').to_owned();
    first.endpoint.as_ref().map(url) == second.endpoint.as_ref().map(url)
        && equal_or_unknown(first.account.as_ref(), second.account.as_ref())
        && equal_or_unknown(first.region.as_ref(), second.region.as_ref())
}

fn equal_or_unknown<T: PartialEq>(first: Option<&Spanned<T>>, second: Option<&Spanned<T>>) -> bool {
    first.zip(second).is_none_or(|(first, second)| first.value == second.value)
}

fn clash(first: &Environment, second: &Environment, name: &str) -> Diagnostic {
    let (one, other) = (&first.name, &second.name);
    let message =
        format!("`{}` and `{}` could both mean the table `{name}`", one.value, other.value);
    Diagnostic::error("osem::clash", message)
        .label(other.span, "this environment")
        .label(one.span, "could be the same account and region as this one")
        .help("put {env} into `table-name`, or declare different accounts or regions")
}
