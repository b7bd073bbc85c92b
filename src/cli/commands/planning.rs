//! Finding out what a task would do, and saying so when that takes long.

use std::time::Duration;

use crate::cli::args::{RunArgs, StateArgs};
use crate::cli::expecting::pace;
use crate::cli::masked_plan::masked_previews;
use crate::cli::session::Session;
use crate::cli::terminal::Terminal;
use crate::model::Failure;
use crate::report::{PlanReport, render_plan};
use crate::run::{self, Expecting, Overview, StepPreview};

/// How long nothing is said.
const QUIET: Duration = Duration::from_secs(2);

/// What each step would do, one after the other.
///
/// # Errors
/// As [`run::preview`].
pub(super) async fn previews(
    session: &Session,
    terminal: &Terminal,
) -> Result<Vec<StepPreview>, Failure> {
    let each = each(session, terminal).await?;
    run::supposed(&session.planned.plan, &session.context, each).await
}

/// What each step would do by itself, by what is live.
///
/// # Errors
/// As [`run::preview`].
pub(super) async fn each(
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

/// What the previews come to, by the times of earlier runs and those of the endpoint.
pub(super) fn overview(
    session: &Session,
    previews: &[StepPreview],
    (jobs, state): (usize, &StateArgs),
) -> Overview {
    let planned = &session.planned;
    let recorded = planned.recorded_durations(&state.dir(&planned.root).history());
    let narrowing = &session.context.narrowing;
    let expecting = Expecting { pace: pace(session), recorded: &recorded, jobs, narrowing };
    Overview::new(&planned.plan, previews, &planned.environment, expecting)
}

/// Shows on stderr what is about to be asked about.
pub(super) fn show_before_asking(
    session: &Session,
    previews: &[StepPreview],
    (jobs, run): (usize, &RunArgs),
    terminal: &Terminal,
) {
    let previews = &masked_previews(previews, &session.context.surroundings.mask);
    let overview = &overview(session, previews, (jobs, &run.state));
    let (plan, place) = (&session.planned.plan, &session.where_to());
    let report = PlanReport { plan, previews, overview, place };
    terminal.error(&render_plan(report, false, terminal.style));
}
