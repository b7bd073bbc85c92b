//! The items of a file, each held against the table's declaration.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::model::{
    AttributeValue, Fingerprint, Item, KeyAttribute, KeySchema, ScalarType, TableSpec, item_size,
};

use super::decode::{self, ItemFormat};
use super::records::{Record, RecordError, Records};
use super::vectors::Vectors;

/// Items of one file: a guard on memory, because the key of each is remembered while it is read.
pub(super) const MOST_ITEMS: usize = 1_000_000;
/// Bytes of one item: AWS, "Quotas".
const LARGEST: usize = 400 * 1024;
/// Bytes of a partition key's value, and of a sort key's: AWS, "Quotas".
const LONGEST_KEYS: (usize, usize) = (2048, 1024);

/// Something in a file that keeps it from being put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The line, from 1.
    pub(super) line: u64,
    /// What is wrong.
    pub(super) why: String,
}

/// Why a file gives no further item.
#[derive(Debug)]
pub(super) enum ItemError {
    /// One item is not as it should be; others may be.
    Faulty(Fault),
    /// The file cannot be read.
    Unreadable(io::Error),
}

/// An item that may be put, where it stands, and the bytes that it counts as.
#[derive(Debug)]
pub(super) struct Sized {
    pub(super) item: Item,
    /// The line that it starts at, from 1.
    pub(super) line: u64,
    pub(super) bytes: usize,
}

/// The items of a file, in its order.
pub(super) struct Items<R> {
    records: Records<R>,
    format: ItemFormat,
    rules: Rules,
    /// Where each key stands first: the line, or in an array the number of the item.
    seen: HashMap<Fingerprint, u64>,
    /// The items so far.
    count: u64,
}

impl Items<BufReader<File>> {
    /// Opens a file.
    pub(super) fn open(path: &Path, format: ItemFormat, rules: Rules) -> io::Result<Self> {
        Ok(Self::new(BufReader::with_capacity(64 * 1024, File::open(path)?), format, rules))
    }
}

impl<R: BufRead> Items<R> {
    fn new(input: R, format: ItemFormat, rules: Rules) -> Self {
        Self { records: Records::new(input), format, rules, seen: HashMap::new(), count: 0 }
    }

    /// A hash of what was read so far.
    pub(super) const fn mark(&self) -> Fingerprint {
        self.records.mark()
    }

    /// The fault with the number of its item in an array: all of one may stand on one line.
    fn numbered(&self, fault: Fault) -> Fault {
        if !self.records.is_array() {
            return fault;
        }
        Fault { why: format!("item {}: {}", self.count, fault.why), ..fault }
    }

    fn item(&mut self, record: &Record) -> Result<Sized, Fault> {
        let fault = |why| Fault { line: record.line, why };
        let item = decode::item(&record.text, self.format)
            .map_err(|(line, wrong)| Fault { line: record.line + line, why: wrong.to_string() })?;
        let bytes = self.rules.check(&item, self.format).map_err(fault)?;
        if self.seen.len() == MOST_ITEMS {
            let why = format!("the file has more than {MOST_ITEMS} items");
            return Err(fault(why));
        }
        let in_array = self.records.is_array();
        match self.seen.entry(self.rules.key(&item)) {
            Entry::Occupied(first) => {
                let what = if in_array { "item" } else { "the item at line" };
                Err(fault(format!("the key is that of {what} {}", first.get())))
            }
            Entry::Vacant(place) => {
                place.insert(if in_array { self.count } else { record.line });
                Ok(Sized { item, line: record.line, bytes })
            }
        }
    }
}

impl<R: BufRead> Iterator for Items<R> {
    type Item = Result<Sized, ItemError>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(match self.records.next()? {
            Ok(record) => {
                self.count += 1;
                self.item(&record).map_err(|fault| ItemError::Faulty(self.numbered(fault)))
            }
            Err(RecordError::Malformed(line, why)) => Err(ItemError::Faulty(Fault { line, why })),
            Err(RecordError::Unreadable(error)) => Err(ItemError::Unreadable(error)),
        })
    }
}

/// What a table asks of its items.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    keys: KeySchema,
    /// Keys of indexes that are not the table's: an item may be without, and is then not in there.
    of_indexes: Vec<(KeyAttribute, String)>,
    vectors: Vectors,
}

impl Rules {
    /// Those of a table as it is declared.
    pub(super) fn new(spec: &TableSpec) -> Self {
        let own: Vec<&KeyAttribute> = spec.keys.attributes().collect();
        let of_indexes = spec.indexes.iter().flat_map(|index| {
            let keys = index.keys.attributes().filter(|key| !own.contains(key));
            keys.map(|key| (key.clone(), index.name.clone()))
        });
        Self {
            of_indexes: of_indexes.collect(),
            vectors: Vectors::new(spec),
            keys: spec.keys.clone(),
        }
    }

    /// Those of a table of which nothing but its keys counts.
    pub(super) const fn of_keys(keys: KeySchema) -> Self {
        Self { keys, of_indexes: Vec::new(), vectors: Vectors::none() }
    }

    /// Checks an item; gives the bytes that it counts as.
    fn check(&self, item: &Item, format: ItemFormat) -> Result<usize, String> {
        for (position, key) in self.keys.attributes().enumerate() {
            let what = format!("key attribute `{}`", key.name);
            let Some(value) = item.get(&key.name) else { return Err(format!("{what} is missing")) };
            let longest = if position == 0 { LONGEST_KEYS.0 } else { LONGEST_KEYS.1 };
            fits(key, value, longest, format).map_err(|why| format!("{what} {why}"))?;
        }
        for (key, index) in &self.of_indexes {
            let Some(value) = item.get(&key.name) else { continue };
            fits(key, value, LONGEST_KEYS.0, format)
                .map_err(|why| format!("attribute `{}`, a key of {index}, {why}", key.name))?;
        }
        self.vectors.check(item)?;
        let bytes = item_size(item);
        if bytes > LARGEST {
            return Err(format!("the item has {bytes} bytes; DynamoDB takes up to {LARGEST}"));
        }
        Ok(bytes)
    }

    /// A hash of the key of an item that was checked.
    fn key(&self, item: &Item) -> Fingerprint {
        let mut mark = Fingerprint::default();
        for key in self.keys.attributes() {
            match item.get(&key.name) {
                Some(AttributeValue::S(text)) => mark.update_text(text.as_bytes()),
                Some(AttributeValue::N(number)) => mark.update_text(number.as_str().as_bytes()),
                Some(AttributeValue::B(bytes)) => mark.update_text(bytes),
                _ => {}
            }
        }
        mark
    }
}

/// Whether a value can be that key.
fn fits(
    key: &KeyAttribute,
    value: &AttributeValue,
    longest: usize,
    format: ItemFormat,
) -> Result<(), String> {
    if !value.is_a(key.ty) {
        let hint = match (format, value) {
            (ItemFormat::Plain, AttributeValue::M(members)) if looks_typed(members) => {
                ": the file looks like DynamoDB's own JSON, which needs format=dynamodb"
            }
            (ItemFormat::Plain, _) if key.ty == ScalarType::B => {
                ": binary values need format=dynamodb"
            }
            _ => "",
        };
        return Err(format!("is of type {}, not {}{hint}", value.type_name(), key.ty));
    }
    match value {
        AttributeValue::S(text) if text.is_empty() => Err("is empty".to_owned()),
        AttributeValue::B(bytes) if bytes.is_empty() => Err("is empty".to_owned()),
        _ if value.size() > longest => {
            Err(format!("has {} bytes; DynamoDB takes up to {longest}", value.size()))
        }
        _ => Ok(()),
    }
}

fn looks_typed(members: &Item) -> bool {
    members.len() == 1 && ["S", "N", "B"].iter().any(|ty| members.contains_key(*ty))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::model::{AskedOfIndexes, IndexKind, IndexSpec, Projection, TableName};

    fn key(name: &str, ty: ScalarType) -> KeyAttribute {
        KeyAttribute { name: name.to_owned(), ty }
    }

    fn spec() -> TableSpec {
        TableSpec {
            declared: "Orders".to_owned(),
            name: TableName::parse("app-Orders").unwrap(),
            keys: KeySchema {
                hash: vec![key("id", ScalarType::S)],
                range: vec![key("at", ScalarType::N)],
            },
            indexes: vec![IndexSpec {
                kind: IndexKind::Global,
                name: "by-state".to_owned(),
                keys: KeySchema { hash: vec![key("state", ScalarType::S)], range: Vec::new() },
                projection: Projection::All,
                throughput: None,
                settings: Vec::new(),
            }],
            vector_indexes: Vec::new(),
            billing: None,
            tags: BTreeMap::new(),
            absent_tags: BTreeSet::new(),
            settings: Vec::new(),
            asked: AskedOfIndexes::default(),
        }
    }

    /// `line: why` of each fault.
    fn faults(text: &str) -> Vec<String> {
        let items = Items::new(text.as_bytes(), ItemFormat::Plain, Rules::new(&spec()));
        let shown = |item| match item {
            Ok(_) => None,
            Err(ItemError::Faulty(fault)) => Some(format!("{}: {}", fault.line, fault.why)),
            Err(ItemError::Unreadable(error)) => panic!("{error}"),
        };
        items.filter_map(shown).collect()
    }

    #[test]
    fn each_item_must_have_the_keys_of_the_table() {
        let long = "k".repeat(2049);
        let text = format!(
            "{{\"id\":\"a\",\"at\":1}}\n{{\"id\":\"a\"}}\n{{\"id\":1,\"at\":1}}\n{{\"id\":\"\",\"at\":1}}\n\
             {{\"id\":\"{long}\",\"at\":1}}\n{{\"id\":{{\"S\":\"a\"}},\"at\":1}}\n"
        );
        assert_eq!(
            faults(&text),
            [
                "2: key attribute `at` is missing",
                "3: key attribute `id` is of type N, not S",
                "4: key attribute `id` is empty",
                "5: key attribute `id` has 2049 bytes; DynamoDB takes up to 2048",
                "6: key attribute `id` is of type M, not S: the file looks like DynamoDB's own JSON, \
                 which needs format=dynamodb",
            ]
        );
    }

    #[test]
    fn a_key_of_an_index_may_be_missing_but_not_wrong() {
        let text = "{\"id\":\"a\",\"at\":1}\n{\"id\":\"a\",\"at\":2,\"state\":null}\n\
                    {\"id\":\"a\",\"at\":3,\"state\":\"\"}\n";
        assert_eq!(
            faults(text),
            [
                "2: attribute `state`, a key of by-state, is of type NULL, not S",
                "3: attribute `state`, a key of by-state, is empty",
            ]
        );
    }

    #[test]
    fn a_key_that_is_written_in_two_ways_is_one_key() {
        let text =
            "{\"id\":\"a\",\"at\":1}\n{\"at\":2,\"id\":\"a\"}\n{\"at\":10e-1,\"id\":\"\\u0061\"}\n";
        assert_eq!(faults(text), ["3: the key is that of the item at line 1"]);
    }

    #[test]
    fn a_fault_in_an_array_has_the_number_of_its_item() {
        let text = "[{\"id\":\"a\",\"at\":1},{\"id\":\"a\"},{\"id\":\"a\",\"at\":1}]";
        assert_eq!(
            faults(text),
            ["1: item 2: key attribute `at` is missing", "1: item 3: the key is that of item 1"]
        );
    }

    #[test]
    fn an_item_of_more_than_400_kilobytes_is_refused() {
        let text =
            |bytes: usize| format!("{{\"id\":\"a\",\"at\":1,\"x\":\"{}\"}}", "x".repeat(bytes));
        // Names: 2 + 2 + 1; the other values: 1 + 2.
        assert_eq!(faults(&text(LARGEST - 8)), [""; 0]);
        assert_eq!(
            faults(&text(LARGEST - 7)),
            ["1: the item has 409601 bytes; DynamoDB takes up to 409600"]
        );
    }
}
