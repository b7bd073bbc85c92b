//! Milliseconds: the unit of every time that is written down, told in JSON or expected.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds, from and to, both included.
pub type MillisRange = (u64, u64);

/// Whole milliseconds of a duration; what has no number is the longest that has one.
#[must_use]
pub fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Milliseconds since 1970; 0 for what was before.
#[must_use]
pub fn unix_millis(moment: SystemTime) -> u64 {
    millis(moment.duration_since(UNIX_EPOCH).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_number_of_milliseconds_is_the_longest_that_has_one() {
        assert_eq!(millis(Duration::from_micros(1_999)), 1);
        assert_eq!(millis(Duration::MAX), u64::MAX);
    }

    #[test]
    fn a_clock_that_is_before_1970_tells_its_beginning() {
        assert_eq!(unix_millis(UNIX_EPOCH + Duration::from_secs(1)), 1_000);
        assert_eq!(unix_millis(UNIX_EPOCH - Duration::from_secs(1)), 0);
    }
}
