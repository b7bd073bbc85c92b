//! Configurations that cannot be used: clear errors with a place, exit 65, never a crash or a hang.

mod corpus;
mod generated;
mod texts;
mod vectors;

use std::time::Duration;

use crate::harness::{Outcome, Project};

/// However broken a file is.
const LONGEST: Duration = Duration::from_mins(1);

/// A refusal of a configuration: code 65, diagnostics with their names, no crash, no hang.
#[track_caller]
fn expect_refused(outcome: &Outcome) {
    outcome.expect_code(65);
    outcome.expect_stderr("osem::");
    outcome.refuse_stderr("panicked");
    outcome.refuse_stderr("RUST_BACKTRACE");
    assert!(outcome.raw_stdout.is_empty(), "{outcome}");
    assert!(outcome.took < LONGEST, "{outcome}");
    let control = |c: char| c.is_ascii_control() && c != '\n' && c != '\t';
    assert!(!outcome.raw_stderr.contains(control), "control characters\n{outcome}");
}

/// As [`expect_refused`], and at least one diagnostic says `file:line:column`.
#[track_caller]
fn expect_refused_at(outcome: &Outcome, file: &str) {
    expect_refused(outcome);
    let numbers = |rest: &str| {
        let mut parts = rest.split(']').next().unwrap().split(':');
        parts.next().is_some_and(|line| line.parse::<u32>().is_ok())
            && parts.next().is_some_and(|column| column.parse::<u32>().is_ok())
    };
    let stderr = &outcome.raw_stderr;
    let placed = stderr.split(&format!("{file}:")).skip(1).any(numbers);
    assert!(placed, "no place in {file}\n{outcome}");
}

/// `osem check` of a text.
fn check(text: impl AsRef<[u8]>) -> Outcome {
    Project::of(text).osem("check").output()
}
