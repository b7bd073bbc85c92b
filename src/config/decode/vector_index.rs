//! `vector-index`.

use crate::diagnostic::{Diagnostic, Spanned};
use crate::model::{
    DistanceFunction, KeyAttribute, MOST_DIMENSIONS, MOST_FILTERS, VectorIndexDecl,
};
use crate::syntax::NodeReader;

use super::index::projection;

pub(super) fn index(node: &mut NodeReader<'_>) -> Option<VectorIndexDecl> {
    let name = node.arg_as(|value| value.name("the name of `vector-index`"))?;
    let attribute = node.prop_as("attribute", |value| value.attribute_name("property `attribute`"));
    let dimensions = node.prop_as("dimensions", |value| {
        let read = value.int("property `dimensions`", 1, u64::from(MOST_DIMENSIONS))?;
        let dimensions = u32::try_from(read).expect("it is within its bounds");
        Ok(Spanned::new(dimensions, value.whole()))
    });
    let distance = distance(node);
    let hash = node
        .child("hash")
        .and_then(|mut child| child.arg_as(|value| value.key_attribute("`hash`")));
    let filters = filters(node);
    let projection = projection(node);
    Some(VectorIndexDecl {
        name,
        attribute: attribute?,
        dimensions: dimensions?,
        distance,
        hash,
        filters,
        projection,
    })
}

fn distance(node: &mut NodeReader<'_>) -> DistanceFunction {
    let words = DistanceFunction::ALL.map(|(_, word, _)| word);
    let read = node.prop_as("distance", |value| value.word("property `distance`", &words, &[]));
    let known = DistanceFunction::ALL.into_iter();
    let mut named = known.filter(|(_, word, _)| read == Some(*word));
    named.next().map_or(DistanceFunction::Cosine, |(distance, ..)| distance)
}

fn filters(node: &mut NodeReader<'_>) -> Vec<Spanned<KeyAttribute>> {
    let Some(mut child) = node.child("filter") else { return Vec::new() };
    let filters = child.args_as(|value| value.key_attribute("`filter`"));
    if let Some(surplus) = filters.get(MOST_FILTERS) {
        let message = format!("`filter` takes at most {MOST_FILTERS} attributes");
        node.sink().push(Diagnostic::error("osem::limit", message).label(surplus.span, ""));
    }
    filters
}
