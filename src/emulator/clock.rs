//! The clock of the simulated control plane.
//!
//! It is the system's clock, moved forward by an offset: so a test of an index that takes eight
//! minutes takes none. The offset only grows and is stored with the rows of the control plane: time
//! runs back only when the system's clock is set back, not from one process to the next.

use std::time::{Duration, SystemTime};

use super::control_plane::{Millis, Row};

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
        Self { offset: stored.and_then(|text| text.parse().ok()).unwrap_or(0) }
    }

    /// The simulated time.
    pub(super) fn now(self) -> Millis {
        self.at(SystemTime::now())
    }

    fn at(self, system: SystemTime) -> Millis {
        let since = system.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.offset.saturating_add(millis(since))
    }

    /// This clock, moved forward.
    pub(super) fn advanced(self, by: Duration) -> Self {
        Self { offset: self.offset.saturating_add(millis(by)) }
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

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advanced_clock_is_ahead_of_the_system_by_all_its_steps() {
        let clock = Clock::default().advanced(Duration::from_mins(8));
        let clock = clock.advanced(Duration::from_millis(5));
        let system = SystemTime::UNIX_EPOCH + Duration::from_secs(1);
        assert_eq!(clock.at(system), 1_000 + 480_000 + 5);
    }

    #[test]
    fn a_stored_clock_is_as_far_ahead_as_before() {
        let clock = Clock::default().advanced(Duration::from_secs(90));
        let other = Row { key: "other".to_owned(), text: Some("1".to_owned()) };
        assert_eq!(Clock::load(&[other, clock.row()]), clock);
        assert_eq!(Clock::load(&[]), Clock::default());
    }

    #[test]
    fn no_step_is_too_long() {
        let clock = Clock::default().advanced(Duration::MAX).advanced(Duration::MAX);
        assert_eq!(clock.now(), Millis::MAX);
    }
}
