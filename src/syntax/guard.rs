//! What is refused before the KDL parser sees it.
//!
//! The parser overflows its stack on deep nesting and on long runs of bad lines, and takes
//! exponential time on nested `/-`. Whatever passes here is within its means.

use crate::diagnostic::{Diagnostic, FileId};

use super::lex::{self, Kind, Token};
use super::problems::Problems;
use super::shape;

/// The largest file, in bytes.
const MOST_BYTES: usize = 256 * 1024;

/// Checks a text; an empty list lets it pass.
pub(super) fn check(file: FileId, text: &str) -> Vec<Diagnostic> {
    let mut problems = Problems::new(file);
    if text.len() > MOST_BYTES {
        let size = text.len().div_ceil(1024);
        let message = format!("the file has {size} KiB; at most 256 KiB are read");
        problems.syntax((0, 1), &message, "", "split it: the root file can `include` others");
        return problems.finish();
    }
    if let Some((at, c)) = text.char_indices().find(|(at, c)| is_forbidden(*at, *c)) {
        let message = format!("the file contains the character U+{:04X}", u32::from(c));
        let help = "KDL does not allow it; is this a text file?";
        problems.syntax((at, at + c.len_utf8()), &message, "here", help);
        return problems.finish();
    }
    let tokens = lex::tokens(text, &mut problems);
    version(text, &tokens, &mut problems);
    shape::check(text, &tokens, &mut problems);
    problems.finish()
}

/// Control characters and direction marks: "disallowed literal code points" of the KDL 2
/// specification, which allows U+FEFF only as the first character.
fn is_forbidden(at: usize, c: char) -> bool {
    match c {
        '\u{feff}' => at > 0,
        '\0'..='\u{8}'
        | '\u{e}'..='\u{1f}'
        | '\u{7f}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}' => true,
        _ => false,
    }
}

/// `/- kdl-version N` at the very start: N must be 2. The parser ignores it.
fn version(text: &str, tokens: &[Token], problems: &mut Problems) {
    let Some([slashdash, word, number, ..]) = tokens.get(..3).and_then(|t| t.first_chunk::<3>())
    else {
        return;
    };
    let written = |token: &Token| &text[token.start..token.end];
    let marked = slashdash.kind == Kind::Slashdash && written(word) == "kdl-version";
    if marked && written(number) != "2" {
        let message = format!("this file says KDL version {}", written(number));
        problems.syntax((number.start, number.end), &message, "osem reads KDL 2 only", "");
    }
}
