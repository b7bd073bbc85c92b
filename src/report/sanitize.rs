//! Makes text from services, files and children harmless before it reaches a terminal.
//!
//! Whole ANSI sequences are removed. Whatever is left that could move the cursor, change the
//! terminal's state or make text read differently from what it is (control characters, C1, bidi
//! overrides, invisible tags) becomes a visible `\u{…}`. Removal comes first, so that no sequence
//! can be put together by it.

use std::fmt::Write as _;

use crate::diagnostic::{is_dangerous, push_visible};

/// `text` as one harmless line: line breaks and tabs become spaces, and so do runs of them.
pub(super) fn line(text: &str) -> String {
    let text = console::strip_ansi_codes(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split(['\n', '\r', '\t']).map(str::trim).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        push_visible(&mut out, word);
    }
    out
}

/// `text` as harmless lines; empty ones at the end are dropped.
pub(super) fn lines(text: &str) -> Vec<String> {
    text.trim_end().lines().map(line).collect()
}

/// JSON in which what could drive a terminal is written as `\u….`: JSON has such characters only
/// inside strings, where that means the same. Newlines stay.
pub(super) fn json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_dangerous(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_left_alone() {
        let text = "Zürich → 東京 👩‍🚀: User is not authorized (request id 1-2)";
        assert_eq!(line(text), text);
    }

    #[test]
    fn ansi_sequences_vanish_and_their_text_stays() {
        assert_eq!(line("\x1b[31mred\x1b[0m and \x1b[2Jclear"), "red and clear");
        assert_eq!(line("\x1b]0;title\x07after"), "after");
    }

    #[test]
    fn what_removal_puts_together_is_shown_not_obeyed() {
        let shown = line("\x1b\x1b[0m[31mred");
        assert!(!shown.contains('\x1b'), "{shown:?}");
    }

    #[test]
    fn c1_bidi_and_invisible_characters_become_visible() {
        assert_eq!(line("a\u{85}b"), "a\\u{85}b");
        assert_eq!(line("a\u{202e}b\u{2066}c"), "a\\u{202e}b\\u{2066}c");
        assert_eq!(line("a\u{7f}\u{0}\u{8}b"), "a\\u{7f}\\u{0}\\u{8}b");
        assert_eq!(line("x\u{e0041}"), "x\\u{e0041}");
    }

    #[test]
    fn no_control_character_survives() {
        let all: String = (0..=0x2fff_u32).filter_map(char::from_u32).collect();
        for c in line(&all).chars() {
            assert!(!is_dangerous(c), "{c:?}");
        }
    }

    #[test]
    fn line_breaks_become_spaces_or_lines() {
        assert_eq!(line("a\r\n\tb\n\n c "), "a b c");
        assert_eq!(lines("a\n  b\tc\n\n"), ["a", "b c"]);
    }
}
