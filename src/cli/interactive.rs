//! Steps that take the terminal, in a run that has none to give.

use std::io::{self, IsTerminal};

use crate::child;
use crate::model::{ErrorCode, Failure};
use crate::plan::PlannedStep;

use super::args::RunArgs;
use super::session::Session;
use super::terminal::Terminal;

/// Refuses a run that may come to a step that takes the terminal, where there is none or it belongs to
/// something else: before anybody is asked, and before the first step.
///
/// # Errors
/// `USAGE_INVALID`.
pub(super) fn refuse_without_terminal(
    session: &Session,
    run: &RunArgs,
    terminal: &Terminal,
) -> Result<(), Failure> {
    let narrowing = &session.context.narrowing;
    let takes = |step: &&PlannedStep| {
        step.is_interactive() && !step.left_out && narrowing.why(&step.id).is_none()
    };
    let Some(step) = session.planned.plan.steps().find(takes) else { return Ok(()) };
    let Some((why, fix)) = lack(run, terminal) else { return Ok(()) };
    let message = format!("step {} takes the terminal (interactive), and {why}", step.id);
    Err(Failure::new(ErrorCode::UsageInvalid, message)
        .cause("nothing was run")
        .fix(format!("{fix}, or leave the step out: --skip '{}'", step.id))
        .detail("step", step.id.to_string()))
}

/// Why there is no terminal to give, and what to do about it.
fn lack(run: &RunArgs, terminal: &Terminal) -> Option<(&'static str, &'static str)> {
    let in_terminal = "run it in a terminal";
    if terminal.json {
        Some(("stdout belongs to --json", "run it without --json"))
    } else if run.events_on_stdout() {
        Some(("stdout belongs to --events -", "name a file: --events FILE"))
    } else if std::env::var_os("CI").is_some_and(|value| !value.is_empty()) {
        Some(("nobody sits at the terminal of CI (CI is set)", in_terminal))
    } else if !io::stdin().is_terminal() {
        Some(("stdin is no terminal", in_terminal))
    } else if !io::stdout().is_terminal() {
        Some(("stdout is no terminal", in_terminal))
    } else if !child::is_in_foreground() {
        Some(("osem is in the background of it", "run it in the foreground (fg)"))
    } else {
        None
    }
}
