//! Settings of tables, wherever they stand.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{Billing, Projection, TableSettings, Throughput};
use crate::syntax::NodeReader;

use super::setting;

/// The most capacity units that can be written.
pub(super) const MOST_UNITS: u64 = 1_000_000_000;

/// All settings among the children of a node.
pub(super) fn settings(reader: &mut NodeReader<'_>) -> TableSettings {
    let mut settings = TableSettings::default();
    if let Some(mut node) = reader.child("billing") {
        settings.billing = billing(&mut node);
    }
    if let Some(mut node) = reader.child("projection") {
        let words = ["all", "keys-only"];
        settings.projection = node
            .arg_as(|value| value.word("`projection`", &words, &[]))
            .map(|word| if word == "all" { Projection::All } else { Projection::KeysOnly });
    }
    tags(reader, &mut settings);
    setting::settings(reader, &mut settings);
    settings
}

/// Reads `tag` children; a tag that is there already stays.
pub(super) fn tags(reader: &mut NodeReader<'_>, settings: &mut TableSettings) {
    for mut node in reader.children(&["tag"]) {
        let key = node.arg_as(|value| value.string("the key of `tag`"));
        let value = node.arg_as(|value| value.tag_value("the value of `tag`"));
        let (Some(key), Some(value)) = (key, value) else { continue };
        if let Some(problem) = bad_key(key.value) {
            let problem = Diagnostic::error("osem::tag", problem).label(key.span, "");
            node.sink().push(
                problem.help("tags of AWS: 1 to 128 letters, digits, spaces and + - = . _ : / @"),
            );
        }
        match settings.tags.get(key.value) {
            Some(first) => {
                let message = format!("`tag {}` is given twice", key.value);
                let problem = Diagnostic::error("osem::duplicate", message)
                    .label(key.span, "given again here")
                    .label(first.span, "first given here");
                node.sink().push(problem);
            }
            None => drop(settings.tags.insert(key.value.to_owned(), value)),
        }
    }
}

fn bad_key(key: &str) -> Option<String> {
    let length = key.chars().count();
    if !(1..=128).contains(&length) {
        return Some(format!("a tag's key has 1 to 128 characters, not {length}"));
    }
    if key.to_lowercase().starts_with("aws:") {
        return Some("a tag's key cannot start with `aws:`".to_owned());
    }
    let bad = super::super::resolve::bad_tag_character(key)?;
    Some(format!("a tag's key cannot contain {bad:?}"))
}

fn billing(node: &mut NodeReader<'_>) -> Option<Spanned<Billing>> {
    let mode = node.arg_as(|value| {
        let span = value.span();
        let word = value.word("`billing`", &["pay-per-request", "provisioned"], &[])?;
        Ok(Spanned::new(word, span))
    })?;
    let provisioned = mode.value == "provisioned";
    let managed = node.prop("managed");
    let autoscaled = managed.and_then(|value| {
        node.sink().take(value.word("property `managed`", &["autoscaling"], &[]))
    });
    let capacity = [("read", node.prop("read")), ("write", node.prop("write"))];
    let surplus = managed.or(capacity[0].1).or(capacity[1].1);
    if let Some(surplus) = surplus.filter(|_| !provisioned) {
        let message = "on demand there is no capacity to set";
        let problem = Diagnostic::error("osem::billing", message)
            .label(surplus.whole(), "")
            .label(mode.span, "");
        node.sink().push(problem.help("write: billing provisioned read=… write=…"));
        return None;
    }
    if !provisioned {
        return Some(Spanned::new(Billing::PayPerRequest, node.head()));
    }
    let mut units = [0; 2];
    for ((name, value), units) in capacity.into_iter().zip(&mut units) {
        let Some(value) = value else {
            let message = format!("`billing provisioned` needs the property `{name}`");
            let problem = Diagnostic::error("osem::missing", message).label(node.head(), "");
            node.sink().push(problem.help("write: billing provisioned read=5 write=5"));
            return None;
        };
        let what = format!("property `{name}`");
        *units = node.sink().take(value.int(&what, 1, MOST_UNITS))?;
    }
    let throughput = Throughput { read: units[0], write: units[1] };
    let billing = Billing::Provisioned { throughput, autoscaled: autoscaled.is_some() };
    Some(Spanned::new(billing, node.head()))
}

/// The `provisioned` node of an index.
pub(super) fn throughput(node: &mut NodeReader<'_>) -> Option<Throughput> {
    let read = node.prop_as("read", |value| value.int("property `read`", 1, MOST_UNITS));
    let write = node.prop_as("write", |value| value.int("property `write`", 1, MOST_UNITS));
    Some(Throughput { read: read?, write: write? })
}
