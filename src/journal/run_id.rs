//! The name of a run.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// UTC time and four random characters, such as `20261122T104107Z-k3f9`: ids sort by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct RunId(String);

impl RunId {
    /// A new id for a run that starts at `now`.
    #[must_use]
    pub fn new(now: SystemTime) -> Self {
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let stamp = humantime::format_rfc3339_seconds(UNIX_EPOCH + seconds).to_string();
        let stamp: String = stamp.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let random: String =
            (0..4).map(|_| fastrand::alphanumeric().to_ascii_lowercase()).collect();
        Self(format!("{stamp}-{random}"))
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
        let later = RunId::new(UNIX_EPOCH + Duration::from_secs(1_000_000_001));
        assert!(earlier < later);
        assert!(earlier.to_string().starts_with("20010909T014640Z-"));
    }
}
