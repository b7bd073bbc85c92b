//! Text of others, for people: characters that could drive a terminal, and endless lines.

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

/// Adds a text, in which what could drive a terminal is shown as `\u{…}`.
pub fn push_visible(out: &mut String, text: &str) {
    for c in text.chars() {
        if is_dangerous(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
}

/// No more of a text than so many characters.
#[must_use]
pub fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
