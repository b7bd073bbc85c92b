//! Whether tokens have the shape of nodes, and whether the nodes stay within the parser's means.
//!
//! An iterative automaton: it keeps the open blocks in a list, reports at most one problem a line,
//! and goes on with the next line after each.

use crate::diagnostic::Diagnostic;

use super::lex::{Kind, Token};
use super::problems::Problems;

/// Blocks may be nested this deep: the parser recurses into them.
const MOST_DEPTH: usize = 32;

/// `/-` may be nested this deep, counting every `/-` of the nodes around: the parser's time doubles
/// with each.
const MOST_SLASHDASHES: usize = 4;

const GLUED: &str = "a space is missing before this";

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A node, or the end of the block.
    Start,
    /// Something after a node's name.
    Name,
    /// Something after an argument that could still turn out to be a property's name.
    Argument,
    /// Something after an entry that is complete.
    Entry,
    /// A property's value.
    Value,
    /// The end of a node, after its block.
    AfterBlock,
    /// Anything, to the end of the line: a problem was reported.
    Skip,
}

/// A block that is open.
struct Block {
    open: usize,
    /// The column of the line that opened it.
    indent: usize,
    /// How many `/-` the nodes around it have.
    slashdashes: usize,
}

pub(super) struct Shape<'a> {
    text: &'a str,
    tokens: &'a [Token],
    problems: &'a mut Problems,
    at: usize,
    state: State,
    blocks: Vec<Block>,
    /// `/-` of the node being read.
    slashdashes: usize,
    /// Whether a `/-` or a type annotation waits for what it belongs to.
    pending: Option<Token>,
    line_start: usize,
    indent: Option<usize>,
    /// The first block that a later line seems to have left without closing it.
    suspect: Option<(usize, usize)>,
}

/// Checks all tokens of a text.
pub(super) fn check(text: &str, tokens: &[Token], problems: &mut Problems) {
    let mut shape = Shape {
        text,
        tokens,
        problems,
        at: 0,
        state: State::Start,
        blocks: Vec::new(),
        slashdashes: 0,
        pending: None,
        line_start: 0,
        indent: None,
        suspect: None,
    };
    while let Some(token) = tokens.get(shape.at).copied() {
        shape.at += 1;
        if !shape.token(token) {
            return;
        }
    }
    shape.end();
}

impl Shape<'_> {
    /// Takes one token; `false` ends the check.
    fn token(&mut self, token: Token) -> bool {
        if self.indent.is_none() && token.kind != Kind::Newline {
            self.indent = Some(token.start - self.line_start);
        }
        match token.kind {
            Kind::Newline => self.newline(token),
            Kind::Semicolon => self.semicolon(token),
            Kind::Open => return self.open(token),
            Kind::Close => self.close(token),
            Kind::Bad => self.state = State::Skip,
            _ if self.state == State::Skip => {}
            Kind::Slashdash => return self.slashdash(token),
            Kind::ParenOpen => self.annotation(token),
            Kind::ParenClose => self.problem(token, "there is no `(` for this `)`", ""),
            Kind::Equals => self.equals(token),
            Kind::Word | Kind::Text | Kind::Number | Kind::Keyword => self.item(token),
        }
        true
    }

    fn problem(&mut self, token: Token, message: &str, help: &str) {
        self.problems.syntax((token.start, token.end), message, "", help);
        self.pending = None;
        self.state = State::Skip;
    }

    fn written(&self, token: Token) -> &str {
        &self.text[token.start..token.end]
    }

    fn newline(&mut self, token: Token) {
        self.line_start = token.end;
        self.indent = None;
        let slashdash_waits = self.pending.is_some_and(|pending| pending.kind == Kind::Slashdash);
        // After `/-`, a line may end before the thing it takes out.
        if !slashdash_waits {
            self.end_of_node(token);
        }
    }

    fn semicolon(&mut self, token: Token) {
        if self.state == State::Start && self.pending.is_none() {
            self.problem(token, "there is nothing before this `;`", "remove it");
        }
        self.end_of_node(token);
    }

    /// Ends the node at `token`, which is not part of it.
    fn end_of_node(&mut self, token: Token) {
        if self.state == State::Value {
            self.problem(token, "a value is missing after `=`", "write: name=value");
        } else if let Some(pending) = self.pending.filter(|_| self.state != State::Skip) {
            self.problem(pending, "nothing follows this", "");
        }
        self.pending = None;
        self.slashdashes = 0;
        self.state = State::Start;
    }

    fn open(&mut self, token: Token) -> bool {
        let next_line = "put `{` on the line of its node, and only after a node's name";
        match self.state {
            State::Start => self.problem(token, "this block belongs to no node", next_line),
            State::Value => self.problem(token, "a block cannot be a value", ""),
            State::AfterBlock if self.pending.is_none() => {
                self.problem(token, "this node has a block already", "");
            }
            _ => {}
        }
        self.pending = None;
        let around = self.blocks.last().map_or(0, |block| block.slashdashes);
        self.blocks.push(Block {
            open: token.start,
            indent: self.indent.unwrap_or_default(),
            slashdashes: around + self.slashdashes,
        });
        self.state = State::Start;
        self.slashdashes = 0;
        if self.blocks.len() > MOST_DEPTH {
            let message = format!("blocks nested more than {MOST_DEPTH} deep");
            self.problem(token, &message, "no configuration needs this: is a `}` missing above?");
            return false;
        }
        true
    }

    fn close(&mut self, token: Token) {
        if self.state != State::Start || self.pending.is_some() {
            self.end_of_node(token);
        }
        if self.blocks.pop().is_none() {
            self.problem(token, "there is no `{` for this `}`", "remove it");
            return;
        }
        self.state = State::AfterBlock;
        self.slashdashes = 0;
    }

    /// Whether a token that must stand apart follows the one before it without a blank.
    fn is_glued(&self, token: Token) -> bool {
        let free = matches!(self.state, State::Start | State::Value);
        !token.spaced && !free && self.pending.is_none()
    }

    fn slashdash(&mut self, token: Token) -> bool {
        if self.is_glued(token) {
            self.problem(token, GLUED, "");
            return true;
        }
        if self.pending.is_some() || self.state == State::Value {
            self.problem(token, "`/-` cannot stand here", "it takes out the one thing after it");
            return true;
        }
        self.slashdashes += 1;
        let around = self.blocks.last().map_or(0, |block| block.slashdashes);
        if around + self.slashdashes > MOST_SLASHDASHES {
            let message = format!("`/-` nested more than {MOST_SLASHDASHES} deep");
            self.problem(token, &message, "use `//` comments");
            return false;
        }
        self.pending = Some(token);
        true
    }

    fn annotation(&mut self, token: Token) {
        let inside = self.tokens.get(self.at).map(|inside| inside.kind);
        let closed = self.tokens.get(self.at + 1).map(|closed| closed.kind);
        if self.is_glued(token) {
            return self.problem(token, GLUED, "");
        }
        let named = matches!(inside, Some(Kind::Word | Kind::Text));
        if named && closed == Some(Kind::ParenClose) && self.state != State::AfterBlock {
            self.at += 2;
            self.pending = Some(token);
        } else {
            let help = "only key attributes have one: hash=(N)createdAt";
            self.problem(token, "this is not a type annotation", help);
        }
    }

    fn equals(&mut self, token: Token) {
        match self.state {
            State::Argument if self.pending.is_none() => self.state = State::Value,
            State::Name => {
                let name = self.at.checked_sub(2).map(|name| self.tokens[name]);
                let name = name.map_or("", |name| &self.text[name.start..name.end]);
                let value = self.tokens.get(self.at);
                if value.is_some_and(|value| value.kind == Kind::Bad) {
                    // `protected=true`: what was said of `true` is enough for this line.
                    return;
                }
                let value = value.filter(|value| value.kind != Kind::Newline);
                let value = value.map_or("…", |value| &self.text[value.start..value.end]);
                let help = format!("write: {name} {value}");
                self.problem(token, "a node's value follows it without `=`", &help);
            }
            _ => self.problem(token, "there is no property's name before `=`", ""),
        }
    }

    fn item(&mut self, token: Token) {
        let glued = self.is_glued(token);
        match self.state {
            State::Start => self.name(token),
            State::AfterBlock => {
                self.problem(
                    token,
                    "a node ends after its block",
                    "start a new line, or write `;`",
                );
            }
            State::Value => self.state = State::Entry,
            _ if glued => self.problem(token, GLUED, ""),
            _ if matches!(token.kind, Kind::Word | Kind::Text) => self.state = State::Argument,
            _ => self.state = State::Entry,
        }
        self.pending = None;
    }

    fn name(&mut self, token: Token) {
        self.state = State::Name;
        if matches!(token.kind, Kind::Number | Kind::Keyword) {
            let message = format!("`{}` cannot be a node", self.written(token));
            self.problem(token, &message, "a line starts with a node's name");
            return;
        }
        let column = token.start - self.line_start;
        let first_of_line = self.indent == Some(column);
        if let Some(block) = self.blocks.last().filter(|_| first_of_line)
            && column <= block.indent
            && block.open < self.line_start
        {
            self.suspect = self.suspect.or(Some((block.open, token.start)));
        }
    }

    fn end(mut self) {
        if let Some(last) = self.tokens.last().copied() {
            self.end_of_node(last);
            // What swallowed the rest of the file swallowed the closing braces too.
            if last.kind == Kind::Bad && last.end == self.text.len() {
                return;
            }
        }
        let Some(outermost) = self.blocks.first() else { return };
        let (open, before) = match self.suspect {
            Some((open, before)) => (open, Some(before)),
            None => (outermost.open, None),
        };
        let problem = Diagnostic::error("osem::syntax", "this block is not closed")
            .label(self.problems.span(open, open + 1), "opened here");
        let problem = match before {
            Some(before) => problem.label(
                self.problems.span(before, before + 1),
                "it probably ends before this, which is indented less",
            ),
            None => problem,
        };
        self.problems.push(problem.help("add the missing `}`"));
    }
}
