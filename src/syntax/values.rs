//! All values of a file, whatever they mean.

use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use crate::diagnostic::{FileId, Span, Spanned};

use super::parse;

/// The values of arguments and properties as texts, and the names of properties, in the order in
/// which they stand. What is commented out is no value. A text that is no KDL is one value.
#[must_use]
pub fn values(file: FileId, text: &str) -> Vec<Spanned<String>> {
    let Ok(document) = parse(file, text) else {
        let span = Span { file, start: 0, end: text.len() };
        return vec![Spanned::new(text.to_owned(), span)];
    };
    let mut found = Vec::new();
    visit(&document, &mut |entry| of(file, entry, &mut found));
    found
}

fn visit<'d>(document: &'d KdlDocument, each: &mut impl FnMut(&'d KdlEntry)) {
    let mut left: Vec<&'d KdlNode> = document.nodes().iter().rev().collect();
    while let Some(node) = left.pop() {
        node.entries().iter().for_each(&mut *each);
        left.extend(node.children().into_iter().flat_map(|inner| inner.nodes().iter().rev()));
    }
}

fn of(file: FileId, entry: &KdlEntry, found: &mut Vec<Spanned<String>>) {
    let (start, length) = (entry.span().offset(), entry.span().len());
    let span = Span { file, start, end: start + length };
    let value = match entry.value() {
        KdlValue::String(text) => text.clone(),
        KdlValue::Integer(number) => number.to_string(),
        // As it is written: `1e3` is another text than `1000`.
        KdlValue::Float(number) => {
            entry.format().map_or_else(|| number.to_string(), |format| format.value_repr.clone())
        }
        KdlValue::Bool(_) | KdlValue::Null => String::new(),
    };
    let name = entry.name().map(|name| name.value().to_owned());
    let texts = name.into_iter().chain([value]).filter(|text| !text.is_empty());
    found.extend(texts.map(|text| Spanned::new(text, span)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;

    fn found(text: &str) -> Vec<String> {
        let file = Sources::default().add("a.kdl", text);
        values(file, text).into_iter().map(|value| value.value).collect()
    }

    #[test]
    fn every_value_is_found_as_what_it_stands_for_and_no_comment() {
        let text =
            "a \"\\u{68}i\" 12345678 #true b=c { d r#\"x\"# 1.50\n }\n/- e f\ng /* h */ /- i j\n";
        assert_eq!(found(&text.replace("r#", "#")), ["hi", "12345678", "b", "c", "x", "1.50", "j"]);
    }

    #[test]
    fn a_text_that_is_no_kdl_is_one_value() {
        assert_eq!(found("{\"a\": 1}"), ["{\"a\": 1}"]);
    }
}
