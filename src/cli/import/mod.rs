//! What `osem import` is made of: which tables, their text, the proof that it means them, the files.

mod choose;
mod files;
mod prove;

pub(super) use choose::{Chosen, LeftOut, Named, Names, choose};
pub(super) use files::{MOST_BYTES, Target, listed};
pub(super) use prove::{Draft, Proof, Proved};
