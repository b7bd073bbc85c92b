//! The last calls, for tests and curious people.

use std::collections::VecDeque;

use serde::Serialize;

use super::super::control_plane::Millis;

/// How many are kept.
const KEPT: usize = 10_000;

/// The outcome of a call that got no answer and was not applied.
pub(super) const UNANSWERED: &str = "unanswered";

/// One call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// From 1.
    n: u64,
    at: Millis,
    operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    /// `applied`, `unanswered` or the code of the error.
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'static str>,
}

/// The last calls, in the order in which they were applied or refused.
#[derive(Debug, Default)]
pub(super) struct Calls {
    entries: VecDeque<Entry>,
    last: u64,
}

impl Calls {
    pub(super) fn record(
        &mut self,
        at: Millis,
        operation: &str,
        table: Option<&str>,
        outcome: &str,
        fault: Option<&'static str>,
    ) {
        self.last += 1;
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.entries.push_back(Entry {
            n: self.last,
            at,
            operation: operation.to_owned(),
            table: table.map(str::to_owned),
            outcome: outcome.to_owned(),
            fault,
        });
    }

    /// Those after the n-th, one JSON object a line.
    pub(super) fn lines(&self, after: u64) -> String {
        let later = self.entries.iter().filter(|entry| entry.n > after);
        let line = |entry| serde_json::to_string(entry).expect("an entry is plain data") + "\n";
        later.map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_and_the_oldest_go_first() {
        let mut calls = Calls::default();
        for at in 0..10_001 {
            calls.record(at, "Scan", None, "applied", None);
        }
        calls.record(7, "CreateTable", Some("orders"), "applied", Some("lose-response"));
        assert_eq!(calls.lines(0).lines().count(), KEPT);
        assert!(
            calls.lines(0).starts_with(r#"{"n":3,"at":2,"operation":"Scan","outcome":"applied"}"#)
        );
        let last = r#"{"n":10002,"at":7,"operation":"CreateTable","table":"orders","outcome":"applied","fault":"lose-response"}"#;
        assert_eq!(calls.lines(10_001), format!("{last}\n"));
    }
}
