//! An item of a table: its attributes, with DynamoDB's types.

use std::collections::{BTreeMap, BTreeSet};

use super::{Fingerprint, Number, ScalarType};

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

    /// Takes the value in.
    fn mark(&self, mark: &mut Fingerprint) {
        mark.update_text(self.type_name().as_bytes());
        match self {
            Self::S(text) => mark.update_text(text.as_bytes()),
            Self::N(number) => mark.update_text(number.as_str().as_bytes()),
            Self::B(bytes) => mark.update_text(bytes),
            Self::Bool(value) => mark.update(&[u8::from(*value)]),
            Self::Null => {}
            Self::L(values) => {
                mark.update(&(values.len() as u64).to_be_bytes());
                for value in values {
                    value.mark(mark);
                }
            }
            Self::M(values) => marked(values, mark),
            Self::Ss(texts) => several(texts.iter().map(String::as_bytes), texts.len(), mark),
            Self::Ns(numbers) => {
                several(numbers.iter().map(|n| n.as_str().as_bytes()), numbers.len(), mark);
            }
            Self::Bs(values) => several(values.iter().map(Vec::as_slice), values.len(), mark),
        }
    }
}

fn several<'a>(texts: impl Iterator<Item = &'a [u8]>, count: usize, mark: &mut Fingerprint) {
    mark.update(&(count as u64).to_be_bytes());
    texts.for_each(|text| mark.update_text(text));
}

fn marked(values: &Item, mark: &mut Fingerprint) {
    mark.update(&(values.len() as u64).to_be_bytes());
    for (name, value) in values {
        mark.update_text(name.as_bytes());
        value.mark(mark);
    }
}

/// The bytes that an item counts as.
#[must_use]
pub fn item_size(item: &Item) -> usize {
    item.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// A hash of an item: equal items have the same one, whatever order they were written in.
#[must_use]
pub fn item_fingerprint(item: &Item) -> Fingerprint {
    let mut mark = Fingerprint::default();
    marked(item, &mut mark);
    mark
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

    #[test]
    fn items_that_differ_anywhere_have_other_fingerprints() {
        let of = |value| item_fingerprint(&Item::from([("a".to_owned(), value)]));
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let values = [
            text("1"),
            AttributeValue::N(Number::parse("1").unwrap()),
            AttributeValue::B(b"1".to_vec()),
            AttributeValue::Null,
            AttributeValue::L(vec![text("1")]),
            AttributeValue::L(vec![text("1"), text("1")]),
            AttributeValue::M(Item::from([("a".to_owned(), text("1"))])),
            AttributeValue::Ss(texts(&["1"])),
            AttributeValue::Ss(texts(&["1", "2"])),
            AttributeValue::Bool(true),
            AttributeValue::Bool(false),
        ];
        let marks: BTreeSet<_> = values.iter().cloned().map(of).collect();
        assert_eq!(marks.len(), values.len());
        assert_eq!(of(text("1")), of(text("1")));
    }
}
