//! Finding out what a task would do, and saying so when that takes long.

use std::time::Duration;

use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::model::Failure;
use crate::run::{self, StepPreview};

/// How long nothing is said.
const QUIET: Duration = Duration::from_secs(2);

/// What each step would do.
///
/// # Errors
/// As [`run::preview`].
pub(super) async fn previews(
    session: &Session,
    terminal: &Terminal,
) -> Result<Vec<StepPreview>, Failure> {
    let mut previews = Box::pin(run::preview(&session.planned.plan, &session.context));
    tokio::select! {
        found = &mut previews => return found,
        () = tokio::time::sleep(QUIET) => {}
    }
    terminal.remark("planning: it takes a while to find out what each step would do\n");
    previews.await
}
