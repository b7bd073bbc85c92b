//! Tags of a table: filled, and within the service's rules.
//!
//! 50 a table; a value has up to 256 letters, digits and spaces of any script and `+ - = . _ : / @`.
//! The service refuses a whole `CreateTable` for one bad tag. Keys are checked when they are read.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Diagnostic;
use crate::model::{TableDecl, TableName, TableSettings, TagDecl};

use super::fill::Fill;

const MOST_TAGS: usize = 50;
const MOST_CHARACTERS: usize = 256;

/// The first character that no key or value of a tag may have.
pub(in crate::config) fn bad_character(text: &str) -> Option<char> {
    let allowed = |c: char| {
        c.is_alphanumeric() || (c.is_whitespace() && !c.is_control()) || "+-=._:/@".contains(c)
    };
    text.chars().find(|c| !allowed(*c))
}

pub(super) fn tags(
    fill: &Fill<'_>,
    table: &TableDecl,
    name: &TableName,
    settings: &TableSettings,
    problems: &mut Vec<Diagnostic>,
) -> (BTreeMap<String, String>, BTreeSet<String>) {
    let mut tags = BTreeMap::new();
    let mut absent = BTreeSet::new();
    for (key, tag) in &settings.tags {
        let TagDecl::Value(template) = &tag.value else {
            absent.insert(key.clone());
            continue;
        };
        match fill.text(template, tag.span, &table.name.value, name) {
            Ok(value) => {
                if let Some(why) = refused(&value) {
                    let message = format!("the value of tag `{key}` {why}");
                    problems.push(Diagnostic::error("osem::tag", message).label(tag.span, ""));
                }
                tags.insert(key.clone(), value);
            }
            Err(problem) => problems.push(problem),
        }
    }
    if tags.len() > MOST_TAGS {
        let environment = &fill.environment.name.value;
        let message =
            format!("{} tags in `{environment}`; a table has at most {MOST_TAGS}", tags.len());
        problems.push(Diagnostic::error("osem::limit", message).label(table.name.span, ""));
    }
    (tags, absent)
}

fn refused(value: &str) -> Option<String> {
    let length = value.chars().count();
    if length > MOST_CHARACTERS {
        return Some(format!("has {length} characters; the service takes {MOST_CHARACTERS}"));
    }
    bad_character(value).map(|c| format!("contains {c:?}, which the service does not take"))
}
