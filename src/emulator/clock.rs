//! The clock of the simulated control plane.
//!
//! It is the system's clock, moved forward by an offset: so a test of an index that takes eight
//! minutes takes none. The offset only grows and is stored with the rows of the control plane: time
//! runs back only when the system's clock is set back, not from one process to the next.

use std::time::{Duration, SystemTime};

use crate::model::{millis, unix_millis};

use super::control_plane::{Millis, Row};

/// Ten years ahead are enough for every window, and all times then have a text.
const FARTHEST: Millis = 10 * 365 * 24 * 60 * 60 * 1_000;

/// The key that the offset is stored under.
const KEY: &str = "clock";

/// The system's clock and an offset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Clock {
    offset: Millis,
}

impl Clock {
    /// The clock that an earlier one gave to store; the system's clock when none did.
    pub(super) fn load(rows: &[Row]) -> Self {
        let stored = rows.iter().find(|row| row.key == KEY).and_then(|row| row.text.as_deref());
        let stored = stored.and_then(|text| text.parse::<Millis>().ok());
        Self { offset: stored.unwrap_or(0).min(FARTHEST) }
    }

    /// The simulated time.
    pub(super) fn now(self) -> Millis {
        self.at(SystemTime::now())
    }

    fn at(self, system: SystemTime) -> Millis {
        self.offset.saturating_add(unix_millis(system))
    }

    /// This clock, moved forward; `None` when that is too far ahead.
    pub(super) fn advanced(self, by: Duration) -> Option<Self> {
        let offset = self.offset.saturating_add(millis(by));
        (offset <= FARTHEST).then_some(Self { offset })
    }

    /// How far it is ahead of the system's clock, in milliseconds.
    pub(super) fn offset(self) -> Millis {
        self.offset
    }

    /// What to store.
    pub(super) fn row(self) -> Row {
        Row { key: KEY.to_owned(), text: Some(self.offset.to_string()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advanced_clock_is_ahead_of_the_system_by_all_its_steps() {
        let clock = Clock::default().advanced(Duration::from_mins(8)).unwrap();
        let clock = clock.advanced(Duration::from_millis(5)).unwrap();
        let system = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        assert_eq!(clock.at(system), 1_000 + 480_000 + 5);
    }

    #[test]
    fn a_stored_clock_is_as_far_ahead_as_before() {
        let clock = Clock::default().advanced(Duration::from_secs(90)).unwrap();
        let other = Row { key: "other".to_owned(), text: Some("1".to_owned()) };
        assert_eq!(Clock::load(&[other, clock.row()]), clock);
        assert_eq!(Clock::load(&[]), Clock::default());
    }

    #[test]
    fn no_clock_is_further_ahead_than_its_times_have_texts() {
        assert_eq!(Clock::default().advanced(Duration::MAX), None);
        let farthest = Clock::default().advanced(Duration::from_millis(FARTHEST)).unwrap();
        assert_eq!(farthest.advanced(Duration::from_millis(1)), None);
        let absurd = Row { key: KEY.to_owned(), text: Some(u64::MAX.to_string()) };
        assert_eq!(Clock::load(&[absurd]), farthest);
    }
}
