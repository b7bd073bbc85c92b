//! What a table has without saying it, and what a live table would be called in the files.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::Config;
use crate::model::{Billing, Environment, Placeholder, Projection, Setting, TableName, TagDecl};

use super::fill::Fill;
use super::others;

/// What a table of an environment has when it declares nothing but its keys.
#[derive(Debug, Clone, Default)]
pub struct Inherited {
    /// How it is paid for.
    pub billing: Option<Billing>,
    /// The projection of indexes that name none.
    pub projection: Option<Projection>,
    /// Its tags, those without a value left out.
    pub tags: BTreeMap<String, String>,
    /// Tags that must not be there.
    pub absent_tags: BTreeSet<String>,
    /// Everything else, in the order in which it is changed.
    pub settings: Vec<Setting>,
    /// The nodes among them that the environment declares: there it has the last word before a
    /// table's `in` block.
    pub nodes_of_environment: BTreeSet<&'static str>,
    /// The same of tags, by their keys.
    pub tags_of_environment: BTreeSet<String>,
}

impl Config {
    /// What a table of this name has in an environment without saying it.
    #[must_use]
    pub fn inherited(
        &self,
        environment: &Environment,
        region: &str,
        prefix: Option<&str>,
        (declared, name): (&str, &TableName),
    ) -> Inherited {
        let fill = Fill::new(self, environment, region, prefix);
        let merged = self.defaults.table.merged(&environment.settings);
        let (mut tags, mut absent_tags) = (BTreeMap::new(), BTreeSet::new());
        for (key, tag) in &merged.tags {
            match &tag.value {
                TagDecl::Absent => drop(absent_tags.insert(key.clone())),
                TagDecl::Value(template) => {
                    let value = fill.text(template, tag.span, declared, name).ok();
                    tags.extend(value.map(|value| (key.clone(), value)));
                }
            }
        }
        let own = &environment.settings;
        let billing = own.billing.is_some().then_some("billing");
        Inherited {
            billing: merged.billing.as_ref().map(|billing| billing.value),
            projection: merged.projection.clone(),
            tags,
            absent_tags,
            settings: others::in_order(merged.others.values()),
            nodes_of_environment: own.others.keys().copied().chain(billing).collect(),
            tags_of_environment: own.tags.keys().cloned().collect(),
        }
    }

    /// The name that a table must be declared under to have this full name in an environment;
    /// `None` where no name gives it.
    #[must_use]
    pub fn declared_name(
        &self,
        environment: &Environment,
        region: &str,
        prefix: Option<&str>,
        name: &str,
    ) -> Option<String> {
        let fill = Fill::new(self, environment, region, prefix);
        let rest = name.len().checked_sub(fill.table_name("").ok()?.len())?;
        // The name may stand there more than once, and has the same length each time.
        let uses = fill.uses_of(&Placeholder::Table);
        let start = fill.table_prefix().len();
        let declared = name.get(start..start + rest.checked_div(uses)?)?;
        (fill.table_name(declared).ok()? == name).then(|| declared.to_owned())
    }
}
