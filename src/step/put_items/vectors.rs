//! What vector indexes ask of items: AWS, `PutItem`, "If the table has vector indexes".
//!
//! An attribute may be missing: the item is then not in the index. One that is there must fit.

use crate::model::{AttributeValue, Item, KeyAttribute, TableSpec, VectorIndex};

/// The vector indexes of a table.
#[derive(Debug, Clone)]
pub(super) struct Vectors {
    indexes: Vec<VectorIndex>,
}

impl Vectors {
    pub(super) fn new(spec: &TableSpec) -> Self {
        Self { indexes: spec.vector_indexes.clone() }
    }

    pub(super) const fn none() -> Self {
        Self { indexes: Vec::new() }
    }

    /// Why an item cannot be put.
    pub(super) fn check(&self, item: &Item) -> Result<(), String> {
        for index in &self.indexes {
            if let Some(value) = item.get(&index.attribute) {
                vector(value, index.dimensions).map_err(|why| {
                    format!("attribute `{}`, the vector of {}, {why}", index.attribute, index.name)
                })?;
            }
            for key in index.search_attributes() {
                let Some(value) = item.get(&key.name) else { continue };
                let is_hash = index.hash.as_ref() == Some(key);
                searched(key, value, is_hash).map_err(|why| {
                    format!("attribute `{}`, searched by in {}, {why}", key.name, index.name)
                })?;
            }
        }
        Ok(())
    }
}

fn vector(value: &AttributeValue, dimensions: u32) -> Result<(), String> {
    let AttributeValue::L(numbers) = value else {
        return Err(format!("is of type {}, not a list of numbers", value.type_name()));
    };
    if u32::try_from(numbers.len()) != Ok(dimensions) {
        return Err(format!("has {} numbers, not {dimensions}", numbers.len()));
    }
    for (position, number) in numbers.iter().enumerate() {
        let AttributeValue::N(number) = number else {
            let ty = number.type_name();
            return Err(format!("holds a value of type {ty} at position {}", position + 1));
        };
        // As the service keeps them: 32 bits wide.
        if !number.as_str().parse::<f32>().is_ok_and(f32::is_finite) {
            return Err(format!("holds {number}, which 32 bits cannot", number = number.as_str()));
        }
    }
    Ok(())
}

/// An empty value cannot be a partition key.
fn searched(key: &KeyAttribute, value: &AttributeValue, is_hash: bool) -> Result<(), String> {
    if !value.is_a(key.ty) {
        return Err(format!("is of type {}, not {}", value.type_name(), key.ty));
    }
    let empty = match value {
        AttributeValue::S(text) => text.is_empty(),
        AttributeValue::B(bytes) => bytes.is_empty(),
        _ => false,
    };
    if is_hash && empty { Err("is empty".to_owned()) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::decode::{self, ItemFormat};
    use super::*;
    use crate::model::{DistanceFunction, Projection, ScalarType};

    fn said(item: &str) -> Option<String> {
        let key = |name: &str, ty| KeyAttribute { name: name.to_owned(), ty };
        let index = VectorIndex {
            name: "near".to_owned(),
            attribute: "v".to_owned(),
            dimensions: 2,
            distance: DistanceFunction::Cosine,
            hash: Some(key("tenant", ScalarType::S)),
            filters: BTreeSet::from([key("price", ScalarType::N), key("word", ScalarType::S)]),
            projection: Projection::All,
        };
        let item = decode::item(item.as_bytes(), ItemFormat::Plain).unwrap();
        Vectors { indexes: vec![index] }.check(&item).err()
    }

    #[test]
    fn what_is_missing_or_fits_is_put() {
        for item in [
            "{}",
            r#"{"v": [1, -0.5]}"#,
            r#"{"v": [1e38, 1e-80], "tenant": "a", "price": 3, "word": ""}"#,
        ] {
            assert_eq!(said(item), None, "{item}");
        }
    }

    #[test]
    fn what_the_service_would_refuse_is_said_with_its_index() {
        for (item, why) in [
            (r#"{"v": "1,2"}"#, "attribute `v`, the vector of near, is of type S, not a list of"),
            (r#"{"v": [1, 2, 3]}"#, "has 3 numbers, not 2"),
            (r#"{"v": [1, "2"]}"#, "holds a value of type S at position 2"),
            (r#"{"v": [1, 1e39]}"#, ", which 32 bits cannot"),
            (r#"{"tenant": 1}"#, "`tenant`, searched by in near, is of type N, not S"),
            (r#"{"tenant": ""}"#, "is empty"),
            (r#"{"price": "3"}"#, "is of type S, not N"),
        ] {
            let said = said(item).unwrap_or_else(|| panic!("{item} fits"));
            assert!(said.contains(why), "{item}: {said}");
        }
    }
}
