//! Writing nodes of KDL 2: the way back from values to text that [`parse`](super::parse()) reads.

use std::fmt::Write as _;

use crate::diagnostic::{is_dangerous, push_visible};

/// Words that mean something else without quotes, or that KDL 2 forbids there.
const RESERVED: [&str; 5] = ["true", "false", "null", "inf", "nan"];

/// A text as a value: bare where it is a plain word, else quoted and on one line. What could drive a
/// terminal, or what KDL does not allow as itself, is written as `\u{…}`.
#[must_use]
pub fn value(text: &str) -> String {
    if is_word(text) {
        return text.to_owned();
    }
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if is_dangerous(c) => quoted.extend(c.escape_unicode()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a text needs no quotes; stricter than KDL, so that nobody has to know its exceptions.
fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
        && !RESERVED.contains(&text)
}

/// A text as a comment of one line.
#[must_use]
pub fn comment(text: &str) -> String {
    format!("// {}", one_line(text)).trim_end().to_owned()
}

/// A text on one line: white space is single spaces, and what could drive a terminal is shown as
/// `\u{…}`.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        push_visible(&mut line, word);
    }
    line
}

/// A node that is to be written: what stands before its block, and its children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    head: String,
    children: Vec<Self>,
}

impl Written {
    /// A node with a name and nothing else.
    #[must_use]
    pub fn node(name: &str) -> Self {
        Self { head: name.to_owned(), children: Vec::new() }
    }

    /// With one more argument, which is text.
    #[must_use]
    pub fn arg(self, text: &str) -> Self {
        self.raw(&value(text))
    }

    /// With one more argument or property that is KDL already: a number, `#false`, `(N)id`.
    #[must_use]
    pub fn raw(mut self, written: &str) -> Self {
        let _ = write!(self.head, " {written}");
        self
    }

    /// With one more property, whose value is text.
    #[must_use]
    pub fn prop(self, name: &str, text: &str) -> Self {
        let written = format!("{name}={}", value(text));
        self.raw(&written)
    }

    /// With one more property, whose value is a number; nothing where there is none.
    #[must_use]
    pub fn number(self, name: &str, number: Option<u64>) -> Self {
        match number {
            Some(number) => self.raw(&format!("{name}={number}")),
            None => self,
        }
    }

    /// With these children after those that it has.
    #[must_use]
    pub fn with(mut self, children: impl IntoIterator<Item = Self>) -> Self {
        self.children.extend(children);
        self
    }

    /// The text, whole lines. A block below the top with one plain node in it stands on one line.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        let indent = "    ".repeat(depth);
        let head = &self.head;
        match self.children.as_slice() {
            [] => {
                let _ = writeln!(text, "{indent}{head}");
            }
            [only] if depth > 0 && only.children.is_empty() => {
                let _ = writeln!(text, "{indent}{head} {{ {}; }}", only.head);
            }
            children => {
                let _ = writeln!(text, "{indent}{head} {{");
                for child in children {
                    child.write(text, depth + 1);
                }
                let _ = writeln!(text, "{indent}}}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::diagnostic::Sources;
    use crate::syntax::parse;

    fn read(text: &str) -> kdl::KdlDocument {
        let file = Sources::default().add("test", text);
        parse(file, text).unwrap_or_else(|problems| panic!("{text:?}: {problems:?}"))
    }

    #[test]
    fn only_plain_words_go_without_quotes() {
        for word in ["userId", "_id", "by-team", "a.b", "infinite"] {
            assert_eq!(value(word), word);
        }
        for text in ["", "1a", "-x", ".5", "true", "nan", "a b", "a=b", "é", "{env}", "a;", "#x"] {
            assert!(value(text).starts_with('"'), "{text}");
        }
        assert_eq!(value("a\"\\\n\u{1b}"), "\"a\\\"\\\\\\n\\u{1b}\"");
    }

    #[test]
    fn blocks_below_the_top_with_one_plain_node_stand_on_one_line() {
        let index = Written::node("gsi").arg("by team").prop("hash", "id");
        let index = index.with([Written::node("on-demand-max").number("read", Some(5))]);
        let table = Written::node("table").arg("T").with([index, Written::node("ttl").arg("at")]);
        let expected = "table T {\n    gsi \"by team\" hash=id { on-demand-max read=5; }\n    \
                        ttl at\n}\n";
        assert_eq!(table.to_text(), expected);
        read(expected);
    }

    proptest! {
        #[test]
        fn every_text_is_read_back_as_it_was(text in any::<String>(), word in "[a-z.\\-0-9_#/*{};=\"\\\\]{0,12}") {
            for text in [text, word] {
                let node = Written::node("n").arg(&text).prop("p", &text);
                let document = read(&node.to_text());
                let entries = document.nodes()[0].entries();
                prop_assert_eq!(entries.len(), 2);
                for entry in entries {
                    prop_assert_eq!(entry.value().as_string(), Some(text.as_str()));
                }
            }
        }

        #[test]
        fn a_comment_holds_no_node_whatever_its_text(text in any::<String>()) {
            let document = read(&format!("{}\na\n", comment(&text)));
            prop_assert_eq!(document.nodes().len(), 1);
        }
    }
}
