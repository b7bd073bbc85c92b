//! Text that came from outside, in Markdown: it is shown, and means nothing.
//!
//! It stands in code, where there are no mentions, links, emoji or HTML. Most of it can stand between
//! backticks. What holds a backtick, a bar (which ends the cell of a table even in code) or a
//! backslash stands in `<code>`, with every character that could mean something as a numeric entity:
//! Markdown takes such an entity for the character, never for syntax.

use std::fmt::Write as _;

use crate::diagnostic::shortened;
use crate::report::sanitize;

/// How much of one text is shown.
const LONGEST: usize = 300;

/// A line of osem's own words as it is; as code, where it quotes something that could mean more.
pub(super) fn words(text: &str) -> String {
    if text.len() > LONGEST {
        return code(text);
    }
    let harmless = |c: char| c.is_ascii_alphanumeric() || " ,;'()-".contains(c);
    let colons = text.matches(':').count() == text.matches(": ").count();
    let plain = colons && text.chars().all(|c| harmless(c) || c == ':');
    if plain { text.to_owned() } else { code(text) }
}

/// One line of foreign text, as code.
pub(super) fn code(text: &str) -> String {
    code_of(text, LONGEST)
}

/// The same, with no more than so many characters of it.
pub(super) fn code_of(text: &str, longest: usize) -> String {
    // What is shown can be no more than the start of an endless text.
    let text = text.char_indices().nth(longest * 8).map_or(text, |(end, _)| &text[..end]);
    let text = shortened(&sanitize::line(text), longest);
    if text.is_empty() {
        return "<code></code>".to_owned();
    }
    if text.contains(['`', '|', '\\']) { html_code(&text) } else { format!("`{text}`") }
}

fn html_code(text: &str) -> String {
    let mut out = "<code>".to_owned();
    for c in text.chars() {
        if c.is_ascii_punctuation() && !"-,/".contains(c) {
            let _ = write!(out, "&#{};", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out + "</code>"
}

/// Lines of foreign text, as a block of code of its own. No line of it can end the block.
pub(super) fn block(language: &str, text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| {
        // Indentation stays; it is all that `sanitize::line` would take away.
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        " ".repeat(indent) + &sanitize::line(rest)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    let runs = text.split(|c| c != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stands_between_backticks() {
        assert_eq!(code("osem-prod-Users"), "`osem-prod-Users`");
        assert_eq!(code("<b>@team</b> [x](y) *z* #1"), "`<b>@team</b> [x](y) *z* #1`");
        assert_eq!(code("two\n  lines"), "`two lines`");
        assert_eq!(code(""), "<code></code>");
    }

    #[test]
    fn words_are_words_unless_they_quote_something() {
        assert_eq!(words("the table is not there"), "the table is not there");
        assert_eq!(words("asks first: yes or no (--yes)"), "asks first: yes or no (--yes)");
        assert_eq!(words("only after load[Users]"), "`only after load[Users]`");
        assert_eq!(words("http://x"), "`http://x`");
        assert_eq!(words(":smile:"), "`:smile:`");
    }

    #[test]
    fn what_ends_code_or_a_cell_is_written_as_entities() {
        assert_eq!(code("a|b"), "<code>a&#124;b</code>");
        assert_eq!(code("`</code>@x"), "<code>&#96;&#60;/code&#62;&#64;x</code>");
        assert_eq!(code("a\\"), "<code>a&#92;</code>");
        assert_eq!(code("|http://x.y"), "<code>&#124;http&#58;//x&#46;y</code>");
    }

    #[test]
    fn a_block_is_ended_by_nothing_in_it() {
        assert_eq!(block("text", "a\n```\nb"), "````text\na\n```\nb\n````\n");
        assert_eq!(block("", "{\n  \"a\": 1\n}"), "```\n{\n  \"a\": 1\n}\n```\n");
    }

    #[test]
    fn control_characters_and_endless_texts_are_kept_out() {
        assert_eq!(code("a\u{202e}b\x1b[31m"), "<code>a&#92;u&#123;202e&#125;b</code>");
        assert_eq!(code(&"x".repeat(5_000)).chars().count(), 303);
    }
}
