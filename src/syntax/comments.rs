//! Comments, and lines that go on.

use super::lex::{Kind, Lexer, is_newline, is_space};

/// Block comments may be nested this deep; the parser recurses into them.
const MOST_COMMENTS: usize = 32;

impl Lexer<'_> {
    /// What a `/` begins: a comment, a `/-`, or nothing that may stand in bare text.
    pub(super) fn slash(&mut self) {
        let start = self.at;
        if self.rest().starts_with("//") {
            self.advance_while(|c| !is_newline(c));
            self.spaced = true;
        } else if self.rest().starts_with("/*") {
            self.block_comment();
        } else if self.rest().starts_with("/-") {
            self.single(Kind::Slashdash, 2);
        } else {
            self.unquoted_run(start, "text with `/` must be quoted");
        }
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut depth = 0;
        loop {
            let rest = self.rest();
            let Some(mark) = rest.find(['*', '/']) else {
                return self.bad_comment(start, "this comment is not closed", "add `*/`");
            };
            self.at += mark;
            let opens = self.rest().starts_with("/*");
            let closes = self.rest().starts_with("*/");
            self.at += if opens || closes { 2 } else { 1 };
            depth = if opens { depth + 1 } else { depth - usize::from(closes) };
            if depth > MOST_COMMENTS {
                let message = format!("comments nested more than {MOST_COMMENTS} deep");
                return self.bad_comment(start, &message, "");
            }
            if depth == 0 {
                self.spaced = true;
                return;
            }
        }
    }

    /// After a broken comment nothing can be said about the rest of the file.
    fn bad_comment(&mut self, start: usize, message: &str, help: &str) {
        self.problems.syntax((start, start + 2), message, "starts here", help);
        self.at = self.text.len();
        self.bad(start);
    }

    /// A `\` in bare text: the line goes on in the next one.
    pub(super) fn line_continuation(&mut self) {
        let start = self.at;
        self.at += 1;
        self.advance_while(is_space);
        if self.rest().starts_with("/*") {
            self.block_comment();
            self.advance_while(is_space);
        }
        if self.rest().starts_with("//") {
            self.advance_while(|c| !is_newline(c));
        }
        match self.peek() {
            None => {}
            Some('\r') if self.rest().starts_with("\r\n") => self.at += 2,
            Some(c) if is_newline(c) => self.at += c.len_utf8(),
            Some(_) => {
                self.at = start;
                return self.stray('\\', "a `\\` in bare text only continues a line");
            }
        }
        self.spaced = true;
    }
}
