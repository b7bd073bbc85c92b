//! A live vector index as its node.

use crate::model::{DistanceFunction, VectorIndex};
use crate::syntax::write::{Written, value};

use super::{Writer, attribute};

impl Writer<'_> {
    pub(super) fn vector_indexes(&mut self) {
        let state = self.found.state;
        let mut indexes: Vec<&VectorIndex> =
            state.vector_indexes.iter().map(|live| &live.index).collect();
        indexes.sort_by_key(|index| &index.name);
        for index in indexes {
            match self.vector_index(index) {
                Some(written) => self.own.push(written),
                None => self.left_out.push(format!(
                    "its vector index {}, which compares vectors by {}",
                    index.name, index.distance
                )),
            }
        }
    }

    /// `None` where its vectors are compared in a way that no file can say.
    fn vector_index(&self, index: &VectorIndex) -> Option<Written> {
        let (function, word, _) =
            DistanceFunction::ALL.into_iter().find(|(own, ..)| *own == index.distance)?;
        let mut node = Written::node("vector-index").arg(&index.name);
        node = node.raw(&format!("attribute={}", value(&index.attribute)));
        node = node.raw(&format!("dimensions={}", index.dimensions));
        if function != DistanceFunction::Cosine {
            node = node.raw(&format!("distance={word}"));
        }
        let mut children = Vec::new();
        children.extend(index.hash.iter().map(|hash| Written::node("hash").raw(&attribute(hash))));
        if !index.filters.is_empty() {
            let filter = Written::node("filter");
            let filters = index.filters.iter();
            children.push(filters.fold(filter, |node, one| node.raw(&attribute(one))));
        }
        let (node, include) = self.projected(node, &index.projection);
        children.extend(include);
        Some(node.with(children))
    }
}
