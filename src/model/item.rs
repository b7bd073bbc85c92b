//! An item of a table: its attributes, with DynamoDB's types.

use std::collections::{BTreeMap, BTreeSet};

use super::{Number, ScalarType};

/// The attributes of one item by name.
pub type Item = BTreeMap<String, AttributeValue>;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeValue {
    /// String.
    S(String),
    /// Number.
    N(Number),
    /// Binary.
    B(Vec<u8>),
    /// Boolean.
    Bool(bool),
    /// Null.
    Null,
    /// List.
    L(Vec<Self>),
    /// Map.
    M(BTreeMap<String, Self>),
    /// Set of strings.
    Ss(BTreeSet<String>),
    /// Set of numbers.
    Ns(BTreeSet<Number>),
    /// Set of binaries.
    Bs(BTreeSet<Vec<u8>>),
}

impl AttributeValue {
    /// The name of its type, as the service writes it.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::S(_) => "S",
            Self::N(_) => "N",
            Self::B(_) => "B",
            Self::Bool(_) => "BOOL",
            Self::Null => "NULL",
            Self::L(_) => "L",
            Self::M(_) => "M",
            Self::Ss(_) => "SS",
            Self::Ns(_) => "NS",
            Self::Bs(_) => "BS",
        }
    }

    /// Whether it can be a key of this type.
    #[must_use]
    pub const fn is_a(&self, ty: ScalarType) -> bool {
        matches!(
            (self, ty),
            (Self::S(_), ScalarType::S) | (Self::N(_), ScalarType::N) | (Self::B(_), ScalarType::B)
        )
    }

    /// The bytes that it counts as: AWS, "DynamoDB item sizes and formats".
    #[must_use]
    pub fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::L(values) => 3 + values.iter().map(|value| 1 + value.size()).sum::<usize>(),
            Self::M(values) => {
                let each = |(name, value): (&String, &Self)| 1 + name.len() + value.size();
                3 + values.iter().map(each).sum::<usize>()
            }
            Self::Ss(texts) => texts.iter().map(String::len).sum(),
            Self::Ns(numbers) => numbers.iter().map(Number::size).sum(),
            Self::Bs(values) => values.iter().map(Vec::len).sum(),
        }
    }
}

/// The bytes that an item counts as.
#[must_use]
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.to_owned())
    }

    #[test]
    fn sizes_are_those_of_the_documentation() {
        let list = AttributeValue::L(vec![text("ab"), AttributeValue::Null]);
        let map = AttributeValue::M(Item::from([("k".to_owned(), text("v"))]));
        assert_eq!((list.size(), map.size()), (3 + 3 + 2, 3 + 3));
        assert_eq!(item_size(&Item::from([("id".to_owned(), text("é"))])), 4);
    }
}
