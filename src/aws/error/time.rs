//! Times that the service names in its messages.
//!
//! It writes them in at least four ways: with and without zone, fraction and trailing dot, as
//! `Friday, October 9, 2026 at 1:21:34 AM Coordinated Universal Time`, and as
//! `Sun Feb 24 03:07:45 UTC 2019`. A time of a zone other than UTC is not read at all: a wrong one
//! would be worse than none.

use std::time::SystemTime;

/// What stands right before the time at which the call can succeed.
const MARKS: [&str; 2] = ["try again after ", " can be made at "];

/// A date in words is complete within so many of them.
const WORDS: usize = 12;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// When the service says that trying again can help, where a message names it.
pub(super) fn named_time(message: &str) -> Option<SystemTime> {
    MARKS.into_iter().find_map(|mark| {
        let (_, after) = message.split_once(mark)?;
        timestamp(after).or_else(|| in_words(after))
    })
}

/// `2026-10-08T23:07:38.207`, with or without `Z`, fraction and full stop.
fn timestamp(text: &str) -> Option<SystemTime> {
    let word = text.split_whitespace().next()?;
    let word = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
    humantime::parse_rfc3339_weak(word).ok()
}

/// Month, day, year and time of day in any order, as long as they are of UTC.
fn in_words(text: &str) -> Option<SystemTime> {
    let words = text.split_whitespace().take(WORDS).map(|word| word.trim_matches([',', '.']));
    let words: Vec<&str> = words.collect();
    let is = |wanted: &str| words.iter().any(|word| word.eq_ignore_ascii_case(wanted));
    if !(is("UTC") || is("GMT") || is("Coordinated")) {
        return None;
    }
    let month = words.iter().find_map(|word| month(word))?;
    let number = |digits: std::ops::RangeInclusive<usize>| {
        let mut numbers = words.iter().filter(|word| digits.contains(&word.len()));
        numbers.find_map(|word| word.parse::<u16>().ok())
    };
    let (day, year) = (number(1..=2)?, number(4..=4)?);
    let clock = words.iter().find_map(|word| clock(word))?;
    let hour = match clock.0 {
        12 if is("AM") => 0,
        hour @ 0..12 if is("PM") => hour + 12,
        hour => hour,
    };
    let iso = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{:02}:{:02}Z", clock.1, clock.2);
    humantime::parse_rfc3339(&iso).ok()
}

/// `Oct`, `October`.
fn month(word: &str) -> Option<usize> {
    let start = word.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).map(|index| index + 1)
}

/// `1:21:34`.
fn clock(word: &str) -> Option<(u8, u8, u8)> {
    let mut parts = word.split(':').map(|part| part.parse::<u8>().ok());
    let clock = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(message: &str) -> Option<String> {
        named_time(message).map(|time| humantime::format_rfc3339_millis(time).to_string())
    }

    #[test]
    fn timestamps_are_read_in_every_form_that_was_seen() {
        for (time, wanted) in [
            ("2026-10-08T23:07:38.207", "2026-10-08T23:07:38.207Z"),
            ("2026-10-09T00:29:34.602Z.", "2026-10-09T00:29:34.602Z"),
            ("2026-10-09T00:29:34Z", "2026-10-09T00:29:34.000Z"),
            ("2026-10-09T00:29:34+00:00", "2026-10-09T00:29:34.000Z"),
            ("2026-10-09T00:29:34.602Z (Service: AmazonDynamoDBv2)", "2026-10-09T00:29:34.602Z"),
            ("Sun Feb 24 03:07:45 UTC 2019", "2019-02-24T03:07:45.000Z"),
            (
                "Friday, October 9, 2026 at 1:21:34 AM Coordinated Universal Time",
                "2026-10-09T01:21:34.000Z",
            ),
            ("Wednesday, July 25, 2018 9:48:14\u{202f}PM UTC", "2018-07-25T21:48:14.000Z"),
            (
                "Monday, May 4, 2026 at 12:00:00 AM Coordinated Universal",
                "2026-05-04T00:00:00.000Z",
            ),
        ] {
            assert_eq!(
                read(&format!("no. Please try again after {time}")).as_deref(),
                Some(wanted)
            );
            let other = read(&format!("no. Next changes can be made at {time}"));
            assert_eq!(other.as_deref(), Some(wanted));
        }
    }

    #[test]
    fn the_time_of_the_last_change_is_not_the_time_of_the_next() {
        let message = "Last decrease at Monday, February 13, 2023 at 10:25:39 AM Coordinated \
                       Universal Time. Next decrease can be made at Monday, February 13, 2023 at \
                       11:25:39 AM Coordinated Universal Time";
        assert_eq!(read(message).as_deref(), Some("2023-02-13T11:25:39.000Z"));
        let message = "changes are limited in the 24h window ending at 2026-10-09T00:00:00Z. Last \
                       change at 2026-10-08T12:00:00Z. Next changes can be made at \
                       2026-10-08T18:00:00Z.";
        assert_eq!(read(message).as_deref(), Some("2026-10-08T18:00:00.000Z"));
    }

    #[test]
    fn what_is_no_time_of_utc_is_not_read() {
        for time in [
            "",
            ".",
            "20 minutes",
            "2026-13-40T99:00:00Z",
            "2026-10-09T00:29:34+02:00",
            "99999-01-01T00:00:00Z",
            "2026-10-09T00:29:3\u{e9}Z",
            "Sun Feb 24 03:07:45 PST 2019",
            "Feb UTC 24 2019",
            "Sun Feb 24 03:07:45:99 UTC 2019",
        ] {
            assert_eq!(read(&format!("Please try again after {time}")), None, "{time}");
        }
        assert_eq!(read("the window ends at 2026-10-09T00:29:34Z"), None);
    }
}
