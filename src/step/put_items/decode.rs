//! From the text of one object to an item. Numbers are never made binary.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::model::{AttributeValue, Item, Number};

/// How deep values may be nested: AWS, "Quotas".
const DEEPEST: usize = 32;

/// How values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ItemFormat {
    /// As JSON has them.
    Plain,
    /// With their types, as `DynamoDB` has them: `{"S": "…"}`.
    #[serde(rename = "dynamodb")]
    Typed,
}

/// Why a text is no item: in which attribute, and what is wrong. No value is shown: an item may
/// hold anything.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    path: String,
    why: String,
}

impl Wrong {
    fn new(why: impl Into<String>) -> Self {
        Self { path: String::new(), why: why.into() }
    }

    /// The same, of something inside an attribute or element.
    fn within(self, name: &str) -> Self {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        Self { path: format!("{name}{dot}{}", self.path), ..self }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "attribute `{}`: ", self.path)?;
        }
        f.write_str(&self.why)
    }
}

/// Reads an item; an error comes with the line within the text, from 0.
pub(super) fn item(text: &[u8], format: ItemFormat) -> Result<Item, (u64, Wrong)> {
    let text = std::str::from_utf8(text).map_err(|_| (0, Wrong::new("it is not UTF-8 text")))?;
    let text = text.trim();
    if !text.starts_with('{') {
        return Err((0, Wrong::new(format!("it is {}, not an object", what(text)))));
    }
    let object: Object<'_> = serde_json::from_str(text).map_err(|error| {
        let at = format!(" at line {} column {}", error.line(), error.column());
        let why = error.to_string().replace(&at, "");
        let line = error.line().saturating_sub(1) as u64;
        if serde_json::from_str::<&RawValue>(text).is_ok() {
            return (line, half_a_pair("a name in it"));
        }
        (line, Wrong::new(format!("it is not JSON: {why} (column {})", error.column())))
    })?;
    members(&object, format, 1).map_err(|wrong| (0, wrong))
}

/// What a JSON text starts like, for people.
fn what(text: &str) -> &'static str {
    match text.bytes().next() {
        Some(b'"') => "a string",
        Some(b'[') => "an array",
        Some(b'{') => "an object",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => "something else",
    }
}

fn members(object: &Object<'_>, format: ItemFormat, depth: usize) -> Result<Item, Wrong> {
    let mut item = Item::new();
    for (name, raw) in &object.0 {
        let value = value(raw, format, depth).map_err(|wrong| wrong.within(name))?;
        if name.is_empty() {
            return Err(Wrong::new("an attribute has no name"));
        }
        if item.insert(name.to_string(), value).is_some() {
            return Err(Wrong::new("it is written twice").within(name));
        }
    }
    Ok(item)
}

fn value(raw: &RawValue, format: ItemFormat, depth: usize) -> Result<AttributeValue, Wrong> {
    if depth > DEEPEST {
        return Err(Wrong::new(format!("values are nested deeper than {DEEPEST} levels")));
    }
    match format {
        ItemFormat::Plain => plain(raw, depth),
        ItemFormat::Typed => typed(raw, depth),
    }
}

fn plain(raw: &RawValue, depth: usize) -> Result<AttributeValue, Wrong> {
    let text = raw.get();
    Ok(match text.bytes().next() {
        Some(b'"') => AttributeValue::S(string(text)?),
        Some(b'{') => AttributeValue::M(members(&object_of(text)?, ItemFormat::Plain, depth + 1)?),
        Some(b'[') => AttributeValue::L(elements(text, ItemFormat::Plain, depth)?),
        Some(b't') => AttributeValue::Bool(true),
        Some(b'f') => AttributeValue::Bool(false),
        Some(b'n') => AttributeValue::Null,
        _ => AttributeValue::N(number(text)?),
    })
}

fn typed(raw: &RawValue, depth: usize) -> Result<AttributeValue, Wrong> {
    const EXPECTED: &str =
        "a value with its type is expected, such as {\"S\": \"…\"}; plain JSON needs format=plain";
    let text = raw.get();
    if !text.starts_with('{') {
        return Err(Wrong::new(EXPECTED));
    }
    let object = object_of(text)?;
    let [(ty, raw)] = &object.0[..] else { return Err(Wrong::new(EXPECTED)) };
    let text = raw.get();
    Ok(match ty.as_ref() {
        "S" => AttributeValue::S(string(text)?),
        "N" => AttributeValue::N(number(&string(text)?)?),
        "B" => AttributeValue::B(binary(&string(text)?)?),
        "BOOL" => AttributeValue::Bool(json(text)?),
        "NULL" if text == "true" => AttributeValue::Null,
        "NULL" => return Err(Wrong::new("NULL is true or not there")),
        "L" => AttributeValue::L(elements(text, ItemFormat::Typed, depth)?),
        "M" => AttributeValue::M(members(&object_of(text)?, ItemFormat::Typed, depth + 1)?),
        "SS" => AttributeValue::Ss(set(text, Ok)?),
        "NS" => AttributeValue::Ns(set(text, |text| number(&text))?),
        "BS" => AttributeValue::Bs(set(text, |text| binary(&text))?),
        _ => return Err(Wrong::new(EXPECTED)),
    })
}

fn elements(text: &str, format: ItemFormat, depth: usize) -> Result<Vec<AttributeValue>, Wrong> {
    let raws: Vec<&RawValue> = json(text)?;
    let each = |(at, raw)| {
        value(raw, format, depth + 1).map_err(|wrong: Wrong| wrong.within(&format!("[{at}]")))
    };
    raws.into_iter().enumerate().map(each).collect()
}

fn set<T: Ord>(
    text: &str,
    read: impl Fn(String) -> Result<T, Wrong>,
) -> Result<BTreeSet<T>, Wrong> {
    let raws: Vec<&RawValue> = json(text)?;
    let count = raws.len();
    let each = |(at, raw): (usize, &RawValue)| {
        let value = string(raw.get()).and_then(&read);
        value.map_err(|wrong| wrong.within(&format!("[{at}]")))
    };
    let values = raws.into_iter().enumerate().map(each).collect::<Result<BTreeSet<T>, Wrong>>()?;
    if count == 0 {
        return Err(Wrong::new("DynamoDB has no empty sets"));
    }
    if values.len() < count {
        return Err(Wrong::new("a value is twice in the set"));
    }
    Ok(values)
}

/// A value of an expected shape. The reader's words are not shown: they quote values.
fn json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Wrong> {
    serde_json::from_str(text)
        .map_err(|_| Wrong::new(format!("{} does not fit its type", what(text))))
}

/// A string, or the members of an object. Nothing else can be wrong with one of a text that is JSON
/// than what stands in a string, or in a name.
fn whole<'a, T: Deserialize<'a>>(text: &'a str, shape: &str) -> Result<T, Wrong> {
    json(text).map_err(|wrong| {
        let place = if shape == "an object" { "a name in it" } else { "it" };
        if what(text) == shape { half_a_pair(place) } else { wrong }
    })
}

fn half_a_pair(place: &str) -> Wrong {
    Wrong::new(format!("half of a surrogate pair (\\ud800 to \\udfff) stands alone in {place}"))
}

fn string(text: &str) -> Result<String, Wrong> {
    whole(text, "a string")
}

fn object_of(text: &str) -> Result<Object<'_>, Wrong> {
    whole(text, "an object")
}

fn number(text: &str) -> Result<Number, Wrong> {
    Number::parse(text).map_err(|error| Wrong::new(error.to_string()))
}

fn binary(text: &str) -> Result<Vec<u8>, Wrong> {
    STANDARD.decode(text).map_err(|_| Wrong::new("it is not Base64"))
}

/// The members of an object in their order, names that are there twice included.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Object<'de>, M::Error> {
                let mut members = Vec::new();
                while let Some((name, raw)) = map.next_entry::<Name<'de>, &'de RawValue>()? {
                    members.push((name.0, raw));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A name, borrowed where it is written without escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str, format: ItemFormat) -> String {
        item(text.as_bytes(), format).unwrap_err().1.to_string()
    }

    #[test]
    fn plain_json_becomes_the_types_that_it_has() {
        let text =
            r#"{"s":"é","n":12345678901234567890.123,"b":true,"z":null,"l":[1,"a"],"m":{"k":{}}}"#;
        let read = item(text.as_bytes(), ItemFormat::Plain).unwrap();
        let number = |text| AttributeValue::N(Number::parse(text).unwrap());
        assert_eq!(read["s"], AttributeValue::S("é".to_owned()));
        assert_eq!(read["n"], number("12345678901234567890.123"));
        assert_eq!(read["b"], AttributeValue::Bool(true));
        assert_eq!(read["z"], AttributeValue::Null);
        let list = vec![number("1"), AttributeValue::S("a".to_owned())];
        assert_eq!(read["l"], AttributeValue::L(list));
        let map = Item::from([("k".to_owned(), AttributeValue::M(Item::new()))]);
        assert_eq!(read["m"], AttributeValue::M(map));
    }

    #[test]
    fn typed_json_has_all_types() {
        let text = r#"{"s":{"S":""},"n":{"N":"1.50"},"b":{"B":"AP8="},"t":{"BOOL":false},
            "z":{"NULL":true},"l":{"L":[{"S":"a"}]},"m":{"M":{"k":{"N":"1"}}},
            "ss":{"SS":["b","a"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA=="]}}"#;
        let read = item(text.as_bytes(), ItemFormat::Typed).unwrap();
        let types: Vec<_> = read.iter().map(|(name, value)| (&**name, value.type_name())).collect();
        assert_eq!(
            types,
            [
                ("b", "B"),
                ("bs", "BS"),
                ("l", "L"),
                ("m", "M"),
                ("n", "N"),
                ("ns", "NS"),
                ("s", "S"),
                ("ss", "SS"),
                ("t", "BOOL"),
                ("z", "NULL"),
            ]
        );
        assert_eq!(read["b"], AttributeValue::B(vec![0, 255]));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place_and_without_its_value() {
        for (format, text, said) in [
            (ItemFormat::Plain, "7", "it is a number, not an object"),
            (ItemFormat::Plain, "\"secret\"", "it is a string, not an object"),
            (
                ItemFormat::Plain,
                "{\"a\":1",
                "it is not JSON: EOF while parsing an object (column 6)",
            ),
            (ItemFormat::Plain, "{\"a\":1,\"a\":2}", "attribute `a`: it is written twice"),
            (ItemFormat::Plain, "{\"\":1}", "an attribute has no name"),
            (
                ItemFormat::Plain,
                "{\"a\":{\"b\":[0,1e999]}}",
                "attribute `a.b[1]`: the number is beyond DynamoDB's range, 1E-130 to 9.99E+125",
            ),
            (ItemFormat::Typed, "{\"a\":{\"N\":\"secret\"}}", "attribute `a`: it is no number"),
            (
                ItemFormat::Typed,
                "{\"a\":{\"N\":1}}",
                "attribute `a`: a number does not fit its type",
            ),
            (
                ItemFormat::Plain,
                "{\"a\":\"x\\ud800\"}",
                "attribute `a`: half of a surrogate pair (\\ud800 to \\udfff) stands alone in it",
            ),
            (
                ItemFormat::Typed,
                "{\"a\":{\"SS\":[\"x\",\"\\ud800\"]}}",
                "attribute `a[1]`: half of a surrogate pair (\\ud800 to \\udfff) stands alone in it",
            ),
            (
                ItemFormat::Typed,
                "{\"a\":{\"NS\":[\"\\udfff\"]}}",
                "attribute `a[0]`: half of a surrogate pair (\\ud800 to \\udfff) stands alone in it",
            ),
            (
                ItemFormat::Typed,
                "{\"a\":{\"SS\":[\"x\",1]}}",
                "attribute `a[1]`: a number does not fit its type",
            ),
            (
                ItemFormat::Typed,
                "{\"a\":{\"M\":{\"\\ud800\":{\"S\":\"x\"}}}}",
                "attribute `a`: half of a surrogate pair (\\ud800 to \\udfff) stands alone in a name in it",
            ),
            (
                ItemFormat::Typed,
                "{\"a\":{\"\\ud800\":\"x\"}}",
                "attribute `a`: half of a surrogate pair (\\ud800 to \\udfff) stands alone in a name in it",
            ),
            (
                ItemFormat::Plain,
                "{\"a\":[{\"\\ud800\":1}]}",
                "attribute `a[0]`: half of a surrogate pair (\\ud800 to \\udfff) stands alone in a name in it",
            ),
            (
                ItemFormat::Plain,
                "{\"\\ud800\":1}",
                "half of a surrogate pair (\\ud800 to \\udfff) stands alone in a name in it",
            ),
            (ItemFormat::Typed, "{\"a\":{\"B\":\"*\"}}", "attribute `a`: it is not Base64"),
            (ItemFormat::Typed, "{\"a\":{\"SS\":[]}}", "attribute `a`: DynamoDB has no empty sets"),
            (
                ItemFormat::Typed,
                "{\"a\":{\"NS\":[\"1\",\"1.0\"]}}",
                "attribute `a`: a value is twice in the set",
            ),
            (
                ItemFormat::Typed,
                "{\"a\":\"secret\"}",
                "attribute `a`: a value with its type is expected, such as {\"S\": \"…\"}; plain JSON \
                 needs format=plain",
            ),
        ] {
            assert_eq!(refused(text, format), said, "{text}");
        }
    }

    #[test]
    fn nesting_has_an_end() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(item(nested(DEEPEST).as_bytes(), ItemFormat::Plain).is_ok());
        let said = refused(&nested(DEEPEST + 1), ItemFormat::Plain);
        assert!(said.ends_with("values are nested deeper than 32 levels"), "{said}");
        let said = refused(&nested(100_000), ItemFormat::Plain);
        assert!(said.ends_with("values are nested deeper than 32 levels"), "{said}");
    }

    #[test]
    fn a_fault_of_syntax_says_its_line_within_the_item() {
        assert_eq!(item(b"{\n\n x", ItemFormat::Plain).unwrap_err().0, 2);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[{}\\[\\]:,\"SNBLM01a\\\\ ]{0,40}") {
            let _ = item(text.as_bytes(), ItemFormat::Plain);
            let _ = item(text.as_bytes(), ItemFormat::Typed);
        }
    }
}
