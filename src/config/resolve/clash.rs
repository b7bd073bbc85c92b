//! Environments that could be one place must not share a table name.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use crate::config::Config;
use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{EmulatorData, EmulatorDecl, EndpointDecl, Environment, Placeholder};

use super::REGION;
use super::fill::{Fill, shown};

impl Config {
    /// One problem for each two environments that could be the same place (account and region,
    /// endpoint, or the emulator's file) and have a table name in common.
    ///
    /// A `prefix`, from `OSEM_DB_PREFIX`, stands before the names of both; [`load`] made sure that
    /// there are no problems without one. With `only`, pairs without that environment are left out.
    ///
    /// [`load`]: crate::config::load
    #[must_use]
    pub fn shared_names(
        &self,
        prefix: Option<&str>,
        only: Option<&Environment>,
    ) -> Vec<Diagnostic> {
        let name_uses_region =
            self.project.table_name.value.placeholders().any(|used| *used == Placeholder::Region);
        let own: Vec<_> =
            self.environments.iter().map(|one| names(self, one, REGION, prefix)).collect();
        let is_wanted =
            |one: &Environment| only.is_none_or(|only| one.name.value == only.name.value);
        let mut problems = Vec::new();
        for (index, first) in self.environments.iter().enumerate() {
            for (second, seconds) in self.environments.iter().zip(&own).skip(index + 1) {
                let is_wanted = is_wanted(first) || is_wanted(second);
                if !is_wanted || !could_be_one_place(&self.root, first, second) {
                    continue;
                }
                let name = match first.region.as_ref().xor(second.region.as_ref()) {
                    // The unknown region of one may be the other's.
                    Some(region) if name_uses_region => {
                        let [first, second] =
                            [first, second].map(|one| names(self, one, &region.value, prefix));
                        shared(&first, &second)
                    }
                    _ => shared(&own[index], seconds),
                };
                problems.extend(name.map(|name| clash(first, second, &name, prefix)));
            }
        }
        problems
    }
}

/// Full names of an environment's tables; `region` is meant where it declares none.
fn names(
    config: &Config,
    environment: &Environment,
    region: &str,
    prefix: Option<&str>,
) -> HashSet<String> {
    let declared = environment.region.as_ref().map(|region| region.value.as_str());
    let fill = Fill::new(config, environment, declared.unwrap_or(region), prefix);
    let names = config.tables_of(environment).map(|table| fill.table_name(&table.name.value));
    names.filter_map(Result::ok).collect()
}

fn shared(first: &HashSet<String>, second: &HashSet<String>) -> Option<String> {
    first.iter().filter(|name| second.contains(*name)).min().cloned()
}

fn could_be_one_place(root: &Path, first: &Environment, second: &Environment) -> bool {
    if first.emulator.is_some() || second.emulator.is_some() {
        let file = |one: &Environment| one.emulator.as_ref().and_then(|own| data_file(root, own));
        return file(first).zip(file(second)).is_some_and(|(first, second)| first == second);
    }
    let url = |endpoint: &EndpointDecl| endpoint.url.value.trim_end_matches('/').to_owned();
    first.endpoint.as_ref().map(url) == second.endpoint.as_ref().map(url)
        && equal_or_unknown(first.account.as_ref(), second.account.as_ref())
        && equal_or_unknown(first.region.as_ref(), second.region.as_ref())
}

fn equal_or_unknown<T: PartialEq>(first: Option<&Spanned<T>>, second: Option<&Spanned<T>>) -> bool {
    first.zip(second).is_none_or(|(first, second)| first.value == second.value)
}

/// The file that an emulator keeps its tables in, if it keeps them.
fn data_file(root: &Path, emulator: &EmulatorDecl) -> Option<PathBuf> {
    let EmulatorData::File(file) = &emulator.data else { return None };
    let path = root.join(file);
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(plain.pop()),
            _ => plain.push(component),
        }
    }
    // What is there may have several names.
    Some(plain.canonicalize().unwrap_or(plain))
}

fn clash(
    first: &Environment,
    second: &Environment,
    name: &str,
    prefix: Option<&str>,
) -> Diagnostic {
    let (one, other) = (&first.name, &second.name);
    let meant = format!("`{}` and `{}` could both mean the table `{name}`", one.value, other.value);
    let (place, apart) = if first.emulator.is_some() {
        ("this one keeps its tables in the same file", "different files: emulator data=\"…\"")
    } else {
        ("could be the same account and region as this one", "different accounts or regions")
    };
    let (message, help) = match prefix {
        Some(prefix) => (
            format!("OSEM_DB_PREFIX is `{}`, so {meant}", shown(prefix)),
            "use a prefix that differs by environment, or unset the variable".to_owned(),
        ),
        None => (meant, format!("put {{env}} into `table-name`, or declare {apart}")),
    };
    Diagnostic::error("osem::clash", message)
        .label(other.span, "this environment")
        .label(one.span, place)
        .help(help)
}
