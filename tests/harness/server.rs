//! The independent servers, and what each of them cannot do.

use std::io::{self, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Dynamo;

/// Something that a server does not do as the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// Tags of `CreateTable` are accepted and forgotten.
    TagsAtCreate,
    /// `TagResource` and its like are unknown operations.
    Tags,
    /// There is no STS on the same address.
    Sts,
    /// States do not last: a table is `ACTIVE` at once.
    States,
}

/// A server that others wrote.
#[derive(Debug)]
pub(crate) struct Server {
    /// Its name.
    pub(crate) name: &'static str,
    variable: &'static str,
    /// What it cannot do.
    pub(crate) lacks: &'static [Lack],
    turn: Mutex<()>,
}

/// A server that no other test uses now.
pub(crate) struct Claim {
    /// Where it is.
    pub(crate) url: String,
    /// A client.
    pub(crate) dynamo: Dynamo,
    _turn: MutexGuard<'static, ()>,
}

pub(crate) static MINISTACK: Server =
    Server::new("ministack", "OSEM_TEST_MINISTACK", &[Lack::States]);
pub(crate) static DYNAMODB_LOCAL: Server = Server::new(
    "DynamoDB Local",
    "OSEM_TEST_DYNAMODB_LOCAL",
    &[Lack::TagsAtCreate, Lack::Tags, Lack::Sts, Lack::States],
);
pub(crate) static DYNALITE: Server =
    Server::new("dynalite", "OSEM_TEST_DYNALITE", &[Lack::TagsAtCreate, Lack::Sts]);
pub(crate) static MOTO: Server = Server::new("moto", "OSEM_TEST_MOTO", &[Lack::States]);

impl Server {
    const fn new(name: &'static str, variable: &'static str, lacks: &'static [Lack]) -> Self {
        Self { name, variable, lacks, turn: Mutex::new(()) }
    }

    /// Whether it lacks this.
    pub(crate) fn lacks(&self, lack: Lack) -> bool {
        self.lacks.contains(&lack)
    }

    /// Takes it for one test, without tables that start like `prefix`. `None`, with a word about
    /// it, where its address is not known.
    #[track_caller]
    pub(crate) fn claim(&'static self, prefix: &str) -> Option<Claim> {
        let url = variable(self.name, self.variable)?;
        // A test that failed leaves nothing that `wipe` does not remove.
        let turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let dynamo = Dynamo::new(&url);
        dynamo.wipe(prefix);
        Some(Claim { url, dynamo, _turn: turn })
    }
}

/// A variable that says where something is; without it, a word about what is skipped.
pub(crate) fn variable(what: &str, name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        say_skipped(what, &format!("{name} is not set"));
    }
    value
}

/// Says what is not tested, and why.
pub(crate) fn say_skipped(what: &str, why: &str) {
    say(&format!("skipped: {what}: {why}"));
}

/// Says something even when the test passes, which `eprintln!` does not.
pub(crate) fn say(line: &str) {
    writeln!(io::stderr().lock(), "{line}").unwrap();
}
