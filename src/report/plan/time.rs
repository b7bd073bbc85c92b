//! How long a run is expected to take, in words.

use crate::model::{MillisRange, StepId};
use crate::report::sanitize;
use crate::run::Estimate;

/// How many names are told before the rest is counted.
const NAMED: usize = 4;

/// What is said of steps whose time is not known, beside others and alone.
pub(super) const NOT_COUNTED: &str = "not counted, because it is not known how long it takes";
pub(super) const NOT_KNOWN: &str = "how long it takes is not known";

/// The lines that say how long it takes, and what is not counted.
pub(super) fn lines(estimate: &Estimate, unicode: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let whole = about_the_whole(estimate);
    if let Some(about) = &whole {
        let way = way(estimate, unicode);
        let way = way.map_or_else(String::new, |way| format!(" (longest way: {way})"));
        lines.push(format!("takes {about}{way}"));
    }
    if !estimate.unknown.is_empty() {
        let what = if whole.is_some() { NOT_COUNTED } else { NOT_KNOWN };
        lines.push(format!("{what}: {}", names(&estimate.unknown)));
    }
    lines
}

/// The whole, unless next to nothing of it is known.
pub(super) fn about_the_whole(estimate: &Estimate) -> Option<String> {
    let brief = estimate.expected_ms.1 < 1_000;
    (estimate.unknown.is_empty() || !brief).then(|| about(estimate.expected_ms))
}

/// The longest way, where the run takes long enough for it to matter.
pub(super) fn way(estimate: &Estimate, unicode: bool) -> Option<String> {
    let way: Vec<String> =
        estimate.longest_way.iter().map(|step| sanitize::line(step.as_str())).collect();
    if estimate.expected_ms.1 < 1_000 || way.is_empty() {
        return None;
    }
    let (arrow, dots) = if unicode { (" → ", "…") } else { (" -> ", "...") };
    Some(match way.as_slice() {
        [first, second, .., before, last] if way.len() > NAMED => {
            [first, second, dots, before, last].join(arrow)
        }
        all => all.join(arrow),
    })
}

fn names(steps: &[StepId]) -> String {
    let mut names: Vec<String> =
        steps.iter().take(NAMED).map(|step| sanitize::line(step.as_str())).collect();
    if steps.len() > NAMED {
        names.push(format!("{} more", steps.len() - NAMED));
    }
    names.join(", ")
}

/// `less than a second`, `up to 3s`, `about 18s`, `about 8m 30s to 17m`.
pub(super) fn about((from, to): MillisRange) -> String {
    let (first, last) = (rough(from), rough(to));
    if to < 1_000 {
        "less than a second".to_owned()
    } else if from < 1_000 {
        format!("up to {last}")
    } else if first == last {
        format!("about {last}")
    } else {
        format!("about {first} to {last}")
    }
}

/// No more exact than it can be.
fn rough(ms: u64) -> String {
    let seconds = ms.div_ceil(1_000);
    let minutes = (seconds + 30) / 60;
    match seconds {
        ..60 => format!("{seconds}s"),
        60..600 => match (seconds + 5) / 10 * 10 {
            tens if tens.is_multiple_of(60) => format!("{}m", tens / 60),
            tens => format!("{}m {}s", tens / 60, tens % 60),
        },
        _ if minutes < 60 => format!("{minutes}m"),
        _ if minutes.is_multiple_of(60) => format!("{}h", minutes / 60),
        _ => format!("{}h {}m", minutes / 60, minutes % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_no_more_exact_than_they_can_be() {
        let shown: Vec<String> = [
            (0, 900),
            (200, 3_000),
            (17_100, 17_900),
            (14_200, 22_300),
            (59_900, 119_700),
            (508_000, 1_002_000),
            (3_590_000, 3_900_000),
        ]
        .map(about)
        .into();
        assert_eq!(
            shown,
            [
                "less than a second",
                "up to 3s",
                "about 18s",
                "about 15s to 23s",
                "about 1m to 2m",
                "about 8m 30s to 17m",
                "about 1h to 1h 5m",
            ]
        );
    }

    fn ids(names: &[&str]) -> Vec<StepId> {
        names.iter().map(|name| StepId::new(name, None)).collect()
    }

    #[test]
    fn a_long_way_shows_its_ends() {
        let longest_way = ids(&["a", "b", "c", "d", "e", "f"]);
        let estimate = Estimate { expected_ms: (1, 5_000), longest_way, ..Estimate::default() };
        assert_eq!(lines(&estimate, true), ["takes up to 5s (longest way: a → b → … → e → f)"]);
        assert_eq!(
            lines(&estimate, false),
            ["takes up to 5s (longest way: a -> b -> ... -> e -> f)"]
        );
    }

    #[test]
    fn what_is_not_known_is_named_and_nothing_else_is_claimed() {
        let unknown = ids(&["a", "b", "c", "d", "e", "f"]);
        let estimate = Estimate { unknown, ..Estimate::default() };
        let line = "how long it takes is not known: a, b, c, d, 2 more";
        assert_eq!(lines(&estimate, true), [line]);
        let some = Estimate { expected_ms: (5_000, 5_000), unknown: ids(&["a"]), ..estimate };
        let line = "not counted, because it is not known how long it takes: a";
        assert_eq!(lines(&some, true), ["takes about 5s", line]);
    }
}
