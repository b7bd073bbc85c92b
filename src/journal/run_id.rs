//! The name of a run.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// In the order in which characters sort.
const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// UTC time to the second, and four characters, such as `20261122T104107Z-3gf9`: two for the
/// milliseconds, two at random. Ids sort by time.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct RunId(String);

impl RunId {
    /// A new id for a run that starts at `now`.
    #[must_use]
    pub fn new(now: SystemTime) -> Self {
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let stamp = humantime::format_rfc3339_seconds(UNIX_EPOCH + since).to_string();
        let stamp: String = stamp.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let millis = since.subsec_millis() as usize;
        let millis = [millis / 36, millis % 36].map(|digit| char::from(DIGITS[digit]));
        let random = [(); 2].map(|()| char::from(DIGITS[fastrand::usize(..DIGITS.len())]));
        let [millis, random] = [millis, random].map(|pair| pair.iter().collect::<String>());
        Self(format!("{stamp}-{millis}{random}"))
    }

    /// A new id for a run that starts at `now`, after a run of this id: where the clock was set back
    /// meanwhile, it is later all the same.
    #[must_use]
    pub fn after(newest: &Self, now: SystemTime) -> Self {
        match newest.time() {
            Some(before) => Self::new(now.max(before + Duration::from_millis(1))),
            None => Self::new(now),
        }
    }

    /// When it was given out; `None` where that is no time.
    fn time(&self) -> Option<SystemTime> {
        let (stamp, rest) = self.0.split_once('-')?;
        let part = |range| stamp.get(range).unwrap_or_default();
        let [year, month, day] = [part(0..4), part(4..6), part(6..8)];
        let [hour, minute, second] = [part(9..11), part(11..13), part(13..15)];
        let written = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
        let millis =
            rest.chars().take(2).try_fold(0, |sum, digit| Some(sum * 36 + digit.to_digit(36)?))?;
        let seconds = humantime::parse_rfc3339(&written).ok()?;
        Some(seconds + Duration::from_millis(millis.into()))
    }

    /// The id that a text is.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (stamp, random) = text.split_once('-')?;
        let (date, time) = stamp.split_once('T')?;
        let digits =
            |text: &str, n: usize| text.len() == n && text.bytes().all(|b| b.is_ascii_digit());
        let named = random.len() == 4
            && random.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
        let timed = digits(date, 8) && time.strip_suffix('Z').is_some_and(|time| digits(time, 6));
        (named && timed).then(|| Self(text.to_owned()))
    }

    /// The id as people write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let earlier = RunId::new(UNIX_EPOCH + Duration::from_secs(1_000_000_000));
        let later = RunId::new(UNIX_EPOCH + Duration::from_millis(1_000_000_000_001));
        assert!(earlier < later);
        let second = RunId::new(UNIX_EPOCH + Duration::from_millis(1_000_000_000_999));
        assert!(later < second);
        assert!(earlier.to_string().starts_with("20010909T014640Z-"));
    }

    #[test]
    fn an_id_is_later_than_the_one_it_comes_after_whatever_the_clock_says() {
        let newest = RunId::parse("20991231T235959Z-rrzz").unwrap();
        let back = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let next = RunId::after(&newest, back);
        assert!(next > newest, "{next}");
        let now = UNIX_EPOCH + Duration::from_millis(1_000_000_000_123);
        for _ in 0..50 {
            let first = RunId::new(now);
            let second = RunId::after(&first, now);
            assert!(second > first && RunId::parse(second.as_str()).is_some(), "{first} {second}");
        }
        assert!(RunId::after(&RunId::new(back), now).as_str().starts_with("20010909T014640Z-3f"));
        // No moment is so late.
        let never = RunId::parse("99999999T999999Z-zzzz").unwrap();
        assert!(RunId::after(&never, now).as_str().starts_with("20010909T014640Z-3f"));
    }

    #[test]
    fn only_ids_are_read_as_ids() {
        let id = RunId::new(UNIX_EPOCH);
        assert_eq!(RunId::parse(id.as_str()), Some(id));
        for text in ["", "local.lock", "20010909T014640Z-ABCD", "20010909T01464Z-abcd", "..-abcd"] {
            assert_eq!(RunId::parse(text), None, "{text}");
        }
    }
}
