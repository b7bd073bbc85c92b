//! Programs of an osem that was killed and that had no journal to name them in.
//!
//! Each program is noted by a file in the scratch folder of its osem, from its start to its end: also
//! those of a preview, of `describe`, and of a run that leaves no record. Between the start and the
//! note lies a moment in which a kill leaves a program that nobody knows of.

use std::path::Path;

use crate::state::Abandoned;

use super::orphans::{Orphan, end_orphan};

/// How a note is named: `child-PID-TICKS`.
const NOTE: &str = "child-";
/// The variable that all programs get.
const MARK: (&str, &str) = ("OSEM", "1");

/// What one osem that was killed left behind.
#[derive(Debug)]
pub struct LeftOver {
    folder: Abandoned,
    /// The programs that live on.
    pub orphans: Vec<Orphan>,
}

/// The name of the note of a program.
pub(super) fn note(pid: u32, start_ticks: u64) -> String {
    format!("{NOTE}{pid}-{start_ticks}")
}

fn noted(name: &str) -> Option<Orphan> {
    let (pid, start_ticks) = name.strip_prefix(NOTE)?.split_once('-')?;
    let mark = (MARK.0.to_owned(), MARK.1.to_owned());
    Some(Orphan { pid: pid.parse().ok()?, start_ticks: start_ticks.parse().ok()?, mark })
}

impl LeftOver {
    /// All of it in a folder of scratch folders; `None` for that of temporary files.
    #[must_use]
    pub fn all(parent: Option<&Path>) -> Vec<Self> {
        let found = Abandoned::all(parent).into_iter().map(|folder| {
            let orphans = folder.names().filter_map(|name| noted(&name));
            let orphans = orphans.filter(Orphan::is_alive).collect();
            Self { folder, orphans }
        });
        found.collect()
    }

    /// Ends the programs and removes the files.
    pub async fn clear(self) {
        for orphan in &self.orphans {
            end_orphan(orphan).await;
        }
        self.folder.remove();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_a_program_and_other_files_name_none() {
        let found = noted(&note(12, 345)).unwrap();
        assert_eq!((found.pid, found.start_ticks), (12, 345));
        for name in ["lock", "output-12-3", "child-", "child-12", "child--1-2", "child-a-b"] {
            assert_eq!(noted(name), None, "{name}");
        }
    }
}
