//! Processes of this machine, by what they were given.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::LONGEST;

/// The processes that were given this variable with this value, and that have not ended.
pub(crate) fn living(name: &str, value: &str) -> Vec<u32> {
    let wanted = format!("{name}={value}");
    let given = |pid: &u32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| entry == wanted.as_bytes())
    };
    let entries = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    entries.filter_map(|name| name.to_str()?.parse().ok()).filter(given).collect()
}

/// Waits until so many of them live.
#[track_caller]
pub(crate) fn wait_for_living(name: &str, value: &str, count: usize) -> Vec<u32> {
    let started = Instant::now();
    loop {
        let found = living(name, value);
        if found.len() == count {
            return found;
        }
        assert!(started.elapsed() < LONGEST, "{found:?} live, not {count}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Whether this process was started to ignore SIGINT, as one in the background of a shell is; what it
/// starts ignores it then, too.
pub(crate) fn ignores_interrupts() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap();
    u64::from_str_radix(mask.trim(), 16).unwrap() & 0b10 != 0
}
