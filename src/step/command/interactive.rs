//! Programs that have the terminal while they run.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use crate::child::{End, Ended, Signal, interrupt_self};

use super::super::StepContext;
use super::ChildNews;

/// Stands in the log in the place of what such a program writes.
pub(super) const NOT_KEPT: &str = "[interactive: what it shows is on the terminal and not kept]";
/// How long a signal of one's own is waited for.
const HEARD: Duration = Duration::from_secs(1);

/// Whoever writes to the terminal is told that somebody else has it, until this is dropped.
pub(super) struct Lending<'a>(&'a StepContext);

impl<'a> Lending<'a> {
    pub(super) fn begin(cx: &'a StepContext) -> Self {
        (cx.command.tell)(ChildNews::TerminalLent);
        Self(cx)
    }
}

impl Drop for Lending<'_> {
    fn drop(&mut self) {
        (self.0.command.tell)(ChildNews::TerminalReturned);
    }
}

/// Whether the program was ended by Ctrl-C, which went to it alone: then it is for the run, too, as
/// shells have it. A program that does something else with Ctrl-C goes on, and so does the run.
pub(super) async fn interrupts_the_run(cx: &StepContext, ended: &Ended) -> bool {
    if ended.end != End::Itself || ended.status.signal() != Some(Signal::INTERRUPT) {
        return false;
    }
    interrupt_self();
    tokio::time::timeout(HEARD, cx.stop.stopped()).await.is_ok()
}
