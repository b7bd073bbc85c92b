//! Small pieces of text: counts, durations, times, columns.

use std::time::{Duration, UNIX_EPOCH};

/// `1 table`, `6 tables`, `2 indexes`.
#[must_use]
pub fn count(n: usize, noun: &str) -> String {
    let plural = match (n, noun.ends_with('x')) {
        (1, _) => "",
        (_, true) => "es",
        (_, false) => "s",
    };
    format!("{n} {noun}{plural}")
}

/// `12ms`, `5.2s`, `2m 05s`, `1h 02m`.
pub(super) fn duration(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    let seconds = (ms + 500) / 1000;
    match ms {
        0..100 => format!("{ms}ms"),
        _ if tenths < 600 => format!("{}.{}s", tenths / 10, tenths % 10),
        _ if seconds < 3600 => format!("{}m {:02}s", seconds / 60, seconds % 60),
        _ => format!("{}h {:02}m", seconds / 3600, seconds % 3600 / 60),
    }
}

/// RFC 3339 with milliseconds, of milliseconds since 1970.
pub(super) fn timestamp(at: u64) -> String {
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(at)).to_string()
}

/// `text` filled up with spaces to `width` columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(console::measure_text_width(text));
    format!("{text}{:missing$}", "")
}

/// `rows` as lines with aligned columns, two spaces between them, nothing at the ends of lines.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let width = |column: usize| {
        rows.iter().map(|row| console::measure_text_width(&row[column])).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    rows.iter()
        .map(|row| {
            let cells = row.iter().zip(widths).filter(|(_, width)| *width > 0);
            let cells: Vec<String> = cells.map(|(cell, width)| pad(cell, width)).collect();
            cells.join("  ").trim_end().to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_long_as_they_need_to_be() {
        let shown: Vec<String> =
            [0, 12, 99, 100, 1_249, 39_352, 59_960, 125_000, 3_720_000].map(duration).into();
        assert_eq!(
            shown,
            ["0ms", "12ms", "99ms", "0.1s", "1.2s", "39.4s", "1m 00s", "2m 05s", "1h 02m"]
        );
    }

    #[test]
    fn counts_agree_with_their_nouns() {
        assert_eq!(count(1, "index"), "1 index");
        assert_eq!(count(8, "index"), "8 indexes");
        assert_eq!(count(0, "table"), "0 tables");
    }

    #[test]
    fn columns_are_aligned_and_empty_ones_left_out() {
        let rows = [["a", "", "1"], ["bcd", "", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(columns(&rows), ["a    1", "bcd"]);
    }

    #[test]
    fn times_have_milliseconds() {
        assert_eq!(timestamp(1_795_344_067_123), "2026-11-22T10:41:07.123Z");
    }
}
