//! Strings of KDL 2, as far as finding their ends and their usual mistakes.

use super::lex::{Lexer, is_newline, is_space};

impl Lexer<'_> {
    /// Reads `"…"` or `"""…"""`; says whether it was good.
    pub(super) fn quoted_string(&mut self) -> bool {
        let start = self.at;
        if self.rest().starts_with("\"\"\"") {
            self.at += 3;
            return self.multi_line(start, "\"\"\"", true);
        }
        self.at += 1;
        let mut good = true;
        loop {
            self.advance_while(|c| c != '"' && c != '\\' && !is_newline(c));
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return good;
                }
                Some('\\') => good &= self.escape(),
                _ => return self.unclosed(start, "\""),
            }
        }
    }

    /// Reads `#"…"#` after its hashes; says whether it was good.
    pub(super) fn raw_string(&mut self, start: usize, hashes: usize) -> bool {
        let hashes = "#".repeat(hashes);
        if self.rest().starts_with("\"\"\"") {
            self.at += 3;
            return self.multi_line(start, &format!("\"\"\"{hashes}"), false);
        }
        self.at += 1;
        let line = self.rest();
        let line = &line[..line.find(is_newline).unwrap_or(line.len())];
        let end = format!("\"{hashes}");
        match line.find(&end) {
            Some(found) => {
                self.at += found + end.len();
                true
            }
            None => self.unclosed(start, &end),
        }
    }

    /// The `r#"…"#` of KDL 1; says whether it was one.
    pub(super) fn old_raw_string(&mut self, start: usize) -> bool {
        let hashes = self.rest().len() - self.rest().trim_start_matches('#').len();
        if !self.rest()[hashes..].starts_with('"') {
            return false;
        }
        self.at += hashes;
        if hashes == 0 {
            self.quoted_string();
        } else {
            self.raw_string(start, hashes);
        }
        let help = "KDL 2 has no `r` before a raw string: #\"…\"#";
        self.problems.syntax((start, self.at), "raw strings are written #\"…\"#", "", help);
        self.bad(start);
        true
    }

    fn multi_line(&mut self, start: usize, end: &str, escapes: bool) -> bool {
        let opener = self.at;
        let mut good = true;
        loop {
            let stop = self.rest().find(|c| c == '\\' && escapes || c == '"');
            let Some(stop) = stop else {
                // Nothing can be said about the rest; looking for other ends in it would be quadratic.
                self.unclosed(start, end);
                self.at = self.text.len();
                return false;
            };
            self.at += stop;
            if self.rest().starts_with(end) {
                self.at += end.len();
                break;
            }
            if self.rest().starts_with('\\') {
                good &= self.escape();
            } else {
                self.at += 1;
            }
        }
        good && self.lines_fit(start, (opener, self.at - end.len()), escapes)
    }

    /// The rules of text over several lines: it starts and ends on lines of its own, and no line is
    /// indented less than the end.
    fn lines_fit(&mut self, start: usize, (from, to): (usize, usize), escapes: bool) -> bool {
        let text = self.text;
        let body = &text[from..to];
        if !body.starts_with(is_newline) {
            let message = "text in `\"\"\"` starts on a line of its own";
            let help = "use a single `\"` for text on one line";
            self.problems.syntax((start, from), message, "", help);
            return false;
        }
        let indent = body.rsplit(is_newline).next().unwrap_or_default();
        if !indent.chars().all(is_space) {
            let message = "the end of text in `\"\"\"` stands on a line of its own";
            self.problems.syntax((to, self.at), message, "", "start a new line before it");
            return false;
        }
        // Escaped line ends are taken out before the indentation is: too subtle to judge here.
        if escapes && body.contains('\\') {
            return true;
        }
        let mut at = from;
        for line in body.split_inclusive(is_newline) {
            if !line.starts_with(indent) && !line.trim().is_empty() {
                let message = "this line is indented less than the closing `\"\"\"`";
                let end = at + line.trim_end().len();
                self.problems.syntax((at, end), message, "", "indent both with the same blanks");
                return false;
            }
            at += line.len();
        }
        true
    }

    fn escape(&mut self) -> bool {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            Some('"' | '\\' | 'b' | 'f' | 'n' | 'r' | 't' | 's') => self.at += 1,
            Some('u') if self.unicode_escape() => {}
            Some(c) if is_space(c) || is_newline(c) => {
                self.advance_while(|c| is_space(c) || is_newline(c));
            }
            None => {}
            Some(c) => {
                self.at += c.len_utf8();
                let message = format!("`\\{c}` is not an escape");
                let help = "write `\\\\` for a backslash, or a raw string: #\"…\"#";
                self.problems.syntax((start, self.at), &message, "", help);
                return false;
            }
        }
        true
    }

    fn unicode_escape(&mut self) -> bool {
        let code = self.rest().strip_prefix("u{").and_then(|rest| rest.split_once('}'));
        let Some((digits, _)) = code.filter(|(digits, _)| (1..=6).contains(&digits.len())) else {
            return false;
        };
        let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let length = digits.len() + 3;
        let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        if hexadecimal && code.is_some() {
            self.at += length;
        }
        hexadecimal && code.is_some()
    }

    /// Reports a string without its end and goes on with the next line.
    fn unclosed(&mut self, start: usize, end: &str) -> bool {
        self.advance_while(|c| !is_newline(c));
        let help = format!("close it with `{end}`");
        self.problems.syntax((start, self.at), "this text is not closed", "starts here", &help);
        false
    }
}
