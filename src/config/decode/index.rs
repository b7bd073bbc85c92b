//! `gsi` and `lsi`.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{IndexDecl, IndexKind, KeyAttribute, Projection};
use crate::syntax::{NodeReader, Value};

use super::{excluded, setting, settings};

/// Attributes that one half of a multi-attribute key may have.
const MOST_KEY_ATTRIBUTES: usize = 4;

/// Attributes that one index may include.
const MOST_INCLUDED: usize = 20;

pub(super) fn index(node: &mut NodeReader<'_>) -> Option<IndexDecl> {
    let kind = if node.name() == "gsi" { IndexKind::Global } else { IndexKind::Local };
    let name = node.arg_as(|value| value.name(&format!("the name of `{}`", node_word(kind))))?;
    let (hash, range) = (key(node, "hash"), key(node, "range"));
    if kind == IndexKind::Global && hash.is_empty() {
        let message = format!("index `{}` needs a partition key", name.value);
        let problem = Diagnostic::error("osem::missing", message).label(name.span, "");
        node.sink().push(problem.help(format!("write: gsi {} hash=…", name.value)));
    }
    let projection = projection(node);
    let throughput = node.child("provisioned").and_then(|mut node| settings::throughput(&mut node));
    let settings = setting::of_index(node);
    Some(IndexDecl { kind, name, hash, range, projection, throughput, settings, span: node.head() })
}

const fn node_word(kind: IndexKind) -> &'static str {
    match kind {
        IndexKind::Global => "gsi",
        IndexKind::Local => "lsi",
    }
}

/// One half of a key: a property, or a child with up to four attributes.
fn key(node: &mut NodeReader<'_>, half: &str) -> Vec<Spanned<KeyAttribute>> {
    let what = format!("property `{half}`");
    let property = node.prop(half);
    let of_property = property.and_then(|value| node.sink().take(value.key_attribute(&what)));
    let Some(mut child) = node.child(half) else { return of_property.into_iter().collect() };
    let attributes = child.args_as(|value| value.key_attribute(&format!("`{half}`")));
    if let Some(property) = property {
        let property = (what.as_str(), property.whole());
        node.sink().push(excluded(property, (&format!("the child `{half}`"), child.span())));
    }
    if let Some(surplus) = attributes.get(MOST_KEY_ATTRIBUTES) {
        let message = format!("`{half}` takes at most {MOST_KEY_ATTRIBUTES} attributes");
        node.sink().push(Diagnostic::error("osem::limit", message).label(surplus.span, ""));
    }
    attributes
}

/// `projection=` and its `include`, of an index of any kind.
pub(super) fn projection(node: &mut NodeReader<'_>) -> Option<Projection> {
    let property = node.prop("projection");
    let words = ["all", "keys-only", "include"];
    let word = property
        .and_then(|value| node.sink().take(value.word("property `projection`", &words, &[])));
    let included = node.child("include");
    match (word, included) {
        (Some("include"), Some(mut child)) => Some(Projection::Include(include(&mut child))),
        (Some("include"), None) => {
            let span = property.map_or_else(|| node.head(), |value| value.whole());
            let message = "`projection=include` needs the attributes to include";
            let problem = Diagnostic::error("osem::missing", message).label(span, "");
            node.sink().push(problem.help("add a block: { include title status; }"));
            None
        }
        (word, Some(mut child)) => {
            include(&mut child);
            let message = "`include` goes only with `projection=include`";
            let mut problem =
                Diagnostic::error("osem::projection", message).label(child.span(), "");
            if let Some(property) = property {
                problem = problem.label(property.whole(), "");
            }
            node.sink().push(problem.help("write: projection=include"));
            word.map(plain)
        }
        (word, None) => word.map(plain),
    }
}

fn plain(word: &str) -> Projection {
    if word == "keys-only" { Projection::KeysOnly } else { Projection::All }
}

fn include(node: &mut NodeReader<'_>) -> BTreeSet<String> {
    let read = |value: Value<'_>| value.attribute_name("`include`");
    let names = node.args_as(read);
    if let Some(surplus) = names.get(MOST_INCLUDED) {
        let message = format!("an index includes at most {MOST_INCLUDED} attributes");
        node.sink().push(Diagnostic::error("osem::limit", message).label(surplus.span, ""));
    }
    let mut included = BTreeSet::new();
    for name in names {
        if !included.insert(name.value.clone()) {
            let message = format!("`{}` is included twice", name.value);
            node.sink().push(Diagnostic::error("osem::duplicate", message).label(name.span, ""));
        }
    }
    included
}
