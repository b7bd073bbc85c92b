//! Programs that a run started and that were not seen to end.

use crate::child::Orphan;
use crate::model::StepId;

use super::{Record, RunEvent, RunId};

/// The variable by which the programs of a run are known.
const MARK: &str = "OSEM_RUN_ID";

/// A program of a run that was killed, and that lives on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LivingChild {
    /// The step that started it.
    pub step: StepId,
    /// Its process and group.
    pub orphan: Orphan,
}

/// The programs of a run that still live, or whose group does. Nothing is known where there is no
/// `/proc`.
#[must_use]
pub fn living_children(run: &RunId, records: &[Record]) -> Vec<LivingChild> {
    let mut found = not_seen_to_end(run, records);
    found.retain(|child| child.orphan.is_alive());
    found
}

fn not_seen_to_end(run: &RunId, records: &[Record]) -> Vec<LivingChild> {
    let mut found: Vec<LivingChild> = Vec::new();
    for record in records {
        match &record.event {
            RunEvent::ChildStarted { step, pid, start_ticks: Some(start), .. } => {
                let mark = (MARK.to_owned(), run.to_string());
                let orphan = Orphan { pid: *pid, start_ticks: *start, mark };
                found.push(LivingChild { step: step.clone(), orphan });
            }
            RunEvent::ChildEnded { step, pid } => {
                found.retain(|child| (&child.step, child.orphan.pid) != (step, *pid));
            }
            _ => {}
        }
    }
    found
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::os::unix::process::CommandExt;
    use std::process::Command;
    use std::time::SystemTime;

    use super::*;
    use crate::child::start_ticks;
    use crate::journal::FORMAT;

    #[test]
    fn only_what_still_runs_under_its_id_and_was_not_seen_to_end_lives() {
        let mut leader = Command::new("sleep").arg("60").process_group(0).spawn().unwrap();
        let run = RunId::new(SystemTime::now());
        let step = |name: &str| StepId::new(name, None);
        let started = |name: &str, pid, start_ticks| {
            let event = RunEvent::ChildStarted { step: step(name), pid, pgid: pid, start_ticks };
            Record { v: FORMAT, at: 1, event }
        };
        let ended = |name: &str, pid| {
            let event = RunEvent::ChildEnded { step: step(name), pid };
            Record { v: FORMAT, at: 1, event }
        };
        let (pid, ticks) = (leader.id(), start_ticks(leader.id()));
        let records = [
            started("gone", 4_194_305, Some(1)),
            started("reused", pid, ticks.map(|ticks| ticks + 1)),
            started("ended", pid, ticks),
            ended("ended", pid),
            started("lives", pid, ticks),
        ];
        let steps: Vec<_> =
            living_children(&run, &records).into_iter().map(|child| child.step).collect();
        assert_eq!(steps, [step("lives")]);
        leader.kill().unwrap();
        leader.wait().unwrap();
        assert_eq!(living_children(&run, &records), []);
    }
}
