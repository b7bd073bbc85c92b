//! Programs that an earlier run left running because it was killed.

use std::path::Path;

use crate::child::{LeftOver, end_orphan};
use crate::journal::{LivingChild, RunEvent, StateDir, living_children};
use crate::model::Failure;

use super::terminal::Terminal;

/// Ends what the last run of an environment that never ended left running: what it was doing may be
/// done again now, and not twice at once. The environment's lock must be held, so that no run of it
/// goes on.
///
/// # Errors
/// A state directory that cannot be read.
pub(super) async fn end_orphans(
    state: &StateDir,
    environment: &str,
    rehearsal: bool,
    terminal: &Terminal,
) -> Result<(), Failure> {
    for child in left_running(state, environment, rehearsal)? {
        let (step, pid) = (&child.step, child.orphan.pid);
        terminal.remark(&format!(
            "{step} of a run that was killed still runs (process {pid}): it is ended first\n"
        ));
        end_orphan(&child.orphan).await;
    }
    Ok(())
}

/// Clears what an osem that was killed left: its files, and the programs that no journal names. They
/// are those of previews, of `describe`, and of runs that leave no record. `folder` is where scratch
/// folders are; `None` stands for that of temporary files.
pub(super) async fn clear_left_over(folder: Option<&Path>, terminal: &Terminal) {
    for left in LeftOver::all(folder) {
        for orphan in &left.orphans {
            terminal.remark(&format!(
                "a program of an osem that was killed still runs (process {}): it is ended first\n",
                orphan.pid
            ));
        }
        left.clear().await;
    }
}

fn left_running(
    state: &StateDir,
    environment: &str,
    rehearsal: bool,
) -> Result<Vec<LivingChild>, Failure> {
    for run in state.history().runs()?.into_iter().filter(|run| !run.has_ended()) {
        // What cannot be read tells of nothing that could be ended.
        let Ok(reading) = run.read().reading else { continue };
        let header = reading.records.iter().find_map(|record| match &record.event {
            RunEvent::RunStarted(header) => Some(header),
            _ => None,
        });
        let own = header.is_some_and(|header| {
            header.environment == environment && header.pinned.rehearsal == rehearsal
        });
        if own {
            return Ok(living_children(&run.id, &reading.records));
        }
    }
    Ok(Vec::new())
}
