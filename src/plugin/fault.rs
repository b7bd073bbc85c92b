//! What is wrong with an answer of a plugin.

use super::lines::TooLong;
use super::protocol::PROTOCOL;

/// Why what a plugin printed is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Nothing of what it printed is a result.
    #[error("it printed no result")]
    NoResult,
    /// A line is not JSON.
    #[error("line {0} of its answer is not JSON ({1}): {2}")]
    NotJson(usize, String, String),
    /// A line is JSON and no message.
    #[error("line {0} of its answer is no message of the protocol ({1}): {2}")]
    NoMessage(usize, String, String),
    /// The last line has no end, and is not whole.
    #[error("its answer ends in the middle of line {0}: {1}")]
    Cut(usize, String),
    /// A line is too long.
    #[error("line {0} of its answer is longer than 1 MiB")]
    LongLine(usize),
    /// The whole is too long.
    #[error("its answer is longer than 16 MiB")]
    LongAnswer,
    /// There is a second result.
    #[error("it printed two results")]
    TwoResults,
    /// A line follows the result.
    #[error("it printed line {0} after its result: {1}")]
    AfterResult(usize, String),
    /// A message that does not belong to the verb.
    #[error("it printed `{1}`, which is no answer to `{0}`")]
    NoAnswer(&'static str, String),
    /// The result names another verb.
    #[error("its result is for `{1}`, and it was asked to `{0}`")]
    WrongVerb(&'static str, String),
    /// It speaks another version.
    #[error("it speaks protocol {0}, and this osem speaks {PROTOCOL}")]
    WrongProtocol(String),
    /// What it leaves for `undo` is too large.
    #[error("what it leaves for `undo` is longer than 64 KiB")]
    LargeUndo,
    /// An output has no name that a later step could say.
    #[error(
        "`{0}` is no key of an output: it has letters, digits, `_` and `-`, and begins with a letter or `_`"
    )]
    OutputKey(String),
    /// An output cannot stand on a command line.
    #[error("its output `{0}` has the character U+0000 in it")]
    OutputZero(String),
    /// It puts out too much.
    #[error("its outputs are longer than 64 KiB")]
    LargeOutput,
}

impl From<TooLong> for Fault {
    fn from(long: TooLong) -> Self {
        match long {
            TooLong::Line(number) => Self::LongLine(number),
            TooLong::Whole => Self::LongAnswer,
        }
    }
}
