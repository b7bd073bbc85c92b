//! Characters that could drive a terminal.

/// Whether a character does something other than being seen.
#[must_use]
pub fn is_dangerous(c: char) -> bool {
    // `is_control` is C0, DEL and C1.
    c.is_control()
        || matches!(
            c,
            '\u{61c}'                       // Arabic letter mark
            | '\u{200b}'                    // zero width space
            | '\u{200e}' | '\u{200f}'       // direction marks
            | '\u{2028}'..='\u{202e}'       // line separators, embeddings, overrides
            | '\u{2060}'                    // word joiner
            | '\u{2066}'..='\u{2069}'       // isolates
            | '\u{feff}'                    // byte order mark
            | '\u{e0000}'..='\u{e007f}'     // tags
        )
}
