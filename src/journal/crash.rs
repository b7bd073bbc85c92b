//! A process that dies at a chosen record, for tests of what is left then.
//!
//! `OSEM_CRASH` says when: `before:N`, `torn:N` or `after:N`, with the number of the record from 1.
//! `before` loses the record, although what it tells has happened; `torn` leaves half of its line.
//! The process ends as if killed: nothing is cleaned up, nobody is told.

use std::io::Write;

/// Where to die.
pub(super) struct Crash {
    way: Way,
    /// Records that may still come.
    left: usize,
}

enum Way {
    Before,
    Torn,
    After,
}

impl Crash {
    /// What the variable says.
    ///
    /// # Panics
    /// When it cannot be read: then the test is wrong.
    pub(super) fn from_variable() -> Option<Self> {
        let text = std::env::var("OSEM_CRASH").ok()?;
        let (way, number) = text.split_once(':').expect("OSEM_CRASH is WAY:NUMBER");
        let way = match way {
            "before" => Way::Before,
            "torn" => Way::Torn,
            "after" => Way::After,
            _ => panic!("OSEM_CRASH has no way `{way}`"),
        };
        Some(Self { way, left: number.parse().expect("OSEM_CRASH has a number") })
    }

    /// Dies, if it is this record's turn. `earlier` are lines that are still to be written.
    pub(super) fn look(&mut self, medium: &mut impl Write, earlier: &str, line: &str) {
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return;
        }
        let whole = format!("{line}\n");
        let last = match self.way {
            Way::Before => "",
            Way::Torn => &whole[..whole.floor_char_boundary(whole.len() / 2)],
            Way::After => &whole,
        };
        // Whoever dies does not care whether that went well.
        let _ = medium.write_all(earlier.as_bytes());
        let _ = medium.write_all(last.as_bytes());
        std::process::abort();
    }
}
