//! What `/proc` says about processes. Where there is none, nothing is known.

use std::fs;
use std::path::Path;

/// The second field of interest of `/proc/PID/stat` and those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stat {
    /// `Z` for a process that ended and that nobody asked about yet.
    pub(super) state: char,
    pub(super) parent: u32,
    pub(super) group: u32,
    /// When it started, in clock ticks since the machine did.
    pub(super) start: u64,
}

/// When a process started, in clock ticks since the machine did: with the id, that names a process
/// although ids are used again. `None` where that cannot be known.
#[must_use]
pub fn start_ticks(pid: u32) -> Option<u64> {
    stat(pid).map(|stat| stat.start)
}

pub(super) fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name in the second field may hold anything, so fields are counted from its last bracket.
fn parse(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    Some(Stat {
        state: fields.first()?.chars().next()?,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        start: fields.get(19)?.parse().ok()?,
    })
}

/// The name of a process, for people.
pub(super) fn name(pid: u32) -> String {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    name.trim_end().to_owned()
}

/// A variable in the environment that a process was started with.
pub(super) fn variable(pid: u32, name: &str) -> Option<String> {
    let environment = fs::read(format!("/proc/{pid}/environ")).ok()?;
    environment.split(|byte| *byte == 0).find_map(|entry| {
        let value = entry.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

/// The children of this process, those that it adopted included.
pub(super) fn own_children() -> Vec<u32> {
    let threads = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let lists: Vec<_> =
        threads.map(|thread| fs::read_to_string(thread.path().join("children"))).collect();
    if lists.iter().all(Result::is_ok) {
        let texts = lists.into_iter().flatten().collect::<Vec<_>>().join(" ");
        return texts.split_whitespace().filter_map(|pid| pid.parse().ok()).collect();
    }
    // Kernels that keep no such lists.
    let own = std::process::id();
    all().into_iter().filter(|pid| stat(*pid).is_some_and(|stat| stat.parent == own)).collect()
}

/// The processes of a group that have not ended.
pub(super) fn members(group: u32) -> Vec<u32> {
    let of_group = |stat: Stat| stat.group == group && stat.state != 'Z';
    all().into_iter().filter(|pid| stat(*pid).is_some_and(of_group)).collect()
}

fn all() -> Vec<u32> {
    let entries = fs::read_dir(Path::new("/proc")).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let rest = "S 7 42 42 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 1000 1";
        let stat = parse(&format!("9 (a) S 1 (b) {rest}")).unwrap();
        assert_eq!(stat, Stat { state: 'S', parent: 7, group: 42, start: 987_654 });
        assert_eq!(parse("9 (cut"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_found_and_keeps_its_start() {
        let own = std::process::id();
        assert!(start_ticks(own).is_some());
        assert_eq!(start_ticks(own), start_ticks(own));
        assert!(all().contains(&own));
        assert_eq!(start_ticks(4_194_305), None, "no process has this id");
    }
}
