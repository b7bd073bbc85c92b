//! The objects of a file, one after the other, with the lines they start at.
//!
//! A file is either JSON Lines, one object a line, or one JSON array of objects; its first character
//! says which. No more of it than one object is held at a time.

use std::io::{self, BufRead};

use crate::model::Fingerprint;

/// The longest text of one object. An item has at most 400 KB, escapes may make six of each byte.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// One object as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// The line that it starts at, from 1.
    pub(super) line: u64,
    /// Its text.
    pub(super) text: Vec<u8>,
}

/// Why there is no further object to be read.
#[derive(Debug)]
pub(super) enum RecordError {
    /// The file is not as it should be at this line.
    Malformed(u64, String),
    /// The file cannot be read.
    Unreadable(io::Error),
}

impl From<io::Error> for RecordError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// How the objects stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    Lines,
    /// In an array; whether a comma came last.
    Array {
        after_comma: bool,
    },
}

/// The objects of a file. After an error there are no more.
pub(super) struct Records<R> {
    input: R,
    line: u64,
    layout: Option<Layout>,
    ended: bool,
    mark: Fingerprint,
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, line: 1, layout: None, ended: false, mark: Fingerprint::default() }
    }

    /// A hash of what was read so far.
    pub(super) const fn mark(&self) -> Fingerprint {
        self.mark
    }

    /// Whether the objects that were read stand in an array.
    pub(super) const fn is_array(&self) -> bool {
        matches!(self.layout, Some(Layout::Array { .. }))
    }

    fn byte(&mut self) -> io::Result<Option<u8>> {
        let Some(byte) = self.input.fill_buf()?.first().copied() else { return Ok(None) };
        self.input.consume(1);
        self.line += u64::from(byte == b'\n');
        self.mark.update(&[byte]);
        Ok(Some(byte))
    }

    /// The next byte that is no blank.
    fn visible(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.byte()? {
                Some(byte) if is_blank(byte) => {}
                other => return Ok(other),
            }
        }
    }

    /// The first byte that counts: a mark of the byte order before it is passed over.
    fn first(&mut self) -> Result<Option<u8>, RecordError> {
        let first = self.visible()?;
        if first != Some(0xef) {
            return Ok(first);
        }
        for expected in [0xbb, 0xbf] {
            if self.byte()? != Some(expected) {
                return Err(self.malformed("it is not UTF-8 text"));
            }
        }
        Ok(self.visible()?)
    }

    fn malformed(&self, why: impl Into<String>) -> RecordError {
        RecordError::Malformed(self.line, why.into())
    }

    fn read(&mut self) -> Result<Option<Record>, RecordError> {
        let (layout, first) = match self.layout {
            None => match self.first()? {
                None => return Ok(None),
                Some(b'[') => (Layout::Array { after_comma: false }, self.visible()?),
                first => (Layout::Lines, first),
            },
            Some(layout) => (layout, self.visible()?),
        };
        self.layout = Some(layout);
        match (layout, first) {
            (Layout::Lines, None) => Ok(None),
            (Layout::Lines, Some(first)) => self.line_from(first).map(Some),
            (Layout::Array { .. }, None) => Err(self.malformed("the array has no end")),
            (Layout::Array { after_comma: false }, Some(b']')) => self.after_array(),
            (Layout::Array { .. }, Some(b',' | b']')) => {
                Err(self.malformed("an item is missing before this comma or bracket"))
            }
            (Layout::Array { .. }, Some(first)) => self.element_from(first).map(Some),
        }
    }

    /// A line whose first visible byte this is.
    fn line_from(&mut self, first: u8) -> Result<Record, RecordError> {
        let line = self.line;
        let mut text = vec![first];
        loop {
            match self.byte()? {
                None | Some(b'\n') => return Ok(Record { line, text }),
                Some(byte) => push(&mut text, byte, line)?,
            }
        }
    }

    /// An element of the array whose first byte this is, and the comma or bracket behind it.
    fn element_from(&mut self, first: u8) -> Result<Record, RecordError> {
        let line = self.line;
        let (mut text, mut depth, mut next) = (Vec::new(), 0_u32, Some(first));
        let (mut quoted, mut escaped) = (false, false);
        loop {
            let Some(byte) = next else {
                return Err(RecordError::Malformed(line, "the array has no end".to_owned()));
            };
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if quoted => {}
                b'{' | b'[' => depth += 1,
                b',' if depth == 0 => {
                    self.layout = Some(Layout::Array { after_comma: true });
                    return Ok(Record { line, text });
                }
                b']' if depth == 0 => {
                    self.after_array()?;
                    return Ok(Record { line, text });
                }
                b'}' | b']' => depth = depth.saturating_sub(1),
                _ => {}
            }
            push(&mut text, byte, line)?;
            next = self.byte()?;
        }
    }

    /// What follows the array may be blank only.
    fn after_array(&mut self) -> Result<Option<Record>, RecordError> {
        self.ended = true;
        match self.visible()? {
            None => Ok(None),
            Some(_) => Err(self.malformed("there is more after the array")),
        }
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let read = self.read();
        self.ended |= !matches!(read, Ok(Some(_)));
        read.transpose()
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

fn push(text: &mut Vec<u8>, byte: u8, line: u64) -> Result<(), RecordError> {
    if text.len() == LONGEST {
        let why = format!("the item has more than {} MiB of text", LONGEST / 1024 / 1024);
        return Err(RecordError::Malformed(line, why));
    }
    text.push(byte);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `line:text` of each record, and of the error `line!why`.
    fn read(text: &str) -> Vec<String> {
        let shown = |record| match record {
            Ok(Record { line, text }) => format!("{line}:{}", String::from_utf8(text).unwrap()),
            Err(RecordError::Malformed(line, why)) => format!("{line}!{why}"),
            Err(RecordError::Unreadable(error)) => panic!("{error}"),
        };
        Records::new(text.as_bytes()).map(shown).collect()
    }

    #[test]
    fn lines_are_numbered_and_blank_ones_passed_over() {
        assert_eq!(read("{}\n\r\n  \n{\"a\":1}\r\n"), ["1:{}", "4:{\"a\":1}\r"]);
        assert_eq!(read("\u{feff}{}"), ["1:{}"]);
        assert_eq!(read(" \n\n"), [""; 0]);
    }

    #[test]
    fn elements_of_an_array_start_where_they_are_written() {
        let text = "[\n  {\"a\": \"]},{\\\"\"},\n  {\"b\": [1,\n 2]}\n]\n";
        assert_eq!(read(text), ["2:{\"a\": \"]},{\\\"\"}", "3:{\"b\": [1,\n 2]}\n"]);
        assert_eq!(read("[]"), [""; 0]);
        assert_eq!(read("[1, 2]"), ["1:1", "1:2"]);
    }

    #[test]
    fn an_array_that_is_broken_says_where() {
        assert_eq!(read("[{},\n{}"), ["1:{}", "2!the array has no end"]);
        assert_eq!(read("["), ["1!the array has no end"]);
        let missing = "2!an item is missing before this comma or bracket";
        assert_eq!(read("[{},\n]"), ["1:{}", missing]);
        assert_eq!(read("[\n,{}]"), [missing]);
        assert_eq!(read("[]\n\nx"), ["3!there is more after the array"]);
    }

    #[test]
    fn an_item_without_end_is_given_up() {
        let text = format!("{{}}\n{{\"a\":\"{}", "x".repeat(LONGEST + 10));
        assert_eq!(read(&text), ["1:{}", "2!the item has more than 4 MiB of text"]);
    }

    proptest! {
        #[test]
        fn any_text_ends(text in "[\\[\\]{},\" \n\\\\a1]{0,40}") {
            let records = read(&text).len();
            prop_assert!(records <= text.len() + 1);
        }

        #[test]
        fn an_array_and_lines_hold_the_same(values in prop::collection::vec("[a-z\\[\\]{},]{0,8}", 1..8)) {
            let quoted: Vec<String> = values.iter().map(|value| format!("{{\"a\":\"{value}\"}}")).collect();
            let texts = |text: &str| -> Vec<String> {
                read(text).iter().map(|line| line.split_once(':').unwrap().1.trim().to_owned()).collect()
            };
            prop_assert_eq!(texts(&quoted.join("\n")), texts(&format!("[{}]", quoted.join(",\n"))));
        }
    }
}
