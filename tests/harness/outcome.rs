//! What came of a call.

use std::fmt;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use serde_json::Value;

use super::normal;

/// How a call ended, and what it said.
pub(crate) struct Outcome {
    pub(super) shown: String,
    pub(super) root: PathBuf,
    pub(super) status: Option<ExitStatus>,
    /// From its start to its end.
    pub(crate) took: Duration,
    /// Stdout as it was.
    pub(crate) raw_stdout: String,
    /// Stderr as it was.
    pub(crate) raw_stderr: String,
}

impl Outcome {
    /// The exit code; `None` when a signal ended it.
    pub(crate) fn code(&self) -> Option<i32> {
        self.status.and_then(|status| status.code())
    }

    /// Stdout without what differs from call to call.
    pub(crate) fn stdout(&self) -> String {
        normal(&self.raw_stdout, &self.root)
    }

    /// Stderr without what differs from call to call.
    pub(crate) fn stderr(&self) -> String {
        normal(&self.raw_stderr, &self.root)
    }

    /// The one document on stdout.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.raw_stdout)
            .unwrap_or_else(|error| panic!("stdout is not one JSON document: {error}\n{self}"))
    }

    /// The last line of stderr: what a run came to.
    pub(crate) fn conclusion(&self) -> String {
        self.stderr().lines().last().unwrap_or_default().to_owned()
    }

    /// It must have ended with this code.
    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) {
        assert_eq!(self.code(), Some(code), "exit code\n{self}");
    }

    /// A text must stand on stderr.
    #[track_caller]
    pub(crate) fn expect_stderr(&self, text: &str) {
        assert!(self.stderr().contains(text), "no {text:?} on stderr\n{self}");
    }

    /// A text must not stand on stderr.
    #[track_caller]
    pub(crate) fn refuse_stderr(&self, text: &str) {
        assert!(!self.stderr().contains(text), "{text:?} on stderr\n{self}");
    }

    #[track_caller]
    pub(super) fn expect_text(&self, stream: &str, wanted: &str, found: &str) {
        let place = wanted.lines().zip(found.lines()).position(|(one, other)| one != other);
        let line = place.unwrap_or_else(|| wanted.lines().count().min(found.lines().count())) + 1;
        assert!(
            wanted == found,
            "{stream} differs at line {line}\nwanted:\n{wanted}\nfound:\n{found}\n{self}"
        );
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.status.map_or_else(|| "still running".to_owned(), |end| end.to_string());
        writeln!(f, "$ {} ({end}, {:?})", self.shown, self.took)?;
        writeln!(f, "--- stdout\n{}--- stderr\n{}---", self.raw_stdout, self.raw_stderr)
    }
}
