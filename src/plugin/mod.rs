//! The protocol that plugins speak: what they are asked, what they may answer, and what is not an
//! answer.
//!
//! A plugin is a program that is started once for each verb. It gets one JSON object on stdin and
//! answers on stdout, one JSON object a line; stderr is its log. Nothing that it prints is trusted:
//! lines and the whole are bounded, and whatever is not the protocol is a [`Fault`] that says what
//! was wrong. This module knows nothing of steps and runs.

mod agreement;
mod conversation;
mod describe;
mod escapes;
mod fault;
mod lines;
mod protocol;

pub use agreement::disagreement;
pub use conversation::{Conversation, Heard, Told};
pub use describe::{Descriptions, NotDescribed, describe};
pub use fault::Fault;
pub use protocol::{
    Answer, Change, DescribedParam, Description, Environment, Index, PROTOCOL, Request, Run,
    Status, Table, VectorIndex, Verb,
};
