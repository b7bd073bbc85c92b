//! From text to checked KDL nodes.
//!
//! Three stages, each only on what the one before accepted: the *guard* (`guard`, `lex`, `shape`)
//! refuses files that would overflow or stall the KDL parser and words common slips better than
//! it; [`parse`] runs the parser on a thread with a large stack; [`check`] compares the nodes with
//! the one static table of the grammar in [`schema`]. A [`NodeReader`] then gives typed access to
//! a checked node and reports whatever nobody read, so that no part of a file is ever ignored.
//!
//! Text that this module accepts may still be nonsense: what names mean is the business of
//! `config`. This module reads no files, and knows no step kinds.

mod check;
mod comments;
mod guard;
mod lex;
mod parse;
mod problems;
mod reader;
mod reference;
pub mod schema;
mod shape;
mod strings;
mod value;
mod values;
mod words;
pub mod write;

pub use check::{check, check_duplicates, check_node};
pub use parse::parse;
pub use problems::{MOST_PROBLEMS, limit};
pub use reader::{NodeReader, Sink};
pub use reference::reference;
pub use value::{Value, ValueType};
pub use values::values;

#[cfg(test)]
mod tests;
