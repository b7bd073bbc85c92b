//! Tokens of KDL 2, and everything that is wrong with a file below the level of nodes.
//!
//! The lexer is iterative and linear: whatever the input, it neither recurses nor looks at a
//! character more than a few times.

use super::problems::Problems;
use super::words;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A bare word that is an identifier.
    Word,
    /// A quoted or raw string.
    Text,
    /// A number.
    Number,
    /// `#true` and the like.
    Keyword,
    /// `{`
    Open,
    /// `}`
    Close,
    /// `(`
    ParenOpen,
    /// `)`
    ParenClose,
    /// `=`
    Equals,
    /// `;`
    Semicolon,
    /// The end of a line that was not escaped.
    Newline,
    /// `/-`
    Slashdash,
    /// Something already reported.
    Bad,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether blanks or comments stand before it.
    pub(super) spaced: bool,
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) problems: &'a mut Problems,
    tokens: Vec<Token>,
    /// Whether blanks or comments came after the last token.
    pub(super) spaced: bool,
}

/// All tokens of a text. Problems go to `problems`; each leaves a [`Kind::Bad`] token behind.
pub(super) fn tokens(text: &str, problems: &mut Problems) -> Vec<Token> {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut lexer = Lexer { text, at, problems, tokens: Vec::new(), spaced: true };
    while let Some(c) = lexer.peek() {
        lexer.token(c);
    }
    lexer.tokens
}

impl Lexer<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn advance_while(&mut self, wanted: impl Fn(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !wanted(c)).unwrap_or(rest.len());
    }

    pub(super) fn bad(&mut self, start: usize) {
        self.push(Kind::Bad, start);
    }

    fn push(&mut self, kind: Kind, start: usize) {
        self.tokens.push(Token { kind, start, end: self.at, spaced: self.spaced });
        self.spaced = false;
    }

    pub(super) fn single(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.push(kind, start);
    }

    fn token(&mut self, c: char) {
        let start = self.at;
        match c {
            '{' if self.braces_in_text() => {}
            '{' => self.single(Kind::Open, 1),
            '}' => self.single(Kind::Close, 1),
            '(' => self.single(Kind::ParenOpen, 1),
            ')' => self.single(Kind::ParenClose, 1),
            '=' => self.single(Kind::Equals, 1),
            ';' => self.single(Kind::Semicolon, 1),
            '"' => {
                let good = self.quoted_string();
                self.push(if good { Kind::Text } else { Kind::Bad }, start);
            }
            '#' => self.hash(),
            '/' => self.slash(),
            '\\' => self.line_continuation(),
            '[' | ']' => self.stray(c, "lists are written as arguments: allow-in local dev"),
            _ if is_newline(c) => {
                let length = if self.rest().starts_with("\r\n") { 2 } else { c.len_utf8() };
                self.single(Kind::Newline, length);
                self.spaced = true;
            }
            _ if is_space(c) => {
                self.advance_while(is_space);
                self.spaced = true;
            }
            _ => self.word(),
        }
    }

    pub(super) fn stray(&mut self, c: char, help: &str) {
        let start = self.at;
        self.at += c.len_utf8();
        self.problems.syntax(
            (start, self.at),
            &format!("`{c}` must be quoted"),
            "not allowed in bare text",
            help,
        );
        self.push(Kind::Bad, start);
    }

    fn word(&mut self) {
        let start = self.at;
        self.advance_while(is_word_char);
        let word = &self.text[start..self.at];
        if matches!(word, "r" | "br") && self.old_raw_string(start) {
            return;
        }
        // `tasks/x.kdl` and `http://host`: the slash would start a comment, or nothing at all.
        let glued = self.rest().starts_with('/') && !self.rest().starts_with("/-");
        let comment = self.rest().starts_with("//") || self.rest().starts_with("/*");
        if glued && (!comment || word.ends_with(':') || self.rest().starts_with("/*.")) {
            self.unquoted_run(start, "text with `/` must be quoted");
            return;
        }
        if let Some(slip) = words::slip(word) {
            self.problems.syntax((start, self.at), &slip.message, "", &slip.help);
            self.push(Kind::Bad, start);
            return;
        }
        let number = words::looks_like_number(word);
        self.push(if number { Kind::Number } else { Kind::Word }, start);
    }

    /// Reports the run of characters up to the next blank as text that should be quoted.
    pub(super) fn unquoted_run(&mut self, start: usize, message: &str) {
        self.advance_while(|c| !is_space(c) && !is_newline(c) && c != ';');
        let run = &self.text[start..self.at];
        let help = format!("write: \"{}\"", run.replace(['"', '\\'], ""));
        self.problems.syntax((start, self.at), message, "", &help);
        self.push(Kind::Bad, start);
    }

    /// `osem-{env}`: a placeholder outside quotes would open a block.
    fn braces_in_text(&mut self) -> bool {
        let rest = self.rest();
        let name_length = rest[1..].find(|c: char| !is_placeholder_char(c)).unwrap_or(0);
        let closed = rest[1 + name_length..].starts_with('}');
        let last = self.tokens.last().copied().filter(|_| !self.spaced);
        let last = last.filter(|last| matches!(last.kind, Kind::Word | Kind::Number | Kind::Bad));
        let before = last.map_or("", |last| &self.text[last.start..last.end]);
        let name = &rest[1..=name_length];
        if !(closed && (words::is_placeholder(name) || before.ends_with('$'))) {
            return false;
        }
        if last.is_some() {
            self.tokens.pop();
        }
        let start = last.map_or(self.at, |last| last.start);
        self.unquoted_run(start, "text with braces must be quoted");
        true
    }

    fn hash(&mut self) {
        let start = self.at;
        self.advance_while(|c| c == '#');
        let hashes = self.at - start;
        if self.rest().starts_with('"') {
            let good = self.raw_string(start, hashes);
            self.push(if good { Kind::Text } else { Kind::Bad }, start);
            return;
        }
        self.advance_while(is_word_char);
        let word = &self.text[start + hashes..self.at];
        let lower = word.to_lowercase();
        let known = ["true", "false", "null", "inf", "-inf", "nan"];
        if hashes == 1 && known.contains(&word) {
            self.push(Kind::Keyword, start);
            return;
        }
        let (message, help) = match lower.as_str() {
            "true" | "yes" | "on" => ("unknown keyword", "write: #true".to_owned()),
            "false" | "no" | "off" => ("unknown keyword", "write: #false".to_owned()),
            "null" | "nil" | "none" => ("unknown keyword", "write: #null".to_owned()),
            _ => {
                self.advance_while(|c| !is_newline(c));
                let comment = self.text[start..self.at].trim_start_matches('#').trim();
                ("comments start with `//`, not `#`", format!("write: // {comment}"))
            }
        };
        self.problems.syntax((start, self.at), message, "", &help);
        self.push(Kind::Bad, start);
    }
}

pub(super) fn is_newline(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{b}' | '\u{c}' | '\u{2028}' | '\u{2029}')
}

pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() && !is_newline(c)
}

fn is_word_char(c: char) -> bool {
    !c.is_whitespace() && !"\\/(){}[];\"#=".contains(c)
}

fn is_placeholder_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}
