//! What happens to the programs of steps, as events.

use std::sync::Arc;

use crate::journal::RunEvent;
use crate::model::StepId;
use crate::step::{ChildNews, CommandContext};

use super::RunContext;

/// What the command of a step needs, at its first attempt; it is not said yet which command.
pub(super) fn context(run: &RunContext, of: &StepId) -> CommandContext {
    let (emit, step) = (Arc::clone(&run.emit), of.clone());
    CommandContext {
        command: None,
        step: of.clone(),
        attempt: 1,
        surroundings: Arc::clone(&run.surroundings),
        tell: Arc::new(move |news| {
            let step = step.clone();
            emit(match news {
                ChildNews::Started { pid, start_ticks } => {
                    RunEvent::ChildStarted { step, pid, pgid: pid, start_ticks }
                }
                ChildNews::Ended { pid } => RunEvent::ChildEnded { step, pid },
                ChildNews::Output(line) => RunEvent::StepOutput { step, line },
                ChildNews::TerminalLent => RunEvent::TerminalLent { step },
                ChildNews::TerminalReturned => RunEvent::TerminalReturned { step },
            });
        }),
    }
}
