//! Processes that left the group of the step that started them.
//!
//! A daemon makes a group of its own. When its parents have ended it belongs to the nearest process
//! that adopts: on Linux that is osem, which then finds it among its children.

use super::group::Groups;
use super::process;

/// Makes this process adopt what its children leave behind, where the system can do that.
pub fn adopt() {
    #[cfg(target_os = "linux")]
    {
        // Without it only their names stay unknown.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
    }
}

/// Processes of a step that live on outside its group, each told once: `process 42 (sleep)`.
/// `mark` is a variable and its value, by which processes of other steps are told apart.
pub(super) fn left_behind(groups: &Groups, mark: (&str, &str)) -> Vec<String> {
    let living = groups.living();
    let own = process::stat(std::process::id()).map(|stat| stat.group);
    let mut found = Vec::new();
    for pid in process::own_children() {
        let Some(stat) = process::stat(pid) else { continue };
        if Some(stat.group) == own || living.contains(&stat.group) {
            continue;
        }
        if stat.state == 'Z' {
            reap(pid);
            continue;
        }
        let of_another = process::variable(pid, mark.0).is_some_and(|value| value != mark.1);
        if !of_another && groups.is_news(pid) {
            found.push(format!("process {pid} ({})", process::name(pid)));
        }
    }
    found
}

/// Asks for a process that ended, so that it is gone.
fn reap(pid: u32) {
    use rustix::process::{Pid, WaitOptions, waitpid};
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    if pid.is_some() {
        let _ = waitpid(pid, WaitOptions::NOHANG);
    }
}
