//! Tables as they are in one environment: settings merged, placeholders filled, names checked.

mod clash;
mod command;
mod fill;
mod inherited;
mod kind;
mod others;
mod prefix;
mod tags;
mod vector_index;

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    AskedOfIndexes, Billing, Environment, IndexDecl, IndexKind, IndexSpec, KeyAttribute, KeySchema,
    Projection, TableDecl, TableName, TableSettings, TableSpec,
};

use super::Config;

use fill::Fill;

pub use command::CommandPlace;
pub use inherited::Inherited;
pub(super) use tags::bad_character as bad_tag_character;

/// The region where nothing says another.
const REGION: &str = "us-east-1";

/// Everything that only shows when tables are resolved in each environment.
pub(super) fn check(config: &Config) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for environment in &config.environments {
        let region = environment.region.as_ref().map_or(REGION, |region| &region.value);
        problems.extend(config.tables_in(environment, region, None).err().unwrap_or_default());
    }
    if problems.is_empty() {
        problems = config.shared_names(None, None);
    }
    problems.extend(config.tables.iter().flat_map(|table| unused_throughput(config, table)));
    problems
}

impl Config {
    /// The tables of an environment in a region, in the order they are declared.
    ///
    /// A `prefix`, from `OSEM_DB_PREFIX`, replaces everything before `{table}` in the template of
    /// table names.
    ///
    /// # Errors
    /// Names, tags and capacities that the service would refuse, placeholders without a value, and
    /// tables that would have one name.
    pub fn tables_in(
        &self,
        environment: &Environment,
        region: &str,
        prefix: Option<&str>,
    ) -> Result<Vec<TableSpec>, Vec<Diagnostic>> {
        if let Some(problem) = prefix.and_then(|prefix| prefix::check(self, prefix)) {
            return Err(vec![problem]);
        }
        let fill = Fill::new(self, environment, region, prefix);
        let mut problems = Vec::new();
        let mut specs = Vec::new();
        let mut names: HashMap<TableName, &TableDecl> = HashMap::new();
        for table in self.tables_of(environment) {
            let Some(name) = full_name(&fill, table, &mut problems) else { continue };
            match names.get(&name) {
                Some(first) => problems.extend(one_name(&name, first, table)),
                None => drop(names.insert(name.clone(), table)),
            }
            specs.push(spec(self, &fill, table, name, &mut problems));
        }
        if problems.is_empty() { Ok(specs) } else { Err(problems) }
    }

    /// What stands before `{table}` in the table names of an environment, filled: the `prefix`
    /// when there is one.
    #[must_use]
    pub fn table_prefix(
        &self,
        environment: &Environment,
        region: &str,
        prefix: Option<&str>,
    ) -> String {
        Fill::new(self, environment, region, prefix).table_prefix()
    }

    fn tables_of(&self, environment: &Environment) -> impl Iterator<Item = &TableDecl> {
        let name = environment.name.value.clone();
        self.tables.iter().filter(move |table| table.environments.includes(&name))
    }

    fn settings_of(&self, environment: &Environment, table: &TableDecl) -> TableSettings {
        let settings = self.defaults.table.merged(&table.settings).merged(&environment.settings);
        let here = |names: &[Spanned<String>]| {
            names.iter().any(|name| name.value == environment.name.value)
        };
        let overrides = table.overrides.iter().filter(|(names, _)| here(names));
        overrides.fold(settings, |settings, (_, later)| settings.merged(later))
    }
}

/// The full name of a table, checked against the service's rules.
fn full_name(
    fill: &Fill<'_>,
    table: &TableDecl,
    problems: &mut Vec<Diagnostic>,
) -> Option<TableName> {
    let name = fill.table_name(&table.name.value).map_err(|problem| problems.push(problem)).ok()?;
    match TableName::parse(&name) {
        Ok(name) => Some(name),
        Err(error) => {
            let environment = &fill.environment.name.value;
            // A name may be any length; a message may not.
            let shown: String = name.chars().take(80).collect();
            let message = format!("the name `{shown}` of this table in `{environment}` {error}");
            let problem = Diagnostic::error("osem::name", message).label(table.name.span, "");
            problems.push(problem.label(fill.template_span(), fill.origin()));
            None
        }
    }
}

/// The error for two tables of one name; tables declared twice were reported already.
fn one_name(name: &TableName, first: &TableDecl, second: &TableDecl) -> Option<Diagnostic> {
    if first.name.value == second.name.value {
        return None;
    }
    let message = format!("two tables would be called `{name}`");
    let problem = Diagnostic::error("osem::duplicate", message).label(second.name.span, "this one");
    Some(problem.label(first.name.span, "and this one"))
}

fn spec(
    config: &Config,
    fill: &Fill<'_>,
    table: &TableDecl,
    name: TableName,
    problems: &mut Vec<Diagnostic>,
) -> TableSpec {
    let settings = config.settings_of(fill.environment, table);
    let (tags, absent_tags) = tags::tags(fill, table, &name, &settings, problems);
    let billing = settings.billing.as_ref();
    let provisioned = matches!(billing.map(|b| b.value), Some(Billing::Provisioned { .. }));
    let mut indexes = Vec::new();
    for index in &table.indexes {
        let missing = provisioned && index.throughput.is_none() && index.kind == IndexKind::Global;
        if let (true, Some(billing)) = (missing, billing) {
            let message = format!("index `{}` needs `provisioned`", index.name.value);
            let problem = Diagnostic::error("osem::billing", message)
                .label(index.name.span, "this index has no capacity")
                .label(billing.span, "its table is provisioned here")
                .help("add a block: { provisioned read=5 write=5; }");
            problems.push(problem);
        }
        indexes.push(index_spec(table, index, &settings, provisioned));
    }
    let vector_indexes = vector_index::indexes(table, &settings, problems);
    let settings = others::settings(&settings, &table.indexes, problems);
    TableSpec {
        settings,
        asked: AskedOfIndexes::default(),
        declared: table.name.value.clone(),
        name,
        keys: key_schema(std::slice::from_ref(&table.hash), table.range.as_slice()),
        indexes,
        vector_indexes,
        billing: billing.map(|billing| billing.value),
        tags,
        absent_tags,
    }
}

fn index_spec(
    table: &TableDecl,
    index: &IndexDecl,
    settings: &TableSettings,
    provisioned: bool,
) -> IndexSpec {
    let local = index.kind == IndexKind::Local;
    let hash = if local { std::slice::from_ref(&table.hash) } else { &index.hash };
    let projection = index.projection.clone().or_else(|| settings.projection.clone());
    IndexSpec {
        kind: index.kind,
        name: index.name.value.clone(),
        keys: key_schema(hash, &index.range),
        projection: projection.unwrap_or(Projection::All),
        throughput: index.throughput.filter(|_| provisioned && !local),
        settings: others::in_order(index.settings.values()),
    }
}

fn key_schema(hash: &[Spanned<KeyAttribute>], range: &[Spanned<KeyAttribute>]) -> KeySchema {
    let plain = |keys: &[Spanned<KeyAttribute>]| keys.iter().map(|key| key.value.clone()).collect();
    KeySchema { hash: plain(hash), range: plain(range) }
}

/// Capacity of indexes whose table is provisioned in no environment.
fn unused_throughput(config: &Config, table: &TableDecl) -> Vec<Diagnostic> {
    let mut homes = config
        .environments
        .iter()
        .filter(|environment| table.environments.includes(&environment.name.value))
        .peekable();
    if homes.peek().is_none() {
        return Vec::new();
    }
    let provisioned = homes.any(|environment| {
        let billing = config.settings_of(environment, table).billing;
        matches!(billing.map(|billing| billing.value), Some(Billing::Provisioned { .. }))
    });
    let indexes = table.indexes.iter().filter(|index| !provisioned && index.throughput.is_some());
    let problem = |index: &IndexDecl| {
        let message =
            format!("index `{}` has `provisioned`, but its table is on demand", index.name.value);
        Diagnostic::error("osem::billing", message)
            .label(index.name.span, "")
            .label(table.name.span, "provisioned in no environment")
            .help("remove `provisioned`, or add: billing provisioned read=… write=…")
    };
    indexes.map(problem).collect()
}
