//! Text without what differs from call to call.

use std::path::Path;
use std::sync::LazyLock;

use regex_lite::Regex;

/// What differs, and what stands in its place; in this order.
static FILTERS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let filters = [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "[TIME]"),
        (r"\b\d{8}T\d{6}Z-[a-z0-9]{4}\b", "[RUN]"),
        (r"\b(\d+ms|\d+\.\ds|\d+m \d\ds)\b", "[DURATION]"),
        (r"127\.0\.0\.1:\d{4,5}\b", "127.0.0.1:[PORT]"),
        (r"\bprocess \d+\b", "process [PID]"),
        (r"\bkill \d+\b", "kill [PID]"),
        (r#"request_id: "[^"]+""#, r#"request_id: "[ID]""#),
        (r"\(request id [^)]+\)", "(request id [ID])"),
    ];
    filters.map(|(pattern, name)| (Regex::new(pattern).unwrap(), name)).to_vec()
});

/// The text with times, durations, run ids, ports, process ids and the project's folder named by
/// what they are.
pub(crate) fn normal(text: &str, root: &Path) -> String {
    let text = text.replace(root.to_str().unwrap(), "[DIR]");
    FILTERS.iter().fold(text, |text, (filter, name)| filter.replace_all(&text, *name).into_owned())
}

#[test]
fn what_differs_from_call_to_call_is_named() {
    let text = "[2026-11-23T04:53:59.259Z] run 20261123T045359Z-5liq in 0.1s (5ms) of /tmp/x/a by \
                process 77 at http://127.0.0.1:58333";
    assert_eq!(
        normal(text, Path::new("/tmp/x")),
        "[[TIME]] run [RUN] in [DURATION] ([DURATION]) of [DIR]/a by process [PID] at \
         http://127.0.0.1:[PORT]"
    );
}
